/* The backup of a PostgreSQL store: a copy of all its tables, through the seam
 * and out of one snapshot, into a fresh SQLite file. Tables that only modules
 * know are described from PostgreSQL's catalogue. */
#include "store/impl.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct table {
	char name[64];
	struct column cols[STORE_COLUMNS_MAX];
	int n;
	struct buf insert_text;
	struct sql insert; /* the copy's connection keeps it by address */
};

struct copy {
	struct db *from, *to;
	struct table *tables;
	int count;
	struct buf present; /* names of the tables that the fresh file has, each between newlines */
};

static const struct sql MARK = {
	"copy.mark",
	"SELECT obj_description(to_regclass(quote_ident($1)), 'pg_class')",
};

static const struct sql INDEXES = {
	"copy.indexes",
	"SELECT c.relname::text, i.indisunique, i.indisprimary, (SELECT string_agg(pg_get_indexdef(i.indexrelid, k, "
	"true)"
	" || CASE WHEN i.indoption[k - 1] & 1 = 1 THEN ' DESC' ELSE '' END, ', ' ORDER BY k)"
	" FROM generate_series(1, i.indnkeyatts::int) k), pg_get_expr(i.indpred, i.indrelid)"
	" FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
	" WHERE i.indrelid = to_regclass(quote_ident($1)) ORDER BY c.relname",
};

static int add_table(void *ctx, struct str name)
{
	struct copy *c = ctx;
	struct table *wider = realloc(c->tables, (size_t)(c->count + 1) * sizeof(*wider));

	if (!wider)
		return -1;
	c->tables = wider;
	c->tables[c->count] = (struct table){ 0 };
	return str_copy(name, c->tables[c->count++].name, sizeof(wider->name)) ? 0 : -1;
}

static int add_present(void *ctx, struct str name)
{
	struct copy *c = ctx;

	buf_char(&c->present, '\n');
	buf_str(&c->present, name);
	buf_char(&c->present, '\n');
	return 0;
}

static bool is_present(const struct copy *c, const char *name)
{
	char line[80];

	snprintf(line, sizeof(line), "\n%s\n", name);
	return c->present.len && memmem(c->present.ptr, c->present.len, line, strlen(line));
}

static int run_script(struct db *db, struct buf *text, struct err *err)
{
	buf_char(text, '\0');
	return text->failed ? err_kind_set(err, &ERR_NO_MEMORY) : db_script(db, text->ptr, err);
}

/* Adds the primary key to the table's text, the other indexes to `after`. */
static int describe_indexes(struct copy *c, const struct table *t, struct buf *out, struct buf *after, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int r;

	if (db_start(c->from, &INDEXES, &st, err, "c", t->name) < 0)
		return -1;
	while ((r = stmt_step(st, err)) > 0) {
		struct str name = stmt_text(st, 0), where = stmt_text(st, 4);

		if (stmt_i64(st, 2)) {
			buf_cstr(out, ", PRIMARY KEY (");
			buf_str(out, stmt_text(st, 3));
			buf_char(out, ')');
			continue;
		}
		buf_printf(after, "CREATE %sINDEX \"%.*s\" ON ", stmt_i64(st, 1) ? "UNIQUE " : "", STR_ARG(name));
		quote_name(after, t->name);
		buf_cstr(after, " (");
		buf_str(after, stmt_text(st, 3));
		buf_printf(after, ")%s%.*s;\n", where.ptr ? " WHERE " : "", STR_ARG(where));
	}
	return r;
}

static int make_table(struct copy *c, const struct table *t, struct buf *after, struct err *err)
{
	static const char *const types[] = { "", "BIGINT", "TEXT", "BYTEA" };
	_cleanup_(buf_finish) struct buf out = { 0 };
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	bool clustered, rowid;

	if (db_start(c->from, &MARK, &st, err, "c", t->name) < 0 || stmt_step(st, err) < 0)
		return -1;
	clustered = str_is(stmt_text(st, 0), "clustered");
	rowid = str_is(stmt_text(st, 0), "rowid");
	buf_cstr(&out, "CREATE TABLE ");
	quote_name(&out, t->name);
	for (int i = 0; i < t->n; i++) {
		buf_cstr(&out, i ? ", " : " (");
		quote_name(&out, t->cols[i].name);
		/* The marked column is the first: it is the table's own order. */
		buf_printf(&out, " %s%s%s", types[t->cols[i].kind], rowid && i == 0 ? " /* rowid */" : "",
			   t->cols[i].required ? " NOT NULL" : "");
	}
	if (describe_indexes(c, t, &out, after, err) < 0)
		return -1;
	buf_cstr(&out, clustered ? ") /* clustered */;" : ");");
	return run_script(c->to, &out, err);
}

static void make_insert(struct table *t)
{
	buf_cstr(&t->insert_text, "INSERT INTO ");
	quote_name(&t->insert_text, t->name);
	for (int i = 0; i < t->n; i++) {
		buf_cstr(&t->insert_text, i ? ", " : " (");
		quote_name(&t->insert_text, t->cols[i].name);
	}
	for (int i = 0; i < t->n; i++)
		buf_printf(&t->insert_text, "%s$%d", i ? ", " : ") VALUES (", i + 1);
	buf_cstr(&t->insert_text, ")");
	buf_char(&t->insert_text, '\0');
	t->insert = (struct sql){ "copy.insert", t->insert_text.ptr };
}

static void take_value(struct stmt *st, const struct column *col, int i, struct param *p)
{
	struct str s;

	if (col->kind == 1) {
		*p = (struct param){ .kind = 'i', .i = stmt_i64(st, i) };
		p->null = p->i == INT64_MIN;
		return;
	}
	s = col->kind == 2 ? stmt_text(st, i) : stmt_bytes(st, i);
	*p = (struct param){ .kind = col->kind == 2 ? 's' : 'b', .null = !s.ptr, .ptr = s.ptr, .len = s.len };
}

static int copy_rows(struct copy *c, struct table *t, struct err *err)
{
	_cleanup_(buf_finish) struct buf text = { 0 };
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct param p[STORE_COLUMNS_MAX];
	int r;

	make_insert(t);
	select_all(&text, t->name, t->cols, t->n, false);
	buf_char(&text, '\0');
	if (text.failed || t->insert_text.failed)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (db_start_once(c->from, "copy.read", text.ptr, NULL, 0, &st, err) < 0)
		return -1;
	while ((r = stmt_step(st, err)) > 0) {
		struct stmt *put = NULL;

		for (int i = 0; i < t->n; i++)
			take_value(st, &t->cols[i], i, &p[i]);
		r = db_start_params(c->to, &t->insert, p, t->n, RUN_BORROWED, &put, err);
		if (r == 0)
			r = stmt_step(put, err);
		stmt_end(put);
		if (r < 0)
			return -1;
	}
	return r;
}

static int copy_all(struct copy *c, store_progress_fn progress, void *ctx, struct err *err)
{
	_cleanup_(buf_finish) struct buf after = { 0 };

	if (db_tables(c->to, add_present, c, err) < 0)
		return -1;
	if (db_tables(c->from, add_table, c, err) < 0)
		return err && err->kind ? -1 : err_kind_set(err, &ERR_NO_MEMORY);
	if (db_script(c->to, "DELETE FROM meta;", err) < 0)
		return -1;
	for (int i = 0; i < c->count; i++) {
		struct table *t = &c->tables[i];

		t->n = db_columns(c->from, t->name, t->cols, err);
		if (t->n < 0 || (!is_present(c, t->name) && make_table(c, t, &after, err) < 0) ||
		    copy_rows(c, t, err) < 0)
			return -1;
		if (progress)
			progress(ctx, i + 1, c->count);
	}
	return run_script(c->to, &after, err);
}

static int copy_snapshot(struct copy *c, store_progress_fn progress, void *ctx, struct err *err)
{
	if (db_begin(c->from, err) < 0 || db_begin(c->to, err) < 0 || copy_all(c, progress, ctx, err) < 0)
		return -1;
	return db_commit(c->to, err);
}

/* A lone file without a WAL beside it. */
static int leave_wal(struct db *db, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;

	if (db_start_once(db, "copy.leave_wal", "PRAGMA journal_mode = DELETE", NULL, 0, &st, err) < 0)
		return -1;
	return stmt_step(st, err) < 0 ? -1 : 0;
}

static void copy_finish(struct copy *c)
{
	db_close(c->from);
	db_close(c->to);
	for (int i = 0; i < c->count; i++)
		buf_finish(&c->tables[i].insert_text);
	free(c->tables);
	buf_finish(&c->present);
}

static int copy_into(struct store *s, const char *part, store_progress_fn progress, void *ctx, struct err *err)
{
	struct store *file = NULL;
	struct copy c = { 0 };
	int r;

	if (store_open(part, STORE_CREATE, &file, err) < 0)
		return -1;
	r = store_connect(s, DB_READ, &c.from, err);
	if (r == 0)
		r = store_connect(file, DB_WRITE, &c.to, err);
	if (r == 0)
		r = copy_snapshot(&c, progress, ctx, err);
	if (r == 0)
		r = leave_wal(c.to, err);
	copy_finish(&c);
	store_close(file);
	return r < 0 ? r : file_sync(part, err);
}

int store_copy(struct store *s, const char *file, store_progress_fn progress, void *ctx, struct err *err)
{
	static const char *const beside[] = { "", "-lock", "-wal", "-shm" };
	char part[PATH_MAX - 8], name[PATH_MAX];
	int r;

	if (snprintf(part, sizeof(part), "%s.part-%d", file, getpid()) >= (int)sizeof(part))
		return err_fmt(err, &ERR_FILE, "%s: %s", file, "too long");
	unlink(part);
	r = copy_into(s, part, progress, ctx, err);
	if (r == 0)
		r = file_replace(part, file, err);
	for (size_t i = r == 0 ? 1 : 0; i < ARRAY_LEN(beside); i++) {
		snprintf(name, sizeof(name), "%s%s", part, beside[i]);
		unlink(name);
	}
	return r;
}
