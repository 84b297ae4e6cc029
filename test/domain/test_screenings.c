/* Generated screenings over several checkpoints, in any order of arrival, some
 * withdrawn: figures, what is behind them and the lists against a naive count. */
#include "harness.h"

#include "domain/checkpoints/checkpoints.h"

#define ROUNDS    6
#define RECORDS   160
#define SITES     5
#define DAYS      8
#define PAGE_MOST 7

static const char *const SITE_AT[SITES] = { "V1", "V1", "V2", "V3", "T2" };
static const char *const PLACES[] = { "C", "T1", "T2", "V1", "V2", "V3" };
static const char *const FIGURES[] = { "vehicles", "people_screened", "fevers", "turned_back", "referred" };

struct record {
	char name[32];
	int site, day;
	int64_t at, counts[ARRAY_LEN(FIGURES)];
	bool live;
};
static struct record records[RECORDS];
static uint64_t seed;

static uint64_t draw(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

static void record_one(int i, int round)
{
	struct record *r = &records[i];
	char line[4000], *p = line;
	*r = (struct record){ .site = (int)draw(SITES), .day = 1 + (int)draw(DAYS), .live = true };
	snprintf(r->name, sizeof r->name, "r%d_%d", round, i);
	int hour = (int)draw(24), minute = (int)draw(4) * 15; /* some at the same moment */
	char when[20];
	snprintf(when, sizeof when, "02-%02dT%02d:%02d", r->day, hour, minute);
	r->at = rig_time(when);
	p += sprintf(p, "#%s screening.recorded %s @s%d {direction:'%s',", r->name, when, r->site,
		     draw(2) ? "in" : "out");
	if (draw(3)) {
		p += sprintf(p, "vehicle:{plate:'陕G1234%d'%s},", (int)draw(10), draw(2) ? ",kind:'truck'" : "");
		r->counts[0] = 1;
	}
	p += sprintf(p, "people:[");
	for (int n = 1 + (int)draw(5), k = 0; k < n; k++) {
		int64_t temperature = 3600 + (int64_t)draw(200);
		const char *decision = DECISIONS[draw(4)];
		if (temperature >= FEVER && strcmp(decision, "pass") == 0)
			decision = "referred";
		if (strcmp(decision, "follow_up") == 0)
			decision = "turned_back";
		p += sprintf(p, "%s{person:{name:'王'},temperature:%lld,decision:'%s'}", k ? "," : "",
			     (long long)temperature, decision);
		r->counts[1]++;
		r->counts[2] += temperature >= FEVER;
		r->counts[3] += strcmp(decision, "turned_back") == 0;
		r->counts[4] += strcmp(decision, "referred") == 0;
	}
	sprintf(p, "]}");
	accept_event(line);
}

static void grow(int round)
{
	char line[200];
	for (int i = 0; i < RECORDS; i++) {
		record_one(i, round);
		int gone = (int)draw((uint64_t)i + 1);
		if (draw(6) || !records[gone].live)
			continue;
		snprintf(line, sizeof line, "event.voided now - {event:@%s,reason:'误'}", records[gone].name);
		accept_event(line);
		records[gone].live = false;
	}
}

static int64_t naive(size_t figure, const char *place, int day)
{
	int64_t n = 0;
	for (int i = 0; i < RECORDS; i++) {
		const struct record *r = &records[i];
		if (r->live && r->day <= day && place_within(rig_place(SITE_AT[r->site]), rig_place(place)))
			n += r->counts[figure];
	}
	return n;
}

static int64_t occurrences(const char *body, const char *what)
{
	int64_t n = 0;
	for (const char *p = body; (p = strstr(p, what)); p++)
		n++;
	return n;
}

/* "next":"…" of an answer. */
static bool take_next(const char *body, char *out, size_t size)
{
	const char *p = strstr(body, "\"next\":\"");
	if (!p)
		return false;
	p += strlen("\"next\":\"");
	snprintf(out, size, "%.*s", (int)strcspn(p, "\""), p);
	return true;
}

/* All pages of a view; how often `what` stands in them. */
static int64_t over_pages(const char *path, const char *what, int limit)
{
	char next[120] = "", whole[300], refused[64];
	int64_t n = 0;
	do {
		snprintf(whole, sizeof whole, "%s&limit=%d%s%s", path, limit, *next ? "&after=" : "", next);
		const char *body = rig_view(principal_system(), whole, refused);
		if (!body)
			rig_fail(__FILE__, __LINE__, "%s: %s", whole, refused);
		n += occurrences(body, what);
		if (!take_next(body, next, sizeof next))
			break;
	} while (true);
	return n;
}

static void check_figures(void)
{
	char path[200], day[8];
	for (size_t f = 0; f < ARRAY_LEN(FIGURES); f++) {
		for (size_t p = 0; p < ARRAY_LEN(PLACES); p++) {
			for (int d = 0; d <= DAYS; d++) {
				int64_t should = naive(f, PLACES[p], d);
				snprintf(day, sizeof day, d ? "02-%02d" : "01-31", d);
				assert_int_equal(rig_figure(FIGURES[f], PLACES[p], day), should);
				if (d != DAYS / 2 && d != DAYS)
					continue;
				snprintf(path, sizeof path, "/api/v1/figures/%s/events?place=%s&as_of=2020-%s",
					 FIGURES[f], PLACES[p], day);
				assert_int_equal(over_pages(path, "\"seq\":", 1 + (int)draw(PAGE_MOST)), should);
			}
		}
	}
}

/* Each live record stands once in the pages, newest first. */
static void check_list(void)
{
	for (size_t p = 0; p < ARRAY_LEN(PLACES); p++) {
		char next[120] = "", path[300], refused[64], id[60];
		int64_t last = INT64_MAX, n = 0, should = 0;
		bool seen[RECORDS] = { 0 };
		for (int i = 0; i < RECORDS; i++)
			should +=
			    records[i].live && place_within(rig_place(SITE_AT[records[i].site]), rig_place(PLACES[p]));
		do {
			snprintf(path, sizeof path, "/api/v1/checkpoints/screenings?place=%s&limit=%d%s%s", PLACES[p],
				 1 + (int)draw(PAGE_MOST), *next ? "&after=" : "", next);
			const char *body = rig_view(principal_system(), path, refused);
			assert_non_null(body);
			for (int i = 0; i < RECORDS; i++) {
				struct uuid u = rig_id(records[i].name);
				char text[UUID_TEXT + 1] = "";
				uuid_format(&u, text);
				snprintf(id, sizeof id, "\"id\":\"%s\"", text);
				if (!strstr(body, id))
					continue;
				assert_true(records[i].live && !seen[i] && records[i].at <= last);
				seen[i] = true;
				n++;
			}
			/* Nothing on a later page is newer than anything on this one. */
			for (int i = 0; i < RECORDS; i++)
				last = seen[i] && records[i].at < last ? records[i].at : last;
			if (!take_next(body, next, sizeof next))
				break;
		} while (true);
		assert_int_equal(n, should);
	}
}

static void test_histories(void **state)
{
	char line[200];
	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		seed = 88172645463325252ull + (uint64_t)round * 7919;
		rig_open(RIG_COUNTY, RIG_DIVISIONS);
		accept_event("incident.opened 01-20T08:00 C {id:@inc,kind:'epidemic',name:'疫情'}");
		for (int s = 0; s < SITES; s++) {
			snprintf(line, sizeof line,
				 "site.opened 01-25T08:00 %s {id:@s%d,kind:'checkpoint',name:'卡点%d'}", SITE_AT[s], s,
				 s);
			accept_event(line);
		}
		grow(round);
		check_figures();
		check_list();
		assert_sound();
		rig_close();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_histories) };
	return rig_run("domain/screenings", tests, ARRAY_LEN(tests));
}
