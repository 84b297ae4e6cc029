/* Shared by the files of the PostgreSQL store. */
#ifndef STORE_POSTGRES_H
#define STORE_POSTGRES_H

#include <libpq-fe.h>

#include "store/impl.h"

struct pg_run;

struct pg_db {
	struct db base;
	PGconn *conn;
	struct cache cache;
	struct pg_run *streaming; /* its rows are still coming over the connection */
	unsigned names;           /* prepared so far */
	unsigned generation;      /* of the connection: prepared statements don't outlive it */
};

/* From a failed result (NULL: the connection itself failed); returns -1. Does not free the result. */
int pg_fault(struct err *err, PGconn *conn, const PGresult *res, const struct store *s, const char *what);
/* Runs text without parameters to its end. */
int pg_exec(struct pg_db *db, const char *text, struct err *err);
/* Takes the rest of the streaming statement's rows off the connection, so that it is free for another. */
void pg_settle(struct pg_db *db);

int pg_start(struct db *db, const struct sql *q, const struct param *p, int n, unsigned how, struct run **ret,
	     struct err *err);
int pg_step(struct run *r, struct err *err);
void pg_end(struct run *r);
int64_t pg_changed(struct run *r);
int64_t pg_i64(struct run *r, int col);
struct str pg_text(struct run *r, int col);
struct str pg_bytes(struct run *r, int col);
void pg_runs_finish(struct pg_db *db);

/* spill.c: rows put aside, in memory up to a bound and in a nameless temporary file beyond it. */
struct spill {
	struct buf memory;
	void *file; /* FILE * */
	size_t at;  /* read position in memory */
};

#define SPILL_MEMORY ((size_t)1 << 20)

int spill_put(struct spill *s, const void *row, uint32_t len); /* 0, or -1 with errno */
int spill_rewind(struct spill *s);
int spill_take(struct spill *s, struct buf *row); /* 1 a row, 0 no more, -1 with errno */
void spill_finish(struct spill *s);

#endif
