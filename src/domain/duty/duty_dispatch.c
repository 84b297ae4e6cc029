/* The proposal: gathers the open requests and the reserve of a place, prices
 * every pair, has it solved, and says why for each. Nothing is recorded. */
#include <stdio.h>

#include "domain/duty/dispatch.h"
#include "domain/duty/internal.h"
#include "duty.sql.h"

#define AT(type, member)      offsetof(struct type, member)
#define REQUESTS_MOST         300
#define RESERVE_MOST          4000
#define COST_SKILL_MISSING    1000000
#define COST_PER_KILOMETRE    100
#define COST_PER_TIME_SENT    3000
#define COST_PER_HOUR_SERVED  100
#define COST_PER_HOUR_WAITING 50
#define COST_SKILL_IDLE       500 /* a skill sent where nobody asks for it, while others may */
#define COST_PER_HOUR_LATER   10  /* of the request: the sooner goes first */

struct candidate {
	struct uuid person, last_site;
	place_t home;
	int64_t available_from;
	struct list skills;                    /* of struct str */
	bool exposed, assigned, away, located; /* away: on leave or in quarantine */
	int64_t released;                      /* the last time, having arrived; INT64_MIN: never */
	int64_t times_sent, hours_served;
	int64_t lon, lat; /* of the site last reported from */
	struct stand *stands;
	size_t n_stands, cap_stands;
};

struct wanted {
	struct request request;
	const struct support_requested *asked;
	struct site site;
	int64_t start, lacking;
};

struct gathering {
	struct work *w;
	int64_t incident_no;
	place_t place;
	struct wanted *wanted;
	struct candidate *people;
	size_t n_wanted, n_people, cap_people;
};

/* ---- gathering ------------------------------------------------------------------------ */

static int gather_requests(struct gathering *g, struct err *err)
{
	struct work *w = g->w;
	struct list rows;
	struct uuid nil = { 0 };
	if (requests_of(w, g->incident_no, g->place, true, -1, &nil, REQUESTS_MOST, &rows, err) < 0)
		return -1;
	const struct request *r = rows.items;
	g->wanted = arena_alloc(w->arena, (rows.n + 1) * sizeof *g->wanted);
	if (!g->wanted)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < rows.n; i++) {
		struct wanted *x = &g->wanted[g->n_wanted];
		x->request = r[i];
		if (site_read(w, &r[i].site, w->now, &x->site, err) < 0 ||
		    request_read(w, r[i].seq, &x->asked, err) < 0)
			return -1;
		x->start = r[i].needed_by != FIELD_ABSENT && r[i].needed_by > w->now ? r[i].needed_by : w->now;
		x->lacking = r[i].headcount - r[i].taken;
		g->n_wanted += site_open_at(&x->site, w->now);
	}
	return 0;
}

static int gather_reserve(struct gathering *g, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct work *w = g->w;
	struct uuid nil = { 0 };
	int rc;
	if (db_start(w->db, &SQL_RESERVE_NOW, &st, err, "iiiiui", g->incident_no, g->place,
		     g->place + place_span(g->place), (int64_t)-1, &nil, (int64_t)RESERVE_MOST) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		g->people = arena_grow(w->arena, g->people, g->n_people, &g->cap_people, sizeof *g->people);
		if (!g->people)
			return err_kind_set(err, &ERR_NO_MEMORY);
		struct candidate *c = &g->people[g->n_people++];
		*c = (struct candidate){ .person = stmt_uuid(st, 1),
					 .home = stmt_i64(st, 3),
					 .available_from = stmt_i64(st, 4),
					 .released = INT64_MIN };
		if (skills_split(w->arena, arena_str(w->arena, stmt_text(st, 5)), &c->skills, err) < 0)
			return -1;
	}
	return rc;
}

/* Rows of a join come in the reserve's own order: the next candidate they may belong to. */
static struct candidate *candidate_of(struct gathering *g, size_t *at, const struct uuid *person)
{
	for (size_t i = *at; i < g->n_people; i++) {
		if (uuid_eq(&g->people[i].person, person)) {
			*at = i;
			return &g->people[i];
		}
	}
	return NULL;
}

static int gather_tenures(struct gathering *g, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	size_t at = 0;
	int rc;
	if (db_start(g->w->db, &SQL_TENURES_OF_RESERVE, &st, err, "iii", g->incident_no, g->place,
		     g->place + place_span(g->place)) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		struct uuid person = stmt_uuid(st, 1);
		struct candidate *c = candidate_of(g, &at, &person);
		int64_t until = stmt_i64(st, 3);
		const struct tenure t = { .span = { stmt_i64(st, 2), until == FIELD_ABSENT ? INT64_MAX : until },
					  .arrived = stmt_i64(st, 5) };
		if (!c)
			continue;
		c->times_sent++;
		c->hours_served += tenure_hours(&t, g->w->now);
		c->assigned |= t.span.to > g->w->now;
		if (t.span.to != INT64_MAX && t.arrived != FIELD_ABSENT && t.span.to > c->released)
			c->released = t.span.to;
	}
	return rc;
}

static int gather_stands(struct gathering *g, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int64_t last = g->w->now;
	size_t at = 0;
	int rc;
	for (size_t i = 0; i < g->n_wanted; i++)
		last = g->wanted[i].start > last ? g->wanted[i].start : last;
	if (db_start(g->w->db, &SQL_STANDS_OF_RESERVE, &st, err, "iiiii", g->incident_no, g->place,
		     g->place + place_span(g->place), g->w->now - SHIFT_MAX - REST_MS, last + REST_MS) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		struct uuid person = stmt_uuid(st, 5);
		struct candidate *c = candidate_of(g, &at, &person);
		if (!c)
			continue;
		c->stands = arena_grow(g->w->arena, c->stands, c->n_stands, &c->cap_stands, sizeof *c->stands);
		if (!c->stands)
			return err_kind_set(err, &ERR_NO_MEMORY);
		c->stands[c->n_stands++] = (struct stand){ .from = stmt_i64(st, 0), .to = stmt_i64(st, 1) };
	}
	return rc;
}

static int gather_reports(struct gathering *g, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	size_t at = 0;
	int rc;
	if (db_start(g->w->db, &SQL_LAST_OF_RESERVE, &st, err, "iiii", g->incident_no, g->place,
		     g->place + place_span(g->place), g->w->now) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		struct uuid person = stmt_uuid(st, 0);
		struct candidate *c = candidate_of(g, &at, &person);
		if (!c)
			continue;
		c->away = stmt_i64(st, 2) == DUTY_QUARANTINED || stmt_i64(st, 2) == DUTY_LEAVE;
		c->last_site = stmt_uuid(st, 4);
	}
	return rc;
}

/* Where each stood last, as far as that site's position is known. */
static int gather_positions(struct gathering *g, struct err *err)
{
	struct site known = { .lon = FIELD_ABSENT, .lat = FIELD_ABSENT };
	for (struct candidate *c = g->people, *end = c + g->n_people; c < end; c++) {
		if (uuid_is_nil(&c->last_site))
			continue;
		if (!uuid_eq(&known.id, &c->last_site) && site_read(g->w, &c->last_site, g->w->now, &known, err) < 0)
			return -1;
		c->located = known.lon != FIELD_ABSENT && known.lat != FIELD_ABSENT;
		c->lon = known.lon;
		c->lat = known.lat;
	}
	return 0;
}

static int gather_exposure(struct gathering *g, struct err *err)
{
	for (size_t i = 0; i < g->n_people; i++) {
		int rc = person_exposed_at(g->w, &g->people[i].person, g->w->now, err);
		if (rc < 0)
			return -1;
		g->people[i].exposed = rc;
	}
	return 0;
}

/* ---- pricing ------------------------------------------------------------------------------ */

static bool may_go(const struct wanted *x, const struct candidate *c)
{
	if (c->exposed || c->assigned || c->away || c->available_from > x->start ||
	    !place_within(x->request.area, c->home))
		return false;
	if (c->released != INT64_MIN && c->released > x->start - REST_MS)
		return false;
	for (size_t i = 0; i < c->n_stands; i++) {
		if (c->stands[i].to > x->start - REST_MS && c->stands[i].from < x->start + REST_MS)
			return false;
	}
	return true;
}

static bool has_skill(const struct candidate *c, struct str skill)
{
	const struct str *s = c->skills.items;
	for (size_t i = 0; i < c->skills.n; i++) {
		if (str_eq(s[i], skill))
			return true;
	}
	return false;
}

static int64_t skills_missing(const struct wanted *x, const struct candidate *c)
{
	const struct str *s = x->asked->skills.items;
	int64_t n = 0;
	for (size_t i = 0; i < x->asked->skills.n; i++)
		n += !has_skill(c, s[i]);
	return n;
}

/* Skills of the person that the request has no use for. */
static int64_t skills_idle(const struct wanted *x, const struct candidate *c)
{
	int64_t used = (int64_t)x->asked->skills.n - skills_missing(x, c);
	return (int64_t)c->skills.n > used ? (int64_t)c->skills.n - used : 0;
}

/* Metres where both positions are known, else -1. */
static int64_t metres(const struct wanted *x, const struct candidate *c)
{
	if (!c->located || x->site.lon == FIELD_ABSENT || x->site.lat == FIELD_ABSENT)
		return -1;
	return dispatch_metres(c->lon, c->lat, x->site.lon, x->site.lat);
}

/* Kilometres, by the nearest division in common where positions are not known. */
static int64_t kilometres(const struct wanted *x, const struct candidate *c)
{
	place_t there = x->request.area;
	int64_t m = metres(x, c);
	if (m >= 0)
		return m / 1000 < 500 ? m / 1000 : 500;
	if (place_level(c->home) >= LEVEL_VILLAGE && place_at(c->home, LEVEL_VILLAGE) == place_at(there, LEVEL_VILLAGE))
		return 0;
	if (place_level(c->home) >= LEVEL_TOWN && place_at(c->home, LEVEL_TOWN) == place_at(there, LEVEL_TOWN))
		return 8;
	return place_at(c->home, LEVEL_COUNTY) == place_at(there, LEVEL_COUNTY) ? 25 : 80;
}

static int64_t price(const struct gathering *g, const struct wanted *x, const struct candidate *c)
{
	int64_t sent = c->times_sent < 100 ? c->times_sent : 100,
		hours = c->hours_served < 3000 ? c->hours_served : 3000;
	int64_t later = (x->start - g->w->now) / HOUR_MS;
	int64_t waiting = c->available_from > g->w->now ? (c->available_from - g->w->now) / HOUR_MS : 0;
	return skills_missing(x, c) * COST_SKILL_MISSING + kilometres(x, c) * COST_PER_KILOMETRE +
	       sent * COST_PER_TIME_SENT + hours * COST_PER_HOUR_SERVED +
	       (waiting < 1000 ? waiting : 1000) * COST_PER_HOUR_WAITING + skills_idle(x, c) * COST_SKILL_IDLE +
	       (later < 1000 ? later : 1000) * COST_PER_HOUR_LATER;
}

/* ---- the answer ----------------------------------------------------------------------------- */

struct proposed {
	struct uuid request, site, person;
	struct str site_name, name;
	int64_t distance_km, hours_served, times_sent;
	struct list reasons;
};

static const struct field PROPOSED_FIELDS[] = {
	{ "request", FIELD_REF, FIELD_NEEDED, AT(proposed, request), .thing = THING_REQUEST, .zh = "请求",
	  .en = "Request" },
	{ "site", FIELD_REF, FIELD_NEEDED, AT(proposed, site), .thing = THING_SITE, .zh = "场所", .en = "Site" },
	{ "site_name", FIELD_TEXT, FIELD_NEEDED, AT(proposed, site_name), .zh = "场所名称", .en = "Site name" },
	{ "person", FIELD_REF, FIELD_NEEDED, AT(proposed, person), .thing = THING_PERSON, .zh = "人员",
	  .en = "Person" },
	{ "name", FIELD_TEXT, 0, AT(proposed, name), .zh = "姓名", .en = "Name" },
	{ "distance_km", FIELD_INT, 0, AT(proposed, distance_km), .zh = "距离（公里）", .en = "Distance (km)" },
	{ "hours_served", FIELD_INT, FIELD_NEEDED, AT(proposed, hours_served), .zh = "已服务小时",
	  .en = "Hours served" },
	{ "times_sent", FIELD_INT, FIELD_NEEDED, AT(proposed, times_sent), .zh = "已派出次数", .en = "Times sent" },
	{ "reasons", FIELD_LIST, FIELD_NEEDED, AT(proposed, reasons), .element = FIELD_TEXT, .zh = "理由",
	  .en = "Reasons" },
};
static struct shape PROPOSED = { .name = "ProposedPerson", SHAPE_OF(PROPOSED_FIELDS, struct proposed) };

struct unmet {
	struct uuid request;
	struct str site_name, why;
	int64_t lacking;
};

static const struct field UNMET_FIELDS[] = {
	{ "request", FIELD_REF, FIELD_NEEDED, AT(unmet, request), .thing = THING_REQUEST, .zh = "请求",
	  .en = "Request" },
	{ "site_name", FIELD_TEXT, FIELD_NEEDED, AT(unmet, site_name), .zh = "场所名称", .en = "Site name" },
	{ "lacking", FIELD_INT, FIELD_NEEDED, AT(unmet, lacking), .zh = "仍缺", .en = "Still lacking" },
	{ "why", FIELD_TEXT, FIELD_NEEDED, AT(unmet, why), .zh = "原因", .en = "Why" },
};
static struct shape UNMET = { .name = "UnmetRequest", SHAPE_OF(UNMET_FIELDS, struct unmet) };

struct proposal_item {
	int64_t requests, reserves;
	struct list items, unmet;
};

static const struct field PROPOSAL_FIELDS[] = {
	{ "requests", FIELD_INT, FIELD_NEEDED, AT(proposal_item, requests), .zh = "请求数", .en = "Requests" },
	{ "reserves", FIELD_INT, FIELD_NEEDED, AT(proposal_item, reserves), .zh = "预备队人数", .en = "Reserve" },
	{ "items", FIELD_LIST, FIELD_NEEDED, AT(proposal_item, items), .element = FIELD_OBJECT, .shape = &PROPOSED,
	  .zh = "建议派出", .en = "Proposed" },
	{ "unmet", FIELD_LIST, FIELD_NEEDED, AT(proposal_item, unmet), .element = FIELD_OBJECT, .shape = &UNMET,
	  .zh = "仍缺人手", .en = "Unmet" },
};
struct shape PROPOSAL_ITEM = { .name = "DispatchProposal", SHAPE_OF(PROPOSAL_FIELDS, struct proposal_item) };

static struct str say(struct work *w, const char *zh, const char *en, long long n)
{
	char text[200];
	int len = snprintf(text, sizeof text, w->lang == LANG_ZH ? zh : en, n);
	return arena_str(w->arena, (struct str){ text, (size_t)len });
}

static int give_reasons(struct work *w, const struct wanted *x, const struct candidate *c, struct list *ret,
			struct err *err)
{
	struct str *s = arena_alloc(w->arena, 4 * sizeof *s);
	int64_t missing = skills_missing(x, c), km = kilometres(x, c);
	size_t n = 0;
	if (!s)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (x->asked->skills.n)
		s[n++] = missing ? say(w, "缺少 %lld 项所需技能，但没有更合适的人",
				       "lacks %lld of the skills, but nobody fits better", missing)
				 : say(w, "具备所需技能", "has the skills needed", 0);
	s[n++] = metres(x, c) >= 0 ? say(w, "距离约 %lld 公里", "about %lld km away", km)
		 : km == 0         ? say(w, "在本村（社区）", "of the same village", 0)
		 : km == 8         ? say(w, "在本镇", "of the same town", 0)
		 : km == 25        ? say(w, "在本县", "of the same county", 0)
				   : say(w, "在外县", "of another county", 0);
	s[n++] = c->times_sent ? say(w, "此前派出 %lld 次", "sent %lld times so far", c->times_sent)
			       : say(w, "尚未派出过", "not sent so far", 0);
	s[n++] = c->available_from > w->now ? say(w, "到位时间前可出发", "available in time", 0)
					    : say(w, "现在可派，已休息满 8 小时", "available now, rested 8 hours", 0);
	*ret = (struct list){ s, n };
	return 0;
}

static int put_proposed(struct gathering *g, const struct wanted *x, const struct candidate *c, struct proposed *ret,
			struct err *err)
{
	int64_t m = metres(x, c);
	*ret = (struct proposed){ .request = x->request.id,
				  .site = x->request.site,
				  .person = c->person,
				  .site_name = x->site.name,
				  .distance_km = m < 0 ? FIELD_ABSENT : (m + 500) / 1000,
				  .hours_served = c->hours_served,
				  .times_sent = c->times_sent };
	if (duty_person(g->w, &c->person, &ret->name, err) < 0)
		return -1;
	return give_reasons(g->w, x, c, &ret->reasons, err);
}

static struct str why_unmet(const struct gathering *g, const struct wanted *x)
{
	size_t fit = 0;
	for (size_t i = 0; i < g->n_people; i++)
		fit += may_go(x, &g->people[i]);
	if (!g->n_people)
		return say(g->w, "预备队中没有人，请先动员报名", "nobody is in the reserve: call for sign-ups", 0);
	if (!fit)
		return say(g->w, "预备队中没有可派的人：有接触史、已派出、未到可派时间或休息不足 8 小时",
			   "nobody in the reserve may go: exposed, assigned, not yet available or not rested", 0);
	return say(g->w, "可派的 %lld 人中，其余派往别处更合适", "of %lld who may go the others are sent elsewhere",
		   (long long)fit);
}

/* By request, then in the reserve's order. */
static int answer(struct gathering *g, const int64_t *sent_to, struct proposal_item *ret, struct err *err)
{
	struct proposed *items = arena_alloc(g->w->arena, (g->n_people + 1) * sizeof *items);
	struct unmet *unmet = arena_alloc(g->w->arena, (g->n_wanted + 1) * sizeof *unmet);
	size_t n = 0, k = 0;
	if (!items || !unmet)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t r = 0; r < g->n_wanted; r++) {
		const struct wanted *x = &g->wanted[r];
		int64_t lacking = x->lacking;
		for (size_t p = 0; p < g->n_people; p++) {
			if (sent_to[p] != (int64_t)r)
				continue;
			if (put_proposed(g, x, &g->people[p], &items[n++], err) < 0)
				return -1;
			lacking--;
		}
		if (lacking > 0)
			unmet[k++] = (struct unmet){ x->request.id, x->site.name, why_unmet(g, x), lacking };
	}
	*ret = (struct proposal_item){ (int64_t)g->n_wanted, (int64_t)g->n_people, { items, n }, { unmet, k } };
	return 0;
}

static int solve(struct gathering *g, int64_t **ret_sent, struct err *err)
{
	struct arena *a = g->w->arena;
	int64_t *slots = arena_alloc(a, (g->n_wanted + 1) * sizeof *slots);
	int64_t *cost = arena_alloc(a, (g->n_wanted * g->n_people + 1) * sizeof *cost);
	int64_t *sent = arena_alloc(a, (g->n_people + 1) * sizeof *sent);
	if (!slots || !cost || !sent)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t r = 0; r < g->n_wanted; r++) {
		slots[r] = g->wanted[r].lacking;
		for (size_t p = 0; p < g->n_people; p++)
			cost[r * g->n_people + p] = may_go(&g->wanted[r], &g->people[p])
							? price(g, &g->wanted[r], &g->people[p])
							: DISPATCH_NEVER;
	}
	const struct dispatch d = { g->n_wanted, g->n_people, slots, cost };
	*ret_sent = sent;
	return dispatch_solve(&d, a, sent, err);
}

int proposal_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct gathering g = { .w = w, .place = q->place };
	struct proposal_item item;
	int64_t *sent = NULL;
	if (duty_incident(w, q, &g.incident_no, err) < 0 || gather_requests(&g, err) < 0 ||
	    gather_reserve(&g, err) < 0 || gather_tenures(&g, err) < 0 || gather_stands(&g, err) < 0 ||
	    gather_reports(&g, err) < 0 || gather_positions(&g, err) < 0 || gather_exposure(&g, err) < 0 ||
	    solve(&g, &sent, err) < 0 || answer(&g, sent, &item, err) < 0)
		return -1;
	return view_item(out, &item, err);
}
