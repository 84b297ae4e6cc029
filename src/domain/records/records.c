/* Voids, views of personal data, erasures: shapes, commands, descriptor. The
 * module keeps no tables of its own: voids are the core's, keys the ledger's. */
#include "domain/records/records.h"

#include "domain/records/internal.h"

#define AT(type, member) offsetof(struct type, member)

static const struct field VOIDED_FIELDS[] = {
	{ "event", FIELD_REF, FIELD_NEEDED | FIELD_OPEN_REF, AT(event_voided, event), .thing = THING_EVENT,
	  .zh = "撤销的记录", .en = "Record withdrawn" },
	{ "reason", FIELD_TEXT, FIELD_NEEDED, AT(event_voided, reason), .zh = "理由", .en = "Reason" },
};
struct shape EVENT_VOIDED = { .name = "EventVoided", SHAPE_OF(VOIDED_FIELDS, struct event_voided) };

static const struct field VIEWED_FIELDS[] = {
	{ "subject", FIELD_REF, FIELD_NEEDED | FIELD_OPEN_REF, AT(personal_viewed, subject), .thing = THING_SUBJECT,
	  .zh = "被查看的对象", .en = "Whose data" },
	{ "reason", FIELD_TEXT, 0, AT(personal_viewed, reason), .zh = "理由", .en = "Reason" },
};
struct shape PERSONAL_VIEWED = { .name = "PersonalViewed", SHAPE_OF(VIEWED_FIELDS, struct personal_viewed) };

static const struct field ERASED_FIELDS[] = {
	{ "subject", FIELD_REF, FIELD_NEEDED | FIELD_OPEN_REF, AT(subject_erased, subject), .thing = THING_SUBJECT,
	  .zh = "被清除的对象", .en = "Whose data" },
	{ "ground", FIELD_TEXT, FIELD_NEEDED, AT(subject_erased, ground), .zh = "依据", .en = "Ground" },
};
struct shape SUBJECT_ERASED = { .name = "SubjectErased", SHAPE_OF(ERASED_FIELDS, struct subject_erased) };

static int voided_check(struct work *w, const struct event *cev, struct err *err)
{
	struct event *ev = (struct event *)cev; /* EVENT_OWN_ACCESS: the command fills the area */
	const struct event_voided *d = ev->data;
	struct event orig;
	if (domain_void_check(w, &d->event, &orig, err) < 0)
		return -1;
	ev->area = orig.area;
	return 0;
}

static int voided_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct event_voided *d = ev->data;
	(void)move; /* a void is never voided */
	return domain_void_project(w, &d->event, ev->seq, err);
}

/* A subject held as a household or a person lies at its thing's place; others at the top. */
static int subject_area(struct work *w, struct event *ev, const struct uuid *subject, struct err *err)
{
	struct thing t;
	int rc = thing_get(w, subject, &t, err);
	if (rc < 0)
		return -1;
	ev->area = rc ? t.area : w->top;
	return 0;
}

static int viewed_check(struct work *w, const struct event *cev, struct err *err)
{
	struct event *ev = (struct event *)cev;
	return subject_area(w, ev, &((const struct personal_viewed *)ev->data)->subject, err);
}

static int erased_check(struct work *w, const struct event *cev, struct err *err)
{
	struct event *ev = (struct event *)cev;
	if (subject_area(w, ev, &((const struct subject_erased *)ev->data)->subject, err) < 0)
		return -1;
	return principal_may(w->who, ROLE_COMMANDER, ev->area, w->now) ? 0 : err_kind_set(err, &ERR_NOT_ALLOWED);
}

static const struct event_type EVENTS[] = {
	{ .form = { "event.voided", &EVENT_VOIDED, RANK_CHANGE },
	  .roles = ROLES_ALL_GRANTED,
	  .flags = EVENT_STANDING | EVENT_OWN_ACCESS | EVENT_UNVOIDABLE,
	  .zh = "记录撤销",
	  .en = "Record withdrawn",
	  .check = voided_check,
	  .project = voided_project },
	{ .form = { "personal.viewed", &PERSONAL_VIEWED, RANK_CHANGE },
	  .roles = ROLES_ALL_GRANTED,
	  .flags = EVENT_STANDING | EVENT_OWN_ACCESS | EVENT_UNVOIDABLE | EVENT_BY_SERVER,
	  .zh = "查看个人信息",
	  .en = "Personal data viewed",
	  .check = viewed_check },
	{ .form = { "subject.erased", &SUBJECT_ERASED, RANK_CLOSE },
	  .roles = ROLE_COMMANDER,
	  .flags = EVENT_STANDING | EVENT_OWN_ACCESS | EVENT_UNVOIDABLE,
	  .zh = "清除个人信息",
	  .en = "Personal data erased",
	  .check = erased_check },
};

static const char *const TABLES[] = { NULL };

const struct module RECORDS_MODULE = {
	.name = "records",
	.rank = 0,
	.zh = "记录与账本",
	.en = "Records and ledger",
	.schema = "",
	.tables = TABLES,
	.events = EVENTS,
	.n_events = ARRAY_LEN(EVENTS),
	.views = RECORDS_VIEWS,
	.n_views = RECORDS_N_VIEWS,
};
