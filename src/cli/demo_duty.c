/* The muster, the reserve and the checkpoints' shifts: 14 staff of the county
 * back on post and the 3 leaders of each of 7 towns within the day; a checkpoint
 * asks for hands, 143 sign up, the next morning 5 are sent. Round the clock two
 * stand at each of 6 checkpoints, relieved every eight hours. */
#include <stdio.h>

#include "cli/demo.h"

#define MUSTERED   14  /* of the county's officials, the first */
#define SIGNED_UP  143 /* the next */
#define ASKING     2   /* the town whose checkpoint asks */
#define FIRST_DAY  29  /* of January: shifts round the clock; the days run on */
#define LAST_DAY   39  /* 8 February; the day after is planned */
#define STAND_FROM 2   /* of a town's officials, eight take turns in pairs */

static int64_t moment(int day, int hour, int minute)
{
	int64_t d = 0;
	day_parse(STR("2020-01-01"), &d);
	return day_start(d + day - 1) + hour * 3600000LL + minute * 60000LL;
}

static void report(struct story *s, int64_t at, place_t place, const struct story_person *p, const char *status,
		   const char *more)
{
	story_put(s, "duty.reported", at, place, "\"person\":\"%s\",\"status\":\"%s\"%s", p->id, status, more);
}

/* ---- the muster ------------------------------------------------------------------------------- */

static void muster(struct story *s)
{
	char since[TIME_TEXT_MAX], until[TIME_TEXT_MAX];
	for (size_t i = 0; i < MUSTERED; i++)
		report(s, story_time(s, 1, 25, 9, 8), s->county, &s->officials[i], "on_post", "");
	for (size_t t = 0; t < s->n_towns; t++) {
		for (size_t k = 0; k < ARRAY_LEN(s->towns[t].leaders); k++)
			report(s, story_time(s, 1, 25, 10, 12), s->towns[t].code, &s->towns[t].leaders[k], "on_post",
			       "");
	}
	/* Who has been where it was is not called. */
	time_format_utc(moment(23, 0, 0), since);
	time_format_utc(moment(37, 0, 0), until);
	for (size_t i = ARRAY_LEN(s->officials) - 2; i < ARRAY_LEN(s->officials); i++) {
		int64_t at = story_time(s, 1, 24, 9, 4);
		story_put(s, "person.exposed", at, FIELD_ABSENT, "\"person\":\"%s\",\"since\":\"%s\",\"until\":\"%s\"",
			  s->officials[i].id, since, until);
		report(s, at + 600000, s->county, &s->officials[i], "quarantined", "");
	}
}

/* ---- the reserve -------------------------------------------------------------------------------- */

static void ask(struct story *s, int64_t at, const struct story_town *t, int headcount, const char *reason,
		int64_t needed_by, const char *more, char out[UUID_TEXT + 1])
{
	char by[TIME_TEXT_MAX];
	time_format_utc(needed_by, by);
	story_id(s, at, out);
	story_put(s, "support.requested", at, FIELD_ABSENT,
		  "\"id\":\"%s\",\"site\":\"%s\",\"headcount\":%d,\"reason\":\"%s\",\"needed_by\":\"%s\"%s", out,
		  t->checkpoint, headcount, reason, by, more);
}

static void sign_up(struct story *s)
{
	static const char *const SKILLS[] = { "\"驾驶\"", "", "\"急救\"", "\"登记\"", "", "\"驾驶\",\"登记\"" };
	char from[TIME_TEXT_MAX];
	time_format_utc(moment(31, 7, 0), from);
	for (size_t i = 0; i < SIGNED_UP; i++) {
		const char *skills = SKILLS[i % ARRAY_LEN(SKILLS)];
		story_put(s, "reserve.joined", story_time(s, 1, 30, 11, 10), s->county,
			  "\"person\":\"%s\",\"available_from\":\"%s\",\"skills\":[%s]", s->officials[MUSTERED + i].id,
			  from, skills);
	}
}

/* Those of the county's officials whom the checkpoint's temporary branch then takes in. */
static void pick(const struct story *s, const struct story_person *out[5])
{
	size_t n = 0;
	for (size_t i = 12 * (size_t)ASKING; n < 5; i++) {
		if (s->officials[i].party)
			out[n++] = &s->officials[i];
	}
}

static void reserve(struct story *s, const struct story_person *const sent[5])
{
	char request[UUID_TEXT + 1], later[UUID_TEXT + 1], people[400] = "", by[TIME_TEXT_MAX];
	size_t n = 0;
	ask(s, moment(30, 10, 12), &s->towns[ASKING], 5, "车流量大，人手不足", moment(31, 9, 0), "", request);
	sign_up(s);
	for (size_t i = 0; i < 5; i++)
		n += (size_t)snprintf(people + n, sizeof people - n, "%s\"%s\"", i ? "," : "", sent[i]->id);
	time_format_utc(moment(31, 9, 0), by);
	story_put(s, "support.assigned", moment(31, 7, 30), FIELD_ABSENT,
		  "\"request\":\"%s\",\"persons\":[%s],\"report_by\":\"%s\"", request, people, by);
	for (size_t i = 0; i < 5; i++)
		story_put(s, "support.arrived", moment(31, 8, 20 + 5 * (int)i), FIELD_ABSENT,
			  "\"request\":\"%s\",\"person\":\"%s\"", request, sent[i]->id);
	/* One still waits for an answer on the last day. */
	ask(s, moment(LAST_DAY, 15, 5), &s->towns[5], 3, "返程车辆增多，夜班缺人", moment(LAST_DAY + 1, 8, 0),
	    ",\"skills\":[\"登记\"]", later);
}

/* ---- shifts --------------------------------------------------------------------------------------- */

struct shift {
	const struct story_town *town;
	const struct story_person *people[5];
	size_t n;
	int64_t planned, from, to;
	const char *note;
};

/* Planned the day before; each reports when taking over and when relieved, the first with a note. */
static void stand(struct story *s, const struct shift *h, bool worked)
{
	char id[UUID_TEXT + 1], people[400] = "", from[TIME_TEXT_MAX], to[TIME_TEXT_MAX], more[300];
	size_t n = 0;
	for (size_t i = 0; i < h->n; i++)
		n += (size_t)snprintf(people + n, sizeof people - n, "%s\"%s\"", i ? "," : "", h->people[i]->id);
	time_format_utc(h->from, from);
	time_format_utc(h->to, to);
	story_id(s, h->planned, id);
	story_put(s, "shift.planned", h->planned, FIELD_ABSENT,
		  "\"id\":\"%s\",\"site\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"persons\":[%s]", id,
		  h->town->checkpoint, from, to, people);
	for (size_t i = 0; worked && i < h->n; i++) {
		snprintf(more, sizeof more, ",\"shift\":\"%s\"", id);
		report(s, h->from + 60000 * (int64_t)(1 + i), h->town->code, h->people[i], "on_post", more);
		if (i == 0)
			snprintf(more, sizeof more, ",\"shift\":\"%s\",\"handover\":\"%s\"", id, h->note);
		report(s, h->to - 60000 * (int64_t)(2 + i), h->town->code, h->people[i], "off_post", more);
	}
}

static void shifts(struct story *s, const struct story_person *const sent[5])
{
	static const char *const NOTES[] = { "测温枪两把正常，备用电池两节", "口罩还剩一包，已报物资组",
					     "夜间车辆少，道路结冰，注意防滑", "两辆外地车已劝返，登记在册" };
	for (int day = FIRST_DAY; day <= LAST_DAY + 1; day++) {
		bool worked = day <= LAST_DAY;
		for (size_t t = 1; t < s->n_towns; t++) {
			const struct story_town *town = &s->towns[t];
			struct shift h = { .town = town, .n = 2, .planned = moment(day - 1, 17, (int)t) };
			for (int part = 0; part < 3; part++) {
				/* A pair stands every fourth shift: a day's rest between. */
				size_t turn = (size_t)((day - FIRST_DAY) * 3 + part), pair = turn % 4;
				h.people[0] = &town->officials[STAND_FROM + 2 * pair];
				h.people[1] = &town->officials[STAND_FROM + 2 * pair + 1];
				h.from = moment(day, 8 * part, 0);
				h.to = moment(day, 8 * part + 8, 0);
				h.note = NOTES[(turn + t) % ARRAY_LEN(NOTES)];
				stand(s, &h, worked);
			}
			if (t != ASKING || day < 32)
				continue;
			/* The five who were sent, by day. */
			h.n = 5;
			memcpy(h.people, sent, 5 * sizeof *sent);
			h.from = moment(day, 9, 0);
			h.to = moment(day, 18, 0);
			h.note = "支援组今日随检查点登记车辆，无异常";
			stand(s, &h, worked);
		}
	}
}

void story_duty(struct story *s)
{
	const struct story_person *sent[5];
	pick(s, sent);
	muster(s);
	reserve(s, sent);
	shifts(s, sent);
}
