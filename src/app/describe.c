/* The catalogue: every event type with its fields, every figure, role and
 * module, told from the registry's tables, so that forms, labels and imports
 * need no lists of their own. The same text for everybody, made once. */
#include "app/app.h"

#include "app/describe.h"

/* ---- pieces -------------------------------------------------------------------- */

/* Members or a value of fixed text, ' standing for ". */
void describe_fixed(struct json_writer *w, const char *text)
{
	if (w->comma)
		buf_char(w->out, ',');
	for (; *text; text++)
		buf_char(w->out, *text == '\'' ? '"' : *text);
	w->comma = true;
}

void describe_fixed_as(struct json_writer *w, const char *key, const char *text)
{
	json_key(w, key);
	describe_fixed(w, text);
}

void describe_text(struct json_writer *w, const char *key, const char *text)
{
	json_key(w, key);
	json_put_cstr(w, text);
}

void describe_number(struct json_writer *w, const char *key, int64_t v)
{
	json_key(w, key);
	json_put_i64(w, v);
}

/* "English · 中文", with more behind it. */
void describe_label(struct json_writer *w, const char *en, const char *zh, const char *more)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	buf_cstr(&b, en);
	buf_cstr(&b, " · ");
	buf_cstr(&b, zh);
	buf_cstr(&b, more);
	w->out->failed |= b.failed;
	json_key(w, "description");
	json_put_str(w, buf_view(&b));
}

void describe_ref(struct json_writer *w, const char *name)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	buf_cstr(&b, "#/components/schemas/");
	buf_cstr(&b, name);
	w->out->failed |= b.failed;
	json_key(w, "$ref");
	json_put_str(w, buf_view(&b));
}

static const char *const KIND_NAMES[] = {
	[FIELD_TEXT] = "text",       [FIELD_PHONE] = "phone",
	[FIELD_IDNO] = "idno",       [FIELD_PLATE] = "plate",
	[FIELD_ACCOUNT] = "account", [FIELD_GEOJSON] = "geojson",
	[FIELD_INT] = "int",         [FIELD_QUANTITY] = "quantity",
	[FIELD_MONEY] = "money",     [FIELD_TEMPERATURE] = "temperature",
	[FIELD_DEGREES] = "degrees", [FIELD_TIME] = "time",
	[FIELD_DAY] = "day",         [FIELD_PLACE] = "place",
	[FIELD_BOOL] = "bool",       [FIELD_ENUM] = "enum",
	[FIELD_ID] = "id",           [FIELD_REF] = "ref",
	[FIELD_OBJECT] = "object",   [FIELD_LIST] = "list",
	[FIELD_COUNTS] = "counts",   [FIELD_RAW] = "raw",
};
_Static_assert(ARRAY_LEN(KIND_NAMES) == FIELD_RAW + 1, "a name for each kind");

void describe_names(struct json_writer *w, const char *const *names)
{
	json_open(w, '[');
	for (size_t i = 0; names[i]; i++)
		json_put_cstr(w, names[i]);
	json_close(w, ']');
}

void describe_roles(struct json_writer *w, unsigned roles)
{
	json_open(w, '[');
	for (size_t i = 0; ROLE_NAMES[i]; i++) {
		if (roles & (1u << i))
			json_put_cstr(w, ROLE_NAMES[i]);
	}
	json_close(w, ']');
}

bool describe_is_open(const struct event_type *t)
{
	return !(t->flags & EVENT_BY_SERVER) && (t->roles & ROLES_ALL_GRANTED);
}

static void put_text(struct json_writer *w, const char *key, const char *text)
{
	json_key(w, key);
	json_put_cstr(w, text);
}

static void put_flag(struct json_writer *w, const char *key, bool v)
{
	json_key(w, key);
	json_put_bool(w, v);
}

static void put_number(struct json_writer *w, const char *key, int64_t v)
{
	json_key(w, key);
	json_put_i64(w, v);
}

static void put_labels(struct json_writer *w, const char *zh, const char *en)
{
	put_text(w, "zh", zh);
	put_text(w, "en", en);
}

/* ---- fields ------------------------------------------------------------------ */

/* As the decoder bounds them: characters of a text, the value of a number, elements of a list. */
static void put_bounds(struct json_writer *w, const struct field *f)
{
	switch (f->kind) {
	case FIELD_TEXT:
		put_number(w, "min", 1);
		put_number(w, "max", f->max > 0 ? f->max : EVENT_TEXT_MAX);
		break;
	case FIELD_INT:
		if (f->min < f->max) {
			put_number(w, "min", f->min);
			put_number(w, "max", f->max);
		}
		break;
	case FIELD_QUANTITY:
	case FIELD_MONEY:
		put_number(w, "min", 1);
		break;
	case FIELD_TEMPERATURE:
		put_number(w, "min", 3000);
		put_number(w, "max", 4500);
		break;
	case FIELD_LIST:
		put_number(w, "min", f->min);
		put_number(w, "max", f->max > 0 ? f->max : 1000);
		break;
	default:
		break;
	}
}

static void put_fields(struct json_writer *w, const struct shape *s);

static void put_field(struct json_writer *w, const struct field *f)
{
	json_open(w, '{');
	put_text(w, "name", f->name);
	put_text(w, "kind", KIND_NAMES[f->kind]);
	put_flag(w, "needed", f->flags & FIELD_NEEDED);
	put_flag(w, "personal", f->flags & FIELD_PERSONAL);
	put_labels(w, f->zh, f->en);
	if (f->values) {
		json_key(w, "values");
		describe_names(w, f->values);
	}
	if (f->values && f->values_zh) {
		json_key(w, "values_zh");
		describe_names(w, f->values_zh);
	}
	put_bounds(w, f);
	if (f->thing)
		put_text(w, "thing", f->thing);
	if (f->kind == FIELD_LIST)
		put_text(w, "element", KIND_NAMES[f->element]);
	if (f->shape) {
		json_key(w, "fields");
		put_fields(w, f->shape);
	}
	json_close(w, '}');
}

static void put_fields(struct json_writer *w, const struct shape *s)
{
	json_open(w, '[');
	for (size_t i = 0; i < s->n; i++)
		put_field(w, &s->fields[i]);
	json_close(w, ']');
}

/* ---- types, figures, roles, modules --------------------------------------------- */

static void put_type(struct json_writer *w, const struct module *m, const struct event_type *t)
{
	json_open(w, '{');
	put_text(w, "type", t->form.type);
	put_text(w, "module", m->name);
	put_labels(w, t->zh, t->en);
	json_key(w, "roles");
	describe_roles(w, t->roles);
	put_flag(w, "standing", t->flags & EVENT_STANDING);
	put_flag(w, "server_only", !describe_is_open(t));
	json_key(w, "levels");
	json_open(w, '[');
	for (int l = LEVEL_NATION; l <= LEVEL_GRID; l++) {
		if (t->levels & AT_LEVEL(l))
			json_put_i64(w, l);
	}
	json_close(w, ']');
	json_key(w, "fields");
	put_fields(w, t->form.shape);
	json_close(w, '}');
}

/* "Teams" and "temporary_branch" to "Teams · temporary branch"; without a part the label alone. */
static void put_joined(struct json_writer *w, const char *key, const char *label, const char *part)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	buf_cstr(&b, label);
	if (part)
		buf_cstr(&b, " · ");
	for (; part && *part; part++)
		buf_char(&b, *part == '_' ? ' ' : *part);
	w->out->failed |= b.failed;
	json_key(w, key);
	json_put_str(w, buf_view(&b));
}

static void put_figure(struct json_writer *w, const struct module *m, const struct figure_def *d, size_t part)
{
	const char *name = d->parts ? d->parts[part] : NULL;
	_cleanup_(buf_finish) struct buf full = { 0 };
	buf_cstr(&full, d->name);
	buf_cstr(&full, name ? name : "");
	w->out->failed |= full.failed;
	json_open(w, '{');
	json_key(w, "name");
	json_put_str(w, buf_view(&full));
	put_joined(w, "zh", d->zh, name && d->parts_zh ? d->parts_zh[part] : name);
	put_joined(w, "en", d->en, name);
	put_flag(w, "per_incident", d->per_incident);
	put_text(w, "module", m->name);
	json_close(w, '}');
}

static void put_figures(struct json_writer *w)
{
	json_open(w, '[');
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_figures; i++) {
			const struct figure_def *d = &MODULES[m]->figures[i];
			for (size_t part = 0; d->parts ? d->parts[part] != NULL : part == 0; part++)
				put_figure(w, MODULES[m], d, part);
		}
	}
	json_close(w, ']');
}

static void put_roles(struct json_writer *w)
{
	json_open(w, '[');
	for (size_t i = 0; ROLE_NAMES[i]; i++) {
		json_open(w, '{');
		put_text(w, "role", ROLE_NAMES[i]);
		put_text(w, "zh", ROLE_NAMES_ZH[i]);
		json_close(w, '}');
	}
	json_close(w, ']');
}

static void put_modules(struct json_writer *w)
{
	json_open(w, '[');
	for (size_t m = 0; MODULES[m]; m++) {
		json_open(w, '{');
		put_text(w, "name", MODULES[m]->name);
		put_labels(w, MODULES[m]->zh, MODULES[m]->en);
		json_close(w, '}');
	}
	json_close(w, ']');
}

static void put_tasks(struct json_writer *w)
{
	json_open(w, '[');
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_tasks; i++) {
			const struct task_rule *r = &MODULES[m]->tasks[i];
			json_open(w, '{');
			put_text(w, "rule", r->name);
			put_text(w, "module", MODULES[m]->name);
			put_labels(w, r->zh, r->en);
			json_key(w, "roles");
			describe_roles(w, r->roles);
			put_text(w, "settles", r->settles);
			json_close(w, '}');
		}
	}
	json_close(w, ']');
}

void describe_catalogue(struct buf *out)
{
	struct json_writer w;
	json_write_init(&w, out);
	json_open(&w, '{');
	json_key(&w, "types");
	json_open(&w, '[');
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_events; i++)
			put_type(&w, MODULES[m], &MODULES[m]->events[i]);
	}
	json_close(&w, ']');
	json_key(&w, "figures");
	put_figures(&w);
	json_key(&w, "roles");
	put_roles(&w);
	json_key(&w, "modules");
	put_modules(&w);
	json_key(&w, "tasks");
	put_tasks(&w);
	json_close(&w, '}');
}
