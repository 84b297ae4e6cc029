/* The story's sites and its temporary organisations, branches, teams, areas and
 * posts: 11, 30, 56, 56, 103 and 97, with the posts that each has. */
#include <stdio.h>

#include "cli/demo.h"

/* ---- sites -------------------------------------------------------------------------------- */

static void site(struct story *s, int64_t at, place_t place, const char *kind, const char *name,
		 char out[UUID_TEXT + 1])
{
	story_id(s, at, out);
	story_put(s, "site.opened", at, place, "\"id\":\"%s\",\"kind\":\"%s\",\"name\":\"%s\"", out, kind, name);
}

/* 6 checkpoints, a hospital, a centre for disease control, 9 health centres, a warehouse. */
void story_sites(struct story *s)
{
	char id[UUID_TEXT + 1], name[128];
	site(s, story_time(s, 1, 21, 9, 2), s->towns[0].code, "hospital", "县医院", id);
	site(s, story_time(s, 1, 21, 9, 2), s->towns[0].code, "disease_control", "县疾控中心", id);
	site(s, story_time(s, 1, 22, 9, 2), s->towns[0].code, "warehouse", "县应急物资仓库", id);
	for (size_t i = 0; i < s->n_towns; i++) {
		struct story_town *t = &s->towns[i];
		snprintf(name, sizeof name, "%s卫生院", t->name);
		site(s, story_time(s, 1, 21, 9, 6), t->code, "health_centre", name, t->centre);
		if (i == 1 || i == 2) {
			snprintf(name, sizeof name, "%s第二卫生院", t->name);
			site(s, story_time(s, 1, 21, 9, 6), t->code, "health_centre", name, id);
		}
		if (i == 0)
			continue;
		snprintf(name, sizeof name, "%s检查点", t->name);
		site(s, story_time(s, 1, 24 + 2 * (int)((i - 1) / 2), 8, 4), t->code, "checkpoint", name,
		     t->checkpoint);
	}
}

/* ---- teams ---------------------------------------------------------------------------------- */

struct team {
	const char *kind, *under, *at_site; /* ids, or NULL */
	place_t place;
	int64_t at;
	char id[UUID_TEXT + 1];
};

static void form(struct story *s, struct team *t, const char *name)
{
	char more[160] = "";
	size_t n = 0;
	story_id(s, t->at, t->id);
	if (t->under)
		n += (size_t)snprintf(more, sizeof more, ",\"under\":\"%s\"", t->under);
	if (t->at_site)
		snprintf(more + n, sizeof more - n, ",\"site\":\"%s\"", t->at_site);
	story_put(s, "team.formed", t->at, t->place, "\"id\":\"%s\",\"kind\":\"%s\",\"name\":\"%s\"%s", t->id, t->kind,
		  name, more);
}

static void join(struct story *s, const struct team *t, const struct story_person *p, const char *post, int minutes)
{
	story_put(s, "team.joined", t->at + minutes * 60000LL, FIELD_ABSENT,
		  "\"team\":\"%s\",\"person\":\"%s\",\"post\":\"%s\"", t->id, p->id, post);
}

static const char *const COMMITTEE[] = { "secretary", "deputy_secretary", "organisation", "publicity", "discipline",
					 "life",      "liaison" };

/* Fills the committee and up to two members from a list; branches and vanguard teams take party members alone. */
static void join_committee(struct story *s, const struct team *t, const struct story_person *people, size_t n,
			   size_t from, size_t most, bool party_only)
{
	size_t taken = 0;
	for (size_t i = 0; i < n && taken < most; i++) {
		const struct story_person *p = &people[(from + i) % n];
		if (party_only && !p->party)
			continue;
		join(s, t, p, taken < ARRAY_LEN(COMMITTEE) ? COMMITTEE[taken] : "member", 5 + (int)taken);
		taken++;
	}
}

/* 4 at the county, 7 in the towns. */
static void organisations(struct story *s)
{
	static const char *const NAMES[] = { "县疫情防控指挥部临时党委", "综合协调组临时党组织", "医疗救治组临时党组织",
					     "物资保障组临时党组织" };
	char name[128];
	for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
		struct team t = { .kind = "temporary_organisation",
				  .under = i ? s->county_organisations[0] : NULL,
				  .place = s->county,
				  .at = story_time(s, 1, 24, 9 + (int)i, 1) };
		form(s, &t, NAMES[i]);
		memcpy(s->county_organisations[i], t.id, sizeof t.id);
		join(s, &t, &s->commanders[i], "secretary", 1);
		join_committee(s, &t, s->officials, ARRAY_LEN(s->officials), 10 * i, 3, true);
	}
	for (size_t i = 0; i < s->n_towns; i++) {
		struct story_town *town = &s->towns[i];
		struct team t = { .kind = "temporary_organisation",
				  .under = s->county_organisations[0],
				  .place = town->code,
				  .at = story_time(s, 1, 25 + (int)(i % 2), 9, 6) };
		snprintf(name, sizeof name, "%s疫情防控临时党组织", town->name);
		form(s, &t, name);
		memcpy(town->organisation, t.id, sizeof t.id);
		for (size_t k = 0; k < 3; k++)
			join(s, &t, &town->leaders[k], COMMITTEE[k], 1 + (int)k);
	}
}

static void branch(struct story *s, place_t place, const char *under, const char *at_site, const char *name, int day,
		   const struct story_person *people, size_t n, size_t from)
{
	struct team t = { .kind = "temporary_branch",
			  .under = under,
			  .at_site = at_site,
			  .place = place,
			  .at = story_time(s, 1, day, 9, 7) };
	form(s, &t, name);
	join_committee(s, &t, people, n, from, 9, true);
}

/* 6 at checkpoints, 7 in towns, 9 at health centres, 2 at hospital and disease control, 6 of the command's work groups.
 */
static void branches(struct story *s)
{
	static const char *const GROUPS[] = {
		"综合协调组", "医疗救治组", "物资保障组", "宣传组", "交通检疫组", "督查组"
	};
	char name[128];
	for (size_t i = 0; i < s->n_towns; i++) {
		struct story_town *t = &s->towns[i];
		snprintf(name, sizeof name, "%s防控一线临时党支部", t->name);
		branch(s, t->code, t->organisation, NULL, name, 28 + (int)(i % 3), t->officials,
		       ARRAY_LEN(t->officials), 0);
		snprintf(name, sizeof name, "%s卫生院临时党支部", t->name);
		branch(s, t->code, t->organisation, t->centre, name, 30 + (int)(i % 3), t->medics, ARRAY_LEN(t->medics),
		       0);
		if (i == 1 || i == 2) {
			snprintf(name, sizeof name, "%s第二卫生院临时党支部", t->name);
			branch(s, t->code, t->organisation, NULL, name, 33, t->medics, ARRAY_LEN(t->medics), 3);
		}
		if (i == 0)
			continue;
		snprintf(name, sizeof name, "%s检查点临时党支部", t->name);
		branch(s, t->code, t->organisation, t->checkpoint, name, 29 + (int)i, s->officials,
		       ARRAY_LEN(s->officials), 12 * i);
	}
	branch(s, s->county, s->county_organisations[2], NULL, "县医院临时党支部", 30, s->medics, 30, 0);
	branch(s, s->county, s->county_organisations[2], NULL, "县疾控中心临时党支部", 30, s->medics + 30, 10, 0);
	for (size_t i = 0; i < ARRAY_LEN(GROUPS); i++) {
		snprintf(name, sizeof name, "%s临时党支部", GROUPS[i]);
		branch(s, s->county, s->county_organisations[0], NULL, name, 29 + (int)i, s->officials,
		       ARRAY_LEN(s->officials), 90 + 11 * i);
	}
}

static void village_team(struct story *s, const struct story_village *v, const char *kind, const char *tail, int day,
			 const struct story_person *lead, const struct story_person *people, int n, int from, int most)
{
	struct team t = { .kind = kind,
			  .under = s->towns[v->town].organisation,
			  .place = v->code,
			  .at = story_time(s, 1, day, 8, 10) };
	char name[160];
	int taken = 0;
	snprintf(name, sizeof name, "%s%s", v->name, tail);
	form(s, &t, name);
	join(s, &t, lead, "leader", 1);
	for (int i = 0; i < n && taken < most; i++) {
		const struct story_person *p = &people[(from + i) % n];
		if (p == lead)
			continue;
		join(s, &t, p, taken == 0 && most > 2 ? "deputy_leader" : "member", 2 + taken);
		taken++;
	}
}

static void village_teams(struct story *s)
{
	int vanguards = 0, volunteers = 0;
	for (size_t i = 0; i < s->n_villages; i++) {
		const struct story_village *v = &s->villages[i];
		int left = (int)(s->n_villages - i);
		/* 56 of the 62: the communities and all but six villages, other six for each kind. */
		if (vanguards < 56) {
			village_team(s, v, "vanguard_team", "党员先锋队", 27 + (int)(i % 8), &v->officials[0], v->party,
				     v->n_party, 0, 6);
			vanguards++;
		}
		if (v->community || left <= 56 - volunteers) {
			village_team(s, v, "volunteer_team", "志愿服务队", 29 + (int)(i % 7), &v->officials[3],
				     v->volunteers, v->n_volunteers, 0, 5);
			volunteers++;
		}
		village_team(s, v, "responsibility_area", i < 41 ? "第一党员责任区" : "党员责任区", 30 + (int)(i % 7),
			     &v->officials[1], v->party, v->n_party, 1, 2);
		if (i < 41)
			village_team(s, v, "responsibility_area", "第二党员责任区", 31 + (int)(i % 7), &v->officials[2],
				     v->party, v->n_party, 3, 2);
		village_team(s, v, "vanguard_post", "党员先锋岗", 31 + (int)(i % 8), &v->stationed[0], v->party,
			     v->n_party, 2, 2);
		if (i < 11)
			village_team(s, v, "vanguard_post", "第二党员先锋岗", 32 + (int)(i % 7), &v->stationed[1],
				     v->party, v->n_party, 4, 2);
	}
}

static void post_at(struct story *s, place_t place, const char *under, const char *at_site, const char *name, int day,
		    const struct story_person *lead)
{
	struct team t = { .kind = "vanguard_post",
			  .under = under,
			  .at_site = at_site,
			  .place = place,
			  .at = story_time(s, 1, day, 8, 10) };
	form(s, &t, name);
	join(s, &t, lead, "leader", 1);
}

/* Beside 73 in villages: 7 in towns, 6 at checkpoints, 9 at health centres, 2 at hospital and disease control. */
static void posts(struct story *s)
{
	char name[128];
	for (size_t i = 0; i < s->n_towns; i++) {
		struct story_town *t = &s->towns[i];
		snprintf(name, sizeof name, "%s党员先锋岗", t->name);
		post_at(s, t->code, t->organisation, NULL, name, 30 + (int)i, &t->officials[0]);
		snprintf(name, sizeof name, "%s卫生院党员先锋岗", t->name);
		post_at(s, t->code, t->organisation, t->centre, name, 31 + (int)(i % 6), &t->medics[0]);
		if (i == 1 || i == 2) {
			snprintf(name, sizeof name, "%s第二卫生院党员先锋岗", t->name);
			post_at(s, t->code, t->organisation, NULL, name, 34, &t->medics[2]);
		}
		if (i == 0)
			continue;
		snprintf(name, sizeof name, "%s检查点党员先锋岗", t->name);
		post_at(s, t->code, t->organisation, t->checkpoint, name, 32 + (int)(i % 6), &t->officials[1]);
	}
	post_at(s, s->county, s->county_organisations[2], NULL, "县医院党员先锋岗", 32, &s->medics[0]);
	post_at(s, s->county, s->county_organisations[2], NULL, "县疾控中心党员先锋岗", 32, &s->medics[30]);
}

void story_teams(struct story *s)
{
	organisations(s);
	branches(s);
	village_teams(s);
	posts(s);
}
