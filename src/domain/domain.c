/* The domain's core: what tables say about an event is checked and projected
 * here, once for all modules — place, territory, references, incident, things,
 * links, voids. Meanings are the modules'. */
#include "domain/domain.h"

#include <assert.h>
#include <stdio.h>

#include "core.sql.h"

const char THING_SITE[] = "site", THING_HOUSEHOLD[] = "household", THING_PERSON[] = "person", THING_TEAM[] = "team",
	   THING_GROUP[] = "group", THING_INCIDENT[] = "incident", THING_SUBJECT[] = "subject", THING_EVENT[] = "event",
	   THING_NOTICE[] = "notice", THING_REQUEST[] = "request", THING_SHIFT[] = "shift",
	   THING_FOLLOWUP[] = "followup";
const char *const URGENCY_NAMES[] = { "alarm", "late", "due", "soon", NULL };
const char *const URGENCY_NAMES_ZH[] = { "报警", "逾期", "到期", "将到", NULL };

const struct err_kind ERR_UNKNOWN_THING = { "unknown_reference", 404, "“{0}”指向的对象不存在或不在您的范围内",
					    "What \"{0}\" refers to does not exist or is out of your scope" };
const struct err_kind ERR_WRONG_KIND = { "wrong_kind", 409, "“{0}”应指向{1}，给出的却是{2}",
					 "\"{0}\" should refer to a {1}, but this is a {2}" };
const struct err_kind ERR_ID_TAKEN = { "id_taken", 409, "编号已被别的对象使用，请换一个新编号",
				       "This id already names another thing: make a new one" };
const struct err_kind ERR_ID_REUSED = { "id_reused", 409, "同一编号的记录已存在但内容不同，请用新编号重新记录",
					"A record with this id but other content exists: record anew under a new id" };
const struct err_kind ERR_OUT_OF_PLACE = { "out_of_place", 409, "地点不在“{0}”所在的区域内",
					   "The place does not lie within that of \"{0}\"" };
const struct err_kind ERR_PLACE_UNKNOWN = { "place_unknown", 404, "没有地点 {0}，或不在您的范围内",
					    "There is no place {0}, or it is out of your scope" };
const struct err_kind ERR_PLACE_NEEDED = { "place_needed", 400, "请写明地点“place”", "Say where: \"place\" is needed" };
const struct err_kind ERR_PLACE_LEVEL = { "place_level", 409, "地点 {0} 的级别不对，应为{1}",
					  "The place {0} is of the wrong level: it should be a {1}" };
const struct err_kind ERR_NOT_ALLOWED = { "not_allowed", 403, "您的岗位不能在此地点做这项记录",
					  "Your role may not record this at this place" };
const struct err_kind ERR_INCIDENT_NEEDED = { "incident_needed", 409, "同时有多个事件在进行，请写明“incident”",
					      "Several incidents are open: say which (\"incident\")" };
const struct err_kind ERR_INCIDENT_NONE = { "incident_none", 409, "当时没有进行中的事件",
					    "No incident was open at that time" };
const struct err_kind ERR_BEFORE_INCIDENT = { "before_incident", 409, "记录时间早于事件开始",
					      "The record's time is before the incident began" };
static const struct err_kind ERR_OTHER_INCIDENT = {
	"other_incident", 409, "“{0}”属于另一个事件，请在“incident”写明那个事件；那个事件已结束的，不能再记录",
	"\"{0}\" belongs to another incident: name that one (\"incident\"); if it is over, nothing more can be recorded"
};
const struct err_kind ERR_BEFORE_OPENED = { "before_opened", 409, "记录时间早于“{0}”登记的时间",
					    "The record's time is before \"{0}\" came to be" };
const struct err_kind ERR_ALREADY_CLOSED = { "already_closed", 409, "“{0}”在该时间已关闭、注销或解散",
					     "\"{0}\" was already closed at that time" };
const struct err_kind ERR_LATER_FACTS = {
	"later_facts", 409, "“{0}”在该时间之后还有记录，请核对时间，或先撤销那些记录",
	"Records of \"{0}\" after that time exist: check the time, or withdraw those first"
};
const struct err_kind ERR_SERVER_ONLY = { "server_only", 403, "这种记录只由系统自己生成",
					  "This kind of record is made by the server alone" };
const struct err_kind ERR_UNVOIDABLE = { "unvoidable", 409, "这种记录不能撤销",
					 "Records of this kind can't be withdrawn" };
const struct err_kind ERR_STILL_REFERRED = { "still_referred", 409, "还有别的记录（序号 {0}）引用它，请先撤销那条",
					     "Record {0} still refers to it: withdraw that one first" };
const struct err_kind ERR_VOID_RIGHT = {
	"void_right", 403, "只有记录人在24小时内、或上级的值班干部和指挥长可以撤销",
	"Only its author within 24 hours, or an officer or commander above, may withdraw it"
};
const struct err_kind ERR_ALREADY_VOIDED = { "already_voided", 409, "这条记录已经撤销",
					     "This record has already been withdrawn" };
const struct err_kind ERR_DAY_FUTURE = { "day_future", 400, "{0} 还没有到，请选今天或以前的日期",
					 "{0} is in the future: choose today or an earlier day" };

#define FUTURE_SLACK_MS (10LL * 60 * 1000)

int thing_get(struct work *w, const struct uuid *id, struct thing *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_THING_GET, &st, err, "u", id) < 0)
		return -1;
	int rc = stmt_step(st, err);
	if (rc <= 0)
		return rc;
	*ret = (struct thing){ .id = *id,
			       .kind = arena_str(w->arena, stmt_text(st, 0)),
			       .area = stmt_i64(st, 1),
			       .at = stmt_i64(st, 2),
			       .seq = stmt_i64(st, 3),
			       .incident_no = stmt_i64(st, 4) };
	return 1;
}

int thing_within(struct work *w, place_t place, int64_t *ret_seq, struct err *err)
{
	return db_get_i64(w->db, &SQL_THING_WITHIN, ret_seq, err, "ii", place, place + place_span(place));
}

static int read_row(struct work *w, const struct ledger_row *row, bool personal, struct event *ret, struct err *err)
{
	struct open_ctx open = { w, row->id };
	return event_read_entry(row->entry, registry_form, personal ? work_open_box : NULL, &open, w->arena, ret, err) <
		       0
		   ? -1
		   : 1;
}

int work_event(struct work *w, int64_t seq, bool personal, struct event *ret, struct err *err)
{
	struct ledger_row row;
	int rc = ledger_read(w->ledger, seq, w->arena, &row, err);
	return rc <= 0 ? rc : read_row(w, &row, personal, ret, err);
}

int work_event_by_id(struct work *w, const struct uuid *id, bool personal, struct event *ret, struct err *err)
{
	struct ledger_row row;
	int rc = ledger_find(w->ledger, id, w->arena, &row, err);
	return rc <= 0 ? rc : read_row(w, &row, personal, ret, err);
}

/* ---- checking ---------------------------------------------------------- */

void work_warn(struct work *w, const struct err *warning)
{
	if (w->warnings && w->n_warnings < WARNINGS_MAX)
		w->warnings[w->n_warnings++] = *warning;
}

struct ref_walk {
	struct work *w;
	struct event *ev;
	struct err *err;
	bool any_changed;
	place_t changed_area; /* of the first thing changed */
	int64_t incident_no;  /* to which a thing changed belongs; 0: to none */
	const char *incident_field;
	const char *changed_field;
};

/* By role at the place, or as what one may record of oneself. */
static bool may_record(const struct work *w, const struct event_type *type, const struct event *ev, place_t area)
{
	return principal_may(w->who, type->roles, area, w->now) || (type->own && type->own(w, ev));
}

static int check_ref(void *ctx, const struct field *f, const struct uuid *id)
{
	struct ref_walk *k = ctx;
	struct thing t;
	if (f->flags & FIELD_OPEN_REF)
		return 0;
	int rc = thing_get(k->w, id, &t, k->err);
	if (rc < 0)
		return -1;
	if (f->kind == FIELD_ID)
		return rc ? err_set(k->err, &ERR_ID_TAKEN, f->name, NULL) : 0;
	if (!rc)
		return err_set(k->err, &ERR_UNKNOWN_THING, f->name, f->name, NULL);
	/* First of all: about what is out of scope nothing more is told. */
	const struct event_type *type = registry_type(k->ev->form);
	bool changes = f->flags & FIELD_CHANGES;
	if (changes && !may_record(k->w, type, k->ev, t.area))
		return err_set(k->err, &ERR_UNKNOWN_THING, f->name, f->name, NULL);
	if (!str_is(t.kind, f->thing)) {
		char is[32];
		str_copy(t.kind, is, sizeof is);
		return err_set(k->err, &ERR_WRONG_KIND, f->name, f->name, f->thing, is, NULL);
	}
	if (k->ev->at < t.at)
		return err_set(k->err, &ERR_BEFORE_OPENED, f->name, f->name, NULL);
	if (changes && t.incident_no && !k->incident_no) {
		k->incident_no = t.incident_no;
		k->incident_field = f->name;
	}
	if (changes && !k->any_changed) {
		k->any_changed = true;
		k->changed_area = t.area;
		k->changed_field = f->name;
	}
	return 0;
}

/* People enrolled at a place may be named by anything at or below it. */
static int check_named(void *ctx, const struct field *f, const struct uuid *id)
{
	struct ref_walk *k = ctx;
	struct thing t;
	if (f->kind == FIELD_ID || (f->flags & (FIELD_OPEN_REF | FIELD_CHANGES)) || f->thing != THING_PERSON)
		return 0;
	if (thing_get(k->w, id, &t, k->err) <= 0)
		return -1;
	if (!place_within(k->ev->area, t.area))
		return err_set(k->err, &ERR_UNKNOWN_THING, f->name, f->name, NULL);
	return 0;
}

static int resolve_place(struct work *w, struct event *ev, struct err *err)
{
	char text[PLACE_TEXT + 1] = "";
	if (!uuid_is_nil(&ev->place_site)) {
		struct thing t;
		int rc = thing_get(w, &ev->place_site, &t, err);
		if (rc < 0)
			return -1;
		if (!rc || !str_is(t.kind, THING_SITE))
			return err_set(err, &ERR_PLACE_UNKNOWN, "place", "(site)", NULL);
		if (ev->at < t.at)
			return err_set(err, &ERR_BEFORE_OPENED, "place", "place", NULL);
		ev->site = ev->place_site;
		ev->area = t.area;
		return 0;
	}
	if (ev->place == FIELD_ABSENT)
		return 0;
	int rc = place_listed(w, ev->place, INT64_MAX, err);
	if (rc < 0)
		return -1;
	text[place_format(ev->place, text)] = 0;
	if (!rc)
		return err_set(err, &ERR_PLACE_UNKNOWN, "place", text, NULL);
	ev->area = ev->place;
	return 0;
}

static int check_level(const struct event_type *type, const struct event *ev, struct err *err)
{
	static const char *const NAMES[] = { "全国/nation", "省/province", "市/city",  "县/county",
					     "镇/town",     "村/village",  "网格/grid" };
	char names[100] = "", text[PLACE_TEXT + 1];
	size_t n = 0;
	if (!type->levels || (type->levels & AT_LEVEL(place_level(ev->area))))
		return 0;
	for (int l = LEVEL_NATION; l <= LEVEL_GRID; l++) {
		if (type->levels & AT_LEVEL(l))
			n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", n ? ", " : "", NAMES[l]);
	}
	text[place_format(ev->area, text)] = 0;
	return err_set(err, &ERR_PLACE_LEVEL, "place", text, names, NULL);
}

int domain_check(struct work *w, struct event *ev, struct err *err)
{
	const struct event_type *type = registry_type(ev->form);
	struct ref_walk walk = { .w = w, .ev = ev, .err = err };
	if ((type->flags & EVENT_BY_SERVER) && !w->server && !w->who->local)
		return err_kind_set(err, &ERR_SERVER_ONLY);
	if (ev->at > w->now + FUTURE_SLACK_MS)
		return err_set(err, &ERR_TIME_FUTURE, "at", NULL);
	if (!(type->flags & EVENT_OWN_ACCESS)) {
		if (resolve_place(w, ev, err) < 0)
			return -1;
		if (shape_refs(ev->form->shape, ev->data, check_ref, &walk))
			return -1;
		if (walk.any_changed) {
			if (ev->area == FIELD_ABSENT)
				ev->area = walk.changed_area;
			else if (!place_within(ev->area, walk.changed_area))
				return err_set(err, &ERR_OUT_OF_PLACE, "place", walk.changed_field, NULL);
		}
		if (ev->area == FIELD_ABSENT) {
			if (!(type->flags & EVENT_PLACELESS))
				return err_set(err, &ERR_PLACE_NEEDED, "place", NULL);
			ev->area = w->top;
		}
		if (!w->server && !may_record(w, type, ev, ev->area))
			return err_set(err, &ERR_NOT_ALLOWED, "place", NULL);
		if (check_level(type, ev, err) < 0)
			return -1;
		if (shape_refs(ev->form->shape, ev->data, check_named, &walk))
			return -1;
	}
	/* What changes a thing of an incident belongs to that one, whichever others have begun since: a phone without
	 * signal could not know of them. */
	ev->incident_no = walk.incident_no;
	if (type->flags & EVENT_STANDING)
		ev->incident_no = 0;
	else if (incident_resolve(w, ev, err) < 0)
		return -1;
	if (!(type->flags & EVENT_STANDING) && walk.incident_no && walk.incident_no != ev->incident_no)
		return err_set(err, &ERR_OTHER_INCIDENT, "incident", walk.incident_field, NULL);
	return type->check ? type->check(w, ev, err) : 0;
}

/* ---- projecting ---------------------------------------------------------- */

struct project_walk {
	struct work *w;
	const struct event *ev;
	enum fact_move move;
	struct err *err;
};

static int project_ref(void *ctx, const struct field *f, const struct uuid *id)
{
	struct project_walk *k = ctx;
	const struct event *ev = k->ev;
	if (f->kind == FIELD_ID) {
		if (k->move == FACT_VOIDED)
			return db_run(k->w->db, &SQL_THING_DROP, k->err, "u", id) < 0 ? -1 : 0;
		return db_run(k->w->db, &SQL_THING_ADD, k->err, "uciiii", id, f->thing, ev->area, ev->at, ev->seq,
			      ev->incident_no) < 0
			   ? -1
			   : 0;
	}
	if (k->move == FACT_VOIDED)
		return 0; /* the link stays: the history shows what was withdrawn */
	return db_run(k->w->db, &SQL_LINK_ADD, k->err, "ui", id, ev->seq) < 0 ? -1 : 0;
}

static int project_type(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct event_type *type = registry_type(ev->form);
	if (type->project && type->project(w, ev, move, err) < 0)
		return -1;
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_reactions; i++) {
			const struct reaction *r = &MODULES[m]->reactions[i];
			if (r->project && strcmp(r->type, ev->form->type) == 0 && r->project(w, ev, move, err) < 0)
				return -1;
		}
	}
	return 0;
}

int domain_project(struct work *w, const struct event *ev, struct err *err)
{
	struct project_walk walk = { w, ev, FACT_ADDED, err };
	if (shape_refs(ev->form->shape, ev->data, project_ref, &walk))
		return -1;
	/* What happened at a site refers to it. */
	if (!uuid_is_nil(&ev->place_site) && !(registry_type(ev->form)->flags & EVENT_MANY) &&
	    db_run(w->db, &SQL_LINK_ADD, err, "ui", &ev->place_site, ev->seq) < 0)
		return -1;
	if (figure_add(w, "records", 0, ev->area, day_of(ev->at), 1, err) < 0)
		return -1;
	return project_type(w, ev, FACT_ADDED, err);
}

int domain_follow(struct work *w, const struct event *ev, emit_fn emit, void *ctx, struct err *err)
{
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_reactions; i++) {
			const struct reaction *r = &MODULES[m]->reactions[i];
			if (r->follow && strcmp(r->type, ev->form->type) == 0 && r->follow(w, ev, emit, ctx, err) < 0)
				return -1;
		}
	}
	return 0;
}

int domain_tell(struct work *w, const struct event *ev, post_fn post, void *ctx, struct err *err)
{
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_reactions; i++) {
			const struct reaction *r = &MODULES[m]->reactions[i];
			if (r->tell && strcmp(r->type, ev->form->type) == 0 && r->tell(w, ev, post, ctx, err) < 0)
				return -1;
		}
	}
	return 0;
}

/* ---- voids ------------------------------------------------------------------ */

static int refuse_referred(void *ctx, const struct field *f, const struct uuid *id)
{
	struct project_walk *k = ctx;
	int64_t seq = 0;
	char text[24];
	if (f->kind != FIELD_ID)
		return 0;
	for (;;) {
		struct event by;
		int rc = db_get_i64(k->w->db, &SQL_LINK_NEXT_LIVE, &seq, k->err, "uii", id, k->ev->seq, seq);
		if (rc <= 0)
			return rc;
		if (work_event(k->w, seq, false, &by, k->err) <= 0)
			return -1;
		/* That someone looked at it, or erased the data, does not nail it down for ever. */
		if (!(registry_type(by.form)->flags & EVENT_UNVOIDABLE))
			break;
	}
	snprintf(text, sizeof text, "%lld", (long long)seq);
	return err_set(k->err, &ERR_STILL_REFERRED, "event", text, NULL);
}

static bool may_void(const struct work *w, const struct event *orig)
{
	const struct principal *p = w->who;
	if (p->local)
		return true;
	if (str_eq(p->account, orig->actor) && w->now - orig->received <= DAY_MS)
		return true;
	for (size_t i = 0; i < p->n_grants; i++) {
		const struct grant *g = &p->grants[i];
		if ((g->role & (ROLE_OFFICER | ROLE_COMMANDER)) && (g->until == FIELD_ABSENT || g->until > w->now) &&
		    g->place != orig->area && place_within(orig->area, g->place))
			return true;
	}
	return false;
}

int domain_void_check(struct work *w, const struct uuid *id, struct event *ret_orig, struct err *err)
{
	struct event orig;
	int64_t by;
	int rc = work_event_by_id(w, id, false, &orig, err);
	if (rc < 0)
		return -1;
	if (!rc)
		return err_set(err, &ERR_UNKNOWN_THING, "event", "event", NULL);
	const struct event_type *type = registry_type(orig.form);
	if (!may_void(w, &orig))
		return err_set(err,
			       principal_may(w->who, ROLES_BUT_ADMIN, orig.area, w->now) ? &ERR_VOID_RIGHT
											 : &ERR_UNKNOWN_THING,
			       "event", "event", NULL);
	if (type->flags & EVENT_UNVOIDABLE)
		return err_set(err, &ERR_UNVOIDABLE, "event", NULL);
	rc = db_get_i64(w->db, &SQL_VOIDED_GET, &by, err, "i", orig.seq);
	if (rc)
		return rc < 0 ? -1 : err_set(err, &ERR_ALREADY_VOIDED, "event", NULL);
	struct project_walk walk = { w, &orig, FACT_VOIDED, err };
	if (shape_refs(orig.form->shape, orig.data, refuse_referred, &walk))
		return -1;
	if (type->check_void && type->check_void(w, &orig, err) < 0)
		return -1;
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_reactions; i++) {
			const struct reaction *r = &MODULES[m]->reactions[i];
			if (r->check_void && strcmp(r->type, orig.form->type) == 0 && r->check_void(w, &orig, err) < 0)
				return -1;
		}
	}
	*ret_orig = orig;
	return 0;
}

int domain_void_project(struct work *w, const struct uuid *id, int64_t by_seq, struct err *err)
{
	struct event orig;
	int rc = work_event_by_id(w, id, false, &orig, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_fmt(err, &ERR_STORE_CORRUPT, "the voided record is missing");
	struct project_walk walk = { w, &orig, FACT_VOIDED, err };
	if (db_run(w->db, &SQL_VOIDED_ADD, err, "ii", orig.seq, by_seq) < 0)
		return -1;
	if (project_type(w, &orig, FACT_VOIDED, err) < 0)
		return -1;
	return shape_refs(orig.form->shape, orig.data, project_ref, &walk) ? -1 : 0;
}

/* ---- history -------------------------------------------------------------------- */

static const struct field HISTORY_FIELDS[] = {
	{ "seq", FIELD_INT, FIELD_NEEDED, offsetof(struct history_item, seq), .zh = "序号", .en = "Sequence" },
	{ "id", FIELD_REF, FIELD_NEEDED, offsetof(struct history_item, id), .thing = THING_EVENT, .zh = "记录编号",
	  .en = "Record" },
	{ "type", FIELD_TEXT, FIELD_NEEDED, offsetof(struct history_item, type), .zh = "类型", .en = "Type" },
	{ "at", FIELD_TIME, FIELD_NEEDED, offsetof(struct history_item, at), .zh = "发生时间", .en = "Happened" },
	{ "received", FIELD_TIME, FIELD_NEEDED, offsetof(struct history_item, received), .zh = "收到时间",
	  .en = "Received" },
	{ "actor", FIELD_TEXT, FIELD_NEEDED, offsetof(struct history_item, actor), .zh = "记录人",
	  .en = "Recorded by" },
	{ "voided", FIELD_BOOL, 0, offsetof(struct history_item, voided), .zh = "已撤销", .en = "Withdrawn" },
};
struct shape HISTORY_SHAPE = { .name = "History", SHAPE_OF(HISTORY_FIELDS, struct history_item) };

/* All of it, since what a thing is now is folded from it; the bound only keeps a reading from eating the machine. */
#define HISTORY_MAX 10000

int history_by_time(const void *a, const void *b)
{
	const struct history_item *x = a, *y = b;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return memcmp(x->id.b, y->id.b, sizeof x->id.b);
}

int thing_history(struct work *w, const struct uuid *id, struct list *ret, struct err *err)
{
	size_t n = 0, cap = 32;
	struct history_item *items = arena_alloc(w->arena, cap * sizeof *items);
	struct thing t;
	if (!items)
		return err_kind_set(err, &ERR_NO_MEMORY);
	int rc = thing_get(w, id, &t, err);
	if (rc < 0)
		return -1;
	if (rc)
		items[n++] = (struct history_item){ .seq = t.seq, .voided = FIELD_ABSENT };
	{
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		if (db_start(w->db, &SQL_LINKS_OF, &st, err, "u", id) < 0)
			return -1;
		while (n < HISTORY_MAX && (rc = stmt_step(st, err)) == 1) {
			if (n == cap) {
				struct history_item *bigger = arena_alloc(w->arena, (cap *= 2) * sizeof *bigger);
				if (!bigger)
					return err_kind_set(err, &ERR_NO_MEMORY);
				memcpy(bigger, items, n * sizeof *bigger);
				items = bigger;
			}
			items[n++] =
			    (struct history_item){ .seq = stmt_i64(st, 0),
						   .voided = stmt_i64(st, 1) == FIELD_ABSENT ? FIELD_ABSENT : 1 };
		}
		if (rc < 0)
			return -1;
	}
	for (size_t i = 0; i < n; i++) {
		struct event ev;
		rc = work_event(w, items[i].seq, false, &ev, err);
		if (rc <= 0)
			return rc < 0
				   ? -1
				   : err_fmt(err, &ERR_STORE_CORRUPT, "entry %lld is missing", (long long)items[i].seq);
		items[i].id = ev.id;
		items[i].type = str_of(ev.form->type);
		items[i].at = ev.at;
		items[i].received = ev.received;
		items[i].actor = ev.actor;
	}
	*ret = (struct list){ items, n };
	return 0;
}

const char *const DOMAIN_TABLES[] = { "thing", "link", "voided", "figure", "figure_moment", NULL };
const char *domain_schema(void)
{
	return CORE_SCHEMA;
}
