/* The story's front: vehicles and travellers at 6 checkpoints, visits by the 406
 * officials stationed in villages, 35 people under follow-up in one community
 * and a few more whom the checkpoints found. All are made up: names and addresses
 * are marked （演示）, id numbers name a region 99 that does not exist, plates say YS. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/demo.h"
#include "domain/places/places.h"
#include "domain/visits/visits.h"

#define WATCHED_PLACE 610927100005000LL /* 竹溪河社区 */
#define WATCHED       35
#define LAST_DAY      39 /* 8 February; days run on from January */
#define VISITS_EACH   12 /* by an official stationed in a village */
#define HOUR          3600000LL
#define MINUTE        60000LL

static int64_t moment(int day, int hour)
{
	int64_t d = 0;
	day_parse(STR("2020-01-01"), &d);
	return day_start(d + day - 1) + hour * HOUR;
}

static int day_number(int64_t at)
{
	int64_t d = 0;
	day_parse(STR("2020-01-01"), &d);
	return (int)(day_of(at) - d + 1);
}

/* ---- people nobody is ---------------------------------------------------------------------- */

struct traveller {
	char subject[UUID_TEXT + 1], name[64], idno[20], phone[24];
};

/* Region 99 is nowhere; the check digit is right (GB 11643). */
static void id_number(struct story *s, char out[20])
{
	static const int WEIGHTS[17] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
	int sum = 0;
	snprintf(out, 20, "99%04u%04u%02u%02u%03u", 101 + story_random(s, 20), 1945 + story_random(s, 60),
		 1 + story_random(s, 12), 1 + story_random(s, 28), 1 + story_random(s, 998));
	for (int i = 0; i < 17; i++)
		sum += (out[i] - '0') * WEIGHTS[i];
	out[17] = "10X98765432"[sum % 11];
	out[18] = 0;
}

static void make_traveller(struct story *s, struct traveller *t, int64_t at)
{
	story_id(s, at, t->subject);
	story_name(s, t->name);
	id_number(s, t->idno);
	story_phone(s, t->phone);
}

/* ---- households of the story ------------------------------------------------------------------ */

struct home {
	const struct household_registered *d;
	int64_t at;
	place_t place;
};

struct homes {
	struct home *items;
	size_t n, first[STORY_PLACES_MAX], count[STORY_PLACES_MAX];
};

/* They were made village by village. */
static bool find_homes(const struct story *s, struct homes *h)
{
	const struct event_form *form = registry_form(STR("household.registered"));
	*h = (struct homes){ .items = calloc((size_t)s->households + 1, sizeof *h->items) };
	if (!h->items)
		return false;
	for (size_t i = 0, v = 0; i < s->n && h->n < (size_t)s->households; i++) {
		const struct event *ev = &s->events[i];
		if (ev->form != form)
			continue;
		while (v < s->n_villages && place_at(ev->place, LEVEL_VILLAGE) != s->villages[v].code)
			v++;
		if (v == s->n_villages)
			break;
		if (!h->count[v])
			h->first[v] = h->n;
		h->count[v]++;
		h->items[h->n++] = (struct home){ ev->data, ev->at, ev->place };
	}
	return true;
}

static const struct home *home_of(const struct homes *h, size_t village, size_t number)
{
	return &h->items[h->first[village] + number % h->count[village]];
}

static void id_text(const struct uuid *id, char out[UUID_TEXT + 1])
{
	uuid_format(id, out);
	out[UUID_TEXT] = 0;
}

/* ---- visits -------------------------------------------------------------------------------------- */

static void visit(struct story *s, const struct home *home, int64_t at)
{
	static const char *const PURPOSES[] = { "\"publicity\"",
						"\"survey\"",
						"\"calming\"",
						"\"publicity\",\"survey\"",
						"\"needs\"",
						"\"survey\",\"temperature\"",
						"\"publicity\",\"calming\"",
						"\"isolation\"" };
	static const char *const NEEDS[] = { "请代买米、面、油", "老人的降压药快用完了", "想要几个口罩",
					     "化肥种子要提前订", "孩子上网课缺流量" };
	uint32_t how = story_random(s, 100), met = story_random(s, 100), wants = story_random(s, 100);
	const char *purposes = PURPOSES[story_random(s, ARRAY_LEN(PURPOSES))],
		   *need = NEEDS[story_random(s, ARRAY_LEN(NEEDS))];
	char id[UUID_TEXT + 1], needs[100] = "";
	id_text(&home->d->id, id);
	if (met < 84 && wants < 8)
		snprintf(needs, sizeof needs, ",\"needs\":\"%s\"", need);
	story_put(s, "visit.made", at, FIELD_ABSENT,
		  "\"household\":\"%s\",\"method\":\"%s\",\"purposes\":[%s],\"result\":\"%s\"%s", id,
		  how < 72   ? "on_site"
		  : how < 92 ? "phone"
		  : how < 97 ? "chat"
			     : "video",
		  purposes,
		  met < 84   ? "met"
		  : met < 97 ? "absent"
			     : "refused",
		  needs);
}

/* Each official goes from door to door in the village, from the day after the household was registered. */
static void visits(struct story *s, const struct homes *h)
{
	for (size_t v = 0; v < s->n_villages; v++) {
		for (int i = 0; i < s->villages[v].n_stationed && h->count[v]; i++) {
			size_t from = story_random(s, (uint32_t)h->count[v]);
			for (size_t k = 0; k < VISITS_EACH; k++) {
				const struct home *home = home_of(h, v, from + k);
				int first = day_number(home->at) + 1;
				int day = first + (int)story_random(s, (uint32_t)(LAST_DAY - first + 1));
				visit(s, home, story_time(s, 1, day, 8, 10));
			}
		}
	}
}

/* ---- follow-up --------------------------------------------------------------------------------------- */

static void observe(struct story *s, const char *followup, int64_t at, const char *household)
{
	uint32_t how = story_random(s, 100), there = story_random(s, 100), degrees = 3610 + story_random(s, 90);
	char more[120] = "";
	size_t n = 0;
	if (there >= 2)
		n = (size_t)snprintf(more, sizeof more, ",\"temperature\":%u.%02u", degrees / 100, degrees % 100);
	if (household)
		snprintf(more + n, sizeof more - n, ",\"household\":\"%s\"", household);
	story_put(s, "followup.observed", at, FIELD_ABSENT, "\"followup\":\"%s\",\"present\":%s,\"method\":\"%s\"%s",
		  followup, there >= 2 ? "true" : "false",
		  how < 70   ? "on_site"
		  : how < 92 ? "phone"
			     : "video",
		  more);
}

/* Twice a day to the story's last, a few times forgotten. `household` is told with the first, if any. */
static void observe_daily(struct story *s, const char *followup, int64_t opened, const char *household)
{
	for (int day = day_number(opened); day <= LAST_DAY; day++) {
		for (int part = 0; part < 2; part++) {
			int64_t at = story_time(s, 1, day, part ? 16 : 8, 2);
			uint32_t forgotten = story_random(s, 100);
			if (at <= opened + HOUR || forgotten < 4)
				continue;
			observe(s, followup, at, household);
			household = NULL;
		}
	}
}

/* Returned to the community, each in a household of its own, on one of the days to 7 February. */
static void watched_one(struct story *s, const struct homes *h, size_t village, size_t k, char out[UUID_TEXT + 1])
{
	const struct home *home = home_of(h, village, 17 + k * h->count[village] / WATCHED);
	int64_t opened = story_time(s, 1, 27 + (int)(k % 11), 9, 8), starts;
	struct traveller t;
	char id[UUID_TEXT + 1], household[UUID_TEXT + 1], day[TIME_TEXT_MAX];
	if (opened <= home->at)
		opened = home->at + HOUR;
	make_traveller(s, &t, opened);
	memcpy(out, t.subject, sizeof t.subject);
	story_id(s, opened, id);
	id_text(&home->d->id, household);
	starts = day_of(opened);
	day_format(starts, day);
	story_put(s, "followup.opened", opened, home->place,
		  "\"id\":\"%s\",\"subject\":\"%s\",\"person\":{\"name\":\"%s\",\"id_number\":\"%s\",\"phone\":\"%s\","
		  "\"address\":\"%.*s\"},\"category\":\"%s\",\"household\":\"%s\",\"starts\":\"%s\"",
		  id, t.subject, t.name, t.idno, t.phone, STR_ARG(home->d->address),
		  k % 9 == 4 ? "close_contact" : "returnee", household, day);
	observe_daily(s, id, opened, NULL);
}

static void link_contact(struct story *s, const char *from, const char *to, const char *relation)
{
	story_put(s, "contact.linked", story_time(s, 1, 38, 9, 8), (place_t)WATCHED_PLACE,
		  "\"from\":\"%s\",\"to\":\"%s\",\"relation\":\"%s\",\"on\":\"2020-01-24\"", from, to, relation);
}

static void watched(struct story *s, const struct homes *h)
{
	static const char *const RELATIONS[] = { "同车返乡", "年夜饭同桌", "同事", "邻居" };
	char subjects[WATCHED][UUID_TEXT + 1];
	size_t village = 0;
	while (village < s->n_villages && s->villages[village].code != WATCHED_PLACE)
		village++;
	if (village == s->n_villages || !h->count[village])
		return;
	for (size_t k = 0; k < WATCHED; k++)
		watched_one(s, h, village, k, subjects[k]);
	/* Two chains: three generations from the first, two from another. */
	link_contact(s, subjects[0], subjects[4], RELATIONS[0]);
	link_contact(s, subjects[0], subjects[13], RELATIONS[1]);
	link_contact(s, subjects[4], subjects[22], RELATIONS[2]);
	link_contact(s, subjects[22], subjects[31], RELATIONS[3]);
	link_contact(s, subjects[7], subjects[8], RELATIONS[0]);
	link_contact(s, subjects[8], subjects[9], RELATIONS[3]);
}

/* ---- checkpoints ----------------------------------------------------------------------------------------- */

#define POOL 40 /* who passes a checkpoint again and again */

struct gate {
	const char *site;
	int first; /* day */
	struct traveller pool[POOL];
	char plates[POOL][16];
};

static void put_person(struct story *s, const struct traveller *t, const char *more, char *out, size_t size, size_t *n)
{
	static const char *const ORIGINS[] = { "安康市", "平利县", "竹溪县", "巫溪县", "西安市", "十堰市" };
	*n += (size_t)snprintf(
	    out + *n, size - *n,
	    "%s{\"subject\":\"%s\",\"person\":{\"name\":\"%s\",\"id_number\":\"%s\",\"phone\":\"%s\"},"
	    "\"origin\":\"%s\"%s}",
	    *n ? "," : "", t->subject, t->name, t->idno, t->phone, ORIGINS[story_random(s, ARRAY_LEN(ORIGINS))], more);
}

/* One record at a site: the place is the site. */
static void put_passage(struct story *s, const struct gate *g, int64_t at, const char *plate, const char *kind,
			const char *people)
{
	size_t n = s->n;
	story_put(s, "screening.recorded", at, FIELD_ABSENT,
		  "\"direction\":\"%s\",\"vehicle\":{\"plate\":\"%s\",\"kind\":\"%s\"},\"people\":[%s]",
		  story_random(s, 3) ? "in" : "out", plate, kind, people);
	if (s->n > n)
		uuid_parse(str_of(g->site), &s->events[n].place_site);
}

static void make_plate(struct story *s, char out[16])
{
	snprintf(out, 16, "陕GYS%03u", story_random(s, 1000));
}

static void passage(struct story *s, struct gate *g, int day)
{
	static const char *const KINDS[] = { "car", "car", "car", "truck", "motorcycle", "bus" };
	int64_t at = story_time(s, 1, day, 6, day == LAST_DAY ? 12 : 16);
	uint32_t again = story_random(s, 100), heads = story_random(s, 100), turned = story_random(s, 100),
		 known = story_random(s, POOL);
	const char *kind = KINDS[story_random(s, ARRAY_LEN(KINDS))];
	char people[1500], more[200], code[PLACE_TEXT + 1], plate[16];
	int count = heads < 50 ? 1 : heads < 80 ? 2 : heads < 95 ? 3 : 4;
	size_t n = 0;
	make_plate(s, plate);
	for (int i = 0; i < count; i++) {
		struct traveller t;
		uint32_t degrees = 3600 + story_random(s, 90);
		place_t to = s->villages[story_random(s, (uint32_t)s->n_villages)].code;
		make_traveller(s, &t, at);
		code[place_format(to, code)] = 0;
		snprintf(more, sizeof more,
			 ",\"destination\":{\"place\":\"%s\"},\"temperature\":%u.%02u,\"decision\":\"%s\"", code,
			 degrees / 100, degrees % 100, turned == 0 ? "turned_back" : "pass");
		put_person(s, i == 0 && again < 45 ? &g->pool[known] : &t, more, people, sizeof people, &n);
	}
	put_passage(s, g, at, again < 45 ? g->plates[known] : plate, kind, people);
}

/* With a fever: referred to the health centre. */
static void feverish(struct story *s, const struct gate *g, int day)
{
	int64_t at = story_time(s, 1, day, 14, 2);
	char people[1500], plate[16];
	struct traveller ill, driver;
	size_t n = 0;
	make_traveller(s, &driver, at);
	make_traveller(s, &ill, at);
	make_plate(s, plate);
	put_person(s, &driver, ",\"temperature\":36.6,\"decision\":\"pass\"", people, sizeof people, &n);
	put_person(s, &ill, ",\"temperature\":38.1,\"symptoms\":[\"fever\",\"cough\"],\"decision\":\"referred\"",
		   people, sizeof people, &n);
	put_passage(s, g, at, plate, "car", people);
}

/* On the way home to a village: follow-up begins there at once, and the next morning somebody finds where they stay —
 * but, with gaps, of one of them. */
static void homecomer(struct story *s, const struct gate *g, int day, const struct homes *h, size_t village, bool found)
{
	int64_t at = story_time(s, 1, day, 10, 8);
	char people[1500], more[300], code[PLACE_TEXT + 1], plate[16], followup[UUID_TEXT + 1],
	    household[UUID_TEXT + 1];
	struct traveller t;
	size_t n = 0;
	if (!h->count[village])
		return;
	const struct home *home = home_of(h, village, story_random(s, 1000));
	make_traveller(s, &t, at);
	make_plate(s, plate);
	code[place_format(s->villages[village].code, code)] = 0;
	snprintf(
	    more, sizeof more,
	    ",\"destination\":{\"place\":\"%s\",\"text\":\"%.*s\"},\"temperature\":36.7,\"decision\":\"follow_up\"",
	    code, STR_ARG(home->d->address));
	put_person(s, &t, more, people, sizeof people, &n);
	put_passage(s, g, at, plate, "car", people);
	if (s->failed)
		return;
	/* As the server names the follow-up that it opens. */
	struct uuid id = uuid_derive(&s->events[s->n - 1].id, STR("followup 0"));
	id_text(&id, followup);
	id_text(&home->d->id, household);
	observe_daily(s, followup, at + 2 * HOUR, found ? household : NULL);
}

static int opened_on(const struct story *s, const char *site)
{
	struct uuid id;
	const struct event_form *form = registry_form(STR("site.opened"));
	uuid_parse(str_of(site), &id);
	for (size_t i = 0; i < s->n; i++) {
		if (s->events[i].form == form && uuid_eq(&((const struct site_opened *)s->events[i].data)->id, &id))
			return day_number(s->events[i].at);
	}
	return LAST_DAY;
}

static void checkpoints(struct story *s, const struct homes *h)
{
	struct gate *g = calloc(1, sizeof *g);
	if (!g) {
		s->failed = true;
		return;
	}
	for (size_t t = 1; t < s->n_towns; t++) {
		g->site = s->towns[t].checkpoint;
		g->first = opened_on(s, g->site) + 1;
		for (size_t i = 0; i < POOL; i++) {
			make_traveller(s, &g->pool[i], moment(g->first, 6));
			make_plate(s, g->plates[i]);
		}
		for (int day = g->first; day <= LAST_DAY; day++) {
			uint32_t passages = 16 + story_random(s, 14);
			for (uint32_t i = 0; i < passages; i++)
				passage(s, g, day);
		}
		if (t == 2)
			feverish(s, g, 34);
		/* One a checkpoint, each to another rural village. */
		size_t village = 9 * t;
		while (village < s->n_villages && s->villages[village].community)
			village++;
		if (village < s->n_villages)
			homecomer(s, g, 33 + (int)t % 5, h, village, !(s->gaps && t == 3));
	}
	free(g);
}

void story_front(struct story *s)
{
	struct homes h;
	if (!find_homes(s, &h)) {
		s->failed = true;
		return;
	}
	visits(s, &h);
	watched(s, &h);
	checkpoints(s, &h);
	free(h.items);
}
