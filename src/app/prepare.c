/* From a request's bytes to events ready for the writer: decoding, sealing and
 * sameness hashes. Runs on the submitter's thread as far as it can. */
#include <stdlib.h>

#include "app.sql.h"
#include "app/internal.h"

static const struct err_kind ERR_TOO_MANY_EVENTS = { "too_many_events", 413, "一次最多提交1000条记录，请分批提交",
						     "At most 1,000 events a request: send them in parts" };
static const struct err_kind ERR_NO_EVENTS = { "no_events", 400, "请求里没有记录", "The request holds no events" };

struct submission *submission_create(size_t arena_max)
{
	struct submission *s = calloc(1, sizeof *s);
	if (s)
		arena_init(&s->arena, arena_max);
	return s;
}

void submission_destroy(struct submission *s)
{
	if (!s)
		return;
	arena_finish(&s->arena);
	free(s);
}

static int room_for(struct submission *s, size_t cap, struct err *err)
{
	struct event *events = arena_alloc(&s->arena, cap * sizeof *events);
	struct result *results = arena_alloc(&s->arena, cap * sizeof *results);
	if (!events || !results)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (s->n) {
		memcpy(events, s->events, s->n * sizeof *events);
		memcpy(results, s->results, s->n * sizeof *results);
	}
	s->events = events;
	s->results = results;
	return 0;
}

void event_fill(struct event *ev, struct arena *arena)
{
	const struct event_type *type = registry_type(ev->form);
	if (type->fill)
		type->fill(ev, arena);
}

/* Takes off by how much the sender's clock was ahead. What a wild clock puts beyond the calendar could be written to
 * the ledger, but not be read from it again. */
static int correct_time(struct event *ev, int64_t skew, struct err *err)
{
	char text[TIME_TEXT_MAX];
	int64_t again, at = ev->at - skew;
	time_format_utc(at, text);
	if (!time_parse(str_of(text), &again) || again != at)
		return err_set(err, &ERR_FIELD_RANGE, "at", "at", "1900–2200", NULL);
	ev->skew = skew;
	ev->at = at;
	return 0;
}

static int decode_one(struct submission *s, struct json_reader *r, struct err *err)
{
	struct event *ev = &s->events[s->n];
	struct result *res = &s->results[s->n];
	*res = (struct result){ 0 };
	if (event_decode(r, registry_form, ev, &res->err) < 0) {
		if (r->failed) {
			*err = res->err;
			return -1;
		}
		res->status = RESULT_REFUSED;
		res->malformed = true;
	} else {
		event_fill(ev, &s->arena);
		if (s->skew && correct_time(ev, s->skew, &res->err) < 0) {
			res->status = RESULT_REFUSED;
			res->malformed = true;
		}
	}
	res->id = ev->id;
	res->has_id = !uuid_is_nil(&ev->id);
	s->n++;
	return 0;
}

/* The least an event's text can take: envelope and data with one short field. */
#define EVENT_BYTES_LEAST 150

static int decode_list(struct submission *s, struct json_reader *r, struct err *err)
{
	size_t cap = (size_t)(r->end - r->p) / EVENT_BYTES_LEAST + 1;
	int more;
	if (cap > SUBMIT_EVENTS_MAX)
		cap = SUBMIT_EVENTS_MAX;
	if (room_for(s, cap, err) < 0)
		return -1;
	if (json_peek(r) != JSON_ARRAY)
		return err_set(err, &ERR_FIELD_TYPE, "events", "events", "a list / 列表", NULL);
	json_array_begin(r);
	while ((more = json_element(r)) == 1) {
		if (s->n == SUBMIT_EVENTS_MAX)
			return err_set(err, &ERR_TOO_MANY_EVENTS, "events", NULL);
		if (s->n == cap) {
			cap = cap ? cap * 4 : 16;
			if (room_for(s, cap, err) < 0)
				return -1;
		}
		if (decode_one(s, r, err) < 0)
			return -1;
	}
	if (more < 0)
		return json_fail(r, err);
	return s->n ? 0 : err_set(err, &ERR_NO_EVENTS, "events", NULL);
}

/* A batch is told from a single event by its first member "events" or "atomic"; neither is an envelope's. */
static bool is_batch(struct str body, struct arena *arena)
{
	struct json_reader r;
	struct str name;
	json_read_init(&r, body, arena);
	if (json_peek(&r) != JSON_OBJECT || json_object_begin(&r) < 0 || json_member(&r, &name) != 1)
		return false;
	return str_is(name, "events") || str_is(name, "atomic");
}

static int decode_batch(struct submission *s, struct json_reader *r, struct err *err)
{
	struct str name;
	bool seen_events = false, seen_atomic = false;
	int more;
	json_object_begin(r);
	while ((more = json_member(r, &name)) == 1) {
		char text[64];
		if (str_is(name, "events") && !seen_events) {
			seen_events = true;
			if (decode_list(s, r, err) < 0)
				return -1;
		} else if (str_is(name, "atomic") && !seen_atomic) {
			seen_atomic = true;
			if (json_peek(r) != JSON_TRUE && json_peek(r) != JSON_FALSE)
				return err_set(err, &ERR_FIELD_TYPE, "atomic", "atomic", "true/false", NULL);
			json_bool(r, &s->atomic);
		} else {
			str_show(name, text, sizeof text);
			bool known = str_is(name, "events") || str_is(name, "atomic");
			return err_set(err, known ? &ERR_FIELD_DOUBLED : &ERR_FIELD_UNKNOWN, text, text, NULL);
		}
	}
	if (more < 0)
		return json_fail(r, err);
	return seen_events ? 0 : err_set(err, &ERR_FIELD_MISSING, "events", "events", NULL);
}

int submission_decode(struct submission *s, struct str body, int64_t skew, struct err *err)
{
	struct json_reader r;
	s->skew = skew;
	arena_reset(&s->arena);
	s->n = 0;
	s->events = NULL;
	s->results = NULL;
	s->prepared = NULL;
	s->atomic = s->server = s->failed = false;
	s->failure = (struct err){ 0 };
	if (!str_is_utf8(body))
		return err_fmt(err, &ERR_MALFORMED, "not UTF-8");
	json_read_init(&r, body, &s->arena);
	int kind = json_peek(&r);
	if (kind != JSON_OBJECT) {
		if (kind < 0)
			return json_fail(&r, err);
		return err_set(err, &ERR_FIELD_TYPE, "", "body", "an object / 对象", NULL);
	}
	if (is_batch(body, &s->arena)) {
		if (decode_batch(s, &r, err) < 0)
			return -1;
	} else if (room_for(s, 1, err) < 0 || decode_one(s, &r, err) < 0) {
		return -1;
	}
	return json_end(&r) < 0 ? json_fail(&r, err) : 0;
}

/* ---- sealing ----------------------------------------------------------------------------- */

struct sealing {
	struct app *a;
	struct db *db; /* NULL: no key may be looked up */
	const struct event *ev;
	struct arena *arena;
	struct prepared *out;
	bool lacking;      /* a key would have to be looked up */
	bool comparing;    /* with what was recorded: no key may be made */
	bool erased;       /* comparing only: a key is gone */
	bool foreign;      /* comparing only: a key was never made: the content is another */
	struct buf hashes; /* of each box's plaintext under its subject's key, in the order written */
};

static const struct subject_key *fresh_find(const struct prepared *p, const struct uuid *owner)
{
	for (size_t i = 0; i < p->n_fresh; i++) {
		if (uuid_eq(&p->fresh[i].subject, owner))
			return &p->fresh[i].key;
	}
	return NULL;
}

/* Is the owner the thing that this event opens? Then no key can exist but by a voided record, which the writer finds.
 */
static int opens(void *ctx, const struct field *f, const struct uuid *id)
{
	return f->kind == FIELD_ID && uuid_eq(id, ctx);
}

/* An id made about when the event happened is most likely of somebody met for the first time. Sealed under a new key
 * then; had the subject one after all, the writer finds that and seals anew. */
#define MADE_WITHIN_MS (60LL * 60 * 1000)

static bool made_with(const struct event *ev, const struct uuid *owner)
{
	int64_t made = uuid_moment(owner), at = ev->at + ev->skew;
	return made != INT64_MIN && made > at - MADE_WITHIN_MS && made < at + MADE_WITHIN_MS;
}

static int key_for(struct sealing *k, const struct uuid *owner, struct subject_key *ret, struct err *err)
{
	struct prepared *p = k->out;
	const struct subject_key *known = fresh_find(p, owner);
	if (known) {
		*ret = *known;
		return 1;
	}
	if (k->db) {
		int rc = subject_key_load(k->a->keys, k->db, owner, ret, err);
		if (rc)
			return rc;
		if (k->comparing) {
			int64_t seq;
			rc = db_get_i64(k->db, &SQL_ERASURE_GET, &seq, err, "u", owner);
			k->erased |= rc == 1;
			k->foreign |= rc == 0;
			return rc < 0 ? -1 : 0;
		}
	} else if (subject_key_cached(k->a->keys, owner, ret)) {
		return 1;
	} else if (!made_with(k->ev, owner) && !shape_refs(k->ev->form->shape, k->ev->data, opens, (void *)owner)) {
		k->lacking = true;
		return 0;
	}
	if (p->n_fresh == FRESH_KEYS_MAX)
		return err_fmt(err, &ERR_TOO_LARGE, "%d subjects", FRESH_KEYS_MAX);
	if (!p->fresh || (p->n_fresh & (p->n_fresh - 1)) == 0) { /* room doubles at powers of two */
		struct fresh_key *bigger = arena_alloc(k->arena, (p->n_fresh ? p->n_fresh * 2 : 1) * sizeof *bigger);
		if (!bigger)
			return err_kind_set(err, &ERR_NO_MEMORY);
		if (p->fresh)
			memcpy(bigger, p->fresh, p->n_fresh * sizeof *bigger);
		p->fresh = bigger;
	}
	struct fresh_key *f = &p->fresh[p->n_fresh++];
	f->subject = *owner;
	subject_key_make(k->a->keys, owner, &f->key, f->wrapped);
	*ret = f->key;
	return 1;
}

static int seal(void *ctx, const struct uuid *owner, struct str plain, struct buf *out, struct err *err)
{
	struct sealing *k = ctx;
	struct subject_key key;
	char bound[32];
	uint8_t hash[16];
	int rc = key_for(k, owner, &key, err);
	if (rc <= 0)
		return rc;
	subject_key_hash(&key, plain, hash);
	buf_add(&k->hashes, hash, sizeof hash);
	work_box_bound(&k->ev->id, owner, bound);
	return seal_box(&key, (struct str){ bound, sizeof bound }, plain, out, err);
}

/* A box reads "sealed":"…" and the like can't stand inside a string, where quotes are escaped. */
static struct str next_box(struct str text)
{
	static const char KEY[] = "\"sealed\":\"";
	const char *at = text.len ? memmem(text.ptr, text.len, KEY, sizeof KEY - 1) : NULL;
	if (!at)
		return STR_NONE;
	at += sizeof KEY - 1;
	const char *end = memchr(at, '"', (size_t)(text.ptr + text.len - at));
	return (struct str){ at, (size_t)(end - at) };
}

/* Over all that was sent: the canonical middle with each box, which differs every time, replaced by the keyed hash of
 * what is in it, then place, incident and type. */
static int same_hash(struct sealing *k, struct str middle, uint8_t out[16], struct err *err)
{
	const struct event *ev = k->ev;
	_cleanup_(buf_finish) struct buf sent = { 0 };
	size_t used = 0;
	for (struct str box; (box = next_box(middle)).ptr; used += 16) {
		buf_add(&sent, middle.ptr, (size_t)(box.ptr - middle.ptr));
		buf_add(&sent, k->hashes.ptr + used, 16);
		middle = (struct str){ box.ptr + box.len, (size_t)(middle.ptr + middle.len - box.ptr - box.len) };
	}
	buf_str(&sent, middle);
	buf_add(&sent, &ev->place, sizeof ev->place);
	buf_add(&sent, ev->place_site.b, sizeof ev->place_site.b);
	buf_add(&sent, ev->incident.b, sizeof ev->incident.b);
	buf_cstr(&sent, ev->form->type);
	if (sent.failed)
		return err_kind_set(err, &ERR_NO_MEMORY);
	keyring_same(k->a->keys, buf_view(&sent), out);
	return 0;
}

static int prepare(struct sealing *k, struct prepared *ret, struct err *err)
{
	_cleanup_(buf_finish) struct buf middle = { 0 };
	struct json_writer w;
	json_write_init(&w, &middle);
	if (event_write_middle(k->ev, &w, k->ev->form->shape->personal ? seal : NULL, k, err) < 0)
		return -1;
	if (middle.failed || k->hashes.failed)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (k->lacking || k->erased || k->foreign)
		return 0;
	if (same_hash(k, buf_view(&middle), ret->same, err) < 0)
		return -1;
	ret->middle = arena_str(k->arena, buf_view(&middle));
	if (!ret->middle.ptr)
		return err_kind_set(err, &ERR_NO_MEMORY);
	ret->ready = true;
	return 0;
}

int prepare_event(struct app *a, struct db *db, const struct event *ev, struct arena *arena, struct prepared *ret,
		  struct err *err)
{
	struct sealing k = { .a = a, .db = db, .ev = ev, .arena = arena, .out = ret };
	*ret = (struct prepared){ .lost = atomic_load(&a->keys_lost) };
	if (!keyring_has_secrets(a->keys))
		return err_kind_set(err, &ERR_KEYS_MISSING);
	int rc = prepare(&k, ret, err);
	buf_finish(&k.hashes);
	return rc;
}

int prepare_same(struct app *a, struct db *db, const struct event *ev, const uint8_t recorded[16], struct arena *arena,
		 struct err *err)
{
	struct prepared made = { 0 };
	struct sealing k = { .a = a, .db = db, .ev = ev, .arena = arena, .out = &made, .comparing = true };
	int rc = prepare(&k, &made, err);
	buf_finish(&k.hashes);
	if (rc < 0)
		return -1;
	/* With its key destroyed the content can't be told any more: a resent record counts as the one it was. */
	return !k.foreign && (k.erased || memcmp(made.same, recorded, sizeof made.same) == 0);
}

/* ---- the answer -------------------------------------------------------------------------------- */

/* {code, field?, message} */
static void write_error(const struct err *e, enum lang lang, struct json_writer *w)
{
	_cleanup_(buf_finish) struct buf message = { 0 };
	err_text(e, lang, &message);
	json_open(w, '{');
	json_key(w, "code");
	json_put_cstr(w, e->kind ? e->kind->code : "internal");
	if (e->field[0]) {
		json_key(w, "field");
		json_put_cstr(w, e->field);
	}
	json_key(w, "message");
	json_put_str(w, buf_view(&message));
	json_close(w, '}');
}

void submission_write(const struct submission *s, enum lang lang, struct buf *out)
{
	static const char *const STATUS[] = { "recorded", "duplicate", "refused" };
	struct json_writer w;
	char text[UUID_TEXT];
	json_write_init(&w, out);
	json_open(&w, '{');
	json_key(&w, "results");
	json_open(&w, '[');
	for (size_t i = 0; i < s->n; i++) {
		const struct result *r = &s->results[i];
		json_open(&w, '{');
		if (r->status == RESULT_REFUSED) {
			json_key(&w, "error");
			write_error(&r->err, lang, &w);
		}
		if (r->has_id) {
			uuid_format(&r->id, text);
			json_key(&w, "id");
			json_put_str(&w, (struct str){ text, UUID_TEXT });
		}
		if (r->status != RESULT_REFUSED) {
			json_key(&w, "seq");
			json_put_i64(&w, r->seq);
		}
		json_key(&w, "status");
		json_put_cstr(&w, STATUS[r->status]);
		if (r->status == RESULT_RECORDED && r->n_warnings) {
			json_key(&w, "warnings");
			json_open(&w, '[');
			for (size_t k = 0; k < r->n_warnings; k++)
				write_error(&r->warnings[k], lang, &w);
			json_close(&w, ']');
		}
		json_close(&w, '}');
	}
	json_close(&w, ']');
	json_close(&w, '}');
}
