/* Generated histories: a seeded run of events over a small world of villages,
 * groups, households and people, many of them late, many refused, some
 * withdrawn; and the naive model that counts from the list what figures say. */
#ifndef TEST_DOMAIN_HISTORY_H
#define TEST_DOMAIN_HISTORY_H

#include "harness.h"

enum op_kind {
	OP_REGISTER,
	OP_CHANGE,
	OP_REMOVE,
	OP_FORM,
	OP_DISSOLVE,
	OP_STAFF,
	OP_UNSTAFF,
	OP_ASSIGN,
	OP_RELEASE,
	OP_ENROL,
	OP_PERSON,
	OP_LEAVE,
	OP_TEAM,
	OP_JOIN,
	OP_QUIT,
	OP_DISBAND,
	OP_SITE,
	OP_CLOSE,
	OP_RENAME,
	OP_EXPOSE,
	OP_MERGE,
	OP_VOID,
	OP_KINDS
};

#define OPS_MAX 1200

struct op {
	enum op_kind kind;
	int thing;         /* household, group, person, team, site: its number */
	int other;         /* the group of an assignment, the person of a staffing or joining */
	int64_t role;      /* of a staffing (index into STAFFING_ROLES, -1: all), category, model, kind */
	int64_t party;     /* FIELD_ABSENT: not said */
	const char *place; /* alias */
	int64_t at;
	int target; /* of a void: the op it withdraws */
	char line[400];
	struct uuid id;
	bool accepted, voided;
	int64_t received;
};

struct history {
	struct op ops[OPS_MAX];
	size_t n;
	uint64_t random;
	/* So that another order of arrival may be accepted as well: no thing is opened twice, even after a withdrawal;
	 * people and households don't leave (what names them later would be refused then); nothing is withdrawn. */
	bool once, no_leaving, no_voids;
};

uint64_t draw(struct history *h, uint64_t below);
/* Makes and submits `n` more events, in requests of up to 20. */
void history_grow(struct history *h, size_t n);
/* The same without submitting: `accepted` stays false. */
void history_propose(struct history *h, struct op *op);
bool history_submit(struct op *op);
/* Grids, which all histories share. */
void history_begin(struct history *h, uint64_t seed);

/* Submits accepted events of another history into the open store in an order made by `random` (0: as they came), what
 * is refused again later, until all are in; false when some stay out. `live`: without what was withdrawn. */
bool history_replay(const struct history *h, uint64_t random, bool live);

/* ---- the naive model ---- */

/* A figure at the end of a day, counted anew from the accepted and not withdrawn events. */
int64_t naive_figure(const struct history *h, const char *name, place_t place, int64_t day);

extern const char *const HISTORY_PLACES[]; /* aliases of all places that figures may touch; NULL-terminated */

#endif
