/* Tasks gathered: see tasks.h. Each rule is bounded by itself, so the whole is;
 * nothing here reads a table. */
#include "domain/tasks/tasks.h"

#include <stdlib.h>

#include "domain/incident/incident.h"

#define AT(type, member) offsetof(struct type, member)

/* ---- gathering --------------------------------------------------------------------------- */

struct found {
	const struct task_rule *rule;
	struct task task;
	size_t order;         /* of finding: the last word in sorting */
	struct uuid incident; /* to be named in the record; nil: none needs to be */
	int64_t at_household;
};

struct gathering {
	struct work *w;
	const struct task_rule *rule;
	struct found *items;
	size_t n, cap, of_rule;
};

static int take(void *ctx, const struct task *t, struct err *err)
{
	struct gathering *k = ctx;
	if (k->of_rule == TASKS_OF_RULE)
		return 0;
	k->items = arena_grow(k->w->arena, k->items, k->n, &k->cap, sizeof *k->items);
	if (!k->items)
		return err_kind_set(err, &ERR_NO_MEMORY);
	k->items[k->n] = (struct found){ .rule = k->rule, .task = *t, .order = k->n };
	k->n++;
	k->of_rule++;
	return 0;
}

static int compare_text(struct str a, struct str b)
{
	int c = memcmp(a.ptr ? a.ptr : "", b.ptr ? b.ptr : "", a.len < b.len ? a.len : b.len);
	return c ? c : (a.len > b.len) - (a.len < b.len);
}

/* The same to do, found by two grants of one account. */
static int by_what(const void *x, const void *y)
{
	const struct found *a = x, *b = y;
	if (a->rule != b->rule)
		return a->rule < b->rule ? -1 : 1;
	int c = memcmp(a->task.about.b, b->task.about.b, sizeof a->task.about.b);
	if (c || (a->task.place == b->task.place))
		return c ? c : compare_text(a->task.data, b->task.data);
	return a->task.place < b->task.place ? -1 : 1;
}

static int by_household(const void *x, const void *y)
{
	const struct found *a = x, *b = y;
	return memcmp(a->task.household.b, b->task.household.b, sizeof a->task.household.b);
}

static int by_urgency(const void *x, const void *y)
{
	const struct found *a = x, *b = y;
	int64_t due_a = a->task.due == FIELD_ABSENT ? INT64_MAX : a->task.due;
	int64_t due_b = b->task.due == FIELD_ABSENT ? INT64_MAX : b->task.due;
	if (a->task.urgency != b->task.urgency)
		return a->task.urgency < b->task.urgency ? -1 : 1;
	if (due_a != due_b)
		return due_a < due_b ? -1 : 1;
	if (a->task.place != b->task.place)
		return a->task.place < b->task.place ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static void drop_doubles(struct gathering *k)
{
	size_t n = 0;
	qsort(k->items, k->n, sizeof *k->items, by_what);
	for (size_t i = 0; i < k->n; i++) {
		if (!n || by_what(&k->items[n - 1], &k->items[i]))
			k->items[n++] = k->items[i];
	}
	k->n = n;
}

/* The incident asked about last: mostly there is one. */
struct incident_memo {
	int64_t no;
	int runs;
	struct uuid id;
};

/* The incident of what a task is about: 1 and it when it runs, also when it belongs to none; 0 when it is over; -1. */
static int incident_of(struct work *w, const struct task *t, struct incident_memo *memo, struct uuid *ret,
		       struct err *err)
{
	struct thing about = { 0 };
	*ret = (struct uuid){ 0 };
	int rc = thing_get(w, &t->about, &about, err);
	if (rc <= 0 || !about.incident_no)
		return rc < 0 ? -1 : 1;
	if (about.incident_no != memo->no) {
		memo->runs = incident_runs(w, about.incident_no, w->now, &memo->id, err);
		memo->no = about.incident_no;
	}
	*ret = memo->id;
	return memo->runs;
}

/* What belongs to an incident that is over can't be recorded any more; while several run a record names its own. */
static int settle_incidents(struct gathering *k, struct err *err)
{
	struct incident_memo memo = { 0 };
	int64_t running[2];
	size_t n = 0;
	int open = incidents_open(k->w, k->w->now, running, 2, err);
	if (open < 0)
		return -1;
	for (size_t i = 0; i < k->n; i++) {
		struct found *f = &k->items[i];
		const struct event_type *type = registry_type(registry_form(str_of(f->rule->settles)));
		if (!(type->flags & EVENT_STANDING)) {
			int rc = open ? incident_of(k->w, &f->task, &memo, &f->incident, err) : 0;
			if (rc < 0)
				return -1;
			if (!rc)
				continue;
		}
		if (open < 2)
			f->incident = (struct uuid){ 0 };
		k->items[n++] = *f;
	}
	k->n = n;
	return 0;
}

static void count_households(struct gathering *k)
{
	qsort(k->items, k->n, sizeof *k->items, by_household);
	for (size_t i = 0, next; i < k->n; i = next) {
		for (next = i + 1; next < k->n && !by_household(&k->items[i], &k->items[next]);)
			next++;
		for (size_t j = i; j < next && !uuid_is_nil(&k->items[i].task.household); j++)
			k->items[j].at_household = (int64_t)(next - i) - 1;
	}
}

static int gather(struct gathering *k, struct err *err)
{
	place_t home;
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_tasks; i++) {
			k->rule = &MODULES[m]->tasks[i];
			k->of_rule = 0;
			if (principal_home(k->w->who, k->rule->roles, k->w->now, &home) &&
			    k->rule->find(k->w, take, k, err) < 0)
				return -1;
		}
	}
	if (!k->n)
		return 0;
	drop_doubles(k);
	if (settle_incidents(k, err) < 0)
		return -1;
	if (!k->n)
		return 0;
	count_households(k);
	qsort(k->items, k->n, sizeof *k->items, by_urgency);
	return 0;
}

/* ---- the answer --------------------------------------------------------------------------- */

struct task_item {
	struct str rule, label, place_name, about_kind, title, detail, settles, event;
	int64_t urgency, due, late_by, place, same_household;
	struct uuid about, household;
};

static const struct field TASK_FIELDS[] = {
	{ "rule", FIELD_TEXT, FIELD_NEEDED, AT(task_item, rule), .zh = "规则", .en = "Rule" },
	{ "label", FIELD_TEXT, FIELD_NEEDED, AT(task_item, label), .zh = "规则名称", .en = "Rule's label" },
	{ "urgency", FIELD_ENUM, FIELD_NEEDED, AT(task_item, urgency), .values = URGENCY_NAMES,
	  .values_zh = URGENCY_NAMES_ZH, .zh = "紧急程度", .en = "Urgency" },
	{ "due", FIELD_TIME, 0, AT(task_item, due), .zh = "期限", .en = "Due" },
	{ "late_by", FIELD_INT, 0, AT(task_item, late_by), .zh = "逾期分钟数", .en = "Minutes past due" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(task_item, place), .zh = "地点", .en = "Place" },
	{ "place_name", FIELD_TEXT, FIELD_NEEDED, AT(task_item, place_name), .zh = "地名", .en = "Place name" },
	{ "about_kind", FIELD_TEXT, 0, AT(task_item, about_kind), .zh = "对象种类", .en = "Kind of thing" },
	{ "about", FIELD_REF, 0, AT(task_item, about), .thing = THING_EVENT, .zh = "对象", .en = "About" },
	{ "household", FIELD_REF, 0, AT(task_item, household), .thing = THING_HOUSEHOLD, .zh = "户",
	  .en = "Household" },
	{ "same_household", FIELD_INT, 0, AT(task_item, same_household), .zh = "同一户还有几件事",
	  .en = "How many more at the same household" },
	{ "title", FIELD_TEXT, FIELD_NEEDED, AT(task_item, title), .zh = "要做什么", .en = "What to do" },
	{ "detail", FIELD_TEXT, 0, AT(task_item, detail), .zh = "说明", .en = "Detail" },
	{ "settles", FIELD_TEXT, FIELD_NEEDED, AT(task_item, settles), .zh = "记录什么就算完成",
	  .en = "Type of the event that settles it" },
	{ "event", FIELD_RAW, FIELD_NEEDED, AT(task_item, event), .zh = "已知的记录内容",
	  .en = "That event as far as it is known: {type, place?, incident?, data}" },
};
static struct shape TASK_ITEM = { .name = "Task", SHAPE_OF(TASK_FIELDS, struct task_item) };

struct rule_count {
	struct str rule, label;
	int64_t n, more;
};

static const struct field COUNT_FIELDS[] = {
	{ "rule", FIELD_TEXT, FIELD_NEEDED, AT(rule_count, rule), .zh = "规则", .en = "Rule" },
	{ "label", FIELD_TEXT, FIELD_NEEDED, AT(rule_count, label), .zh = "规则名称", .en = "Rule's label" },
	{ "n", FIELD_INT, FIELD_NEEDED, AT(rule_count, n), .zh = "件数", .en = "How many" },
	{ "more", FIELD_BOOL, 0, AT(rule_count, more), .zh = "不止这些", .en = "There may be more" },
};
static struct shape RULE_COUNT = { .name = "TaskCount", SHAPE_OF(COUNT_FIELDS, struct rule_count) };

struct tasks_answer {
	int64_t at;
	struct list items, counts;
};

static const struct field ANSWER_FIELDS[] = {
	{ "at", FIELD_TIME, FIELD_NEEDED, AT(tasks_answer, at), .zh = "截至", .en = "As of" },
	{ "items", FIELD_LIST, FIELD_NEEDED, AT(tasks_answer, items), .element = FIELD_OBJECT, .shape = &TASK_ITEM,
	  .zh = "待办", .en = "Tasks" },
	{ "counts", FIELD_LIST, FIELD_NEEDED, AT(tasks_answer, counts), .element = FIELD_OBJECT, .shape = &RULE_COUNT,
	  .zh = "各类件数", .en = "Counts by rule" },
};
static struct shape TASKS_ANSWER = { .name = "Tasks", SHAPE_OF(ANSWER_FIELDS, struct tasks_answer) };

static struct str label_of(const struct work *w, const struct task_rule *r)
{
	return str_of(w->lang == LANG_ZH ? r->zh : r->en);
}

/* An event that changes a thing happens where that thing is. */
static bool names_its_place(const struct event_form *form)
{
	for (size_t i = 0; i < form->shape->n; i++) {
		if (form->shape->fields[i].flags & FIELD_CHANGES)
			return true;
	}
	return false;
}

static int write_event(struct work *w, const struct found *f, struct str *ret, struct err *err)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	struct json_writer j;
	char text[PLACE_TEXT];
	json_write_init(&j, &b);
	json_open(&j, '{');
	json_key(&j, "data");
	json_put_raw(&j, f->task.data.len ? f->task.data : STR("{}"));
	if (!uuid_is_nil(&f->incident)) {
		char id[UUID_TEXT];
		uuid_format(&f->incident, id);
		json_key(&j, "incident");
		json_put_str(&j, (struct str){ id, UUID_TEXT });
	}
	if (!names_its_place(registry_form(str_of(f->rule->settles)))) {
		json_key(&j, "place");
		json_put_str(&j, (struct str){ text, place_format(f->task.place, text) });
	}
	json_key(&j, "type");
	json_put_cstr(&j, f->rule->settles);
	json_close(&j, '}');
	*ret = arena_str(w->arena, buf_view(&b));
	return b.failed || !ret->ptr ? err_kind_set(err, &ERR_NO_MEMORY) : 0;
}

static int fill_item(struct work *w, const struct found *f, struct task_item *ret, struct err *err)
{
	const struct task *t = &f->task;
	bool late = t->due != FIELD_ABSENT && t->due < w->now;
	*ret = (struct task_item){ .rule = str_of(f->rule->name),
				   .label = label_of(w, f->rule),
				   .urgency = t->urgency,
				   .due = t->due,
				   .late_by = late ? (w->now - t->due) / 60000 : FIELD_ABSENT,
				   .place = t->place,
				   .place_name = place_name(w, t->place, INT64_MAX),
				   .about_kind = t->about_kind ? str_of(t->about_kind) : STR_NONE,
				   .about = t->about,
				   .household = t->household,
				   .same_household = f->at_household ? f->at_household : FIELD_ABSENT,
				   .title = t->title,
				   .detail = t->detail,
				   .settles = str_of(f->rule->settles) };
	return write_event(w, f, &ret->event, err);
}

/* In the order of the rules; `items` are sorted otherwise. */
static int fill_counts(const struct gathering *k, struct list *ret, struct err *err)
{
	size_t n = 0, cap = 0;
	struct rule_count *counts = NULL;
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_tasks; i++) {
			const struct task_rule *r = &MODULES[m]->tasks[i];
			struct rule_count c = { str_of(r->name), label_of(k->w, r), 0, FIELD_ABSENT };
			for (size_t j = 0; j < k->n; j++)
				c.n += k->items[j].rule == r;
			if (!c.n)
				continue;
			if (c.n >= TASKS_OF_RULE)
				c.more = 1;
			counts = arena_grow(k->w->arena, counts, n, &cap, sizeof *counts);
			if (!counts)
				return err_kind_set(err, &ERR_NO_MEMORY);
			counts[n++] = c;
		}
	}
	*ret = (struct list){ counts, n };
	return 0;
}

#define TASKS_DEFAULT 100

static int tasks_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct gathering k = { .w = w };
	struct tasks_answer answer = { .at = w->now };
	if (q->after.ptr)
		return err_set(err, &ERR_FIELD_UNKNOWN, "after", "after", NULL);
	if (gather(&k, err) < 0 || fill_counts(&k, &answer.counts, err) < 0)
		return -1;
	size_t most = q->limit_given ? (size_t)q->limit : TASKS_DEFAULT, n = k.n < most ? k.n : most;
	struct task_item *items = arena_alloc(w->arena, (n + 1) * sizeof *items);
	if (!items)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < n; i++) {
		if (fill_item(w, &k.items[i], &items[i], err) < 0)
			return -1;
	}
	answer.items = (struct list){ items, n };
	return view_item(out, &answer, err);
}

/* ---- the table of rules ---------------------------------------------------------------------- */

struct rule_item {
	struct str rule, label, module, settles;
	struct list roles;
};

static const struct field RULE_FIELDS[] = {
	{ "rule", FIELD_TEXT, FIELD_NEEDED, AT(rule_item, rule), .zh = "规则", .en = "Rule" },
	{ "label", FIELD_TEXT, FIELD_NEEDED, AT(rule_item, label), .zh = "名称", .en = "Label" },
	{ "module", FIELD_TEXT, FIELD_NEEDED, AT(rule_item, module), .zh = "模块", .en = "Module" },
	{ "roles", FIELD_LIST, FIELD_NEEDED, AT(rule_item, roles), .element = FIELD_TEXT, .zh = "岗位", .en = "Roles" },
	{ "settles", FIELD_TEXT, FIELD_NEEDED, AT(rule_item, settles), .zh = "记录什么就算完成",
	  .en = "Type of the event that settles it" },
};
static struct shape RULE_ITEM = { .name = "TaskRule", SHAPE_OF(RULE_FIELDS, struct rule_item) };

static int rules_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	(void)q;
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_tasks; i++) {
			const struct task_rule *r = &MODULES[m]->tasks[i];
			struct str roles[16];
			struct rule_item item = { str_of(r->name),
						  label_of(w, r),
						  str_of(MODULES[m]->name),
						  str_of(r->settles),
						  { roles, 0 } };
			for (size_t k = 0; ROLE_NAMES[k]; k++) {
				if (r->roles & (1u << k))
					roles[item.roles.n++] = str_of(ROLE_NAMES[k]);
			}
			if (view_item(out, &item, err) < 0)
				return -1;
		}
	}
	return 0;
}

static const struct view VIEWS[] = {
	{ "/api/v1/tasks", ROLES_BUT_ADMIN, PARAM_PAGE, &TASKS_ANSWER, NULL, "我的待办，最急的在前",
	  "What to do now, most urgent first", tasks_view },
	{ "/api/v1/tasks/rules", ROLES_ALL_GRANTED, 0, &RULE_ITEM, "items", "待办由哪些规则得出",
	  "The rules that tasks follow from", rules_view },
};

static const char *const TABLES[] = { NULL };

const struct module TASKS_MODULE = {
	.name = "tasks",
	.rank = 7,
	.zh = "待办",
	.en = "Tasks",
	.schema = "",
	.tables = TABLES,
	.views = VIEWS,
	.n_views = ARRAY_LEN(VIEWS),
};
