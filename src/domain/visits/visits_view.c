/* Follow-ups read: lists with their calendars, one with its whole history, who
 * is not attended to, whose fever calls. Households are in household_view.c. */
#include <stdlib.h>

#include "domain/visits/internal.h"
#include "visits.sql.h"

#define AT(type, member) offsetof(struct type, member)

static const struct field DAY_FIELDS[] = {
	{ "day", FIELD_DAY, FIELD_NEEDED, AT(calendar_day, day), .zh = "日期", .en = "Day" },
	{ "due", FIELD_INT, FIELD_NEEDED, AT(calendar_day, due), .zh = "应做", .en = "Due" },
	{ "done", FIELD_INT, FIELD_NEEDED, AT(calendar_day, done), .zh = "已做", .en = "Done" },
	{ "missed", FIELD_INT, FIELD_NEEDED, AT(calendar_day, missed), .zh = "漏做", .en = "Missed" },
	{ "fever", FIELD_BOOL, FIELD_NEEDED, AT(calendar_day, fever), .zh = "发热", .en = "Fever" },
};
static struct shape CALENDAR_DAY = { .name = "FollowupDay", SHAPE_OF(DAY_FIELDS, struct calendar_day) };

struct observed_item {
	int64_t at, present, temperature, unwell, method;
	struct list symptoms;
	struct uuid household;
	struct str note, actor;
};

static const struct field OBSERVED_ITEM_FIELDS[] = {
	{ "at", FIELD_TIME, FIELD_NEEDED, AT(observed_item, at), .zh = "时间", .en = "At" },
	{ "present", FIELD_BOOL, FIELD_NEEDED, AT(observed_item, present), .zh = "本人配合", .en = "Present" },
	{ "temperature", FIELD_TEMPERATURE, 0, AT(observed_item, temperature), .zh = "体温", .en = "Temperature" },
	{ "unwell", FIELD_BOOL, 0, AT(observed_item, unwell), .zh = "有症状", .en = "Unwell" },
	{ "symptoms", FIELD_LIST, 0, AT(observed_item, symptoms), .element = FIELD_ENUM, .values = SYMPTOMS,
	  .values_zh = SYMPTOMS_ZH, .zh = "症状", .en = "Symptoms" },
	{ "method", FIELD_ENUM, FIELD_NEEDED, AT(observed_item, method), .values = VISIT_METHODS,
	  .values_zh = VISIT_METHODS_ZH, .zh = "方式", .en = "Method" },
	{ "household", FIELD_REF, 0, AT(observed_item, household), .thing = THING_HOUSEHOLD, .zh = "现住住户",
	  .en = "Household they stay with" },
	{ "note", FIELD_TEXT, 0, AT(observed_item, note), .zh = "备注", .en = "Note" },
	{ "actor", FIELD_TEXT, FIELD_NEEDED, AT(observed_item, actor), .zh = "记录人", .en = "Recorded by" },
};
static struct shape OBSERVED_ITEM = { .name = "FollowupObservation",
				      SHAPE_OF(OBSERVED_ITEM_FIELDS, struct observed_item) };

struct contact_item {
	struct uuid subject;
	struct str relation;
	int64_t on;
};

static const struct field CONTACT_FIELDS[] = {
	{ "subject", FIELD_REF, FIELD_NEEDED, AT(contact_item, subject), .thing = THING_SUBJECT, .zh = "另一方",
	  .en = "The other" },
	{ "relation", FIELD_TEXT, 0, AT(contact_item, relation), .zh = "关系", .en = "Relation" },
	{ "on", FIELD_DAY, 0, AT(contact_item, on), .zh = "接触日期", .en = "On" },
};
static struct shape CONTACT_ITEM = { .name = "FollowupContact", SHAPE_OF(CONTACT_FIELDS, struct contact_item) };

struct followup_item {
	struct uuid id, subject, household, group, screening;
	struct str name, phone, id_number, address, place_name, group_name, gap;
	int64_t category, place, starts, last_day, days, per_day, today_due, today_done, missed, last_seen,
	    last_temperature, alert, opened, closed, reason, last_exposure, masked, erased;
	struct list calendar, observations, contacts, history;
};

static const struct field ITEM_FIELDS[] = {
	{ "id", FIELD_REF, FIELD_NEEDED, AT(followup_item, id), .thing = THING_FOLLOWUP, .zh = "编号", .en = "Id" },
	{ "subject", FIELD_REF, FIELD_NEEDED, AT(followup_item, subject), .thing = THING_SUBJECT, .zh = "对象",
	  .en = "Subject" },
	{ "name", FIELD_TEXT, 0, AT(followup_item, name), .zh = "姓名", .en = "Name" },
	{ "phone", FIELD_TEXT, 0, AT(followup_item, phone), .zh = "电话", .en = "Phone" },
	{ "id_number", FIELD_TEXT, 0, AT(followup_item, id_number), .zh = "身份证号", .en = "Id number" },
	{ "address", FIELD_TEXT, 0, AT(followup_item, address), .zh = "住址", .en = "Address" },
	{ "masked", FIELD_BOOL, FIELD_NEEDED, AT(followup_item, masked), .zh = "已遮盖", .en = "Masked" },
	{ "erased", FIELD_BOOL, FIELD_NEEDED, AT(followup_item, erased), .zh = "已清除", .en = "Erased" },
	{ "category", FIELD_ENUM, FIELD_NEEDED, AT(followup_item, category), .values = FOLLOWUP_CATEGORIES,
	  .values_zh = FOLLOWUP_CATEGORIES_ZH, .zh = "类别", .en = "Category" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(followup_item, place), .zh = "地点", .en = "Place" },
	{ "place_name", FIELD_TEXT, FIELD_NEEDED, AT(followup_item, place_name), .zh = "地名", .en = "Place name" },
	{ "household", FIELD_REF, 0, AT(followup_item, household), .thing = THING_HOUSEHOLD, .zh = "住户",
	  .en = "Household" },
	{ "group", FIELD_REF, 0, AT(followup_item, group), .thing = THING_GROUP, .zh = "责任组", .en = "Group" },
	{ "group_name", FIELD_TEXT, 0, AT(followup_item, group_name), .zh = "责任组名称", .en = "Group name" },
	{ "gap", FIELD_TEXT, 0, AT(followup_item, gap), .zh = "缺口", .en = "Gap" },
	{ "opened", FIELD_TIME, FIELD_NEEDED, AT(followup_item, opened), .zh = "开始", .en = "Opened" },
	{ "starts", FIELD_DAY, FIELD_NEEDED, AT(followup_item, starts), .zh = "起算日", .en = "First day" },
	{ "last_day", FIELD_DAY, FIELD_NEEDED, AT(followup_item, last_day), .zh = "最后一天", .en = "Last day" },
	{ "days", FIELD_INT, FIELD_NEEDED, AT(followup_item, days), .zh = "天数", .en = "Days" },
	{ "per_day", FIELD_INT, FIELD_NEEDED, AT(followup_item, per_day), .zh = "每天次数", .en = "Times a day" },
	{ "last_exposure", FIELD_TIME, 0, AT(followup_item, last_exposure), .zh = "最后接触时间",
	  .en = "Last exposure" },
	{ "today_due", FIELD_INT, FIELD_NEEDED, AT(followup_item, today_due), .zh = "今天应做", .en = "Due today" },
	{ "today_done", FIELD_INT, FIELD_NEEDED, AT(followup_item, today_done), .zh = "今天已做", .en = "Done today" },
	{ "missed", FIELD_INT, FIELD_NEEDED, AT(followup_item, missed), .zh = "漏做", .en = "Missed" },
	{ "last_seen", FIELD_TIME, 0, AT(followup_item, last_seen), .zh = "上次见到", .en = "Last seen" },
	{ "last_temperature", FIELD_TEMPERATURE, 0, AT(followup_item, last_temperature), .zh = "上次体温",
	  .en = "Last temperature" },
	{ "alert", FIELD_BOOL, FIELD_NEEDED, AT(followup_item, alert), .zh = "发热或有症状",
	  .en = "Fever or symptoms" },
	{ "closed", FIELD_TIME, 0, AT(followup_item, closed), .zh = "结束", .en = "Closed" },
	{ "reason", FIELD_ENUM, 0, AT(followup_item, reason), .values = FOLLOWUP_REASONS,
	  .values_zh = FOLLOWUP_REASONS_ZH, .zh = "结束原因", .en = "Reason" },
	{ "calendar", FIELD_LIST, FIELD_NEEDED, AT(followup_item, calendar), .element = FIELD_OBJECT,
	  .shape = &CALENDAR_DAY, .zh = "日历", .en = "Calendar" },
	{ "screening", FIELD_REF, 0, AT(followup_item, screening), .thing = THING_EVENT, .zh = "来自的卡点登记",
	  .en = "Screening it follows from" },
	{ "observations", FIELD_LIST, 0, AT(followup_item, observations), .element = FIELD_OBJECT,
	  .shape = &OBSERVED_ITEM, .zh = "观察", .en = "Observations" },
	{ "contacts", FIELD_LIST, 0, AT(followup_item, contacts), .element = FIELD_OBJECT, .shape = &CONTACT_ITEM,
	  .zh = "接触者", .en = "Contacts" },
	{ "history", FIELD_LIST, 0, AT(followup_item, history), .element = FIELD_OBJECT, .shape = &HISTORY_SHAPE,
	  .zh = "经过", .en = "History" },
};
struct shape FOLLOWUP_ITEM = { .name = "Followup", SHAPE_OF(ITEM_FIELDS, struct followup_item) };

/* ---- what is known of one ------------------------------------------------------------------ */

/* The responsible group, and the officers of the village and town, work on it. */
int followup_reveal(struct work *w, const struct followup *f, const struct uuid *group, enum reveal *ret,
		    struct err *err)
{
	int works = 0;
	if (group && w->who && !uuid_is_nil(&w->who->person) && principal_may(w->who, ROLE_GRID, f->place, w->now))
		works = group_has(w, group, &w->who->person, w->now, err);
	if (works < 0)
		return -1;
	*ret = reveal_if(w, f->place, works == 1);
	return 0;
}

static int opening_of(struct work *w, const struct followup *f, bool personal, const struct followup_opened **ret,
		      struct err *err)
{
	struct event ev;
	int rc = work_event(w, f->seq, personal, &ev, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_fmt(err, &ERR_STORE_CORRUPT, "a follow-up's record is missing");
	*ret = ev.data;
	return 0;
}

int followup_person(struct work *w, const struct followup *f, const struct followup_person **ret, struct err *err)
{
	const struct followup_opened *d = NULL;
	if (opening_of(w, f, true, &d, err) < 0)
		return -1;
	*ret = d->person;
	return 0;
}

int followup_gap(struct work *w, const struct followup *f, const char **ret, struct err *err)
{
	struct uuid group;
	struct group_brief g = { 0 };
	*ret = NULL;
	if (uuid_is_nil(&f->household)) {
		*ret = "no_household";
		return 0;
	}
	int rc = followup_group(w, f, &group, err);
	if (rc == 1)
		rc = group_read(w, &group, &g, err);
	if (rc < 0)
		return -1;
	if (!rc || !g.active)
		*ret = "no_group";
	else if (!g.complete)
		*ret = "group_incomplete";
	return 0;
}

static void show_person(struct work *w, const struct followup_person *p, enum reveal reveal, struct followup_item *item)
{
	bool full = reveal == REVEAL_FULL;
	item->masked = !full;
	item->erased = !p;
	if (!p || reveal == REVEAL_NOTHING)
		return;
	item->name = full ? p->name : mask_name(w->arena, p->name);
	item->phone = full ? p->phone : mask_phone(w->arena, p->phone);
	item->id_number = full ? p->id_number : mask_idno(w->arena, p->id_number);
	item->address = full ? p->address : mask_address(w->arena, p->address);
}

static int fill_calendar(struct work *w, const struct followup *f, struct followup_item *item, struct err *err)
{
	struct calendar_day *days = arena_alloc(w->arena, CALENDAR_DAYS_MAX * sizeof *days);
	const struct course c = followup_course(f);
	struct list all = { 0 };
	if (!days)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (observations_read(w, &f->id, INT64_MIN, &all, err) < 0)
		return -1;
	size_t n = calendar_make(&c, all.items, all.n, w->now, days);
	item->calendar = (struct list){ days, n };
	for (size_t i = 0; i < n; i++) {
		item->missed += days[i].missed;
		if (days[i].day == day_of(w->now)) {
			item->today_due = days[i].due;
			item->today_done = days[i].done;
		}
	}
	return 0;
}

/* Fills all but what only a single record shows. */
static int item_fill(struct work *w, const struct followup *f, struct followup_item *item, enum reveal *ret_reveal,
		     struct err *err)
{
	const struct course c = followup_course(f);
	const struct followup_opened *d = NULL;
	struct group_brief g = { 0 };
	*item = (struct followup_item){ .id = f->id,
					.subject = f->subject,
					.household = f->household,
					.category = f->category,
					.place = f->place,
					.place_name = place_name(w, f->place, INT64_MAX),
					.opened = f->opened,
					.starts = f->starts,
					.last_day = course_last_day(&c),
					.days = f->days,
					.per_day = f->per_day,
					.last_seen = f->last_seen,
					.last_temperature = f->last_temperature,
					.alert = f->alert,
					.closed = f->closed,
					.reason = f->reason };
	int rc = followup_group(w, f, &item->group, err);
	if (rc == 1)
		rc = group_read(w, &item->group, &g, err);
	if (rc < 0)
		return -1;
	if (rc)
		item->group_name = g.name;
	if (f->closed == FIELD_ABSENT)
		item->gap = uuid_is_nil(&f->household) ? STR("no_household")
			    : !rc || !g.active         ? STR("no_group")
			    : !g.complete              ? STR("group_incomplete")
						       : STR_NONE;
	if (followup_reveal(w, f, rc ? &item->group : NULL, ret_reveal, err) < 0 || opening_of(w, f, true, &d, err) < 0)
		return -1;
	item->last_exposure = d->last_exposure;
	item->screening = d->screening;
	show_person(w, d->person, *ret_reveal, item);
	return fill_calendar(w, f, item, err);
}

/* ---- lists ------------------------------------------------------------------------------------ */

/* A page looks at so many rows at most: it may come out short, and `next` goes on. */
#define LIST_WINDOW 500

struct listing {
	enum followup_which which;
	bool due_only, gaps_only;
};

static bool text_has(struct str s, struct str q)
{
	return s.ptr && memmem(s.ptr, s.len, q.ptr, q.len);
}

/* A search finds what the caller may see of it. */
static bool wanted(const struct listing *l, const struct view_query *q, const struct followup_item *i)
{
	if (l->due_only && i->today_done >= i->today_due)
		return false;
	if (!uuid_is_nil(&q->group) && !uuid_eq(&q->group, &i->group))
		return false;
	if (!q->q.ptr || !q->q.len)
		return true;
	return text_has(i->name, q->q) || text_has(i->phone, q->q) || text_has(i->id_number, q->q) ||
	       text_has(i->address, q->q);
}

/* Cheaper than filling an item, for what most rows fail. */
static int passes_by(struct work *w, const struct listing *l, const struct view_query *q, const struct followup *f,
		     struct err *err)
{
	struct uuid group = { 0 };
	const char *gap;
	if (l->gaps_only) {
		if (followup_gap(w, f, &gap, err) < 0)
			return -1;
		return gap == NULL;
	}
	if (uuid_is_nil(&q->group))
		return 0;
	int rc = followup_group(w, f, &group, err);
	return rc < 0 ? -1 : !rc || !uuid_eq(&group, &q->group);
}

static int list_rows(struct work *w, const struct listing *l, const struct view_query *q, struct view_out *out,
		     struct err *err)
{
	bool filters = l->due_only || l->gaps_only || !uuid_is_nil(&q->group) || (q->q.ptr && q->q.len);
	int64_t window = filters && q->limit < LIST_WINDOW ? LIST_WINDOW : q->limit, shown = 0;
	place_t after = -1;
	struct uuid after_id = { 0 };
	struct list rows = { 0 };
	size_t i = 0;
	if (q->after.ptr && view_cursor_parse(q->after, &after, &after_id, err) < 0)
		return -1;
	if (followups_read(w, l->which, q->place, after, &after_id, window, &rows, err) < 0)
		return -1;
	const struct followup *f = rows.items;
	for (; i < rows.n && shown < q->limit; i++) {
		struct followup_item item;
		enum reveal reveal;
		int rc = passes_by(w, l, q, &f[i], err);
		if (rc < 0)
			return -1;
		if (rc)
			continue;
		if (item_fill(w, &f[i], &item, &reveal, err) < 0)
			return -1;
		if (!wanted(l, q, &item))
			continue;
		if (view_item(out, &item, err) < 0)
			return -1;
		shown++;
	}
	if (i && (i < rows.n || (int64_t)rows.n == window))
		view_next(out, view_cursor(w->arena, f[i - 1].place, &f[i - 1].id));
	return 0;
}

int followups_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	static const struct {
		const char *kind;
		struct listing l;
	} KINDS[] = {
		{ "open", { .which = FOLLOWUPS_OPEN } },   { "due", { .which = FOLLOWUPS_OPEN, .due_only = true } },
		{ "alert", { .which = FOLLOWUPS_ALERT } }, { "closed", { .which = FOLLOWUPS_CLOSED } },
		{ "all", { .which = FOLLOWUPS_ALL } },
	};
	if (!q->kind.ptr)
		return list_rows(w, &KINDS[0].l, q, out, err);
	for (size_t i = 0; i < ARRAY_LEN(KINDS); i++) {
		if (str_is(q->kind, KINDS[i].kind))
			return list_rows(w, &KINDS[i].l, q, out, err);
	}
	return err_set(err, &ERR_FIELD_RANGE, "kind", "kind", "open, due, alert, closed, all", NULL);
}

int gaps_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	const struct listing l = { .which = FOLLOWUPS_OPEN, .gaps_only = true };
	return list_rows(w, &l, q, out, err);
}

int alerts_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	const struct listing l = { .which = FOLLOWUPS_ALERT };
	return list_rows(w, &l, q, out, err);
}

/* ---- one ------------------------------------------------------------------------------------------ */

static int fill_observations(struct work *w, const struct followup *f, enum reveal reveal, struct list *ret,
			     struct err *err)
{
	struct list all = { 0 };
	if (observations_read(w, &f->id, INT64_MIN, &all, err) < 0)
		return -1;
	const struct observation *o = all.items;
	struct observed_item *items = arena_alloc(w->arena, (all.n + 1) * sizeof *items);
	if (!items)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < all.n; i++) {
		struct event ev;
		if (work_event(w, o[i].seq, reveal == REVEAL_FULL, &ev, err) <= 0)
			return -1;
		const struct followup_observed *d = ev.data;
		items[i] = (struct observed_item){ .at = ev.at,
						   .present = d->present,
						   .temperature = d->temperature,
						   .unwell = d->unwell,
						   .method = d->method,
						   .symptoms = d->symptoms,
						   .household = d->household,
						   .note = d->note,
						   .actor = ev.actor };
	}
	*ret = (struct list){ items, all.n };
	return 0;
}

#define CONTACTS_SHOWN 200

static int fill_contacts(struct work *w, const struct followup *f, enum reveal reveal, struct list *ret,
			 struct err *err)
{
	struct list same;
	size_t n = 0;
	struct contact_item *items = arena_alloc(w->arena, CONTACTS_SHOWN * sizeof *items);
	int64_t *seqs = arena_alloc(w->arena, CONTACTS_SHOWN * sizeof *seqs);
	if (!items || !seqs)
		return err_kind_set(err, &ERR_NO_MEMORY);
	if (subject_ids(w, &f->subject, &same, err) < 0)
		return -1;
	const struct uuid *ids = same.items;
	for (size_t i = 0; i < same.n; i++) {
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		int rc;
		if (db_start(w->db, &SQL_CONTACTS_OF, &st, err, "ui", &ids[i], (int64_t)CONTACTS_SHOWN) < 0)
			return -1;
		while ((rc = stmt_step(st, err)) == 1 && n < CONTACTS_SHOWN) {
			struct uuid from = stmt_uuid(st, 1), to = stmt_uuid(st, 2);
			if (!principal_may(w->who, VISIT_READERS, stmt_i64(st, 3), w->now))
				continue;
			seqs[n] = stmt_i64(st, 0);
			items[n++] = (struct contact_item){ .subject = uuid_eq(&from, &ids[i]) ? to : from,
							    .on = stmt_i64(st, 4) };
		}
		if (rc < 0)
			return -1;
	}
	for (size_t i = 0; reveal == REVEAL_FULL && i < n; i++) {
		struct event ev;
		if (work_event(w, seqs[i], true, &ev, err) <= 0)
			return -1;
		items[i].relation = ((const struct contact_linked *)ev.data)->relation;
	}
	*ret = (struct list){ items, n };
	return 0;
}

/* The passages linked to it stand in its history beside what refers to it. */
static int fill_history(struct work *w, const struct followup *f, struct list *ret, struct err *err)
{
	struct list own;
	int64_t seqs[200];
	size_t n = 0;
	int rc;
	{
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		if (db_start(w->db, &SQL_SCREENING_LINKS, &st, err, "u", &f->id) < 0)
			return -1;
		while ((rc = stmt_step(st, err)) == 1 && n < ARRAY_LEN(seqs))
			seqs[n++] = stmt_i64(st, 0);
		if (rc < 0)
			return -1;
	}
	if (thing_history(w, &f->id, &own, err) < 0)
		return -1;
	struct history_item *items = arena_alloc(w->arena, (own.n + n + 1) * sizeof *items);
	if (!items)
		return err_kind_set(err, &ERR_NO_MEMORY);
	memcpy(items, own.items, own.n * sizeof *items);
	for (size_t i = 0; i < n; i++) {
		struct event ev;
		if (work_event(w, seqs[i], false, &ev, err) <= 0)
			return -1;
		items[own.n + i] = (struct history_item){ ev.seq,      ev.id,    str_of(ev.form->type), ev.at,
							  ev.received, ev.actor, FIELD_ABSENT };
	}
	qsort(items, own.n + n, sizeof *items, history_by_time);
	*ret = (struct list){ items, own.n + n };
	return 0;
}

int followup_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct uuid id;
	struct followup f;
	struct followup_item item;
	enum reveal reveal;
	if (!uuid_parse(q->id, &id))
		return err_kind_set(err, &ERR_NOT_FOUND);
	int rc = followup_get(w, &id, &f, err);
	if (rc < 0)
		return -1;
	if (!rc || !principal_may(w->who, VISIT_READERS, f.place, w->now))
		return err_kind_set(err, &ERR_NOT_FOUND);
	if (view_reason_open(w, q, &f.subject, err) < 0)
		return -1;
	if (item_fill(w, &f, &item, &reveal, err) < 0 ||
	    fill_observations(w, &f, reveal, &item.observations, err) < 0 ||
	    fill_contacts(w, &f, reveal, &item.contacts, err) < 0 || fill_history(w, &f, &item.history, err) < 0)
		return -1;
	return view_item(out, &item, err);
}
