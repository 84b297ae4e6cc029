/* Divisions, grids, sites, households: where things are. */
#ifndef DOMAIN_PLACES_H
#define DOMAIN_PLACES_H

#include "domain/domain.h"

extern const struct module PLACES_MODULE;
extern const char *const SITE_KINDS[], *const SITE_KINDS_ZH[], *const HOUSEHOLD_TAGS[], *const HOUSEHOLD_TAGS_ZH[];

enum site_kind {
	SITE_CHECKPOINT,
	SITE_WAREHOUSE,
	SITE_HEALTH_CENTRE,
	SITE_HOSPITAL,
	SITE_DISEASE_CONTROL,
	SITE_POLICE,
	SITE_OFFICE,
	SITE_OTHER
};

struct division_listed {
	int64_t code;
	struct str name;
	int64_t level;
	int64_t parent;
};

struct division_renamed {
	int64_t code;
	struct str name;
	int64_t from;
};

struct grid_defined {
	int64_t code;
	struct str name;
	struct str boundary;
};

struct site_opened {
	struct uuid id;
	int64_t kind;
	struct str name;
	int64_t lon, lat;
};

struct site_changed {
	struct uuid site;
	struct str name;
	int64_t lon, lat;
	int64_t from;
};

struct site_closed {
	struct uuid site;
};

struct household_head {
	struct str name;
	struct str phone;
};

struct household_registered {
	struct uuid id;
	struct str address;
	struct household_head *head;
	int64_t members;
	struct str building;
	struct list tags; /* of int64_t, indexes into HOUSEHOLD_TAGS */
};

struct household_changed {
	struct uuid household;
	struct str address;
	struct household_head *head;
	int64_t members;
	struct str building;
	struct list tags;
	int64_t from;
};

struct household_removed {
	struct uuid household;
	struct str reason;
};

extern struct shape DIVISION_LISTED, HOUSEHOLD_REGISTERED, HOUSEHOLD_HEAD;

/* What a household is now: its opening record with all later changes. Personal members are absent when closed. */
struct household {
	struct uuid id;
	place_t place;
	int64_t registered, removed; /* FIELD_ABSENT: still there */
	int64_t seq;
	bool changed;
	struct str address, building, name, phone;
	int64_t members;
	struct list tags;
	bool erased;
};

/* The compact row alone: 1, 0, -1. */
int household_get(struct work *w, const struct uuid *id, struct household *ret, struct err *err);
/* Fills the rest from the ledger, personal data opened as far as keys are there. */
int household_read(struct work *w, struct household *h, struct err *err);
/* Registered and not removed, of a place and below, in the order they were recorded, after a seq (-1: from the
 * start), up to limit. `each` returns 0 to go on, 1 to stop, -1. */
typedef int (*household_fn)(void *ctx, const struct household *h, struct err *err);
int households_of(struct work *w, place_t place, int64_t after, int64_t limit, household_fn each, void *ctx,
		  struct err *err);
/* Divisions directly below, in code order, by the names they have now. */
struct division {
	place_t code;
	int64_t level;
	place_t parent;
	int64_t listed;
	struct str name;
};
int divisions_below(struct work *w, place_t parent, place_t after, int64_t limit,
		    int (*each)(void *ctx, const struct division *d, struct err *err), void *ctx, struct err *err);
int division_get(struct work *w, place_t code, struct division *ret, struct err *err);

/* A site as of a moment; the compact row alone by site_get, what it is called and where it lies by site_read. */
struct site {
	struct uuid id;
	place_t place;
	int64_t kind, opened, closed, seq; /* closed: FIELD_ABSENT while open */
	struct str name;
	int64_t lon, lat; /* FIELD_ABSENT when not known */
};
int site_get(struct work *w, const struct uuid *id, struct site *ret, struct err *err);
int site_read(struct work *w, const struct uuid *id, int64_t at, struct site *ret, struct err *err);
/* Is it open at the moment? */
static inline bool site_open_at(const struct site *s, int64_t at)
{
	return s->opened <= at && (s->closed == FIELD_ABSENT || at < s->closed);
}

extern const struct err_kind ERR_HOUSEHOLD_REMOVED;

#endif
