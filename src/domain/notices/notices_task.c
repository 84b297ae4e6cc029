/* What notices ask of people: to acknowledge, to pass on, to follow up what is
 * late, to withdraw what rests on nothing; and the messages that leave by the outbox. */
#include <stdio.h>

#include "domain/notices/internal.h"
#include "domain/places/places.h"
#include "notices.sql.h"

#define SOON_MS (2LL * 3600 * 1000) /* before its hour a task is due this long */

/* ---- texts ----------------------------------------------------------------------------- */

/* A sentence in both languages or in the caller's. */
static struct str text_of(struct work *w, struct buf *b)
{
	struct str s = b->failed ? STR_NONE : arena_str(w->arena, buf_view(b));
	buf_finish(b);
	return s;
}

static struct str say(struct work *w, const char *zh, const char *en)
{
	return str_of(w->lang == LANG_ZH ? zh : en);
}

/* "镇坪县疫情防控指挥部 · 关于…的通知" */
static struct str of_notice(struct work *w, const struct notice *n)
{
	struct buf b = { 0 };
	buf_printf(&b, "%.*s · %.*s", STR_ARG(n->issuer), STR_ARG(n->title));
	return text_of(w, &b);
}

static void put_id(struct json_writer *j, const char *key, const struct uuid *id)
{
	char text[UUID_TEXT];
	uuid_format(id, text);
	json_key(j, key);
	json_put_str(j, (struct str){ text, UUID_TEXT });
}

static void put_code(struct json_writer *j, place_t place)
{
	char text[PLACE_TEXT];
	json_put_str(j, (struct str){ text, place_format(place, text) });
}

static enum urgency urgency_of(const struct work *w, int64_t due)
{
	if (due == DUE_NEVER)
		return URGENT_DUE;
	return due <= w->now ? URGENT_LATE : due - w->now <= SOON_MS ? URGENT_DUE : URGENT_SOON;
}

static int put_task(struct work *w, struct task *t, struct buf *data, task_fn put, void *ctx, struct err *err)
{
	t->data = text_of(w, data);
	if (!t->data.ptr || !t->title.ptr || !t->detail.ptr)
		return err_kind_set(err, &ERR_NO_MEMORY);
	return put(ctx, t, err);
}

/* ---- to acknowledge --------------------------------------------------------------------- */

struct due_row {
	struct uuid notice;
	int64_t due;
};

/* What a unit still has to do, the most urgent first. */
static int rows_to_do(struct work *w, place_t unit, enum unit_todo todo, struct due_row rows[TASKS_OF_RULE],
		      size_t *ret_n, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	size_t n = 0;
	int rc;
	if (db_start(w->db, &SQL_NOTICE_UNITS_TO_DO, &st, err, "iii", unit, (int64_t)todo, (int64_t)TASKS_OF_RULE) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1)
		rows[n++] = (struct due_row){ stmt_uuid(st, 0), stmt_i64(st, 1) };
	*ret_n = n;
	return rc;
}

/* Of the unit at a place, or of one person enrolled there. */
static int put_acknowledge(struct work *w, const struct notice *n, place_t place, const struct uuid *person,
			   task_fn put, void *ctx, struct err *err)
{
	struct buf b = { 0 };
	struct json_writer j;
	struct task t = { .urgency = urgency_of(w, n->due),
			  .due = n->due == DUE_NEVER ? FIELD_ABSENT : n->due,
			  .place = place,
			  .about_kind = THING_NOTICE,
			  .about = n->id,
			  .title = n->kind == NOTICE_EMERGENCY
				       ? say(w, "签收紧急通知", "Acknowledge an emergency notice")
				       : say(w, "签收通知", "Acknowledge a notice"),
			  .detail = of_notice(w, n) };
	json_write_init(&j, &b);
	json_open(&j, '{');
	put_id(&j, "notice", &n->id);
	if (person) {
		put_id(&j, "person", person);
	} else {
		json_key(&j, "unit");
		put_code(&j, place);
	}
	json_close(&j, '}');
	return put_task(w, &t, &b, put, ctx, err);
}

/* So many of the latest notices to people of a place, and of each above it, are looked at. */
#define FOR_PEOPLE_MAX 50

/* What is addressed to the caller's own person. */
static int find_own(struct work *w, task_fn put, void *ctx, struct err *err)
{
	struct listed now = { .at = INT64_MAX };
	struct thing t;
	struct list found;
	int rc = uuid_is_nil(&w->who->person) ? 0 : thing_get(w, &w->who->person, &t, err);
	if (rc <= 0)
		return rc;
	if (notices_for_people(w, t.area, &now, FOR_PEOPLE_MAX, &found, err) < 0)
		return -1;
	const struct listed *l = found.items;
	for (size_t i = 0; i < found.n; i++) {
		const struct notice_issued *d;
		struct notice n;
		int64_t seq;
		if ((rc = notice_get(w, &l[i].notice, &n, err)) < 0)
			return -1;
		if (!rc || n.withdrawn != FIELD_ABSENT)
			continue;
		rc = notice_acked_by(w, &n.id, UNIT_NONE, &w->who->person, INT64_MAX, &seq, err);
		if (rc < 0 || (rc == 0 && notice_read(w, &n, &d, err) < 0))
			return -1;
		if (rc == 0 && (rc = notice_reaches_person(w, &n, d->to, &w->who->person, w->now, err)) != 0 &&
		    (rc < 0 || put_acknowledge(w, &n, t.area, &w->who->person, put, ctx, err) < 0))
			return -1;
	}
	return 0;
}

static int find_acknowledge(struct work *w, task_fn put, void *ctx, struct err *err)
{
	place_t own[OWN_UNITS_MAX];
	size_t units = notice_own_units(w, own);
	for (size_t u = 0; u < units; u++) {
		struct due_row rows[TASKS_OF_RULE];
		size_t n;
		if (rows_to_do(w, own[u], TODO_ACKNOWLEDGE, rows, &n, err) < 0)
			return -1;
		for (size_t i = 0; i < n; i++) {
			struct notice notice;
			int rc = notice_get(w, &rows[i].notice, &notice, err);
			if (rc < 0 || (rc == 1 && put_acknowledge(w, &notice, own[u], NULL, put, ctx, err) < 0))
				return -1;
		}
	}
	return find_own(w, put, ctx, err);
}

/* ---- to pass on ------------------------------------------------------------------------- */

static int put_division(void *ctx, const struct division *d, struct err *err)
{
	(void)err;
	put_code(ctx, d->code);
	return 0;
}

/* Known already: what it rests on, its kind and title, and the units directly below. */
static int put_pass_on(struct work *w, const struct notice *n, place_t unit, task_fn put, void *ctx, struct err *err)
{
	struct buf b = { 0 };
	struct json_writer j;
	struct task t = { .urgency = n->kind == NOTICE_EMERGENCY ? URGENT_LATE : URGENT_DUE,
			  .due = FIELD_ABSENT,
			  .place = unit,
			  .about_kind = THING_NOTICE,
			  .about = n->id,
			  .title = say(w, "向下转发通知", "Pass a notice on"),
			  .detail = of_notice(w, n) };
	json_write_init(&j, &b);
	json_open(&j, '{');
	json_key(&j, "kind");
	json_put_cstr(&j, NOTICE_KINDS[n->kind]);
	put_id(&j, "parent", &n->id);
	json_key(&j, "title");
	json_put_str(&j, n->title);
	json_key(&j, "to");
	json_open(&j, '{');
	json_key(&j, "places");
	json_open(&j, '[');
	size_t empty = b.len;
	if (divisions_below(w, unit, -1, 1000, put_division, &j, err) < 0) {
		buf_finish(&b);
		return -1;
	}
	if (b.len == empty) { /* nobody below */
		buf_finish(&b);
		return 0;
	}
	json_close(&j, ']');
	json_close(&j, '}');
	json_close(&j, '}');
	return put_task(w, &t, &b, put, ctx, err);
}

static int find_pass_on(struct work *w, task_fn put, void *ctx, struct err *err)
{
	place_t own[OWN_UNITS_MAX];
	size_t units = notice_own_units(w, own);
	for (size_t u = 0; u < units; u++) {
		struct due_row rows[TASKS_OF_RULE];
		size_t n;
		if (rows_to_do(w, own[u], TODO_PASS_ON, rows, &n, err) < 0)
			return -1;
		for (size_t i = 0; i < n; i++) {
			struct notice notice;
			int rc = notice_get(w, &rows[i].notice, &notice, err);
			if (rc < 0 || (rc == 1 && put_pass_on(w, &notice, own[u], put, ctx, err) < 0))
				return -1;
		}
	}
	return 0;
}

/* ---- to follow up what is late ------------------------------------------------------------ */

static int put_past_hour(struct work *w, struct stmt *st, place_t place, task_fn put, void *ctx, struct err *err)
{
	struct uuid id = stmt_uuid(st, 0);
	struct str title = arena_str(w->arena, stmt_text(st, 1));
	long long missing = (long long)(stmt_i64(st, 4) - stmt_i64(st, 5)), units = (long long)stmt_i64(st, 4);
	struct task t = { .urgency = URGENT_LATE,
			  .due = stmt_i64(st, 3),
			  .place = place,
			  .about_kind = THING_NOTICE,
			  .about = id,
			  .title = say(w, "催办逾期未签收的单位", "Call the units that have not acknowledged") };
	struct buf b = { 0 }, data = { 0 };
	struct json_writer j;
	if (w->lang == LANG_ZH)
		buf_printf(&b, "%.*s：%lld 个单位中 %lld 个逾期未签收", STR_ARG(title), units, missing);
	else
		buf_printf(&b, "%.*s: %lld of %lld units past the hour", STR_ARG(title), missing, units);
	t.detail = text_of(w, &b);
	json_write_init(&j, &data);
	json_open(&j, '{');
	put_id(&j, "notice", &id);
	json_close(&j, '}');
	return put_task(w, &t, &data, put, ctx, err);
}

static int find_late(struct work *w, task_fn put, void *ctx, struct err *err)
{
	place_t own[OWN_UNITS_MAX];
	size_t places = notice_own_units(w, own);
	for (size_t u = 0; u < places; u++) {
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		int rc;
		if (db_start(w->db, &SQL_NOTICES_PAST_HOUR, &st, err, "iii", own[u], w->now, (int64_t)TASKS_OF_RULE) <
		    0)
			return -1;
		while ((rc = stmt_step(st, err)) == 1) {
			if (put_past_hour(w, st, own[u], put, ctx, err) < 0)
				return -1;
		}
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* ---- to withdraw what rests on a notice withdrawn ------------------------------------------- */

static int find_recall(struct work *w, task_fn put, void *ctx, struct err *err)
{
	place_t own[OWN_UNITS_MAX];
	size_t places = notice_own_units(w, own);
	for (size_t u = 0; u < places; u++) {
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		int rc;
		if (db_start(w->db, &SQL_NOTICES_TO_RECALL, &st, err, "ii", own[u], (int64_t)TASKS_OF_RULE) < 0)
			return -1;
		while ((rc = stmt_step(st, err)) == 1) {
			struct uuid id = stmt_uuid(st, 0);
			struct task t = { .urgency = URGENT_DUE,
					  .due = FIELD_ABSENT,
					  .place = own[u],
					  .about_kind = THING_NOTICE,
					  .about = id,
					  .title = say(w, "上级通知已撤回：撤回据此下发的通知",
						       "The notice above was withdrawn: withdraw what rests on it"),
					  .detail = arena_str(w->arena, stmt_text(st, 1)) };
			struct buf data = { 0 };
			struct json_writer j;
			json_write_init(&j, &data);
			json_open(&j, '{');
			put_id(&j, "notice", &id);
			json_close(&j, '}');
			if (put_task(w, &t, &data, put, ctx, err) < 0)
				return -1;
		}
		if (rc < 0)
			return -1;
	}
	return 0;
}

const struct task_rule NOTICES_TASKS[NOTICES_N_TASKS] = {
	{ "notice.acknowledge", ROLES_ACKNOWLEDGING, "notice.acknowledged", "签收通知", "Acknowledge notices",
	  find_acknowledge },
	{ "notice.pass_on", ROLES_ISSUING, "notice.issued", "向下转发通知", "Pass notices on", find_pass_on },
	{ "notice.late", ROLES_ISSUING, "notice.acknowledged", "催办逾期签收", "Follow up late acknowledgements",
	  find_late },
	{ "notice.recall", ROLES_ISSUING, "notice.withdrawn", "撤回失去依据的通知",
	  "Withdraw notices that rest on a withdrawn one", find_recall },
};

/* ---- messages ------------------------------------------------------------------------------- */

static int post_about(struct work *w, const char *kind, place_t place, const struct notice *n, int64_t at,
		      struct buf *zh, struct buf *en, post_fn post, void *ctx, struct err *err)
{
	struct message m = { .kind = kind, .place = place, .about = n->id, .at = at };
	m.zh = text_of(w, zh);
	m.en = text_of(w, en);
	return m.zh.ptr && m.en.ptr ? post(ctx, &m, err) : err_kind_set(err, &ERR_NO_MEMORY);
}

static int tell_issued(struct work *w, const struct notice *n, place_t place, bool people, post_fn post, void *ctx,
		       struct err *err)
{
	struct buf zh = { 0 }, en = { 0 };
	char by[TIME_TEXT_MAX] = "";
	struct str name = place_name(w, place, INT64_MAX);
	if (n->due != DUE_NEVER)
		time_format_local(n->due, by);
	buf_printf(&zh, "%.*s%s：请签收《%.*s》（%.*s）", STR_ARG(name), people ? "有关人员" : "", STR_ARG(n->title),
		   STR_ARG(n->issuer));
	buf_printf(&en, "%.*s%s: please acknowledge \"%.*s\" of %.*s", STR_ARG(name),
		   people ? " (people addressed)" : "", STR_ARG(n->title), STR_ARG(n->issuer));
	if (*by) {
		buf_printf(&zh, "，时限 %.16s", by);
		buf_printf(&en, ", by %.16s", by);
	}
	return post_about(w, "notice.issued", place, n, n->at, &zh, &en, post, ctx, err);
}

int notice_issued_tell(struct work *w, const struct event *ev, post_fn post, void *ctx, struct err *err)
{
	const struct notice_issued *d = ev->data;
	struct notice n;
	struct list units;
	int rc = notice_get(w, &d->id, &n, err);
	if (rc <= 0)
		return rc;
	if (notice_units(w, &n.id, &units, err) < 0)
		return -1;
	const struct notice_unit *u = units.items;
	bool itself = false;
	for (size_t i = 0; i < units.n; i++) {
		itself |= u[i].place == n.area;
		if (tell_issued(w, &n, u[i].place, false, post, ctx, err) < 0)
			return -1;
	}
	return n.people && !itself ? tell_issued(w, &n, n.area, true, post, ctx, err) : 0;
}

/* Everybody who had it is told: its units, and those of all that rest on it. */
int notice_withdrawn_tell(struct work *w, const struct event *ev, post_fn post, void *ctx, struct err *err)
{
	const struct notice_withdrawn *d = ev->data;
	struct notice n;
	struct list places;
	int rc = notice_get(w, &d->notice, &n, err);
	if (rc <= 0)
		return rc;
	if (cascade_places(w, &n, &places, err) < 0)
		return -1;
	const place_t *p = places.items;
	bool itself = false;
	for (size_t i = 0; i < places.n + 1; i++) {
		struct buf zh = { 0 }, en = { 0 };
		place_t place = i < places.n ? p[i] : n.area;
		itself |= place == n.area && i < places.n;
		if (i == places.n && (itself || !n.people))
			break;
		struct str name = place_name(w, place, INT64_MAX);
		buf_printf(&zh, "%.*s：《%.*s》（%.*s）已撤回，请停止执行", STR_ARG(name), STR_ARG(n.title),
			   STR_ARG(n.issuer));
		buf_printf(&en, "%.*s: \"%.*s\" of %.*s has been withdrawn; please stop acting on it", STR_ARG(name),
			   STR_ARG(n.title), STR_ARG(n.issuer));
		if (post_about(w, "notice.withdrawn", place, &n, ev->at, &zh, &en, post, ctx, err) < 0)
			return -1;
	}
	return 0;
}

#define NAMES_IN_MESSAGE 5

/* One message a notice, naming the first few units: several at one moment are one alert. */
static int post_late(struct work *w, const struct uuid *id, post_fn post, void *ctx, struct err *err)
{
	struct notice n;
	struct list units;
	struct buf names = { 0 }, zh = { 0 }, en = { 0 };
	int missing = 0;
	if (notice_get(w, id, &n, err) <= 0 || notice_units(w, id, &units, err) < 0)
		return -1;
	const struct notice_unit *u = units.items;
	for (size_t i = 0; i < units.n; i++) {
		if (u[i].acked != FIELD_ABSENT || ++missing > NAMES_IN_MESSAGE)
			continue;
		struct str name = place_name(w, u[i].place, INT64_MAX);
		buf_printf(&names, "%s%.*s", missing > 1 ? "、" : "", STR_ARG(name));
	}
	const char *more = missing > NAMES_IN_MESSAGE ? "…" : "";
	buf_printf(&zh, "《%.*s》有 %d 个单位逾期未签收：%.*s%s", STR_ARG(n.title), missing, STR_ARG(buf_view(&names)),
		   more);
	buf_printf(&en, "\"%.*s\": %d units have not acknowledged in time: %.*s%s", STR_ARG(n.title), missing,
		   STR_ARG(buf_view(&names)), more);
	buf_finish(&names);
	return post_about(w, "notice.late", n.area, &n, n.due, &zh, &en, post, ctx, err);
}

int notices_lapse(struct work *w, int64_t after, int64_t upto, post_fn post, void *ctx, struct err *err)
{
	struct uuid *ids = NULL;
	size_t n = 0, cap = 0;
	int rc;
	{
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		if (db_start(w->db, &SQL_NOTICES_FELL_DUE, &st, err, "ii", after, upto) < 0)
			return -1;
		while ((rc = stmt_step(st, err)) == 1) {
			if (!(ids = arena_grow(w->arena, ids, n, &cap, sizeof *ids)))
				return err_kind_set(err, &ERR_NO_MEMORY);
			ids[n++] = stmt_uuid(st, 0);
		}
		if (rc < 0)
			return -1;
	}
	for (size_t i = 0; i < n; i++) {
		if (post_late(w, &ids[i], post, ctx, err) < 0)
			return -1;
	}
	return 0;
}
