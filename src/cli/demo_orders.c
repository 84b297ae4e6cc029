/* The story's orders: two emergency notices of the city, each passed on by the
 * county to its towns and by them to all villages, and two initiatives, to all
 * organisations and members and to the retired. Everybody acknowledges, in
 * minutes; with gaps some villages are late with the second. */
#include <stdio.h>

#include "cli/demo.h"

#define MINUTE 60000LL

struct order {
	const char *number, *title, *body; /* title: "…的紧急通知" */
	int day, hour;                     /* of January: when the city's notice came in */
	int gap;                           /* with gaps every so many villages leave the order unread; 0: none */
};

static const struct order ORDERS[] = {
	{ "1", "关于组织动员各级党组织和党员投身疫情防控的紧急通知",
	  "各级党组织要把疫情防控作为当前最重要的工作：干部立即到岗，划分责任组，逐户登记返乡人员，每天报告进展。"
	  "收到后请立即签收并逐级传达到村。",
	  26, 11, 0 },
	{ "2", "关于进一步压实责任、做好入户排查和卡点值守的紧急通知",
	  "各镇对所辖村（社区）再排查一遍，做到户户有人管；检查点二十四小时有人值守；发热人员立即转送卫生院。"
	  "收到后请立即签收并逐级传达到村。",
	  28, 12, 9 },
};

static int64_t minutes(struct story *s, uint32_t least, uint32_t more)
{
	return (int64_t)(least + story_random(s, more)) * MINUTE;
}

/* ---- one notice ------------------------------------------------------------------------- */

struct notice {
	char id[UUID_TEXT + 1];
	int64_t at;
};

static size_t put_code(char *out, size_t size, size_t n, place_t place)
{
	char code[PLACE_TEXT + 1];
	code[place_format(place, code)] = 0;
	return n + (size_t)snprintf(out + n, size - n, "%s\"%s\"", n ? "," : "", code);
}

static void issue(struct story *s, struct notice *n, place_t place, const struct order *o, const char *issuer,
		  const char *places, const char *parent, int within)
{
	char more[160] = "", by[TIME_TEXT_MAX];
	size_t len = 0;
	story_id(s, n->at, n->id);
	if (parent)
		len = (size_t)snprintf(more, sizeof more, ",\"parent\":\"%s\"", parent);
	time_format_utc(n->at + within * MINUTE, by);
	snprintf(more + len, sizeof more - len, ",\"acknowledge_by\":\"%s\"", by);
	story_put(
	    s, "notice.issued", n->at, place,
	    "\"id\":\"%s\",\"kind\":\"emergency_notice\",\"number\":\"演示〔2020〕%s号\",\"title\":\"%s\",\"body\":"
	    "\"%s\",\"issuer\":\"%s（演示）\",\"to\":{\"places\":[%s]}%s",
	    n->id, o->number, o->title, o->body, issuer, places, more);
}

static void acknowledge(struct story *s, const char *notice, place_t unit, int64_t at)
{
	char code[PLACE_TEXT + 1];
	code[place_format(unit, code)] = 0;
	story_put(s, "notice.acknowledged", at, unit, "\"notice\":\"%s\",\"unit\":\"%s\"", notice, code);
}

static void sign(struct story *s, const char *notice, const struct story_person *p, int64_t at)
{
	story_put(s, "notice.acknowledged", at, FIELD_ABSENT, "\"notice\":\"%s\",\"person\":\"%s\"", notice, p->id);
}

/* ---- from the city to the last village ----------------------------------------------------- */

/* What is left out with gaps still draws its numbers, so that the rest of the story stays the same. */
static void by_villages(struct story *s, const struct order *o, const struct notice *n, size_t town)
{
	for (size_t i = 0; i < s->n_villages; i++) {
		const struct story_village *v = &s->villages[i];
		int64_t at = n->at + minutes(s, 4, 55) + (int64_t)story_random(s, 60) * 1000;
		char id[UUID_TEXT + 1];
		if (v->town != town)
			continue;
		if (s->gaps && o->gap && i % (size_t)o->gap == 4)
			story_id(s, 0, id);
		else
			acknowledge(s, n->id, v->code, at);
	}
}

static void by_town(struct story *s, const struct order *o, const struct notice *county, size_t town)
{
	const struct story_town *t = &s->towns[town];
	struct notice n;
	char places[1200] = "", issuer[100];
	size_t len = 0;
	int64_t read = county->at + minutes(s, 3, 22);
	acknowledge(s, county->id, t->code, read);
	for (size_t i = 0; i < s->n_villages; i++) {
		if (s->villages[i].town == town)
			len = put_code(places, sizeof places, len, s->villages[i].code);
	}
	snprintf(issuer, sizeof issuer, "%s疫情防控指挥部", t->name);
	n.at = read + minutes(s, 9, 24);
	issue(s, &n, t->code, o, issuer, places, county->id, 120);
	by_villages(s, o, &n, town);
}

static void from_the_city(struct story *s, const struct order *o)
{
	struct notice city = { .at = story_time(s, 1, o->day, o->hour, 1) }, county;
	char places[200] = "";
	size_t len = 0;
	put_code(places, sizeof places, 0, s->county);
	issue(s, &city, s->county, o, "安康市委组织部", places, NULL, 60);
	acknowledge(s, city.id, s->county, city.at + 12 * MINUTE);
	for (size_t i = 0; i < s->n_towns; i++)
		len = put_code(places, sizeof places, len, s->towns[i].code);
	/* The same afternoon. */
	county.at = story_time(s, 1, o->day, 14, 1);
	issue(s, &county, s->county, o, "镇坪县委组织部", places, city.id, 60);
	for (size_t i = 0; i < s->n_towns; i++)
		by_town(s, o, &county, i);
}

/* ---- initiatives ------------------------------------------------------------------------------ */

static void initiative(struct story *s, struct notice *n, const char *title, const char *body, const char *to)
{
	story_id(s, n->at, n->id);
	story_put(s, "notice.issued", n->at, s->county,
		  "\"id\":\"%s\",\"kind\":\"initiative\",\"title\":\"%s\",\"body\":\"%s\",\"issuer\":"
		  "\"镇坪县委组织部（演示）\",\"to\":{%s}",
		  n->id, title, body, to);
}

/* Addressed to every town and village and to all members; the members of the county's offices and the villages sign. */
static void to_members(struct story *s)
{
	struct notice n = { .at = story_time(s, 1, 29, 10, 1) };
	char to[1400] = "";
	size_t len = 0;
	for (size_t i = 0; i < s->n_towns; i++)
		len = put_code(to, sizeof to, len, s->towns[i].code);
	for (size_t i = 0; i < s->n_villages; i++)
		len = put_code(to, sizeof to, len, s->villages[i].code);
	char whole[1500];
	snprintf(whole, sizeof whole, "\"places\":[%s],\"party_members\":true", to);
	initiative(s, &n, "致全县党组织和党员的倡议书", "冲在前、干在先，守好自己的门、管好自己的组。", whole);
	for (size_t i = 0; i < s->n_towns; i++)
		acknowledge(s, n.id, s->towns[i].code, n.at + minutes(s, 5, 60));
	for (size_t i = 0; i < s->n_villages; i++) {
		const struct story_village *v = &s->villages[i];
		acknowledge(s, n.id, v->code, n.at + minutes(s, 5, 180));
		for (int k = 0; k < v->n_officials; k++) {
			if (v->officials[k].party)
				sign(s, n.id, &v->officials[k], n.at + minutes(s, 10, 600));
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(s->officials); i++) {
		if (s->officials[i].party)
			sign(s, n.id, &s->officials[i], n.at + minutes(s, 10, 600));
	}
}

static void to_the_retired(struct story *s)
{
	struct notice n = { .at = story_time(s, 1, 30, 9, 1) };
	initiative(s, &n, "致离退休干部的倡议书", "请带头不串门、不聚会，劝导身边人，把经验和情况告诉所在村（社区）。",
		   "\"categories\":[\"retired_official\"]");
	for (size_t i = 0; i < ARRAY_LEN(s->retired); i++)
		sign(s, n.id, &s->retired[i], n.at + minutes(s, 15, 500));
}

void story_orders(struct story *s)
{
	for (size_t i = 0; i < ARRAY_LEN(ORDERS); i++)
		from_the_city(s, &ORDERS[i]);
	to_members(s);
	to_the_retired(s);
}
