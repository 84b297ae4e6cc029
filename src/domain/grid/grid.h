/* Responsibility groups (网格化管理): staffing models as data, who answers for
 * which household, coverage and its gaps. */
#ifndef DOMAIN_GRID_H
#define DOMAIN_GRID_H

#include "domain/domain.h"

extern const struct module GRID_MODULE;

enum model { MODEL_RURAL, MODEL_URBAN, MODEL_CUSTOM };
extern const char *const MODEL_NAMES[], *const MODEL_NAMES_ZH[];

/* A row of a staffing model: a role, how many at least and at most, who qualifies. */
struct staffing_role {
	int64_t model;
	const char *role;
	int64_t least, most; /* most 0: any number */
	unsigned categories; /* bits of enum category; 0: anyone (or party members, if `party`) */
	bool party;          /* a party member qualifies */
	const char *zh, *en;
};
extern const struct staffing_role STAFFING_ROLES[];
#define STAFFING_ROLES_N 9

struct group_formed {
	struct uuid id;
	int64_t model;
	struct str name;
};

struct group_staffed {
	struct uuid group, person;
	struct str role;
};

struct group_unstaffed {
	struct uuid group, person;
	struct str role; /* absent: all roles */
};

struct group_dissolved {
	struct uuid group;
	struct str reason;
};

struct household_assigned {
	struct uuid household, group;
};

/* Who answers for a household at a moment: 1 and the group, 0 none, -1. */
int household_group_at(struct work *w, const struct uuid *household, int64_t at, struct uuid *ret_group,
		       struct err *err);
/* Is the person staffed in the group at the moment? 1, 0, -1. */
int group_has(struct work *w, const struct uuid *group, const struct uuid *person, int64_t at, struct err *err);

/* A group as other modules read it: what it is now. */
struct group_brief {
	struct uuid id;
	place_t place;
	struct str name;
	bool active, complete;
	int64_t households; /* assigned now */
};
/* 1 found, 0 unknown, -1. */
int group_read(struct work *w, const struct uuid *id, struct group_brief *ret, struct err *err);
/* Active groups of a place and below in order of (place, id), strictly after a key; of struct group_brief. */
int groups_list(struct work *w, place_t place, place_t after, const struct uuid *after_id, int64_t limit,
		struct list *ret, struct err *err);
/* The groups in which a person stands now, `most` of them; of struct uuid. */
int groups_now_of(struct work *w, const struct uuid *person, size_t most, struct list *ret, struct err *err);
/* Who answers for a household of a place now: one row, no fold. 1, 0, -1. */
int household_group_now(struct work *w, place_t place, const struct uuid *household, struct uuid *ret_group,
			struct err *err);
/* The households assigned to a group now, in order of id after one; of struct uuid. */
int group_households(struct work *w, const struct uuid *group, const struct uuid *after, int64_t limit,
		     struct list *ret, struct err *err);

#endif
