/* Inside of the store seam: what a database's implementation fills in, and the
 * parts that store.c shares with it. Nobody outside src/store and its tests
 * includes this. */
#ifndef STORE_IMPL_H
#define STORE_IMPL_H

#include "store/store.h"

#define STORE_IMPL_VERSION 1
#define STORE_PARAMS_MAX   64
#define STORE_COLUMNS_MAX  64

/* One bound value. `kind` is 'i', 's', 'b' or 'n' (a NULL of no known type); bytes are borrowed. */
struct param {
	char kind;
	bool null;
	int64_t i;
	const char *ptr;
	size_t len;
};

struct store {
	const struct store_impl *impl;
	unsigned flags;
	char *label; /* the url without a password: for messages and for callers */
	bool made;   /* by this opening; `close` removes it again when it was not finished */
	int open;    /* connections, counted atomically */
};

enum { DB_IDLE, DB_OPEN, DB_FAILED };

struct db {
	const struct store_impl *impl;
	struct store *store;
	enum db_mode mode;
	int tx;            /* DB_FAILED: an error came up inside the transaction, only rolling back is left */
	bool saved;        /* inside a savepoint */
	bool migrating;    /* the ledger's definition may be changed */
	struct stmt *idle; /* handles to hand out */
	struct stmt *done_first, *done_last; /* ran to their end, not yet ended by their owner; oldest first */
	int done_count;
	struct stmt *live;
};

/* An implementation's prepared statement, running or at rest; it embeds this as its first member. */
struct run {
	struct db *db;
	const struct sql *q;
	struct sql own; /* what `q` points at when the caller's was not static */
	uint64_t sort;  /* of the types bound, where the implementation prepares for them */
	bool busy, kept;
};

/* cache.c: prepared statements by address and sort. Open addressing, never shrinks. */
struct cache {
	struct run **slots;
	size_t size, used;
};

struct run *cache_find(const struct cache *c, const struct sql *q, uint64_t sort);
bool cache_add(struct cache *c, struct run *r); /* false: out of memory */

enum run_how {
	RUN_CACHED = 0,
	RUN_ONCE = 1 << 0,     /* `q` is not static: don't keep the prepared form */
	RUN_BORROWED = 1 << 1, /* the bound bytes outlive the run */
};

typedef void (*store_progress_fn)(void *ctx, int done, int total);

/* Every slot must be filled; store_open checks it. */
struct store_impl {
	int version;
	const char *name;
	bool is_sqlite;
	/* With STORE_EXCLUSIVE, takes the lock; checks that the store exists, or makes the place for it. */
	int (*open)(const char *url, unsigned flags, struct store **ret, struct err *err);
	void (*close)(struct store *s);
	bool (*is_served)(const char *url);
	int (*connect)(struct store *s, enum db_mode mode, struct db **ret, struct err *err);
	void (*disconnect)(struct db *db);
	int (*begin)(struct db *db, struct err *err);
	int (*commit)(struct db *db, struct err *err); /* on failure the transaction is rolled back */
	void (*rollback)(struct db *db);
	int (*script)(struct db *db, const char *text, struct err *err); /* in the store's own dialect */
	void (*translate)(const char *text, struct buf *out);            /* a dialect-free script into its own */
	int (*start)(struct db *db, const struct sql *q, const struct param *p, int n, unsigned how, struct run **ret,
		     struct err *err);
	int (*step)(struct run *r, struct err *err); /* 1, 0, -1; does not end it */
	void (*end)(struct run *r);                  /* frees it for the next use */
	int64_t (*changed)(struct run *r);
	int64_t (*i64)(struct run *r, int col);
	struct str (*text)(struct run *r, int col);
	struct str (*bytes)(struct run *r, int col);
	int (*backup)(struct store *s, const char *file, store_progress_fn progress, void *ctx, struct err *err);
	/* Its own catalogue: names of the user's tables; (name, kind 1 integer 2 text 3 bytes,
	 * required) of table $1's columns. */
	const struct sql *tables;
	const struct sql *columns;
	const char *guard; /* script in its dialect that makes the database refuse changes to the ledger */
};

extern const struct store_impl store_sqlite, store_postgres;

/* Ordered; each runs in its own transaction. Tests put a longer list in place. */
struct store_migration {
	int version;
	const char *script;
};

void store_test_migrations(const struct store_migration *list, int count); /* NULL: the real ones; 0: all of them */

/* store.c */
int store_error(struct err *err, const struct err_kind *kind, const struct store *s, const char *what,
		const char *text);
bool store_is_ledger(const char *table); /* a table whose rows are never changed */

/* stmt.c: as db_start, for statements made up at run time and values held in an array. */
int db_start_once(struct db *db, const char *name, const char *text, const struct param *p, int n, struct stmt **ret,
		  struct err *err);
int db_start_params(struct db *db, const struct sql *q, const struct param *p, int n, unsigned how, struct stmt **ret,
		    struct err *err);
void db_statements_finish(struct db *db);

/* script.c: cuts SQL text into tokens. */
enum token_kind {
	TOKEN_END,
	TOKEN_SPACE,
	TOKEN_COMMENT, /* either form, markers included */
	TOKEN_STRING,  /* '…' */
	TOKEN_NAME,    /* "…" */
	TOKEN_WORD,
	TOKEN_PARAM, /* $n */
	TOKEN_OTHER, /* a single character */
};

struct token {
	enum token_kind kind;
	struct str text;
};

struct token token_next(const char **p);
/* Rewrites a script for a dialect: the three types, what the two markers turn into, what a table's end gets. */
struct dialect {
	const char *bigint, *text, *bytea;
	const char *rowid_bigint;              /* instead of "BIGINT /\* rowid *\/" */
	const char *table_end, *clustered_end; /* before the semicolon of CREATE TABLE */
	const char *remember;                  /* start of a statement that keeps a mark with the table, or NULL */
};
void script_translate(const struct dialect *d, const char *text, struct buf *out);

/* dump.c */
struct column {
	char name[64];
	int kind; /* 1 integer, 2 text, 3 bytes */
	bool required;
};

/* The columns of a table in order; returns their number, 0 when there is no such table, -1. */
int db_columns(struct db *db, const char *table, struct column out[STORE_COLUMNS_MAX], struct err *err);
/* "SELECT all columns FROM table", with an order by all of them. */
void select_all(struct buf *out, const char *table, const struct column *cols, int n, bool ordered);
void quote_name(struct buf *out, const char *name);

/* copy.c: a copy through the seam of a PostgreSQL store into a new SQLite file. */
int store_copy(struct store *s, const char *file, store_progress_fn progress, void *ctx, struct err *err);
/* files.c */
int file_sync(const char *path, struct err *err);                    /* the file's content to the disk */
int file_replace(const char *from, const char *to, struct err *err); /* rename, then sync the folder */
int file_fault(struct err *err, const char *path);                   /* from errno */

#endif
