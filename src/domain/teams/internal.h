/* Shared by the teams module's own files. */
#ifndef DOMAIN_TEAMS_INTERNAL_H
#define DOMAIN_TEAMS_INTERNAL_H

#include "domain/teams/teams.h"

enum team_kind { TEAM_ORGANISATION, TEAM_BRANCH, TEAM_VANGUARD, TEAM_VOLUNTEER, TEAM_AREA, TEAM_POST, TEAM_WORK };
extern const char *const TEAM_KINDS[], *const TEAM_KINDS_ZH[], *const TEAM_POSTS[], *const TEAM_POSTS_ZH[];

struct person_exposed {
	struct uuid person;
	int64_t since, until;
};

struct team_formed {
	struct uuid id;
	int64_t kind;
	struct str name;
	struct uuid site, under;
};

struct team_joined {
	struct uuid team, person;
	int64_t post;
};

struct team_left {
	struct uuid team, person;
};

struct team_dissolved {
	struct uuid team;
};

struct subject_merged {
	struct uuid from, into;
};

struct team {
	struct uuid id;
	place_t area;
	int64_t kind, formed, dissolved, seq;
};
int team_get(struct work *w, const struct uuid *id, struct team *ret, struct err *err);

/* Members at a moment, in order of joining. */
struct team_member {
	struct uuid person;
	int64_t post, since;
};
int team_members_at(struct work *w, const struct uuid *team, int64_t at, struct list *ret, struct err *err);

/* Joinings (with a post) and leavings in fold order. */
struct team_fact {
	int64_t at;
	struct uuid person;
	int64_t post;
	struct uuid event;
};
int team_facts_read(struct work *w, const struct uuid *team, struct list *ret, struct err *err);
/* How many leavings find nobody to leave, leaving one event out (NULL: none). */
int team_idle_leavings(struct work *w, const struct list *facts, const struct uuid *without, size_t *ret,
		       struct err *err);

int person_changed_void(struct work *w, const struct event *ev, struct err *err);
int team_joined_void(struct work *w, const struct event *ev, struct err *err);
int person_there_check(struct work *w, const struct event *ev, struct err *err);
int person_left_check(struct work *w, const struct event *ev, struct err *err);
int person_exposed_check(struct work *w, const struct event *ev, struct err *err);
int team_joined_check(struct work *w, const struct event *ev, struct err *err);
int team_left_check(struct work *w, const struct event *ev, struct err *err);
int team_dissolved_check(struct work *w, const struct event *ev, struct err *err);
int subject_merged_check(struct work *w, const struct event *ev, struct err *err);

int person_enrolled_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int person_changed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int person_left_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int person_exposed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int team_formed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int team_joined_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int team_left_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int team_dissolved_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);
int subject_merged_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err);

#define TEAMS_N_VIEWS 4
extern const struct view TEAMS_VIEWS[TEAMS_N_VIEWS];
#define TEAMS_N_FIGURES 2
extern const struct figure_def TEAMS_FIGURES[TEAMS_N_FIGURES];

#endif
