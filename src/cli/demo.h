/* The story's parts: what demo*.c share. The story is made whole in memory, put
 * in order of time, and fed through the pipeline by demo.c. */
#ifndef CLI_DEMO_H
#define CLI_DEMO_H

#include "cli/cli.h"

#define STORY_TOWNS_MAX  8
#define STORY_PLACES_MAX 80
#define STORY_PEOPLE_MAX 32 /* of one kind in one village */

struct story_person {
	char id[UUID_TEXT + 1];
	bool party;
};

/* A village or community, with the people of it that groups and teams draw on. */
struct story_village {
	place_t code;
	char name[64]; /* short: 蔬菜村, 广场社区 */
	size_t town;   /* index */
	bool community, custom;
	int groups;
	struct story_person officials[8], stationed[8], party[STORY_PEOPLE_MAX], representatives[STORY_PEOPLE_MAX],
	    leaders[STORY_PEOPLE_MAX], volunteers[8];
	int n_officials, n_stationed, n_party, n_representatives, n_leaders, n_volunteers;
};

struct story_town {
	place_t code;
	char name[64];
	struct story_person leaders[3], officials[12], medics[6];
	char organisation[UUID_TEXT + 1]; /* its temporary organisation */
	char centre[UUID_TEXT + 1], checkpoint[UUID_TEXT + 1];
};

struct story {
	bool gaps;
	uint64_t random;
	struct arena arena;
	struct event *events;
	size_t n, cap;
	bool failed;
	struct err err;
	place_t county;
	struct story_town towns[STORY_TOWNS_MAX];
	size_t n_towns;
	struct story_village villages[STORY_PLACES_MAX];
	size_t n_villages;
	struct story_person officials[160], police[24], medics[40], retired[30], commanders[4];
	char county_organisations[4][UUID_TEXT + 1];
	int64_t people, phones;
	/* what --with-gaps left out */
	int64_t groups, groups_short, households, households_unassigned;
	char grid_worker[UUID_TEXT + 1]; /* a person staffed in a group of the first rural village */
	place_t grid_place;
};

/* ---- demo_story.c ---- */

/* Makes all of the story's events, in order of time. Reads the divisions from their CSV text. */
int story_make(struct story *s, const char *divisions, struct err *err);
void story_finish(struct story *s);

/* ---- demo_make.c: one event, one person, one name ---- */

uint32_t story_random(struct story *s, uint32_t below);
int64_t story_time(struct story *s, int month, int day, int hour_from, int hours); /* some moment within */
void story_id(struct story *s, int64_t at, char out[UUID_TEXT + 1]);
/* Queues an event whose data is the JSON that the format makes. */
void story_put(struct story *s, const char *type, int64_t at, place_t place, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* A name no real person bears: common parts, and the mark （演示）. */
void story_name(struct story *s, char out[64]);
void story_phone(struct story *s, char out[24]);
void story_person(struct story *s, struct story_person *out, int64_t at, place_t place, const char *category,
		  bool party, const char *unit);

/* ---- demo_teams.c ---- */

void story_teams(struct story *s);
void story_sites(struct story *s);

/* ---- demo_orders.c ---- */

void story_orders(struct story *s);

/* ---- demo_duty.c ---- */

void story_duty(struct story *s);

/* ---- demo_front.c ---- */

void story_front(struct story *s);

#endif
