/* What duty asks of a person now: report for a shift, hand it over, report where
 * one is sent; and of the desk: answer those who ask for hands. */
#include <stdio.h>

#include "domain/duty/internal.h"
#include "domain/incident/incident.h"
#include "duty.sql.h"

#define DESK      ((unsigned)ROLE_COMMANDER | ROLE_OFFICER)
#define REPORTERS (DESK | ROLE_ORGANISATION | ROLE_GRID | ROLE_CHECKPOINT | ROLE_SUPPLY)
#define EARLY_MS  HOUR_MS            /* a shift is announced this long before */
#define GRACE_MS  (15LL * 60 * 1000) /* and late this long after its beginning */

static struct str say(struct work *w, const char *zh, const char *en, struct str where, int64_t n)
{
	char text[300], name[160];
	str_show(where, name, sizeof name);
	int len = snprintf(text, sizeof text, w->lang == LANG_ZH ? zh : en, name, (long long)n);
	return arena_str(w->arena, (struct str){ text, len < (int)sizeof text ? (size_t)len : sizeof text - 1 });
}

static struct str site_name(struct work *w, const struct uuid *id, struct err *err)
{
	struct site s;
	return site_read(w, id, w->now, &s, err) == 1 ? s.name : STR("");
}

/* {"name":"id",…} of up to two things, and a status. */
static struct str known(struct work *w, const char *first, const struct uuid *a, const char *second,
			const struct uuid *b, const char *status)
{
	char ta[UUID_TEXT], tb[UUID_TEXT];
	struct buf out = { 0 };
	uuid_format(a, ta);
	buf_printf(&out, "{\"%s\":\"%.*s\"", first, UUID_TEXT, ta);
	if (second) {
		uuid_format(b, tb);
		buf_printf(&out, ",\"%s\":\"%.*s\"", second, UUID_TEXT, tb);
	}
	if (status)
		buf_printf(&out, ",\"status\":\"%s\"", status);
	buf_char(&out, '}');
	struct str s = arena_str(w->arena, buf_view(&out));
	buf_finish(&out);
	return s;
}

#define INCIDENTS_MOST 8

/* In every incident under way: a second one lets nobody's shift be forgotten. */
static int in_each(struct work *w,
		   int (*find)(struct work *w, int64_t incident_no, task_fn put, void *ctx, struct err *err),
		   task_fn put, void *ctx, struct err *err)
{
	int64_t no[INCIDENTS_MOST];
	int n = incidents_open(w, w->now, no, INCIDENTS_MOST, err);
	for (int i = 0; i < n; i++) {
		if (find(w, no[i], put, ctx, err) < 0)
			return -1;
	}
	return n < 0 ? -1 : 0;
}

static int own_stands(struct work *w, int64_t incident_no, int64_t from, int64_t to, struct list *ret, struct err *err)
{
	*ret = (struct list){ 0 };
	return uuid_is_nil(&w->who->person) ? 0 : stands_of(w, &w->who->person, incident_no, from, to, NULL, ret, err);
}

/* A shift about to begin or running, and no word since two hours before it. */
static int report_in(struct work *w, int64_t incident_no, task_fn put, void *ctx, struct err *err)
{
	const struct uuid *me = &w->who->person;
	struct list stands;
	if (own_stands(w, incident_no, w->now, w->now + EARLY_MS, &stands, err) < 0)
		return -1;
	const struct stand *s = stands.items;
	for (size_t i = 0; i < stands.n; i++) {
		struct duty_report last;
		int rc = duty_last(w, me, incident_no, w->now, &last, err);
		if (rc < 0)
			return -1;
		/* Leave and quarantine answer it too. */
		if (rc && last.at >= s[i].from - 2 * HOUR_MS && last.status != DUTY_OFF_POST)
			continue;
		struct task t = { .urgency = w->now < s[i].from              ? URGENT_SOON
					     : w->now < s[i].from + GRACE_MS ? URGENT_DUE
									     : URGENT_LATE,
				  .due = s[i].from,
				  .place = s[i].area,
				  .about_kind = THING_SHIFT,
				  .about = s[i].shift };
		struct str where = site_name(w, &s[i].site, err);
		t.title = say(w, "到“%s”接班并报到", "Take over at \"%s\" and report", where, 0);
		t.detail = where;
		t.data = known(w, "person", me, "shift", &s[i].shift, "on_post");
		if (put(ctx, &t, err) < 0)
			return -1;
	}
	return 0;
}

/* A shift over, and still on post by the last word, with no other running. */
static int hand_over_in(struct work *w, int64_t incident_no, task_fn put, void *ctx, struct err *err)
{
	const struct uuid *me = &w->who->person;
	const struct stand *ended = NULL;
	struct duty_report last;
	struct list stands;
	if (own_stands(w, incident_no, w->now - DAY_MS, w->now + 1, &stands, err) < 0)
		return -1;
	const struct stand *s = stands.items;
	for (size_t i = 0; i < stands.n; i++) {
		if (s[i].to > w->now)
			return 0;
		if (!ended || s[i].to > ended->to)
			ended = &s[i];
	}
	if (!ended)
		return 0;
	int rc = duty_last(w, me, incident_no, w->now, &last, err);
	if (rc <= 0 || last.status != DUTY_ON_POST || last.at >= ended->to)
		return rc < 0 ? -1 : 0;
	struct str where = site_name(w, &ended->site, err);
	struct task t = { .urgency = w->now < ended->to + HOUR_MS ? URGENT_DUE : URGENT_LATE,
			  .due = ended->to,
			  .place = ended->area,
			  .about_kind = THING_SHIFT,
			  .about = ended->shift,
			  .title = say(w, "“%s”的班已到点：交班并下岗", "Your shift at \"%s\" is over: hand it over",
				       where, 0),
			  .detail = where,
			  .data = known(w, "person", me, "shift", &ended->shift, "off_post") };
	return put(ctx, &t, err);
}

static int arrive_in(struct work *w, int64_t incident_no, task_fn put, void *ctx, struct err *err)
{
	const struct uuid *me = &w->who->person;
	struct list tenures;
	if (uuid_is_nil(me))
		return 0;
	if (tenures_of_person(w, me, incident_no, &tenures, err) < 0)
		return -1;
	const struct tenure *x = tenures.items;
	for (size_t i = 0; i < tenures.n; i++) {
		struct request r;
		if (x[i].span.to <= w->now || x[i].arrived != FIELD_ABSENT)
			continue;
		if (request_get(w, &x[i].request, &r, err) <= 0)
			return -1;
		struct str where = site_name(w, &r.site, err);
		struct task t = { .urgency = x[i].report_by != FIELD_ABSENT && x[i].report_by < w->now ? URGENT_LATE
												       : URGENT_DUE,
				  .due = x[i].report_by,
				  .place = r.area,
				  .about_kind = THING_REQUEST,
				  .about = r.id,
				  .title = say(w, "到“%s”报到支援", "Report at \"%s\" to support them", where, 0),
				  .detail = where,
				  .data = known(w, "request", &r.id, "person", me, NULL) };
		if (put(ctx, &t, err) < 0)
			return -1;
	}
	return 0;
}

static int put_request(struct work *w, const struct request *r, task_fn put, void *ctx, struct err *err)
{
	struct site s;
	int rc = site_read(w, &r->site, w->now, &s, err);
	if (rc <= 0 || !site_open_at(&s, w->now))
		return rc < 0 ? -1 : 0;
	struct task t = { .urgency = r->needed_by != FIELD_ABSENT && r->needed_by < w->now ? URGENT_LATE : URGENT_DUE,
			  .due = r->needed_by,
			  .place = r->area,
			  .about_kind = THING_REQUEST,
			  .about = r->id,
			  .title =
			      say(w, "“%s”请求支援，还缺 %lld 人：派人",
				  "\"%s\" asks for hands, %lld lacking: send people", s.name, r->headcount - r->taken),
			  .detail = place_name(w, r->area, INT64_MAX),
			  .data = known(w, "request", &r->id, NULL, NULL, NULL) };
	return put(ctx, &t, err);
}

/* Of every place that the caller's desk covers. */
static int answer_in(struct work *w, int64_t incident_no, task_fn put, void *ctx, struct err *err)
{
	for (size_t i = 0; i < w->who->n_grants; i++) {
		const struct grant *g = &w->who->grants[i];
		struct uuid nil = { 0 };
		struct list rows;
		bool again = false;
		for (size_t k = 0; k < i; k++)
			again |= (w->who->grants[k].role & DESK) && place_within(g->place, w->who->grants[k].place);
		if (again || !(g->role & DESK) || (g->until != FIELD_ABSENT && g->until <= w->now))
			continue;
		if (requests_of(w, incident_no, g->place, true, -1, &nil, TASKS_OF_RULE, &rows, err) < 0)
			return -1;
		const struct request *r = rows.items;
		for (size_t k = 0; k < rows.n; k++) {
			if (put_request(w, &r[k], put, ctx, err) < 0)
				return -1;
		}
	}
	return 0;
}

static int find_report(struct work *w, task_fn put, void *ctx, struct err *err)
{
	return in_each(w, report_in, put, ctx, err);
}

static int find_hand_over(struct work *w, task_fn put, void *ctx, struct err *err)
{
	return in_each(w, hand_over_in, put, ctx, err);
}

static int find_arrive(struct work *w, task_fn put, void *ctx, struct err *err)
{
	return in_each(w, arrive_in, put, ctx, err);
}

static int find_answer(struct work *w, task_fn put, void *ctx, struct err *err)
{
	return in_each(w, answer_in, put, ctx, err);
}

const struct task_rule DUTY_TASKS[DUTY_N_TASKS] = {
	{ "duty.report", REPORTERS, "duty.reported", "接班报到", "Report for a shift", find_report },
	{ "shift.hand_over", REPORTERS, "duty.reported", "交班", "Hand over a shift", find_hand_over },
	{ "support.arrive", REPORTERS, "support.arrived", "报到支援", "Report where one is sent", find_arrive },
	{ "support.answer", DESK, "support.assigned", "派出支援", "Answer a request for support", find_answer },
};
