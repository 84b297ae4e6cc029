/* What tables there are and what stands in them: listing, columns and the
 * ordered dump whose text is the same on every database. */
#include "store/impl.h"

#include <assert.h>

int db_tables(struct db *db, int (*table)(void *ctx, struct str name), void *ctx, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int r;

	if (db_start(db, db->impl->tables, &st, err, "") < 0)
		return -1;
	while ((r = stmt_step(st, err)) > 0) {
		r = table(ctx, stmt_text(st, 0));
		if (r)
			return r;
	}
	return r;
}

int db_columns(struct db *db, const char *table, struct column out[STORE_COLUMNS_MAX], struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int n = 0, r;

	if (db_start(db, db->impl->columns, &st, err, "c", table) < 0)
		return -1;
	while ((r = stmt_step(st, err)) > 0) {
		if (n == STORE_COLUMNS_MAX || !str_copy(stmt_text(st, 0), out[n].name, sizeof(out[n].name)))
			return err_fmt(err, &ERR_STORE, "%s: %s", table, "too many columns, or too long a name");
		out[n].kind = (int)stmt_i64(st, 1);
		out[n++].required = stmt_i64(st, 2) > 0;
	}
	return r < 0 ? -1 : n;
}

void quote_name(struct buf *out, const char *name)
{
	buf_char(out, '"');
	for (; *name; name++) {
		if (*name == '"')
			buf_char(out, '"');
		buf_char(out, *name);
	}
	buf_char(out, '"');
}

void select_all(struct buf *out, const char *table, const struct column *cols, int n, bool ordered)
{
	buf_cstr(out, "SELECT ");
	for (int i = 0; i < n; i++) {
		buf_cstr(out, i ? ", " : "");
		quote_name(out, cols[i].name);
	}
	buf_cstr(out, " FROM ");
	quote_name(out, table);
	for (int i = 0; i < n && ordered; i++)
		buf_printf(out, "%s %d NULLS FIRST", i ? "," : " ORDER BY", i + 1);
}

/* As an SQL literal; control characters and backslashes escaped, so that a row stays one line. */
static void dump_text(struct buf *out, struct str s)
{
	buf_char(out, '\'');
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c < ' ' || c == '\\') {
			buf_printf(out, "\\%02x", c);
			continue;
		}
		if (c == '\'')
			buf_char(out, '\'');
		buf_char(out, (char)c);
	}
	buf_char(out, '\'');
}

static void dump_row(struct buf *out, struct stmt *st, const struct column *cols, int n)
{
	for (int i = 0; i < n; i++) {
		int64_t v = cols[i].kind == 1 ? stmt_i64(st, i) : 0;
		struct str s = cols[i].kind == 2 ? stmt_text(st, i) : cols[i].kind == 3 ? stmt_bytes(st, i) : STR_NONE;

		buf_cstr(out, i ? "," : "");
		if (cols[i].kind == 1 ? v == INT64_MIN : !s.ptr) {
			buf_cstr(out, "NULL");
		} else if (cols[i].kind == 1) {
			buf_i64(out, v);
		} else if (cols[i].kind == 2) {
			dump_text(out, s);
		} else {
			buf_cstr(out, "x'");
			buf_hex(out, s.ptr, s.len);
			buf_char(out, '\'');
		}
	}
}

int db_dump(struct db *db, const char *table, int (*row)(void *ctx, struct str text), void *ctx, struct err *err)
{
	_cleanup_(buf_finish) struct buf text = { 0 }, line = { 0 };
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct column cols[STORE_COLUMNS_MAX];
	int n = db_columns(db, table, cols, err), r;

	if (n < 0)
		return -1;
	if (n == 0)
		return err_fmt(err, &ERR_STORE, "%s: %s", table, "no such table");
	select_all(&text, table, cols, n, true);
	buf_char(&text, '\0');
	if (text.failed)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (db_start_once(db, "store.dump", text.ptr, NULL, 0, &st, err) < 0)
		return -1;
	while ((r = stmt_step(st, err)) > 0) {
		buf_clear(&line);
		dump_row(&line, st, cols, n);
		if (line.failed)
			return err_kind_set(err, &ERR_NO_MEMORY);
		r = row(ctx, buf_view(&line));
		if (r)
			return r;
	}
	return r;
}
