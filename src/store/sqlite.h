/* Shared by the two files of the SQLite store. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <sqlite3.h>

#include "store/impl.h"

struct sqlite_db {
	struct db base;
	sqlite3 *handle;
	struct cache cache;
};

/* Turns the connection's last failure into an error; returns -1. */
int sqlite_fault(struct err *err, sqlite3 *handle, const struct store *s, const char *what);
/* greatest() and least(), which PostgreSQL has. */
int sqlite_functions(sqlite3 *handle);
void sqlite_disconnect(struct db *db);

int sqlite_start(struct db *db, const struct sql *q, const struct param *p, int n, unsigned how, struct run **ret,
		 struct err *err);
int sqlite_step(struct run *r, struct err *err);
void sqlite_end(struct run *r);
int64_t sqlite_changed(struct run *r);
int64_t sqlite_i64(struct run *r, int col);
struct str sqlite_text(struct run *r, int col);
struct str sqlite_bytes(struct run *r, int col);

#endif
