/* Statements: binding of a call's arguments by its spec, and the handles that
 * callers hold. A handle is not the prepared statement: that one is free for
 * its next use as soon as it ran to its end, while a handle lives until its
 * owner ends it. */
#include "store/impl.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>

/* Handles that ran to their end and that nobody ended are taken back after this many more. */
#define DONE_MAX 1024

struct stmt {
	struct db *db;
	struct run *run;          /* NULL: ran to its end */
	struct stmt *prev, *next; /* in the list of the live or of the done */
};

static struct stmt *handle_take(struct db *db)
{
	struct stmt *st = db->idle;

	if (st) {
		db->idle = st->next;
	} else if (db->done_count > DONE_MAX) {
		st = db->done_first;
		db->done_first = st->next;
		db->done_first->prev = NULL;
		db->done_count--;
	} else {
		st = malloc(sizeof(*st));
	}
	return st;
}

static void live_add(struct db *db, struct stmt *st)
{
	st->prev = NULL;
	st->next = db->live;
	if (st->next)
		st->next->prev = st;
	db->live = st;
}

static void live_remove(struct db *db, struct stmt *st)
{
	if (st->prev)
		st->prev->next = st->next;
	else
		db->live = st->next;
	if (st->next)
		st->next->prev = st->prev;
}

static void done_add(struct db *db, struct stmt *st)
{
	st->next = NULL;
	st->prev = db->done_last;
	if (st->prev)
		st->prev->next = st;
	else
		db->done_first = st;
	db->done_last = st;
	db->done_count++;
}

static void done_remove(struct db *db, struct stmt *st)
{
	if (st->prev)
		st->prev->next = st->next;
	else
		db->done_first = st->next;
	if (st->next)
		st->next->prev = st->prev;
	else
		db->done_last = st->prev;
	db->done_count--;
}

/* The run is over, the handle stays its owner's. */
static void stmt_finish_run(struct stmt *st)
{
	st->db->impl->end(st->run);
	st->run = NULL;
	live_remove(st->db, st);
	done_add(st->db, st);
}

static int failed(struct db *db)
{
	if (db->tx == DB_OPEN)
		db->tx = DB_FAILED;
	return -1;
}

/* The whole transaction has failed: PostgreSQL runs nothing more in it, and so no store does. */
static int refuse_failed(const struct sql *q, struct err *err)
{
	return err_fmt(err, &ERR_STORE, "%s: %s", q->name, "the transaction has failed already");
}

int db_start_params(struct db *db, const struct sql *q, const struct param *p, int n, unsigned how, struct stmt **ret,
		    struct err *err)
{
	struct stmt *st;

	if (db->tx == DB_FAILED)
		return refuse_failed(q, err);
	st = handle_take(db);
	if (!st) {
		err_kind_set(err, &ERR_NO_MEMORY);
		return failed(db);
	}
	*st = (struct stmt){ .db = db };
	if (db->impl->start(db, q, p, n, how, &st->run, err) < 0) {
		st->next = db->idle;
		db->idle = st;
		return failed(db);
	}
	live_add(db, st);
	*ret = st;
	return 0;
}

int db_start_once(struct db *db, const char *name, const char *text, const struct param *p, int n, struct stmt **ret,
		  struct err *err)
{
	const struct sql q = { name, text };

	return db_start_params(db, &q, p, n, RUN_ONCE, ret, err);
}

static void param_bytes(struct param *p, char kind, const char *ptr, size_t len)
{
	*p = (struct param){ .kind = kind, .null = !ptr, .ptr = ptr, .len = len };
}

static void param_one(struct param *p, char c, va_list *args)
{
	const struct uuid *u;
	const char *text;
	struct str s;

	switch (c) {
	case 'i':
	case 'I':
		*p = (struct param){ .kind = 'i', .i = va_arg(*args, int64_t) };
		p->null = c == 'I' && p->i == INT64_MIN;
		break;
	case 'u':
	case 'U':
		u = va_arg(*args, const struct uuid *);
		assert(u || c == 'U');
		if (c == 'U' && u && uuid_is_nil(u))
			u = NULL;
		param_bytes(p, 'b', u ? (const char *)u->b : NULL, sizeof(u->b));
		break;
	case 's':
	case 'b':
		s = va_arg(*args, struct str);
		param_bytes(p, c, s.ptr, s.len);
		break;
	case 'c':
		text = va_arg(*args, const char *);
		param_bytes(p, 's', text, text ? strlen(text) : 0);
		break;
	case 'n':
		*p = (struct param){ .kind = 'n', .null = true };
		break;
	default:
		assert(!"a character that no spec knows");
	}
}

/* Returns the count; -1 when a text holds a NUL character, which not every store can keep. */
static int params_of(struct param out[STORE_PARAMS_MAX], const struct sql *q, const char *spec, va_list *args,
		     struct err *err)
{
	int n = 0;

	for (; *spec; spec++, n++) {
		assert(n < STORE_PARAMS_MAX);
		param_one(&out[n], *spec, args);
		if (out[n].kind == 's' && !out[n].null && memchr(out[n].ptr, 0, out[n].len))
			return err_fmt(err, &ERR_STORE, "%s: %s", q->name, "a text holds a NUL character");
	}
	return n;
}

static int start_list(struct db *db, const struct sql *q, unsigned how, struct stmt **ret, struct err *err,
		      const char *spec, va_list *args)
{
	struct param p[STORE_PARAMS_MAX];
	int n;

	assert(db && q && spec);
	n = params_of(p, q, spec, args, err);
	return n < 0 ? failed(db) : db_start_params(db, q, p, n, how, ret, err);
}

int db_start(struct db *db, const struct sql *q, struct stmt **ret, struct err *err, const char *spec, ...)
{
	va_list args;
	int r;

	va_start(args, spec);
	r = start_list(db, q, RUN_CACHED, ret, err, spec, &args);
	va_end(args);
	return r;
}

int stmt_step(struct stmt *st, struct err *err)
{
	int r;

	assert(st && st->run);
	r = st->db->impl->step(st->run, err);
	if (r <= 0)
		stmt_finish_run(st);
	return r < 0 ? failed(st->db) : r;
}

void stmt_end(struct stmt *st)
{
	if (!st)
		return;
	if (st->run)
		stmt_finish_run(st);
	done_remove(st->db, st);
	st->next = st->db->idle;
	st->db->idle = st;
}

void stmt_endp(struct stmt **st)
{
	stmt_end(*st);
	*st = NULL;
}

int64_t stmt_i64(struct stmt *st, int col)
{
	assert(st->run);
	return st->db->impl->i64(st->run, col);
}

struct str stmt_text(struct stmt *st, int col)
{
	assert(st->run);
	return st->db->impl->text(st->run, col);
}

struct str stmt_bytes(struct stmt *st, int col)
{
	assert(st->run);
	return st->db->impl->bytes(st->run, col);
}

struct uuid stmt_uuid(struct stmt *st, int col)
{
	struct str s = stmt_bytes(st, col);
	struct uuid u = { 0 };

	if (s.ptr && s.len == sizeof(u.b))
		memcpy(u.b, s.ptr, sizeof(u.b));
	return u;
}

int64_t db_run(struct db *db, const struct sql *q, struct err *err, const char *spec, ...)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int64_t changed = 0;
	va_list args;
	int r;

	va_start(args, spec);
	r = start_list(db, q, RUN_BORROWED, &st, err, spec, &args);
	va_end(args);
	if (r < 0)
		return -1;
	while ((r = db->impl->step(st->run, err)) > 0)
		;
	if (r == 0)
		changed = db->impl->changed(st->run);
	return r < 0 ? failed(db) : changed;
}

int db_get_i64(struct db *db, const struct sql *q, int64_t *ret, struct err *err, const char *spec, ...)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	va_list args;
	int r;

	va_start(args, spec);
	r = start_list(db, q, RUN_BORROWED, &st, err, spec, &args);
	va_end(args);
	if (r == 0)
		r = stmt_step(st, err);
	if (r == 1)
		*ret = stmt_i64(st, 0);
	return r;
}

void db_statements_finish(struct db *db)
{
	struct stmt *st;

	while (db->live)
		stmt_finish_run(db->live);
	while ((st = db->done_first)) {
		db->done_first = st->next;
		free(st);
	}
	while ((st = db->idle)) {
		db->idle = st->next;
		free(st);
	}
	db->done_last = NULL;
	db->done_count = 0;
}
