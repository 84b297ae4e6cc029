/* Shared by the sync module's own files. */
#ifndef DOMAIN_SYNC_INTERNAL_H
#define DOMAIN_SYNC_INTERNAL_H

#include "domain/sync/sync.h"

/* ---- scope: what this caller's phone carries (sync_scope.c) ---- */

/* LASTING kinds change with records alone, and are told by walking the ledger. The others hold what time changes too
 * (due today, late): they are few, and are sent whole whenever any of them differs. */
enum sync_kind {
	SYNC_DIVISION,
	SYNC_SITE,
	SYNC_GROUP,
	SYNC_HOUSEHOLD,
	SYNC_FOLLOWUP, /* the first that is not lasting */
	SYNC_NOTICE,
	SYNC_CHECKPOINT,
	SYNC_REVOCATIONS,
	SYNC_KINDS
};
#define SYNC_PASSING (SYNC_KINDS - SYNC_FOLLOWUP)
extern const char *const SYNC_KIND_NAMES[SYNC_KINDS];

/* One list to be carried: of a place, or of a group. */
struct sync_part {
	enum sync_kind kind;
	place_t place;
	struct uuid group; /* nil: of the place */
};

struct sync_scope {
	place_t home, county;
	struct sync_part *parts; /* by kind */
	size_t n, cap;
	uint64_t hash; /* of what the caller may see and how: another one, and the phone starts anew */
	uint64_t seen; /* of what makes things look to this caller as they do: grants, and the groups stood in */
};

int sync_scope_of(struct work *w, struct sync_scope *ret, struct err *err);
/* May something that happened at `area` concern what is carried? */
bool sync_concerns(const struct sync_scope *s, place_t area);
/* May households that are carried be assigned to the group? */
bool sync_meets_group(const struct sync_scope *s, place_t place, const struct uuid *group);
/* Is the thing of a lasting kind carried, as it stands? 1, 0, -1. */
int sync_carries_group(const struct sync_scope *s, place_t place, const struct uuid *group);
int sync_carries_household(struct work *w, const struct sync_scope *s, place_t place, const struct uuid *household,
			   struct err *err);

/* ---- cursor ---- */

struct sync_cursor {
	bool first;    /* the first pages are not all read yet: */
	int64_t part;  /*   which list is next */
	struct str in; /*   where in it; absent: its start */
	int64_t seq;   /* the ledger's size that all sent so far is at least as new as */
	int64_t day;   /* of that sending */
	uint64_t scope;
	uint64_t passing[SYNC_PASSING]; /* hashes of what was last sent */
};

struct str sync_cursor_write(struct arena *a, const struct sync_cursor *c);
bool sync_cursor_read(struct str text, struct arena *a, struct sync_cursor *ret);

/* ---- the answer being made ---- */

struct sync_item {
	struct str kind, id, data;
	int64_t place; /* FIELD_ABSENT: none */
};

struct sync_drop {
	struct str kind, id;
};

struct sync_page {
	struct work *w;
	const struct sync_scope *scope;
	size_t most;   /* items, about */
	int64_t size;  /* of the ledger */
	int64_t sound; /* from this record on nothing has come that spoils what is kept; 0: not looked yet */
	struct sync_item *items;
	size_t n, cap, bytes;
	struct sync_drop *drops;
	size_t n_drops, cap_drops;
};

#define SYNC_ITEMS_MAX 500
#define SYNC_BYTES_MAX (256u << 10)

/* Reads up to `limit` of a list into the page; `ret_next` absent at its end. A list whose view this program does not
 * have, or which the caller's role may not read, is empty. */
int sync_read_part(struct sync_page *p, const struct sync_part *part, struct str after, int64_t limit,
		   struct str *ret_next, struct err *err);
/* The start of a list of a lasting kind, as lately read for another phone if it was; `seq` goes down to how far the
 * ledger went then. */
int sync_read_kept(struct sync_page *p, const struct sync_part *part, int64_t limit, int64_t *seq, struct str *ret_next,
		   struct err *err);
/* Has anything come after a record that changes the look of all, or is to be forgotten? 1, 0, -1. */
int sync_spoiled(struct work *w, int64_t after, int64_t size, struct err *err);
/* One thing of a lasting kind, as its list shows it now: into items, or dropped. `was`: the phone may have it though it
 * is not carried any more. */
int sync_read_one(struct sync_page *p, enum sync_kind kind, const struct uuid *id, bool was, struct err *err);
int sync_drop(struct sync_page *p, enum sync_kind kind, const struct uuid *id, struct err *err);

/* Everything of the kinds that time changes; sends those whose hash is not `hashes`', which are set. Of `gone` those
 * that are not carried any more are dropped. */
struct sync_gone {
	enum sync_kind kind;
	struct uuid id;
};
int sync_read_passing(struct sync_page *p, uint64_t hashes[SYNC_PASSING], const struct sync_gone *gone, size_t n_gone,
		      struct err *err);

/* ---- what changed (sync_walk.c) ---- */

/* Walks the ledger from c->seq; sets it to how far it came, `ret_more` when not yet to the end. */
int sync_walk(struct sync_page *p, struct sync_cursor *c, int64_t size, bool *ret_more, struct err *err);

extern const struct err_kind ERR_SYNC_ANEW;

#endif
