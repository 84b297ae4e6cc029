/* One row of an import: its cells, the values in them, and the events made of
 * it. What a kind's columns mean is in import_kinds.c. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/import.h"

static const struct err_kind ERR_VALUE = { "import_value", 400, "不认识“{0}”，可填：{1}",
					   "\"{0}\" is not one of: {1}" };
static const struct err_kind ERR_WHEN = { "import_when", 400,
					  "“{0}”不是日期，应为 2020-02-08 或 2020-02-08T09:30:00+08:00",
					  "\"{0}\" is no date: write 2020-02-08 or 2020-02-08T09:30:00+08:00" };
static const struct err_kind ERR_REPEATED = { "import_repeated", 400, "与第 {0} 行是同一条记录，请删去一行",
					      "This is the same record as line {0}: remove one" };

/* ---- ids ------------------------------------------------------------------------------ */

static size_t slot(const struct idmap *m, const struct uuid *id)
{
	uint64_t h;
	memcpy(&h, id->b + 8, sizeof h); /* ids are random there, derived or v7 */
	size_t i = h & (m->cap - 1);
	while (m->values[i] && !uuid_eq(&m->keys[i], id))
		i = (i + 1) & (m->cap - 1);
	return i;
}

static bool grow(struct idmap *m)
{
	struct idmap bigger = { .cap = m->cap ? m->cap * 2 : 1024, .n = m->n };
	bigger.keys = calloc(bigger.cap, sizeof *bigger.keys);
	bigger.values = calloc(bigger.cap, sizeof *bigger.values);
	if (!bigger.keys || !bigger.values) {
		idmap_finish(&bigger);
		return false;
	}
	for (size_t i = 0; i < m->cap; i++) {
		if (!m->values[i])
			continue;
		size_t at = slot(&bigger, &m->keys[i]);
		bigger.keys[at] = m->keys[i];
		bigger.values[at] = m->values[i];
	}
	idmap_finish(m);
	*m = bigger;
	return true;
}

/* A slot counts as used once its value is not 0: the caller sets it. */
int64_t *idmap_put(struct idmap *m, const struct uuid *id)
{
	if (m->n * 2 >= m->cap && !grow(m))
		return NULL;
	size_t i = slot(m, id);
	if (!m->values[i]) {
		m->keys[i] = *id;
		m->n++;
	}
	return &m->values[i];
}

const int64_t *idmap_get(const struct idmap *m, const struct uuid *id)
{
	if (!m->cap)
		return NULL;
	size_t i = slot(m, id);
	return m->values[i] ? &m->values[i] : NULL;
}

void idmap_clear(struct idmap *m)
{
	if (m->cap)
		memset(m->values, 0, m->cap * sizeof *m->values);
	m->n = 0;
}

void idmap_finish(struct idmap *m)
{
	free(m->keys);
	free(m->values);
	*m = (struct idmap){ 0 };
}

struct uuid import_id(const struct import *im, const char *fmt, ...)
{
	_cleanup_(buf_finish) struct buf name = { 0 };
	char text[1024], *long_text = NULL;
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (n >= (int)sizeof text) {
		va_start(ap, fmt);
		if (vasprintf(&long_text, fmt, ap) < 0)
			long_text = NULL;
		va_end(ap);
	}
	struct uuid id = uuid_derive(app_store_id(im->store.app), str_of(long_text ? long_text : text));
	free(long_text);
	return id;
}

struct str import_ref(struct str cell)
{
	size_t zeros = 0;
	for (size_t i = 0; i < cell.len; i++) {
		if (cell.ptr[i] < '0' || cell.ptr[i] > '9')
			return cell;
	}
	while (zeros + 1 < cell.len && cell.ptr[zeros] == '0')
		zeros++;
	return cell.ptr ? (struct str){ cell.ptr + zeros, cell.len - zeros } : cell;
}

struct import_code import_code(place_t p)
{
	struct import_code c;
	c.text[place_format(p, c.text)] = 0;
	return c;
}

void import_shown(struct str s, char *out, size_t size)
{
	size_t len = s.len < size ? s.len : size - 1;
	while (len && len < s.len && ((unsigned char)s.ptr[len] & 0xc0) == 0x80)
		len--; /* not in the middle of a character */
	str_copy((struct str){ s.ptr, len }, out, size);
}

/* ---- cells ------------------------------------------------------------------------------ */

struct str import_cell(const struct import *im, const char *column)
{
	for (size_t i = 0; i < im->kind->n; i++) {
		if (strcmp(im->kind->columns[i].name, column) == 0)
			return csv_cell(&im->csv, im->at[i]);
	}
	return STR_NONE;
}

long import_column_of(const struct import *im, const char *field)
{
	for (size_t i = 0; i < im->kind->n && *field; i++) {
		const struct import_column *c = &im->kind->columns[i];
		size_t len = strlen(c->name);
		if (im->at[i] >= 0 && ((c->field && strcmp(c->field, field) == 0) || strcmp(c->name, field) == 0 ||
				       (strncmp(c->name, field, len) == 0 && field[len] == '[')))
			return im->at[i] + 1;
	}
	return 0;
}

int import_at(struct import *im, int64_t *ret, struct err *err)
{
	struct str cell = import_cell(im, "at");
	int64_t day, ms;
	char shown[80];
	if (!cell.ptr) {
		*ret = FIELD_ABSENT;
		return 0;
	}
	if (time_parse(cell, &ms)) {
		*ret = ms;
		return 0;
	}
	if (day_parse(cell, &day)) {
		*ret = day_start(day);
		return 0;
	}
	im->field = "at";
	import_shown(cell, shown, sizeof shown);
	return err_set(err, &ERR_WHEN, "at", shown, NULL);
}

int64_t import_value(struct str cell, const char *const *names, const char *const *zh)
{
	for (int64_t i = 0; names[i]; i++) {
		if (str_is(cell, names[i]) || (zh && str_is(cell, zh[i])))
			return i;
	}
	return -1;
}

/* ---- making events ------------------------------------------------------------------------ */

void import_begin(struct import *im)
{
	buf_clear(&im->data);
	json_write_init(&im->w, &im->data);
	json_open(&im->w, '{');
}

void import_put(struct import *im, const char *name, struct str text)
{
	if (!text.ptr)
		return;
	json_key(&im->w, name);
	json_put_str(&im->w, text);
}

static bool looks_numeric(struct str s)
{
	size_t i = s.len && s.ptr[0] == '-', digits = 0, dots = 0;
	size_t first = i;
	for (; i < s.len; i++) {
		digits += s.ptr[i] >= '0' && s.ptr[i] <= '9';
		dots += s.ptr[i] == '.' && i > first && i + 1 < s.len;
	}
	bool zero_led = s.len > first + 1 && s.ptr[first] == '0' && s.ptr[first + 1] != '.';
	return digits && dots <= 1 && digits + dots + first == s.len && !zero_led;
}

void import_put_number(struct import *im, const char *name, struct str text)
{
	if (!text.ptr)
		return;
	json_key(&im->w, name);
	if (looks_numeric(text))
		json_put_raw(&im->w, text);
	else
		json_put_str(&im->w, text); /* the field table says what it should be */
}

void import_put_id(struct import *im, const char *name, const struct uuid *id)
{
	char text[UUID_TEXT];
	uuid_format(id, text);
	import_put(im, name, (struct str){ text, UUID_TEXT });
}

int import_put_value(struct import *im, const char *name, struct str cell, const char *const *names,
		     const char *const *zh, struct err *err)
{
	char shown[64], all[150] = "";
	if (!cell.ptr)
		return 0;
	int64_t v = import_value(cell, names, zh);
	if (v >= 0) {
		import_put(im, name, str_of(names[v]));
		return 0;
	}
	for (size_t i = 0, len = 0; names[i] && len + 40 < sizeof all; i++)
		len += (size_t)snprintf(all + len, sizeof all - len, "%s%s", i ? "、" : "",
					zh && cli_lang() == LANG_ZH ? zh[i] : names[i]);
	im->field = name;
	import_shown(cell, shown, sizeof shown);
	return err_set(err, &ERR_VALUE, name, shown, all, NULL);
}

int import_put_bool(struct import *im, const char *name, struct str cell, struct err *err)
{
	static const char *const YES[] = { "是", "yes", "true", "1", "Y", "y", "√", "党员", "TRUE", "Yes", NULL };
	static const char *const NO[] = { "否", "no", "false", "0", "N", "n", "×", "群众", "FALSE", "No", NULL };
	char shown[64];
	if (!cell.ptr)
		return 0;
	bool yes = import_value(cell, YES, NULL) >= 0;
	if (!yes && import_value(cell, NO, NULL) < 0) {
		im->field = name;
		import_shown(cell, shown, sizeof shown);
		return err_set(err, &ERR_VALUE, name, shown, cli_pick("是、否", "yes, no"), NULL);
	}
	json_key(&im->w, name);
	json_put_bool(&im->w, yes);
	return 0;
}

/* When a record imported before said it happened: so the same row is the same record. 1, 0, -1. */
static int known_at(struct import *im, const struct uuid *event, int64_t *ret, struct err *err)
{
	struct event ev;
	int rc = work_event_by_id(im->work, event, false, &ev, err);
	if (rc == 1)
		*ret = ev.at;
	return rc;
}

static int remember(struct import *im, const struct uuid *id, struct err *err)
{
	int64_t *line = idmap_put(&im->made, id);
	char text[24];
	if (!line)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (*line) {
		snprintf(text, sizeof text, "%lld", (long long)*line);
		return err_set(err, &ERR_REPEATED, "", text, NULL);
	}
	*line = im->line;
	return 0;
}

int import_queue(struct import *im, const struct event *ev, struct err *err)
{
	if (im->n_pending == im->cap_pending) {
		size_t cap = im->cap_pending ? im->cap_pending * 2 : 1024;
		struct event *bigger = realloc(im->pending, cap * sizeof *bigger);
		if (!bigger)
			return err_kind_set(err, &ERR_NO_MEMORY);
		im->pending = bigger;
		im->cap_pending = cap;
	}
	if (im->n_lines == im->cap_lines) {
		size_t cap = im->cap_lines ? im->cap_lines * 2 : 4096;
		long *bigger = realloc(im->lines, cap * sizeof *bigger);
		if (!bigger)
			return err_kind_set(err, &ERR_NO_MEMORY);
		im->lines = bigger;
		im->cap_lines = cap;
	}
	im->pending[im->n_pending++] = *ev;
	im->lines[im->n_lines++] = im->line;
	return 0;
}

int import_make(struct import *im, const char *type, const struct uuid *event, const struct uuid *thing, int64_t at,
		place_t place, struct err *err)
{
	struct json_writer w;
	struct json_reader r;
	struct event ev;
	char id[UUID_TEXT], time[TIME_TEXT_MAX], code[PLACE_TEXT];
	if (at == FIELD_ABSENT) {
		at = im->now;
		if (known_at(im, event, &at, err) < 0)
			return -1;
	}
	if (remember(im, event, err) < 0 || (thing && remember(im, thing, err) < 0))
		return -1;
	json_close(&im->w, '}');
	buf_clear(&im->envelope);
	json_write_init(&w, &im->envelope);
	json_open(&w, '{');
	uuid_format(event, id);
	json_key(&w, "id");
	json_put_str(&w, (struct str){ id, UUID_TEXT });
	json_key(&w, "type");
	json_put_cstr(&w, type);
	time_format_utc(at, time);
	json_key(&w, "at");
	json_put_cstr(&w, time);
	if (place != FIELD_ABSENT) {
		json_key(&w, "place");
		json_put_str(&w, (struct str){ code, place_format(place, code) });
	}
	json_key(&w, "data");
	json_put_raw(&w, buf_view(&im->data));
	json_close(&w, '}');
	struct str text = arena_str(&im->arena, buf_view(&im->envelope));
	if (im->data.failed || im->envelope.failed || !text.ptr)
		return err_kind_set(err, &ERR_NO_MEMORY);
	json_read_init(&r, text, &im->arena);
	if (event_decode(&r, registry_form, &ev, err) < 0)
		return -1;
	return import_queue(im, &ev, err);
}

void import_fault(struct import *im, long line, long column, const struct err *why)
{
	im->bad++;
	if (im->n_faults == IMPORT_FAULTS_MAX)
		return;
	if (!im->faults && !(im->faults = calloc(IMPORT_FAULTS_MAX, sizeof *im->faults)))
		return; /* still counted */
	struct import_fault *f = &im->faults[im->n_faults++];
	*f = (struct import_fault){ line, column, *why };
	/* Texts that begin with the field's name say the column's instead. */
	const char *dot = strrchr(why->field, '.'), *last = dot ? dot + 1 : why->field;
	for (size_t i = 0; column && *last && i < im->kind->n; i++) {
		if (im->at[i] + 1 == column && strcmp(f->why.arg[0], last) == 0)
			snprintf(f->why.arg[0], sizeof f->why.arg[0], "%s",
				 cli_pick(im->kind->columns[i].zh, im->kind->columns[i].name));
	}
}
