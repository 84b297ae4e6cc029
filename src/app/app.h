/* The application: a store opened with its ledger, keys, accounts and modules;
 * the one way in (submit), the one way out (view). Threads: one writer; any
 * number of readers, each with its own connection. */
#ifndef APP_APP_H
#define APP_APP_H

#include "domain/domain.h"

struct app;

struct app_options {
	const char *url;       /* store */
	const char *keys_file; /* NULL: beside the store */
	bool create;           /* a fresh store; needs `top` */
	place_t top;
	bool read_only; /* no writer lock: reports, exports, verify */
	bool allow_missing_keys;
	size_t readers; /* reader threads for app_read; 0: 2 */
};

int app_open(const struct app_options *o, struct app **ret, struct err *err);
void app_close(struct app *a); /* waits for the queue; loses nothing acknowledged */
/* Starts the writer thread and the readers; without it, app_submit_wait works inline. */
int app_start(struct app *a, struct err *err);

struct store *app_store(struct app *a);
struct keyring *app_keys(struct app *a);
place_t app_top(const struct app *a);
const struct uuid *app_store_id(const struct app *a);

/* ---- writing ---------------------------------------------------------- */

enum result_status { RESULT_RECORDED, RESULT_DUPLICATE, RESULT_REFUSED };

struct result {
	struct uuid id;
	bool has_id;
	bool malformed; /* refused by its table while decoding */
	enum result_status status;
	int64_t seq;
	struct err err;
	struct err *warnings; /* in the submission's arena */
	size_t n_warnings;
};

/* One request's events, from decoding to durable. Owned by the submitter until `done` is called (on the writer thread).
 */
struct submission {
	struct arena arena;
	const struct principal *who; /* alive until done */
	struct event *events;
	struct result *results;
	size_t n;
	bool atomic;
	bool server;        /* of the server's own making (personal.viewed) */
	int64_t skew;       /* ms by which the sender's clock is ahead; taken off every event's time */
	bool failed;        /* atomic and refused, or the store failed: nothing of it was recorded */
	struct err failure; /* of the store; kind NULL otherwise */
	void (*done)(struct submission *s);
	void *ctx;
	struct prepared *prepared; /* app/prepare.c */
	struct submission *next;
};

#define SUBMIT_EVENTS_MAX 1000

struct submission *submission_create(size_t arena_max);
void submission_destroy(struct submission *s);
/* Decodes a request body: one event, or {events, atomic?}. -1: the body is malformed as a whole. Events that
 * fail alone become refused results. `skew`: ms by which the sender's clock is ahead (0: right, or not known);
 * every event's time is corrected by it, which the record and a warning tell. */
int submission_decode(struct submission *s, struct str body, int64_t skew, struct err *err);
/* Queues it; false when the queue is full (answer 503). `done` will be called exactly once when true. */
bool app_submit(struct app *a, struct submission *s);
/* Same, waiting; inline when the writer thread is not started. -1 on a store's failure (s->failure copied to err). */
int app_submit_wait(struct app *a, struct submission *s, struct err *err);
/* Writes {results:[…]} in a language. */
void submission_write(const struct submission *s, enum lang lang, struct buf *out);

/* A long all-or-nothing stream (import, init, demo): `next` fills up to `max` events into the arena (reset between
 * calls), returns how many, 0 at the end, -1 to give up. One transaction when `atomic`, else one a batch. */
struct bulk {
	const struct principal *who;
	bool atomic;
	bool dry_run; /* check all, roll back */
	int (*next)(void *ctx, struct arena *arena, struct event *events, size_t max, struct err *err);
	/* A refused event: return 0 to go on checking (nothing will be recorded if atomic), -1 to stop. */
	int (*refused)(void *ctx, size_t index, const struct event *ev, const struct err *why);
	void *ctx;
	int64_t recorded, duplicates, failed;
};
int app_bulk(struct app *a, struct bulk *b, struct err *err);

/* Runs `fn` within a write transaction of its own on the writer (accounts, sessions); waits. */
int app_call(struct app *a, int (*fn)(struct app *a, struct db *db, void *ctx, struct err *err), void *ctx,
	     struct err *err);

/* ---- reading ----------------------------------------------------------- */

/* Finds the view of a path ("/api/v1/grid/groups/ID"), its {id} in `ret_id`; NULL when none. */
const struct view *app_find_view(struct str path, struct str *ret_id);

struct view_request {
	const struct view *view;
	const struct principal *who;
	struct str id;
	struct str (*param)(void *ctx, const char *name); /* decoded query parameter or STR_NONE */
	void *param_ctx;
	/* Every given parameter's name, to refuse unknown ones; index from 0, STR_NONE at the end. */
	struct str (*param_name)(void *ctx, size_t index);
	enum lang lang;
};

/* A reader: one connection and arena, used by one thread at a time. */
struct reader;
int reader_create(struct app *a, struct reader **ret, struct err *err);
void reader_destroy(struct reader *r);
/* Runs a view in a snapshot and writes its JSON. Errors: ERR_NOT_FOUND, ERR_FORBIDDEN, ERR_FIELD_… */
int reader_view(struct reader *r, const struct view_request *q, struct buf *out, struct err *err);
struct work *reader_work(struct reader *r, const struct principal *who, enum lang lang); /* between reader_begin/end */
int reader_begin(struct reader *r, struct err *err);
void reader_end(struct reader *r);

/* Runs a job on a reader thread; false when the queue is full. */
bool app_read(struct app *a, void (*job)(struct reader *r, void *ctx), void *ctx);

/* ---- live ------------------------------------------------------------------- */

/* A record in short, once it is durable. */
struct note {
	int64_t seq, at;
	place_t area;
	struct uuid id;
	const char *type;
};
/* Calls `wake` on the writer thread after each commit that recorded anything; NULL: no more. One listener. */
void app_listen(struct app *a, void (*wake)(void *ctx), void *ctx);
/* Notes of records after a seq, oldest first, up to `most`; their number. `ret_lost`: some after it are no longer kept
 * (the reader was away too long, or a bulk load went by): read anew and go on from the ledger's size. Any thread. */
size_t app_notes(struct app *a, int64_t after, struct note *out, size_t most, bool *ret_lost);

/* ---- accounts and sessions (app/accounts.c) ------------------------------ */

#define PASSWORD_MIN 10
#define TOKEN_SIZE   32
#define TOKEN_TEXT   43 /* base64url */

struct account_info {
	char name[33];
	struct uuid person;
	bool disabled;
	int64_t created, locked_until;
};

int account_add(struct app *a, struct str name, struct str password, const struct uuid *person, struct err *err);
int account_disable(struct app *a, struct str name, bool disabled, struct err *err);
int account_list(struct app *a, struct reader *r, int (*each)(void *ctx, const struct account_info *i), void *ctx,
		 struct err *err);

/* Checks a password (argon2id; slow: call on a reader thread) and opens a session. ERR_UNAUTHENTICATED;
 * ERR_LOCKED with the seconds in arg {0} after 5 failures. */
int session_open(struct app *a, struct str account, struct str password, char ret_token[TOKEN_TEXT + 1],
		 int64_t *ret_expires, struct err *err);
/* The principal of a token: fast, from memory, network thread. NULL when unknown or expired. Release with
 * principal_release. */
const struct principal *session_principal(struct app *a, struct str token, int64_t now, int64_t *ret_expires);
void principal_release(const struct principal *p);
void session_close(struct app *a, struct str token);
/* The local operator. */
const struct principal *principal_system(void);

/* ---- descriptions (app/describe.c) ------------------------------------------ */

void describe_catalogue(struct buf *out); /* /api/v1/catalogue */
void describe_openapi(struct buf *out);   /* /openapi.json */

/* ---- upkeep ------------------------------------------------------------------ */

typedef void (*progress_fn)(void *ctx, int64_t done, int64_t total);
/* 0 sound, 1 a difference named in `ret_text`, -1 could not be checked. */
int app_verify(struct app *a, progress_fn progress, void *ctx, int64_t *ret_events, struct buf *ret_text,
	       struct err *err);
int app_rebuild(struct app *a, progress_fn progress, void *ctx, struct err *err);
/* Replays entries up to `upto` (seq; INT64_MAX: all) that had arrived by `received_by` from `ledger` into the
 * derived tables of `target` (made anew). */
int app_replay(struct db *ledger, struct db *target, place_t top, struct keyring *keys, int64_t upto,
	       int64_t received_by, progress_fn progress, void *ctx, struct err *err);

/* ---- counters for /metrics ------------------------------------------------------ */

struct app_metrics {
	int64_t recorded, duplicates, refused, commits, queue_depth, queue_full, size;
	int64_t commit_us_sum, reads, read_us_sum;
	int64_t outbox_waiting, outbox_dead;     /* as last counted */
	int64_t outbox_delivered, outbox_failed; /* tries, since the start */
};
void app_metrics(struct app *a, struct app_metrics *ret);

extern const struct err_kind ERR_LOCKED, ERR_PASSWORD_WEAK, ERR_ACCOUNT_EXISTS, ERR_ACCOUNT_UNKNOWN, ERR_GRANT_MIX,
    ERR_KEYS_MISSING;

#endif
