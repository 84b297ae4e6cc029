/* An event: a fact, recorded once. The envelope, its decoding from a request
 * and from the ledger, and its canonical writing. Knows shapes, not meanings. */
#ifndef EVENT_EVENT_H
#define EVENT_EVENT_H

#include "event/place.h"
#include "event/shape.h"

/* Fold order of facts of one moment: open, release, assign, change, close. */
enum event_rank { RANK_OPEN, RANK_RELEASE, RANK_ASSIGN, RANK_CHANGE, RANK_CLOSE };

/* What the codec must know of a type; the module's descriptor embeds it. */
struct event_form {
	const char *type; /* "household.registered" */
	struct shape *shape;
	enum event_rank rank;
};

struct event {
	struct uuid id;
	const struct event_form *form;
	int64_t at;
	place_t place;          /* FIELD_ABSENT when left out or given as a site */
	struct uuid place_site; /* nil unless given as a site */
	struct uuid incident;   /* nil when left out */
	void *data;             /* the form's struct */
	/* Added by the server: */
	int64_t seq;
	int64_t received;
	int64_t skew; /* ms by which the sender's clock was found ahead; `at` is corrected: it was sent as at + skew */
	struct str actor; /* account name, or "system" */
	place_t area;
	struct uuid site;    /* the site it happened at, if any */
	int64_t incident_no; /* number of the resolved incident: the seq that opened it; 0 for standing facts */
	uint8_t same[16];    /* keyed hash for sameness */
};

typedef const struct event_form *(*event_form_fn)(struct str type);

/* Decodes one event of a request (envelope and data). Members may come in any
 * order. Unknown type: ERR_TYPE_UNKNOWN with field "type". `ret` is filled as
 * far as known, so that `id` can be answered even on failure. Skips the rest
 * of the value on failure when the syntax is sound, so that a batch can go on;
 * returns -1 with r->failed when it is not. */
int event_decode(struct json_reader *r, event_form_fn find, struct event *ret, struct err *err);

/* An event as it is sent, but for its id: canonical {at,data,incident?,place?,type}; `seal` NULL leaves personal
 * members in the clear. */
int event_write_sent(const struct event *ev, struct json_writer *w, shape_seal_fn seal, void *ctx, struct err *err);

/* The ledger entry in two halves, since seq and received are known last:
 * event_write_middle writes  "at":…,"data":{…},"id":…  once sealed;
 * event_write_entry assembles the canonical leaf {actor,area,at,data,id,incident?,place?,received,same,seq,type}. */
int event_write_middle(const struct event *ev, struct json_writer *w, shape_seal_fn seal, void *ctx, struct err *err);
void event_write_entry(const struct event *ev, struct str middle, struct buf *out);

/* Reads a ledger entry back. `open` NULL leaves personal fields absent. Strings borrow from `entry` or the arena. */
int event_read_entry(struct str entry, event_form_fn find, shape_open_fn open, void *ctx, struct arena *arena,
		     struct event *ret, struct err *err);

/* Only the area of an entry, which stands near its front: for passing over what is out of scope. */
bool event_entry_area(struct str entry, place_t *ret);

extern const struct err_kind ERR_TYPE_UNKNOWN, ERR_TIME_FUTURE;

#endif
