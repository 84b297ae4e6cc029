/* People and teams: who serves, and in which temporary organisation. */
#ifndef DOMAIN_TEAMS_H
#define DOMAIN_TEAMS_H

#include "domain/domain.h"

extern const struct module TEAMS_MODULE;

enum category {
	CATEGORY_VILLAGE_OFFICIAL,
	CATEGORY_STATIONED_OFFICIAL,
	CATEGORY_GROUP_LEADER,
	CATEGORY_VILLAGER_REPRESENTATIVE,
	CATEGORY_OFFICIAL,
	CATEGORY_LEADER,
	CATEGORY_MEDIC,
	CATEGORY_POLICE,
	CATEGORY_VOLUNTEER,
	CATEGORY_RETIRED_OFFICIAL,
	CATEGORY_RESIDENT,
	CATEGORIES
};
extern const char *const CATEGORY_NAMES[], *const CATEGORY_NAMES_ZH[];

struct person_enrolled {
	struct uuid id;
	struct str name;
	int64_t category;
	int64_t party_member;
	struct str phone;
	struct str id_number;
	struct str unit;
};

struct person_changed {
	struct uuid person;
	struct str name;
	int64_t category;
	int64_t party_member;
	struct str phone;
	struct str unit;
};

struct person_left {
	struct uuid person;
	struct str reason;
};

extern struct shape PERSON_ENROLLED;

/* What a person is at a moment: the fold of enrolled, changed and left. */
struct standing {
	bool there; /* enrolled and not left */
	int64_t category;
	bool party_member;
};
/* 1 known, 0 unknown, -1 error. */
int person_standing(struct work *w, const struct uuid *id, int64_t at, struct standing *ret, struct err *err);
/* The same as if one event had not been. */
int person_standing_without(struct work *w, const struct uuid *id, int64_t at, const struct uuid *event,
			    struct standing *ret, struct err *err);
/* When the person left: INT64_MAX when still there. */
int person_left_at(struct work *w, const struct uuid *id, int64_t *ret, struct err *err);
/* Is the person exposed at the moment? 1, 0, -1. */
int person_exposed_at(struct work *w, const struct uuid *id, int64_t at, struct err *err);
/* At some moment of [from, to)? 1, 0, -1. */
int person_exposed_between(struct work *w, const struct uuid *id, int64_t from, int64_t to, struct err *err);

/* Current personal details from the ledger, as far as they may be opened. */
struct person {
	struct uuid id;
	place_t place;
	int64_t category;
	bool party_member, there, erased;
	struct str name, phone, unit;
};
int person_read(struct work *w, const struct uuid *id, struct person *ret, struct err *err);
/* The name as the caller may see it (masked or in full). */
int person_name(struct work *w, const struct uuid *id, struct str *ret, struct err *err);

/* The id under which a member of the public is known after all mergings; the id itself when there are none. */
int subject_root(struct work *w, const struct uuid *id, struct uuid *ret, struct err *err);
/* Every id that names the same one, the root first; of struct uuid. */
int subject_ids(struct work *w, const struct uuid *id, struct list *ret, struct err *err);

/* The members at a moment of all teams that stand at a site: a list of struct uuid. */
int people_of_site(struct work *w, const struct uuid *site, int64_t at, struct list *ret, struct err *err);

extern const struct err_kind ERR_PERSON_LEFT;

#endif
