/* Writing objects by their field table: canonical member order, personal
 * members sealed or in the clear; and walking their references. */
#include <assert.h>

#include "base/clock.h"
#include "event/place.h"
#include "event/shape.h"

struct writing {
	struct json_writer *w;
	shape_seal_fn seal;
	void *ctx;
};

static int write_object(const struct shape *s, const void *in, struct writing *g, struct err *err);

static bool is_absent(const struct field *f, const void *slot)
{
	switch (f->kind) {
	case FIELD_TEXT:
	case FIELD_PHONE:
	case FIELD_IDNO:
	case FIELD_PLATE:
	case FIELD_ACCOUNT:
	case FIELD_GEOJSON:
	case FIELD_RAW:
		return ((const struct str *)slot)->ptr == NULL;
	case FIELD_ID:
	case FIELD_REF:
		return uuid_is_nil(slot);
	case FIELD_OBJECT:
		return *(void *const *)slot == NULL;
	case FIELD_LIST:
	case FIELD_COUNTS:
		return ((const struct list *)slot)->items == NULL && !(f->flags & FIELD_NEEDED);
	default:
		return *(const int64_t *)slot == FIELD_ABSENT;
	}
}

static int write_value(const struct field *f, enum field_kind kind, const void *slot, struct writing *g,
		       struct err *err)
{
	struct json_writer *w = g->w;
	char text[64];
	switch (kind) {
	case FIELD_TEXT:
	case FIELD_PHONE:
	case FIELD_IDNO:
	case FIELD_PLATE:
	case FIELD_ACCOUNT:
		json_put_str(w, *(const struct str *)slot);
		return 0;
	case FIELD_GEOJSON:
	case FIELD_RAW:
		json_put_raw(w, *(const struct str *)slot);
		return 0;
	case FIELD_ID:
	case FIELD_REF:
		uuid_format(slot, text);
		json_put_str(w, (struct str){ text, UUID_TEXT });
		return 0;
	case FIELD_PLACE:
		json_put_str(w, (struct str){ text, place_format(*(const int64_t *)slot, text) });
		return 0;
	case FIELD_TIME:
		time_format_utc(*(const int64_t *)slot, text);
		json_put_cstr(w, text);
		return 0;
	case FIELD_DAY:
		day_format(*(const int64_t *)slot, text);
		json_put_cstr(w, text);
		return 0;
	case FIELD_BOOL:
		json_put_bool(w, *(const int64_t *)slot != 0);
		return 0;
	case FIELD_ENUM:
		json_put_cstr(w, f->values[*(const int64_t *)slot]);
		return 0;
	case FIELD_DEGREES:
		json_put_decimal(w, *(const int64_t *)slot, 6);
		return 0;
	case FIELD_OBJECT:
		return write_object(f->shape, *(void *const *)slot, g, err);
	case FIELD_COUNTS: {
		const struct list *l = slot;
		const struct count *c = l->items;
		json_open(w, '{');
		for (size_t i = 0; i < l->n; i++) {
			json_key_str(w, c[i].name);
			json_put_i64(w, c[i].value);
		}
		json_close(w, '}');
		return 0;
	}
	case FIELD_LIST: {
		const struct list *l = slot;
		json_open(w, '[');
		for (size_t i = 0; i < l->n; i++) {
			int rc;
			if (f->element == FIELD_OBJECT)
				rc = write_object(f->shape, (const char *)l->items + i * f->shape->size, g, err);
			else
				rc = write_value(f, f->element,
						 (const char *)l->items +
						     i * (f->element == FIELD_ID || f->element == FIELD_REF
							      ? sizeof(struct uuid)
							  : f->element <= FIELD_GEOJSON ? sizeof(struct str)
											: sizeof(int64_t)),
						 g, err);
			if (rc < 0)
				return rc;
		}
		json_close(w, ']');
		return 0;
	}
	default:
		json_put_i64(w, *(const int64_t *)slot);
		return 0;
	}
}

/* The personal members as one object, closed under the owner's key. */
static int write_sealed(const struct shape *s, const void *in, struct writing *g, struct err *err)
{
	_cleanup_(buf_finish) struct buf plain = { 0 };
	struct json_writer pw;
	struct writing inner = { &pw, NULL, NULL };
	bool any = false;
	json_write_init(&pw, &plain);
	json_open(&pw, '{');
	for (size_t k = 0; k < s->n; k++) {
		const struct field *f = &s->fields[s->order[k]];
		const void *slot = (const char *)in + f->offset;
		if (!(f->flags & FIELD_PERSONAL) || is_absent(f, slot))
			continue;
		any = true;
		json_key(&pw, f->name);
		if (write_value(f, f->kind, slot, &inner, err) < 0)
			return -1;
	}
	json_close(&pw, '}');
	if (!any)
		return 0;
	const struct uuid *owner = (const void *)((const char *)in + s->fields[s->owner_at].offset);
	_cleanup_(buf_finish) struct buf box = { 0 };
	if (g->seal(g->ctx, owner, buf_view(&plain), &box, err) < 0)
		return -1;
	if (plain.failed || box.failed)
		return err_kind_set(err, &ERR_NO_MEMORY);
	json_key(g->w, "sealed");
	json_put_str(g->w, buf_view(&box));
	return 0;
}

static int write_object(const struct shape *s, const void *in, struct writing *g, struct err *err)
{
	bool seal = g->seal && s->owner_at >= 0, sealed = false;
	assert(s->prepared);
	json_open(g->w, '{');
	for (size_t k = 0; k < s->n; k++) {
		const struct field *f = &s->fields[s->order[k]];
		const void *slot = (const char *)in + f->offset;
		if (seal && !sealed && strcmp(f->name, "sealed") > 0) {
			sealed = true;
			if (write_sealed(s, in, g, err) < 0)
				return -1;
		}
		if ((seal && (f->flags & FIELD_PERSONAL)) || is_absent(f, slot))
			continue;
		json_key(g->w, f->name);
		if (write_value(f, f->kind, slot, g, err) < 0)
			return -1;
	}
	if (seal && !sealed && write_sealed(s, in, g, err) < 0)
		return -1;
	json_close(g->w, '}');
	return 0;
}

int shape_write(const struct shape *s, const void *in, struct json_writer *w, shape_seal_fn seal, void *ctx,
		struct err *err)
{
	struct writing g = { w, seal, ctx };
	if (write_object(s, in, &g, err) < 0)
		return -1;
	return w->out->failed ? err_kind_set(err, &ERR_NO_MEMORY) : 0;
}

int shape_refs(const struct shape *s, const void *in, shape_ref_fn visit, void *ctx)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct field *f = &s->fields[i];
		const void *slot = (const char *)in + f->offset;
		int rc = 0;
		if (is_absent(f, slot))
			continue;
		if (f->kind == FIELD_ID || f->kind == FIELD_REF) {
			rc = visit(ctx, f, slot);
		} else if (f->kind == FIELD_OBJECT) {
			rc = shape_refs(f->shape, *(void *const *)slot, visit, ctx);
		} else if (f->kind == FIELD_LIST) {
			const struct list *l = slot;
			for (size_t k = 0; rc == 0 && k < l->n; k++) {
				if (f->element == FIELD_OBJECT)
					rc = shape_refs(f->shape, (const char *)l->items + k * f->shape->size, visit,
							ctx);
				else if (f->element == FIELD_REF)
					rc = visit(ctx, f, (const struct uuid *)l->items + k);
			}
		}
		if (rc)
			return rc;
	}
	return 0;
}

struct lookup_walk {
	shape_lookup_fn visit;
	void *ctx;
};

/* What stands in a personal object is the outer object's owner's, unless it names its own. */
static int lookups(const struct shape *s, const void *in, const struct uuid *outer, const struct lookup_walk *k)
{
	const struct uuid *owner =
	    s->owner_at >= 0 ? (const void *)((const char *)in + s->fields[s->owner_at].offset) : outer;
	if (!s->personal && !outer)
		return 0;
	for (size_t i = 0; i < s->n; i++) {
		const struct field *f = &s->fields[i];
		const void *slot = (const char *)in + f->offset;
		const struct uuid *of = f->flags & FIELD_PERSONAL ? owner : outer;
		int rc = 0;
		if (is_absent(f, slot))
			continue;
		if (f->kind == FIELD_OBJECT) {
			rc = lookups(f->shape, *(void *const *)slot, of, k);
		} else if (f->kind == FIELD_LIST && f->element == FIELD_OBJECT) {
			const struct list *l = slot;
			for (size_t n = 0; rc == 0 && n < l->n; n++)
				rc = lookups(f->shape, (const char *)l->items + n * f->shape->size, of, k);
		} else if ((f->flags & FIELD_LOOKUP) && owner) {
			rc = k->visit(k->ctx, f, owner, *(const struct str *)slot);
		}
		if (rc)
			return rc;
	}
	return 0;
}

int shape_lookups(const struct shape *s, const void *in, shape_lookup_fn visit, void *ctx)
{
	struct lookup_walk k = { visit, ctx };
	return lookups(s, in, NULL, &k);
}

struct str lookup_normal(struct arena *a, enum field_kind kind, struct str value)
{
	char *out = arena_alloc(a, value.len + 1);
	size_t n = 0;
	for (size_t i = 0; out && i < value.len; i++) {
		char c = value.ptr[i];
		if (c == 'x' && kind == FIELD_IDNO)
			c = 'X';
		if ((c >= '0' && c <= '9') || (c == 'X' && kind == FIELD_IDNO))
			out[n++] = c;
	}
	return (struct str){ out ? out : "", out ? n : 0 };
}
