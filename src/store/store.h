/* The seam over the database. One store, several connections; SQL is static
 * text with $1…$n and bound values. Two implementations: SQLite (WAL,
 * synchronous=FULL) and PostgreSQL 15. A connection belongs to one thread at a
 * time. Only this folder includes a database's header or writes its dialect. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"

struct store; /* an opened database */
struct db;    /* one connection */
struct stmt;  /* a running statement, owned by its connection's cache */

/* A statement: static storage, identified by address (connections cache the prepared form by it). One text
 * for both stores: LIKE minds case, greatest()/least() take integers, text compares as bytes, columns are
 * strictly typed; integers are bound as 64 bits, so write CAST($1 AS INTEGER) where a function wants less. */
struct sql {
	const char *name; /* for messages: "grid.assignments_of" */
	const char *text;
};

enum store_flags {
	STORE_CREATE = 1 << 0,    /* make it, exclusively; refused when there is one already */
	STORE_EXCLUSIVE = 1 << 1, /* take the writer's kernel lock; ERR_STORE_LOCKED when another process has it */
	STORE_SCRATCH = 1 << 2,   /* a throw-away SQLite database: `url` is a path (removed at close) or ":memory:";
				   * made with the schema; no lock, no durability */
};

enum db_mode { DB_READ, DB_WRITE };

#define STORE_SCHEMA_VERSION 2

/* `url`: a file path, or postgresql://… . Opens (or makes) the store, checks its schema
 * version (ERR_STORE_NEWER), runs pending migrations when exclusive. */
int store_open(const char *url, unsigned flags, struct store **ret, struct err *err);
void store_close(struct store *s);
const char *store_url(const struct store *s); /* without its password: fit for messages */
bool store_is_sqlite(const struct store *s);
/* True when another process holds the writer's lock (it is being served). */
bool store_is_served(const char *url);

/* DB_WRITE needs STORE_EXCLUSIVE, STORE_CREATE or STORE_SCRATCH. All connections are closed before the store. */
int store_connect(struct store *s, enum db_mode mode, struct db **ret, struct err *err);
void db_close(struct db *db);

int db_begin(struct db *db, struct err *err);  /* read: a snapshot; write: the write lock at once */
int db_commit(struct db *db, struct err *err); /* durable when it returns 0; rolled back otherwise */
void db_rollback(struct db *db);
/* A named point inside the transaction; one level. After an error inside a transaction every
 * statement fails until the savepoint or the whole is rolled back; rolling back ends the savepoint. */
int db_savepoint(struct db *db, struct err *err);
int db_savepoint_release(struct db *db, struct err *err);
int db_savepoint_rollback(struct db *db, struct err *err);

/* Runs a script of several statements without parameters (DDL). A table definition ending in
 * ") /\* clustered *\/;" is kept clustered by its primary key where the store can. Types in scripts:
 * BIGINT, TEXT, BYTEA only. */
int db_script(struct db *db, const char *text, struct err *err);

/* Starts a statement with bound values. `spec` names the following arguments, one a parameter:
 *   i int64_t   u const struct uuid * (16 bytes)   s struct str (text; absent: NULL)
 *   b struct str (bytes; absent: NULL)   c const char * (text)   n NULL (no argument)
 * FIELD_ABSENT as `I` (capital) binds NULL, otherwise as i; `U` binds NULL for a nil uuid. */
int db_start(struct db *db, const struct sql *q, struct stmt **ret, struct err *err, const char *spec, ...);
/* 1: a row stands ready; 0: no more; -1: error. After 0 or -1 the statement is reset by itself.
 * Statements nest freely, but rows of the table being read must not be changed meanwhile:
 * SQLite may then show a row again, for ever. */
int stmt_step(struct stmt *st, struct err *err);
/* Ends early; NULL is fine. Always safe to call after the last step, so _cleanup_(stmt_endp) fits. */
void stmt_end(struct stmt *st);
void stmt_endp(struct stmt **st);
int64_t stmt_i64(struct stmt *st, int col);     /* NULL: FIELD_ABSENT's value, INT64_MIN */
struct str stmt_text(struct stmt *st, int col); /* borrowed until the next step; NULL: absent */
struct str stmt_bytes(struct stmt *st, int col);
struct uuid stmt_uuid(struct stmt *st, int col); /* nil for NULL */

/* Runs to the end without rows; returns the number of rows changed, or -1. */
int64_t db_run(struct db *db, const struct sql *q, struct err *err, const char *spec, ...);
/* First row, first column as an integer into `ret`; 1 found, 0 no row, -1 error. */
int db_get_i64(struct db *db, const struct sql *q, int64_t *ret, struct err *err, const char *spec, ...);

/* Consistent copy of the whole store while it is in use (SQLite's online backup; for PostgreSQL a
 * logical copy into a SQLite file through `store` itself — the same tables). */
int store_backup(struct store *s, const char *file, void (*progress)(void *ctx, int done, int total), void *ctx,
		 struct err *err);

/* Calls `table` with the name of each user table, in order; stops at non-zero and returns it. */
int db_tables(struct db *db, int (*table)(void *ctx, struct str name), void *ctx, struct err *err);
/* An ordered dump of one table for comparison: calls `row` with a canonical text of each row in order
 * of all columns; stops at non-zero and returns it. */
int db_dump(struct db *db, const char *table, int (*row)(void *ctx, struct str text), void *ctx, struct err *err);

#endif
