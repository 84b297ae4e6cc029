/* Statements on PostgreSQL: prepared per connection, values and rows in binary.
 * Rows stream one by one; when another statement starts meanwhile, the rest of
 * them is put aside, so that statements nest as they do on SQLite. */
#include "store/postgres.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { OID_BOOL = 16, OID_BYTEA = 17, OID_CHAR = 18, OID_NAME = 19, OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23 };
enum { OID_TEXT = 25, OID_OID = 26, OID_UNKNOWN = 705, OID_BPCHAR = 1042, OID_VARCHAR = 1043, OID_NUMERIC = 1700 };

enum pg_state { PG_REST, PG_STREAMING, PG_ASIDE, PG_OVER };

struct pg_cell {
	const char *ptr;
	int len; /* -1: NULL */
	Oid type;
};

struct pg_run {
	struct run base;
	char name[16];       /* of the prepared form; empty: never prepared */
	unsigned generation; /* of the connection it was prepared on */
	enum pg_state state;
	PGresult *row; /* the present row while it streams */
	int64_t changed;
	struct spill aside;
	struct buf aside_row;
	int columns;
	struct pg_cell *cells; /* of the present row, once rows were put aside */
	struct err late;       /* came up while rows were put aside; told when they are used up */
};

static uint64_t sort_of(const struct param *p, int n)
{
	uint64_t h = 0xcbf29ce484222325;

	for (int i = 0; i < n; i++)
		h = (h ^ (uint64_t)p[i].kind) * 0x100000001b3;
	return h;
}

/* The values in wire form; numbers in `ints`, the rest borrowed. */
struct wire {
	Oid types[STORE_PARAMS_MAX];
	const char *values[STORE_PARAMS_MAX];
	int lengths[STORE_PARAMS_MAX], formats[STORE_PARAMS_MAX];
	uint64_t ints[STORE_PARAMS_MAX];
};

static void wire_fill(struct wire *w, const struct param *p, int n)
{
	for (int i = 0; i < n; i++) {
		w->types[i] = p[i].kind == 'i'   ? OID_INT8
			      : p[i].kind == 's' ? OID_TEXT
			      : p[i].kind == 'b' ? OID_BYTEA
						 : 0;
		w->ints[i] = htobe64((uint64_t)p[i].i);
		w->values[i] = p[i].null ? NULL : p[i].kind == 'i' ? (const char *)&w->ints[i] : p[i].ptr;
		w->lengths[i] = p[i].kind == 'i' ? 8 : (int)p[i].len;
		w->formats[i] = 1;
	}
}

static struct pg_run *run_find(struct pg_db *db, const struct sql *q, uint64_t sort, bool keep)
{
	struct run *found = keep ? cache_find(&db->cache, q, sort) : NULL;
	struct pg_run *r;

	if (found && !found->busy)
		return (struct pg_run *)found;
	r = calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	r->base = (struct run){ .db = &db->base, .q = q, .own = *q, .sort = sort };
	if (!keep)
		r->base.q = &r->base.own;
	else if (!found)
		r->base.kept = cache_add(&db->cache, &r->base);
	return r;
}

/* Sends the statement; one that is kept is prepared first, once on each connection. */
static int send(struct pg_db *db, struct pg_run *r, const struct wire *w, int n, struct err *err)
{
	const char *what = r->base.q->name;
	PGresult *res;
	int sent;

	if (r->base.kept && (!r->name[0] || r->generation != db->generation)) {
		snprintf(r->name, sizeof(r->name), "s%u", ++db->names);
		res = PQprepare(db->conn, r->name, r->base.q->text, n, w->types);
		if (PQresultStatus(res) != PGRES_COMMAND_OK) {
			r->name[0] = '\0';
			pg_fault(err, db->conn, res, db->base.store, what);
			PQclear(res);
			return -1;
		}
		PQclear(res);
		r->generation = db->generation;
	}
	if (r->base.kept)
		sent = PQsendQueryPrepared(db->conn, r->name, n, w->values, w->lengths, w->formats, 1);
	else
		sent = PQsendQueryParams(db->conn, r->base.q->text, n, w->types, w->values, w->lengths, w->formats, 1);
	if (!sent)
		return pg_fault(err, db->conn, NULL, db->base.store, what);
	PQsetSingleRowMode(db->conn);
	return 0;
}

int pg_start(struct db *base, const struct sql *q, const struct param *p, int n, unsigned how, struct run **ret,
	     struct err *err)
{
	struct pg_db *db = (struct pg_db *)base;
	struct pg_run *r;
	struct wire w;

	pg_settle(db);
	wire_fill(&w, p, n);
	r = run_find(db, q, sort_of(p, n), !(how & RUN_ONCE));
	if (!r)
		return err_kind_set(err, &ERR_NO_MEMORY);
	r->base.busy = true;
	r->changed = 0;
	if (send(db, r, &w, n, err) < 0) {
		pg_end(&r->base);
		return -1;
	}
	r->base.own.text = NULL; /* the caller's, from now on */
	r->state = PG_STREAMING;
	db->streaming = r;
	*ret = &r->base;
	return 0;
}

/* The rows a change touched; what a reading counted does not matter. */
static int64_t changed_by(PGresult *res)
{
	int64_t n = 0;

	if (strncmp(PQcmdStatus(res), "SELECT", 6) == 0 || !str_to_i64(str_of(PQcmdTuples(res)), &n))
		return 0;
	return n;
}

/* Takes the next result; 1 a row (in r->row), 0 the end, -1 failed. After 0 and -1 the connection is free. */
static int receive(struct pg_db *db, struct pg_run *r, struct err *err)
{
	PGresult *res = PQgetResult(db->conn);
	ExecStatusType status = PQresultStatus(res);
	int ret = 0;

	if (status == PGRES_SINGLE_TUPLE) {
		r->row = res;
		return 1;
	}
	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
		r->changed = changed_by(res);
	else
		ret = pg_fault(err, db->conn, res, db->base.store, r->base.q->name);
	PQclear(res);
	while ((res = PQgetResult(db->conn)))
		PQclear(res);
	db->streaming = NULL;
	r->state = PG_OVER;
	return ret;
}

static int put_aside(struct pg_run *r, PGresult *row)
{
	int n = PQnfields(row);

	buf_clear(&r->aside_row);
	for (int i = 0; i < n; i++) {
		int32_t len = PQgetisnull(row, 0, i) ? -1 : PQgetlength(row, 0, i);

		buf_add(&r->aside_row, &len, sizeof(len));
		if (len > 0)
			buf_add(&r->aside_row, PQgetvalue(row, 0, i), (size_t)len);
	}
	if (r->aside_row.failed) {
		errno = ENOMEM;
		return -1;
	}
	return spill_put(&r->aside, r->aside_row.ptr, (uint32_t)r->aside_row.len);
}

static bool cells_make(struct pg_run *r, PGresult *row)
{
	if (r->cells)
		return true;
	r->columns = PQnfields(row);
	r->cells = calloc((size_t)r->columns + 1, sizeof(*r->cells));
	for (int i = 0; r->cells && i < r->columns; i++)
		r->cells[i].type = PQftype(row, i);
	return r->cells;
}

void pg_settle(struct pg_db *db)
{
	struct pg_run *r = db->streaming;
	PGresult *present;
	int fault = 0;

	if (!r)
		return;
	/* The present row stays readable until the next step. */
	present = r->row;
	r->late.kind = NULL;
	while (receive(db, r, &r->late) > 0) {
		if (!fault && (!cells_make(r, r->row) || put_aside(r, r->row) < 0))
			fault = errno;
		PQclear(r->row);
	}
	r->row = present;
	if (!fault && spill_rewind(&r->aside) < 0)
		fault = errno;
	if (fault && !r->late.kind) {
		errno = fault;
		file_fault(&r->late, "temporary file");
	}
	r->state = PG_ASIDE;
}

static int step_aside(struct pg_run *r, struct err *err)
{
	const char *p;
	int n;

	if (r->late.kind) {
		if (err)
			*err = r->late;
		return -1;
	}
	n = spill_take(&r->aside, &r->aside_row);
	if (n < 0)
		return file_fault(err, "temporary file");
	if (n == 0)
		return 0;
	p = r->aside_row.ptr;
	for (int i = 0; i < r->columns; i++) {
		int32_t len;

		memcpy(&len, p, sizeof(len));
		p += sizeof(len);
		r->cells[i].ptr = p;
		r->cells[i].len = len;
		p += len > 0 ? len : 0;
	}
	return 1;
}

int pg_step(struct run *base, struct err *err)
{
	struct pg_run *r = (struct pg_run *)base;

	PQclear(r->row);
	r->row = NULL;
	if (r->state == PG_ASIDE)
		return step_aside(r, err);
	assert(r->state == PG_STREAMING);
	return receive((struct pg_db *)base->db, r, err);
}

void pg_end(struct run *base)
{
	struct pg_run *r = (struct pg_run *)base;
	struct pg_db *db = (struct pg_db *)base->db;

	PQclear(r->row);
	r->row = NULL;
	while (db->streaming == r && receive(db, r, NULL) > 0)
		PQclear(r->row);
	r->row = NULL;
	spill_finish(&r->aside);
	buf_finish(&r->aside_row);
	free(r->cells);
	r->cells = NULL;
	r->state = PG_REST;
	base->busy = false;
	if (!base->kept)
		free(r);
}

int64_t pg_changed(struct run *r)
{
	return ((struct pg_run *)r)->changed;
}

static struct pg_cell cell(struct run *base, int col)
{
	struct pg_run *r = (struct pg_run *)base;

	if (!r->row) {
		assert(r->state == PG_ASIDE && col < r->columns);
		return r->cells[col];
	}
	assert(col < PQnfields(r->row));
	return (struct pg_cell){ PQgetvalue(r->row, 0, col),
				 PQgetisnull(r->row, 0, col) ? -1 : PQgetlength(r->row, 0, col), PQftype(r->row, col) };
}

static uint16_t read16(const char *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return be16toh(v);
}

/* The whole part of a numeric — what sum() of integers gives: base 10000 digits, the first of weight `weight`. */
static int64_t numeric(const char *p)
{
	int digits = read16(p), weight = (int16_t)read16(p + 2);
	bool negative = read16(p + 4) == 0x4000;
	uint64_t v = 0;

	for (int i = 0; i <= weight; i++)
		v = v * 10000 + (i < digits ? read16(p + 8 + (size_t)i * 2) : 0);
	return (int64_t)(negative ? -v : v);
}

int64_t pg_i64(struct run *r, int col)
{
	struct pg_cell c = cell(r, col);
	uint64_t v8;
	uint32_t v4;

	if (c.len < 0)
		return INT64_MIN;
	switch (c.type) {
	case OID_INT8:
		memcpy(&v8, c.ptr, sizeof(v8));
		return (int64_t)be64toh(v8);
	case OID_INT4:
	case OID_OID:
		memcpy(&v4, c.ptr, sizeof(v4));
		return c.type == OID_OID ? (int64_t)be32toh(v4) : (int32_t)be32toh(v4);
	case OID_INT2:
		return (int16_t)read16(c.ptr);
	case OID_BOOL:
		return *c.ptr != 0;
	case OID_NUMERIC:
		return numeric(c.ptr);
	}
	assert(!"the column is no integer");
	return INT64_MIN;
}

struct str pg_text(struct run *r, int col)
{
	struct pg_cell c = cell(r, col);

	assert(c.type == OID_TEXT || c.type == OID_NAME || c.type == OID_CHAR || c.type == OID_UNKNOWN ||
	       c.type == OID_BPCHAR || c.type == OID_VARCHAR);
	return c.len < 0 ? STR_NONE : (struct str){ c.ptr, (size_t)c.len };
}

struct str pg_bytes(struct run *r, int col)
{
	struct pg_cell c = cell(r, col);

	assert(c.type == OID_BYTEA || c.type == OID_TEXT || c.type == OID_VARCHAR);
	return c.len < 0 ? STR_NONE : (struct str){ c.ptr, (size_t)c.len };
}

void pg_runs_finish(struct pg_db *db)
{
	for (size_t i = 0; i < db->cache.size; i++)
		free(db->cache.slots[i]);
	free(db->cache.slots);
}
