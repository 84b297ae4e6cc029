/* Statements on SQLite: preparing with $n turned into ?n, the connection's
 * cache, binding, stepping and reading columns. */
#include "store/sqlite.h"

#include <assert.h>
#include <stdlib.h>

struct sqlite_run {
	struct run base;
	sqlite3_stmt *stmt;
	int64_t before, changed; /* the connection's total of changes when it started; what it changed */
};

/* SQLite numbers $n by order of appearance, ?n by its number. */
static void number_params(const char *text, struct buf *out)
{
	struct token t;

	while ((t = token_next(&text)).kind != TOKEN_END) {
		if (t.kind == TOKEN_PARAM)
			t.text = (struct str){ t.text.ptr + 1, t.text.len - 1 };
		if (t.kind == TOKEN_PARAM)
			buf_char(out, '?');
		buf_str(out, t.text);
	}
	buf_char(out, '\0');
}

static int prepare(struct sqlite_db *db, const struct sql *q, bool keep, struct run **ret, struct err *err)
{
	_cleanup_(buf_finish) struct buf text = { 0 };
	struct sqlite_run *r = calloc(1, sizeof(*r));
	int code;

	number_params(q->text, &text);
	if (!r || text.failed) {
		free(r);
		return err_kind_set(err, &ERR_NO_MEMORY);
	}
	code = sqlite3_prepare_v3(db->handle, text.ptr, -1, keep ? SQLITE_PREPARE_PERSISTENT : 0, &r->stmt, NULL);
	if (code != SQLITE_OK) {
		free(r);
		return sqlite_fault(err, db->handle, db->base.store, q->name);
	}
	r->base = (struct run){ .db = &db->base, .q = q, .own = *q };
	if (!keep)
		r->base.q = &r->base.own;
	if (keep)
		r->base.kept = cache_add(&db->cache, &r->base);
	*ret = &r->base;
	return 0;
}

static int bind_one(sqlite3_stmt *stmt, int i, const struct param *p, sqlite3_destructor_type life)
{
	if (p->null)
		return sqlite3_bind_null(stmt, i);
	if (p->kind == 'i')
		return sqlite3_bind_int64(stmt, i, p->i);
	if (p->kind == 's')
		return sqlite3_bind_text64(stmt, i, p->ptr, p->len, life, SQLITE_UTF8);
	return sqlite3_bind_blob64(stmt, i, p->ptr, p->len, life);
}

int sqlite_start(struct db *base, const struct sql *q, const struct param *p, int n, unsigned how, struct run **ret,
		 struct err *err)
{
	struct sqlite_db *db = (struct sqlite_db *)base;
	struct run *run = how & RUN_ONCE ? NULL : cache_find(&db->cache, q, 0);
	struct sqlite_run *r;
	int code = SQLITE_OK;

	/* One that is running (a statement inside its own loop) must not be touched: a second one, for once. */
	if ((!run || run->busy) && prepare(db, q, !run && !(how & RUN_ONCE), &run, err) < 0)
		return -1;
	assert(run);
	r = (struct sqlite_run *)run;
	assert(sqlite3_bind_parameter_count(r->stmt) == n);
	run->busy = true;
	for (int i = 0; i < n && code == SQLITE_OK; i++)
		code = bind_one(r->stmt, i + 1, &p[i], how & RUN_BORROWED ? SQLITE_STATIC : SQLITE_TRANSIENT);
	if (code != SQLITE_OK) {
		sqlite_fault(err, db->handle, base->store, q->name);
		sqlite_end(run);
		return -1;
	}
	r->before = sqlite3_total_changes64(db->handle);
	r->changed = 0;
	*ret = run;
	return 0;
}

int sqlite_step(struct run *base, struct err *err)
{
	struct sqlite_run *r = (struct sqlite_run *)base;
	sqlite3 *h = ((struct sqlite_db *)base->db)->handle;
	int code = sqlite3_step(r->stmt);

	if (code == SQLITE_ROW)
		return 1;
	if (code != SQLITE_DONE)
		return sqlite_fault(err, h, base->db->store, base->q->name);
	if (sqlite3_total_changes64(h) != r->before)
		r->changed = sqlite3_changes64(h);
	return 0;
}

void sqlite_end(struct run *base)
{
	struct sqlite_run *r = (struct sqlite_run *)base;

	base->busy = false;
	if (base->kept) {
		sqlite3_reset(r->stmt);
		return;
	}
	sqlite3_finalize(r->stmt);
	free(r);
}

int64_t sqlite_changed(struct run *r)
{
	return ((struct sqlite_run *)r)->changed;
}

int64_t sqlite_i64(struct run *r, int col)
{
	sqlite3_stmt *stmt = ((struct sqlite_run *)r)->stmt;

	assert(col < sqlite3_column_count(stmt));
	return sqlite3_column_type(stmt, col) == SQLITE_NULL ? INT64_MIN : sqlite3_column_int64(stmt, col);
}

struct str sqlite_text(struct run *r, int col)
{
	sqlite3_stmt *stmt = ((struct sqlite_run *)r)->stmt;
	const char *text;

	assert(col < sqlite3_column_count(stmt));
	if (sqlite3_column_type(stmt, col) == SQLITE_NULL)
		return STR_NONE;
	text = (const char *)sqlite3_column_text(stmt, col);
	return (struct str){ text ? text : "", text ? (size_t)sqlite3_column_bytes(stmt, col) : 0 };
}

struct str sqlite_bytes(struct run *r, int col)
{
	sqlite3_stmt *stmt = ((struct sqlite_run *)r)->stmt;
	const char *bytes;

	assert(col < sqlite3_column_count(stmt));
	if (sqlite3_column_type(stmt, col) == SQLITE_NULL)
		return STR_NONE;
	bytes = sqlite3_column_blob(stmt, col);
	return (struct str){ bytes ? bytes : "", bytes ? (size_t)sqlite3_column_bytes(stmt, col) : 0 };
}

/* NULLs are passed over, as PostgreSQL does; integers only. */
static void extreme(sqlite3_context *ctx, int n, sqlite3_value **v)
{
	bool greatest = sqlite3_user_data(ctx);
	sqlite3_value *best = NULL;

	for (int i = 0; i < n; i++) {
		int64_t x = sqlite3_value_int64(v[i]), b = best ? sqlite3_value_int64(best) : 0;

		if (sqlite3_value_type(v[i]) != SQLITE_NULL && (!best || (greatest ? x > b : x < b)))
			best = v[i];
	}
	if (best)
		sqlite3_result_value(ctx, best);
}

int sqlite_functions(sqlite3 *h)
{
	static char yes;
	int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
	int code = sqlite3_create_function_v2(h, "greatest", -1, flags, &yes, extreme, NULL, NULL, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_create_function_v2(h, "least", -1, flags, NULL, extreme, NULL, NULL, NULL);
	return code;
}

void sqlite_disconnect(struct db *base)
{
	struct sqlite_db *db = (struct sqlite_db *)base;

	for (size_t i = 0; i < db->cache.size; i++) {
		if (db->cache.slots[i]) {
			sqlite3_finalize(((struct sqlite_run *)db->cache.slots[i])->stmt);
			free(db->cache.slots[i]);
		}
	}
	free(db->cache.slots);
	sqlite3_close(db->handle);
	free(db);
}
