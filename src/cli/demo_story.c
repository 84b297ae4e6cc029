/* The county's people, households and responsibility groups in the days from
 * 20 January to 8 February 2020. Real are the places and the counts; every
 * person, household, phone and address is made up and marked （演示）. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/demo.h"

#define RURAL_GROUPS 300 /* and 56 in the communities: 356 */

static const int COMMUNITY_GROUPS[] = { 15, 14, 14, 13 };

/* ---- the places ------------------------------------------------------------------------- */

/* 蔬菜村委会 → 蔬菜村, 广场社区居委会 → 广场社区 */
static void short_name(const char *from, size_t len, char out[64])
{
	static const char COMMUNITY[] = "居委会", VILLAGE[] = "委会";
	snprintf(out, 64, "%.*s", (int)len, from);
	size_t n = strlen(out);
	for (const char *tail = COMMUNITY;; tail = VILLAGE) {
		size_t k = strlen(tail);
		if (n > k && strcmp(out + n - k, tail) == 0) {
			out[n - k] = 0;
			return;
		}
		if (tail == VILLAGE)
			return;
	}
}

static void add_place(struct story *s, place_t code, const char *name, size_t len, int level)
{
	if (level == LEVEL_COUNTY)
		s->county = code;
	if (level == LEVEL_TOWN && s->n_towns < STORY_TOWNS_MAX) {
		struct story_town *t = &s->towns[s->n_towns++];
		t->code = code;
		snprintf(t->name, sizeof t->name, "%.*s", (int)len, name);
	}
	if (level != LEVEL_VILLAGE || s->n_villages == STORY_PLACES_MAX)
		return;
	struct story_village *v = &s->villages[s->n_villages++];
	v->code = code;
	v->community = code % 1000000 / 1000 < 200; /* last three digits 001–199: residents' committee */
	short_name(name, len, v->name);
	for (size_t t = 0; t < s->n_towns; t++) {
		if (place_within(code, s->towns[t].code))
			v->town = t;
	}
}

/* The file is the project's own: code,name,level,parent, nothing quoted, towns before villages. */
static void read_places(struct story *s, const char *csv)
{
	for (const char *line = strchr(csv, '\n'); line && line[1]; line = strchr(line + 1, '\n')) {
		const char *name = strchr(line + 1, ','), *level = name ? strchr(name + 1, ',') : NULL;
		place_t code;
		if (level && place_parse((struct str){ line + 1, (size_t)(name - line - 1) }, &code))
			add_place(s, code, name + 1, (size_t)(level - name - 1), level[1] - '0');
	}
}

/* 4, 5 or 6 groups a village, 300 in all; one village goes its own way. */
static void plan_groups(struct story *s)
{
	size_t rural = 0, community = 0;
	for (size_t i = 0; i < s->n_villages; i++) {
		struct story_village *v = &s->villages[i];
		if (v->community) {
			v->groups = COMMUNITY_GROUPS[community++ % ARRAY_LEN(COMMUNITY_GROUPS)];
			continue;
		}
		v->groups = 4 + (int)(rural % 3) + (rural % 6 == 1);
		if (rural == 57)
			v->groups++;
		v->custom = rural == 40;
		rural++;
	}
}

/* ---- people ----------------------------------------------------------------------------------- */

static void county_people(struct story *s)
{
	for (size_t i = 0; i < ARRAY_LEN(s->commanders); i++)
		story_person(s, &s->commanders[i], story_time(s, 1, 20, 10, 1), s->county, "leader", true,
			     "县疫情防控指挥部（演示）");
	for (size_t i = 0; i < ARRAY_LEN(s->officials); i++)
		story_person(s, &s->officials[i], story_time(s, 1, 20 + (int)i / 80, 11, 7), s->county, "official",
			     i % 10 < 8, "县直机关（演示）");
	for (size_t i = 0; i < ARRAY_LEN(s->medics); i++)
		story_person(s, &s->medics[i], story_time(s, 1, 21, 8, 8), s->county, "medic", i % 2 == 0,
			     i < 30 ? "县医院（演示）" : "县疾控中心（演示）");
	for (size_t i = 0; i < ARRAY_LEN(s->police); i++)
		story_person(s, &s->police[i], story_time(s, 1, 22, 8, 4), s->county, "police", i % 3 != 0,
			     "县公安局（演示）");
	for (size_t i = 0; i < ARRAY_LEN(s->retired); i++)
		story_person(s, &s->retired[i], story_time(s, 1, 29, 9, 8), s->county, "retired_official", true,
			     "离退休干部（演示）");
}

static void town_people(struct story *s, struct story_town *t)
{
	char unit[128];
	snprintf(unit, sizeof unit, "%s人民政府（演示）", t->name);
	for (size_t i = 0; i < ARRAY_LEN(t->leaders); i++)
		story_person(s, &t->leaders[i], story_time(s, 1, 20, 12, 5), t->code, "leader", true, unit);
	for (size_t i = 0; i < ARRAY_LEN(t->officials); i++)
		story_person(s, &t->officials[i], story_time(s, 1, 21, 8, 9), t->code, "official", i % 4 != 3, unit);
	snprintf(unit, sizeof unit, "%s卫生院（演示）", t->name);
	for (size_t i = 0; i < ARRAY_LEN(t->medics); i++)
		story_person(s, &t->medics[i], story_time(s, 1, 21, 8, 9), t->code, "medic", i % 2 == 0, unit);
}

/* 406 officials stationed in 62 villages: 6 in each, a seventh in 34 of them. */
static void village_people(struct story *s, struct story_village *v, size_t index)
{
	char unit[128];
	int day = 23 + (int)(index % 4);
	snprintf(unit, sizeof unit, "%s（演示）", v->name);
	for (int i = 0; i < 5; i++)
		story_person(s, &v->officials[v->n_officials++], story_time(s, 1, 20 + (int)(index % 2), 13, 5),
			     v->code, "village_official", i < 3, unit);
	for (int i = 0; i < 6 + (index < 34); i++)
		story_person(s, &v->stationed[v->n_stationed++], story_time(s, 1, day, 8, 9), v->code,
			     "stationed_official", i % 3 != 2, "驻村工作队（演示）");
	for (int i = 0; i < v->groups; i++) {
		int64_t at = story_time(s, 1, 25 + (int)(index % 4), 8, 10);
		/* In a village a small-group leader, a villagers' representative and a party member a group; in a
		 * community a party member to lead, a building leader and a central household head. */
		story_person(s, &v->party[v->n_party++], at, v->code, "resident", true, unit);
		if (v->community) {
			story_person(s, &v->leaders[v->n_leaders++], at + 60000, v->code, "volunteer", false, unit);
			story_person(s, &v->representatives[v->n_representatives++], at + 120000, v->code, "resident",
				     false, unit);
			continue;
		}
		if (!v->custom)
			story_person(s, &v->leaders[v->n_leaders++], at + 60000, v->code, "group_leader", i % 3 == 0,
				     unit);
		story_person(s, &v->representatives[v->n_representatives++], at + 120000, v->code,
			     "villager_representative", i % 4 == 0, unit);
	}
	for (int i = 0; i < 5; i++)
		story_person(s, &v->volunteers[v->n_volunteers++], story_time(s, 1, 27 + (int)(index % 2), 8, 10),
			     v->code, "volunteer", i == 0, unit);
}

/* ---- groups and households ---------------------------------------------------------------------- */

static void staff(struct story *s, const char *group, const struct story_person *p, const char *role, int64_t at)
{
	story_put(s, "group.staffed", at, FIELD_ABSENT, "\"group\":\"%s\",\"person\":\"%s\",\"role\":\"%s\"", group,
		  p->id, role);
}

/* What --with-gaps leaves out still draws its numbers, so that the rest of the story stays the same. */
static void leave_out(struct story *s)
{
	char id[UUID_TEXT + 1];
	story_id(s, 0, id);
}

/* Every group gets all its roles, but those that a gap is made of lack one. */
static void staff_group(struct story *s, struct story_village *v, const char *group, int i, int64_t at, bool lacking)
{
	if (lacking)
		leave_out(s);
	if (v->community) {
		staff(s, group, &v->party[i], "grid_leader", at);
		staff(s, group, &v->leaders[i], "building_leader", at + 60000);
		if (!lacking)
			staff(s, group, &v->representatives[i], "household_head", at + 120000);
		return;
	}
	const struct story_person *official = &v->officials[i % v->n_officials],
				  *stationed = &v->stationed[i % v->n_stationed];
	if (v->custom) {
		staff(s, group, official, "supervisor", at);
		staff(s, group, &v->party[i], "responsible", at + 60000);
		if (!lacking)
			staff(s, group, &v->representatives[i], "overseer", at + 120000);
		return;
	}
	staff(s, group, i % 2 ? official : stationed, "village_official", at);
	staff(s, group, &v->leaders[i], "group_leader", at + 60000);
	staff(s, group, &v->representatives[i], "member", at + 120000);
	if (!lacking)
		staff(s, group, &v->party[i], "member", at + 180000);
}

static void put_tags(struct story *s, char out[160])
{
	static const struct {
		const char *tag;
		unsigned percent;
	} TAGS[] = { { "poor", 9 },     { "elderly_alone", 5 }, { "disabled", 2 },          { "chronic_illness", 6 },
		     { "pregnant", 1 }, { "infant", 4 },        { "left_behind_child", 2 }, { "severe_illness", 1 } };
	size_t n = 0;
	out[0] = 0;
	for (size_t i = 0; i < ARRAY_LEN(TAGS); i++) {
		if (story_random(s, 100) < TAGS[i].percent)
			n += (size_t)snprintf(out + n, 160 - n, "%s\"%s\"", n ? "," : ",\"tags\":[", TAGS[i].tag);
	}
	if (n)
		snprintf(out + n, 160 - n, "]");
}

static void household(struct story *s, struct story_village *v, place_t place, const char *group, int i, int number,
		      size_t village)
{
	int64_t registered = story_time(s, 1, 25 + (int)(village % 6) + i % 3, 8, 11);
	int64_t assigned = story_time(s, 1, 31 + (int)(village % 6) + i % 3, 8, 11);
	char id[UUID_TEXT + 1], name[64], phone[24], address[160], building[80] = "", tags[160];
	story_id(s, registered, id);
	story_name(s, name);
	story_phone(s, phone);
	put_tags(s, tags);
	if (v->community) {
		int block = i + 1, unit = number / 24 + 1, floor = number % 24 / 4 + 1, door = number % 4 + 1;
		snprintf(address, sizeof address, "%s%d号楼%d单元%d0%d室（演示）", v->name, block, unit, floor, door);
		snprintf(building, sizeof building, ",\"building\":\"%d号楼%d单元\"", block, unit);
	} else {
		snprintf(address, sizeof address, "%s%d组%d号（演示）", v->name, i + 1, number + 1);
	}
	story_put(s, "household.registered", registered, place,
		  "\"id\":\"%s\",\"address\":\"%s\",\"head\":{\"name\":\"%s\",\"phone\":\"%s\"},\"members\":%u%s%s", id,
		  address, name, phone, 1 + story_random(s, 4) + story_random(s, 3), building, tags);
	s->households++;
	if (s->gaps && s->households % 40 == 7) {
		s->households_unassigned++;
		leave_out(s);
		return;
	}
	story_put(s, "household.assigned", assigned, FIELD_ABSENT, "\"household\":\"%s\",\"group\":\"%s\"", id, group);
}

static void group(struct story *s, struct story_village *v, size_t village, int i)
{
	int64_t formed = story_time(s, 1, 27 + (int)(village % 4), 8, 4),
		staffed = story_time(s, 1, 29 + (int)(village % 8), 9, 8);
	place_t place = v->community ? v->code + i + 1 : v->code;
	bool lacking = s->gaps && s->groups % 12 == 5;
	char id[UUID_TEXT + 1], name[80];
	if (v->community) {
		snprintf(name, sizeof name, "%s第%d网格", v->name, i + 1);
		char code[PLACE_TEXT + 1];
		code[place_format(place, code)] = 0;
		story_put(s, "grid.defined", story_time(s, 1, 22, 9, 8), FIELD_ABSENT,
			  "\"code\":\"%s\",\"name\":\"%s\"", code, name);
	} else {
		snprintf(name, sizeof name, "%s第%d责任组", v->name, i + 1);
	}
	story_id(s, formed, id);
	story_put(s, "group.formed", formed, place, "\"id\":\"%s\",\"model\":\"%s\",\"name\":\"%s\"", id,
		  v->community ? "urban"
		  : v->custom  ? "custom"
			       : "rural",
		  name);
	staff_group(s, v, id, i, staffed, lacking);
	if (!v->community && !*s->grid_worker) {
		memcpy(s->grid_worker, v->leaders[i].id, sizeof s->grid_worker);
		s->grid_place = v->code;
	}
	s->groups++;
	s->groups_short += lacking;
	int n = v->community ? 80 + (int)story_random(s, 25) : 38 + (int)story_random(s, 23);
	for (int k = 0; k < n; k++)
		household(s, v, place, id, i, k, village);
}

/* ---- the whole ------------------------------------------------------------------------------------- */

struct place_in_time {
	int64_t at;
	size_t index;
};

static int by_time(const void *x, const void *y)
{
	const struct place_in_time *a = x, *b = y;
	return a->at != b->at ? (a->at > b->at) - (a->at < b->at) : (a->index > b->index) - (a->index < b->index);
}

/* Events of one moment keep the order in which they were made. */
static int put_in_order(struct story *s, struct err *err)
{
	struct place_in_time *order = calloc(s->n + 1, sizeof *order);
	struct event *sorted = calloc(s->n + 1, sizeof *sorted);
	int rc = order && sorted ? 0 : err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; rc == 0 && i < s->n; i++)
		order[i] = (struct place_in_time){ s->events[i].at, i };
	if (rc == 0) {
		qsort(order, s->n, sizeof *order, by_time);
		for (size_t i = 0; i < s->n; i++)
			sorted[i] = s->events[order[i].index];
		free(s->events);
		s->events = sorted;
		sorted = NULL;
	}
	free(sorted);
	free(order);
	return rc;
}

int story_make(struct story *s, const char *divisions, struct err *err)
{
	arena_init(&s->arena, (size_t)1 << 30);
	s->random = 610927;
	read_places(s, divisions);
	plan_groups(s);
	county_people(s);
	for (size_t i = 0; i < s->n_towns; i++)
		town_people(s, &s->towns[i]);
	story_sites(s);
	for (size_t i = 0; i < s->n_villages; i++)
		village_people(s, &s->villages[i], i);
	for (size_t i = 0; i < s->n_villages; i++) {
		for (int g = 0; g < s->villages[i].groups; g++)
			group(s, &s->villages[i], i, g);
	}
	story_teams(s);
	story_orders(s);
	story_duty(s);
	story_front(s);
	if (s->failed) {
		*err = s->err;
		return -1;
	}
	return put_in_order(s, err);
}

void story_finish(struct story *s)
{
	arena_finish(&s->arena);
	free(s->events);
}
