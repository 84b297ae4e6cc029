/* Shared by the app layer's own files. */
#ifndef APP_INTERNAL_H
#define APP_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "app/app.h"
#include "domain/memo.h"

struct accounts; /* accounts.c: who may do what, and sessions, in memory */
struct queued;   /* pipeline.c: what waits for the writer */
struct readers;  /* query.c */
struct live;     /* live.c: the latest records in short */

struct app {
	struct store *store;
	struct keyring *keys;
	struct uuid store_id;
	place_t top;
	bool read_only;
	bool access_stale; /* grants could not be read after a commit: nobody holds any until they are */
	/* The writer's own: touched by the writer thread, or by the caller while it is not started. */
	struct db *writer;
	struct ledger *ledger;
	struct figure_book *book;
	bool blind_added; /* in this group: numbers to find people by */
	struct place_cache places;
	struct memo *memo; /* read by many threads */
	struct arena work_arena;
	struct buf entry; /* reused for every event */
	/* The queue in front of it. */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct queued *head, **tail;
	size_t queued, queued_events;
	bool started, stopping;
	struct accounts *accounts;
	struct readers *readers;
	struct live *live;
	size_t n_readers;
	atomic_llong recorded, duplicates, refused, commits, queue_full, commit_us_sum, reads, read_us_sum, size;
	atomic_llong outbox_waiting, outbox_dead, outbox_delivered, outbox_failed;
	atomic_llong keys_lost; /* times that keys made were rolled back */
};

#define QUEUE_MAX        8192  /* requests waiting for the writer */
#define QUEUE_EVENTS_MAX 65536 /* events in them */
#define GROUP_EVENTS_MAX 1500  /* events of one commit: the next group is decoded meanwhile */

/* live.c: noted as written, shown once durable, taken back with what was rolled back; on the writer. */
int live_start(struct app *a, struct err *err);
void live_stop(struct app *a);
void live_note(struct app *a, const struct event *ev);
uint64_t live_mark(struct app *a);
void live_return(struct app *a, uint64_t mark);
void live_show(struct app *a, int64_t size); /* and the ledger's size, told with it */

/* outbox.c: writes a message and its deliveries in the open transaction, once however often it is found. */
int outbox_post(void *ctx /* struct work */, const struct message *m, struct err *err);
/* The same for one channel alone, whatever it takes. */
int outbox_post_to(struct work *w, struct str channel, const struct message *m, struct err *err);

/* channel.c: opens a channel's secret into the arena; wipe it after use. */
int channel_secret(struct app *a, struct str name, struct str url, struct str box, struct arena *arena, struct str *ret,
		   struct err *err);

/* record.c: one event in the open transaction, on the writer. 0: `res` says what became of it, its warnings in the
 * arena given (NULL: dropped); -1: the store failed and the transaction is lost. */
int record_event(struct app *a, const struct principal *who, bool server, struct event *ev, struct prepared *p,
		 struct result *res, struct arena *warnings, int64_t now, bool *access_touched, struct err *err);

/* prepare.c: what the type fills in by itself; events that come by app_bulk are filled when they are written. */
void event_fill(struct event *ev, struct arena *arena);

/* prepare.c: what can be done to an event before the writer takes it. */
struct fresh_key {
	struct uuid subject;
	struct subject_key key;
	uint8_t wrapped[WRAPPED_KEY_SIZE];
};

#define FRESH_KEYS_MAX 200 /* subjects newly met in one event */

struct prepared {
	bool ready;
	long long lost; /* app.keys_lost when it was begun: keys seen since may be of a transaction rolled back */
	struct str middle;
	uint8_t same[16];
	struct fresh_key *fresh;
	size_t n_fresh;
};

/* Seals and hashes an event under its subjects' keys. `db` NULL: only if every key is of a thing this very event
 * opens (0 and ret->ready false otherwise). With `db` existing keys are loaded and used. */
int prepare_event(struct app *a, struct db *db, const struct event *ev, struct arena *arena, struct prepared *ret,
		  struct err *err);
/* Same content as what was recorded? 1 yes, 0 no, -1. */
int prepare_same(struct app *a, struct db *db, const struct event *ev, const uint8_t recorded[16], struct arena *arena,
		 struct err *err);

/* pipeline.c */
int pipeline_start(struct app *a, struct err *err);
void pipeline_stop(struct app *a);

/* accounts.c */
int accounts_open(struct app *a, struct err *err);
void accounts_close(struct accounts *t);
/* After a commit that touched grants or accounts; on the writer. */
int accounts_reload(struct app *a, struct db *db, struct err *err);

/* query.c */
int readers_start(struct app *a, struct err *err);
void readers_stop(struct app *a);

/* replay.c: makes (or makes anew) all derived tables. */
int derived_create(struct db *db, struct err *err);
/* Tells one set of derived tables from another: a hash of all their scripts, 32 hex digits, terminated. */
void derived_version(char out[33]);
/* Notes where the derived tables stand, beside them in the same transaction. */
int derived_stamp(struct db *db, int64_t seq, struct err *err);

/* meta rows that the app keeps: top, schema of the derived tables, where they stand. */
int meta_get(struct db *db, const char *name, struct arena *arena, struct str *ret, struct err *err);
int meta_put(struct db *db, const char *name, struct str value, struct err *err);

void work_init(struct work *w, struct app *a, struct db *db, struct arena *arena, const struct principal *who);

#endif
