/* What people should do now about households and follow-ups: queries over what
 * is due, for the one who asks. Each reads by an index and a bounded number of
 * rows. */
#include <stdio.h>
#include <stdlib.h>

#include "domain/incident/incident.h"
#include "domain/visits/internal.h"
#include "visits.sql.h"

/* So many follow-ups are looked at for one person, so many of a group's households. */
#define CANDIDATES_MAX 300
#define GROUPS_MAX     10
#define HOUSEHOLDS_MAX 500
/* Of visits the longest due; more than a morning's work is no help. */
#define VISITS_MAX 30
/* Of a rule about follow-ups; each opens a record to say whom it is about. */
#define PUT_MAX 60

struct pick {
	struct followup f;
	enum urgency urgency;
	int64_t due;
};

struct picks {
	struct pick *items;
	size_t n;
};

static int picks_init(struct work *w, struct picks *p, struct err *err)
{
	*p = (struct picks){ arena_alloc(w->arena, CANDIDATES_MAX * sizeof *p->items), 0 };
	return p->items ? 0 : err_kind_set(err, &ERR_NO_MEMORY);
}

static void keep(struct picks *p, const struct list *found)
{
	const struct followup *f = found->items;
	for (size_t i = 0; i < found->n && p->n < CANDIDATES_MAX; i++) {
		size_t k = 0;
		while (k < p->n && !uuid_eq(&p->items[k].f.id, &f[i].id))
			k++;
		if (k == p->n)
			p->items[p->n++] = (struct pick){ .f = f[i] };
	}
}

/* ---- whose follow-ups --------------------------------------------------------------------- */

static bool in_force(const struct work *w, const struct grant *g)
{
	return g->until == FIELD_ABSENT || g->until > w->now;
}

/* The responsible group's: those of its households. */
static int keep_groups(struct work *w, struct picks *p, struct err *err)
{
	const struct uuid none = { 0 };
	struct list groups, households, open;
	if (uuid_is_nil(&w->who->person))
		return 0;
	if (groups_now_of(w, &w->who->person, GROUPS_MAX, &groups, err) < 0)
		return -1;
	const struct uuid *g = groups.items;
	for (size_t i = 0; i < groups.n; i++) {
		if (group_households(w, &g[i], &none, HOUSEHOLDS_MAX, &households, err) < 0)
			return -1;
		const struct uuid *h = households.items;
		for (size_t k = 0; k < households.n; k++) {
			if (followups_of_household(w, &h[k], true, &open, err) < 0)
				return -1;
			keep(p, &open);
		}
	}
	return 0;
}

/* Officers from `level` down: all of their place; above it only what lies at that very place and no lower. */
static int keep_officers(struct work *w, enum followup_which which, enum place_level level, struct picks *p,
			 struct err *err)
{
	const struct uuid none = { 0 };
	for (size_t i = 0; i < w->who->n_grants; i++) {
		const struct grant *g = &w->who->grants[i];
		struct list found;
		if (g->role != ROLE_OFFICER || !in_force(w, g))
			continue;
		int rc = place_level(g->place) >= level
			     ? followups_read(w, which, g->place, -1, &none, CANDIDATES_MAX, &found, err)
			     : followups_at(w, which, g->place, CANDIDATES_MAX, &found, err);
		if (rc < 0)
			return -1;
		keep(p, &found);
	}
	return 0;
}

/* Who observes: the responsible group; the village's officer; a grid account of no person, for all of its place. */
static int keep_observed(struct work *w, struct picks *p, struct err *err)
{
	const struct uuid none = { 0 };
	if (picks_init(w, p, err) < 0 || keep_groups(w, p, err) < 0 ||
	    keep_officers(w, FOLLOWUPS_OPEN, LEVEL_VILLAGE, p, err) < 0)
		return -1;
	for (size_t i = 0; uuid_is_nil(&w->who->person) && i < w->who->n_grants; i++) {
		const struct grant *g = &w->who->grants[i];
		struct list found;
		if (g->role != ROLE_GRID || !in_force(w, g))
			continue;
		if (followups_read(w, FOLLOWUPS_OPEN, g->place, -1, &none, CANDIDATES_MAX, &found, err) < 0)
			return -1;
		keep(p, &found);
	}
	/* What they could not record is no task of theirs. */
	size_t n = 0;
	for (size_t i = 0; i < p->n; i++) {
		if (principal_may(w->who, VISIT_READERS, p->items[i].f.place, w->now))
			p->items[n++] = p->items[i];
	}
	p->n = n;
	return 0;
}

/* ---- putting them ------------------------------------------------------------------------------ */

static int by_urgency(const void *a, const void *b)
{
	const struct pick *x = a, *y = b;
	if (x->urgency != y->urgency)
		return x->urgency < y->urgency ? -1 : 1;
	if (x->due != y->due)
		return x->due < y->due ? -1 : 1;
	return memcmp(x->f.id.b, y->f.id.b, sizeof x->f.id.b);
}

static struct str text_of(struct work *w, struct buf *b)
{
	struct str s = b->failed ? STR_NONE : arena_str(w->arena, buf_view(b));
	buf_clear(b);
	return s;
}

static void join(struct buf *b, struct str s)
{
	if (!s.ptr || !s.len)
		return;
	if (b->len)
		buf_cstr(b, " · ");
	buf_str(b, s);
}

/* Who and where, as the caller may see it. */
static int detail_of(struct work *w, const struct followup *f, struct buf *b, struct err *err)
{
	const struct followup_person *p;
	struct uuid group;
	enum reveal reveal;
	int rc = followup_group(w, f, &group, err);
	if (rc < 0 || followup_reveal(w, f, rc ? &group : NULL, &reveal, err) < 0 || followup_person(w, f, &p, err) < 0)
		return -1;
	bool full = reveal == REVEAL_FULL;
	if (p && reveal != REVEAL_NOTHING) {
		join(b, full ? p->name : mask_name(w->arena, p->name));
		join(b, full ? p->phone : mask_phone(w->arena, p->phone));
		join(b, full ? p->address : mask_address(w->arena, p->address));
	}
	join(b, place_name(w, f->place, INT64_MAX));
	return 0;
}

struct wording {
	const char *zh, *en;
	const char *member; /* of the settling event's data that names the follow-up (or its household) */
	const char *reason; /* "completed", or NULL */
};

static int put_one(struct work *w, const struct pick *p, const struct wording *say, task_fn put, void *ctx,
		   struct err *err)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	char id[UUID_TEXT];
	struct task t = { .urgency = p->urgency,
			  .due = p->due,
			  .place = p->f.place,
			  .about_kind = THING_FOLLOWUP,
			  .about = p->f.id,
			  .household = p->f.household,
			  .title = str_of(w->lang == LANG_EN ? say->en : say->zh) };
	if (detail_of(w, &p->f, &b, err) < 0)
		return -1;
	t.detail = text_of(w, &b);
	uuid_format(strcmp(say->member, "household") == 0 ? &p->f.household : &p->f.id, id);
	buf_printf(&b, "{\"%s\":\"%.*s\"", say->member, UUID_TEXT, id);
	if (say->reason)
		buf_printf(&b, ",\"reason\":\"%s\"", say->reason);
	buf_char(&b, '}');
	t.data = text_of(w, &b);
	return put(ctx, &t, err);
}

/* The most urgent first, as many as a rule may put. */
static int put_all(struct work *w, struct picks *p, const struct wording *say, task_fn put, void *ctx, struct err *err)
{
	qsort(p->items, p->n, sizeof *p->items, by_urgency);
	for (size_t i = 0; i < p->n && i < PUT_MAX; i++) {
		if (put_one(w, &p->items[i], say, put, ctx, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- the rules ------------------------------------------------------------------------------------ */

/* 1 when an observation is due now: late when yesterday's were missed. */
static int observe_due(struct work *w, struct pick *p, struct err *err)
{
	const struct course c = followup_course(&p->f);
	struct calendar_day days[CALENDAR_DAYS_MAX];
	int64_t today = day_of(w->now), done = 0, begun = calendar_begun(&c, today, w->now);
	struct list all;
	if (!begun)
		return 0;
	if (observations_read(w, &p->f.id, day_start(today - 1), &all, err) < 0)
		return -1;
	const struct observation *o = all.items;
	for (size_t i = 0; i < all.n; i++)
		done += day_of(o[i].at) == today;
	if (done >= begun)
		return 0;
	p->urgency = URGENT_DUE;
	p->due = calendar_slot_end(&c, today, done);
	size_t n = calendar_make(&c, o, all.n, w->now, days);
	for (size_t i = 0; i < n; i++) {
		if (days[i].day == today - 1 && days[i].missed)
			p->urgency = URGENT_LATE;
	}
	return 1;
}

static int find_observe(struct work *w, task_fn put, void *ctx, struct err *err)
{
	static const struct wording SAY = { "给随访对象测体温、问症状", "Observe: temperature and symptoms", "followup",
					    NULL };
	struct picks p;
	size_t n = 0;
	if (keep_observed(w, &p, err) < 0)
		return -1;
	for (size_t i = 0; i < p.n; i++) {
		int rc = observe_due(w, &p.items[i], err);
		if (rc < 0)
			return -1;
		if (rc)
			p.items[n++] = p.items[i];
	}
	p.n = n;
	return put_all(w, &p, &SAY, put, ctx, err);
}

static int find_alert(struct work *w, task_fn put, void *ctx, struct err *err)
{
	static const struct wording SAY = { "随访对象发热或有症状：核实并转诊", "Fever or symptoms: check and refer",
					    "followup", "referred" };
	struct picks p;
	if (picks_init(w, &p, err) < 0 || keep_officers(w, FOLLOWUPS_ALERT, LEVEL_TOWN, &p, err) < 0)
		return -1;
	for (size_t i = 0; i < p.n; i++) {
		p.items[i].urgency = URGENT_ALARM;
		p.items[i].due = FIELD_ABSENT;
	}
	return put_all(w, &p, &SAY, put, ctx, err);
}

/* 1 when its days are over and it may be completed, 2 when over but nobody was met on the last day, 0. */
static int close_due(struct work *w, struct pick *p, struct err *err)
{
	const struct course c = followup_course(&p->f);
	int64_t today = day_of(w->now), last = course_last_day(&c);
	bool seen = false;
	struct list all;
	if (today < last)
		return 0;
	if (observations_read(w, &p->f.id, day_start(last), &all, err) < 0)
		return -1;
	const struct observation *o = all.items;
	for (size_t i = 0; i < all.n; i++)
		seen |= o[i].present == 1 && day_of(o[i].at) == last;
	if (today == last && !seen)
		return 0;
	p->urgency = today > last ? URGENT_LATE : URGENT_DUE;
	p->due = day_start(last + 1);
	return seen ? 1 : 2;
}

static int find_close(struct work *w, task_fn put, void *ctx, struct err *err)
{
	static const struct wording COMPLETED = { "随访期满：办理结束", "Days are over: complete the follow-up",
						  "followup", "completed" };
	static const struct wording OTHERWISE = { "随访期已过、最后一天未见到本人：按实际原因结束",
						  "Days are over, not met on the last: close with the reason",
						  "followup", NULL };
	struct picks all, seen, unseen;
	if (keep_observed(w, &all, err) < 0 || picks_init(w, &seen, err) < 0 || picks_init(w, &unseen, err) < 0)
		return -1;
	for (size_t i = 0; i < all.n; i++) {
		int rc = close_due(w, &all.items[i], err);
		if (rc < 0)
			return -1;
		if (rc == 1)
			seen.items[seen.n++] = all.items[i];
		else if (rc == 2 && unseen.n < PUT_MAX / 2)
			unseen.items[unseen.n++] = all.items[i];
	}
	return put_all(w, &unseen, &OTHERWISE, put, ctx, err) < 0 ? -1 : put_all(w, &seen, &COMPLETED, put, ctx, err);
}

/* Follow-ups that nobody answers for, for the town and village. */
static int find_gaps(struct work *w, bool household, const struct wording *say, task_fn put, void *ctx, struct err *err)
{
	struct picks p;
	size_t n = 0;
	if (picks_init(w, &p, err) < 0 || keep_officers(w, FOLLOWUPS_OPEN, LEVEL_TOWN, &p, err) < 0)
		return -1;
	for (size_t i = 0; i < p.n; i++) {
		struct uuid group;
		bool placed = !uuid_is_nil(&p.items[i].f.household);
		int rc = placed && household ? followup_group(w, &p.items[i].f, &group, err) : 0;
		if (rc < 0)
			return -1;
		if (rc || placed != household)
			continue;
		p.items[n] = p.items[i];
		p.items[n].urgency = URGENT_DUE;
		p.items[n++].due = p.items[i].f.opened;
	}
	p.n = n;
	return put_all(w, &p, say, put, ctx, err);
}

static int find_locate(struct work *w, task_fn put, void *ctx, struct err *err)
{
	static const struct wording SAY = { "随访对象还没有落到住户：观察时写明住在哪一户",
					    "No household yet: observe, and say where they stay", "followup", NULL };
	return find_gaps(w, false, &SAY, put, ctx, err);
}

static int find_assign(struct work *w, task_fn put, void *ctx, struct err *err)
{
	static const struct wording SAY = { "随访对象所在住户没有责任组：编入一个",
					    "Its household has no group: assign one", "household", NULL };
	return find_gaps(w, true, &SAY, put, ctx, err);
}

/* ---- households not met ----------------------------------------------------------------------------- */

struct unmet {
	struct uuid id;
	int64_t basis, days; /* the day from which it counts */
};

static int longest_first(const void *a, const void *b)
{
	const struct unmet *x = a, *y = b;
	if (x->days != y->days)
		return x->days > y->days ? -1 : 1;
	return memcmp(x->id.b, y->id.b, sizeof x->id.b);
}

static int measure(struct work *w, const struct uuid *id, struct unmet *ret, struct err *err)
{
	struct household h;
	int64_t last, met;
	if (household_visited(w, id, &last, &met, err) < 0)
		return -1;
	if (met == FIELD_ABSENT) {
		int rc = household_get(w, id, &h, err);
		if (rc <= 0)
			return rc;
		met = h.registered;
	}
	*ret = (struct unmet){ *id, day_of(met), day_of(w->now) - day_of(met) };
	return 1;
}

/* The households of the caller's groups that are to be visited by tomorrow; of struct unmet. */
static int unmet_of_caller(struct work *w, int64_t within, struct list *ret, struct err *err)
{
	const struct uuid none = { 0 };
	struct list groups, households;
	size_t n = 0, cap = 0;
	struct unmet *items = NULL;
	if (groups_now_of(w, &w->who->person, GROUPS_MAX, &groups, err) < 0)
		return -1;
	const struct uuid *g = groups.items;
	for (size_t i = 0; i < groups.n; i++) {
		if (group_households(w, &g[i], &none, HOUSEHOLDS_MAX, &households, err) < 0)
			return -1;
		const struct uuid *h = households.items;
		for (size_t k = 0; k < households.n && n < HOUSEHOLDS_MAX; k++) {
			if (!(items = arena_grow(w->arena, items, n, &cap, sizeof *items)))
				return err_kind_set(err, &ERR_NO_MEMORY);
			int rc = measure(w, &h[k], &items[n], err);
			if (rc < 0)
				return -1;
			n += rc && items[n].days >= within - 1;
		}
	}
	*ret = (struct list){ items, n };
	return 0;
}

static int put_visit(struct work *w, const struct unmet *u, int64_t within, task_fn put, void *ctx, struct err *err)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	struct household h;
	char id[UUID_TEXT];
	int rc = household_get(w, &u->id, &h, err);
	if (rc <= 0 || !principal_may(w->who, VISIT_READERS, h.place, w->now))
		return rc < 0 ? -1 : 0;
	if (household_read(w, &h, err) < 0)
		return -1;
	/* Of the responsible group: they work on it. */
	bool full = reveal_if(w, h.place, true) == REVEAL_FULL;
	struct task t = { .urgency = u->days >= within ? URGENT_DUE : URGENT_SOON,
			  .due = day_start(u->basis + within),
			  .place = h.place,
			  .about_kind = THING_HOUSEHOLD,
			  .about = u->id,
			  .household = u->id,
			  .title = w->lang == LANG_EN ? STR("Visit this household") : STR("走访这一户") };
	if (full) {
		join(&b, h.name);
		join(&b, h.address);
	}
	join(&b, place_name(w, h.place, INT64_MAX));
	buf_printf(&b, w->lang == LANG_EN ? " · %lld days not met" : " · 已 %lld 天未见到人", (long long)u->days);
	t.detail = text_of(w, &b);
	uuid_format(&u->id, id);
	buf_printf(&b, "{\"household\":\"%.*s\"}", UUID_TEXT, id);
	t.data = text_of(w, &b);
	return put(ctx, &t, err);
}

static int find_visit(struct work *w, task_fn put, void *ctx, struct err *err)
{
	struct list all = { 0 };
	int64_t within;
	if (uuid_is_nil(&w->who->person))
		return 0;
	if (parameter_value(w, "visit_within_days", day_of(w->now), &within, err) < 0 ||
	    unmet_of_caller(w, within, &all, err) < 0)
		return -1;
	struct unmet *u = all.items;
	if (all.n)
		qsort(u, all.n, sizeof *u, longest_first);
	for (size_t i = 0; i < all.n && i < VISITS_MAX; i++) {
		if (put_visit(w, &u[i], within, put, ctx, err) < 0)
			return -1;
	}
	return 0;
}

#define WORKERS (ROLE_GRID | ROLE_OFFICER)
const struct task_rule VISITS_TASKS[VISITS_N_TASKS] = {
	{ "followup.alert", ROLE_OFFICER, "followup.closed", "处置发热或症状", "Deal with a fever or symptoms",
	  find_alert },
	{ "followup.observe", WORKERS, "followup.observed", "观察随访对象", "Observe someone under follow-up",
	  find_observe },
	{ "followup.close", WORKERS, "followup.closed", "结束期满的随访", "Close a follow-up whose days are over",
	  find_close },
	{ "followup.locate", ROLE_OFFICER, "followup.observed", "落实随访对象的住户", "Find where they stay",
	  find_locate },
	{ "followup.assign", ROLE_OFFICER, "household.assigned", "给随访住户编入责任组",
	  "Assign a group to a household under follow-up", find_assign },
	{ "visit.household", WORKERS, "visit.made", "走访多日未见的住户", "Visit a household not met lately",
	  find_visit },
};
