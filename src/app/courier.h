/* Messages on their way out of the house: the channels that take them, what is
 * waiting, what was given up, and the thread that delivers. Each is delivered at
 * least once, under the same id however often it is sent. */
#ifndef APP_COURIER_H
#define APP_COURIER_H

#include "app/app.h"

/* ---- bounds --------------------------------------------------------------------- */

#define CHANNELS_MAX       64
#define CHANNEL_NAME_MAX   32
#define CHANNEL_URL_MAX    1000
#define CHANNEL_SECRET_MIN 16
#define CHANNEL_SECRET_MAX 256
#define COURIER_AT_ONCE    2                  /* on their way by one channel */
#define COURIER_MOST       16                 /* by all */
#define COURIER_TRIES      12                 /* then it is given up */
#define COURIER_FIRST_MS   10000              /* the longest wait after the first try; twice as long after each */
#define COURIER_LONGEST_MS (3600LL * 1000)    /* at most */
#define COURIER_TIMEOUT_MS 10000              /* for one delivery, from connecting to the answer's end */
#define COURIER_ANSWER_MAX ((size_t)64 << 10) /* of an answer that is read; it is thrown away */
#define COURIER_LOOK_MS    1000               /* what is due is looked for this often */
#define COURIER_LAPSE_MS   15000              /* and what time alone made true */
#define COURIER_END_MS     1000               /* at the end, for what is on its way */

/* ---- channels ---------------------------------------------------------------------- */

struct channel {
	struct str name;   /* 1–32 of a–z 0–9 . _ - */
	struct str url;    /* http or https */
	struct str secret; /* of the signatures; read back it is the closed box */
	struct str kinds;  /* "notice.late,notice.withdrawn", read back with spaces; absent: all */
	place_t place;     /* FIELD_ABSENT: the store's own */
	bool disabled;
	int64_t created;
};

int channel_add(struct app *a, const struct channel *c, struct err *err);
int channel_disable(struct app *a, struct str name, bool disabled, struct err *err);
/* Puts a message of the kind "channel.test" into the outbox, for this channel alone. */
int channel_test(struct app *a, struct str name, struct err *err);
/* All channels by name. */
int channel_list(struct db *db, int (*each)(void *ctx, const struct channel *c), void *ctx, struct err *err);

/* ---- the outbox -------------------------------------------------------------------- */

struct delivery {
	struct uuid message;
	int64_t created; /* of the message */
	struct str kind, channel, answer;
	place_t place;
	int64_t tries, next_try;
	bool dead;
};

/* What waits, or what was given up, by message; at most `most`. */
int outbox_list(struct db *db, bool dead, int64_t most, int (*each)(void *ctx, const struct delivery *d), void *ctx,
		struct err *err);
/* Tries a message again now (nil: all of them), also what was given up. ERR_DELIVERY_NONE when nothing waits. */
int outbox_retry(struct app *a, const struct uuid *message, struct err *err);
/* Posts what time alone made true since it was last asked, once; 1 when there is more to do, 0, -1. */
int outbox_lapse(struct app *a, struct err *err);

/* ---- the courier ---------------------------------------------------------------------- */

struct courier;

/* A thread of its own; the app must be started. */
int courier_start(struct app *a, struct courier **ret, struct err *err);
/* Within two seconds; what was on its way is sent again another time. NULL is fine. Before app_close. */
void courier_stop(struct courier *c);
/* How long to wait after so many failed tries: full jitter by `random`, not less than what the receiver asked for. */
int64_t courier_wait_ms(int64_t tries, int64_t retry_after_ms, uint64_t random);

extern const struct err_kind ERR_CHANNEL_EXISTS, ERR_CHANNEL_UNKNOWN, ERR_CHANNEL_NAME, ERR_CHANNEL_URL,
    ERR_CHANNEL_SECRET, ERR_CHANNEL_KINDS, ERR_CHANNELS_MOST, ERR_DELIVERY_NONE;

#endif
