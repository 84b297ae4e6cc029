/* The duty module's shapes and descriptor. */
#include "domain/duty/duty.h"

#include "domain/duty/internal.h"
#include "duty.sql.h"

#define AT(type, member) offsetof(struct type, member)

const char *const DUTY_STATUSES[] = { "on_post", "off_post", "leave", "quarantined", NULL };
const char *const DUTY_STATUSES_ZH[] = { "在岗", "离岗", "请假", "隔离", NULL };

#define PERSON_REF(type)                                                                                  \
	{                                                                                                 \
		"person", FIELD_REF, FIELD_NEEDED, AT(type, person), .thing = THING_PERSON, .zh = "人员", \
								     .en = "Person"                       \
	}
#define SITE_REF(type)                                                                                              \
	{                                                                                                           \
		"site", FIELD_REF, FIELD_NEEDED | FIELD_CHANGES, AT(type, site), .thing = THING_SITE, .zh = "场所", \
										 .en = "Site"                       \
	}
#define REQUEST_REF(type)                                                                 \
	{                                                                                 \
		"request", FIELD_REF, FIELD_NEEDED | FIELD_CHANGES, AT(type, request),    \
		    .thing = THING_REQUEST, .zh = "支援请求", .en = "Request for support" \
	}
#define SKILLS(type)                                                                                       \
	{                                                                                                  \
		"skills", FIELD_LIST, 0, AT(type, skills), .max = 30, .element = FIELD_TEXT, .zh = "技能", \
							   .en = "Skills"                                  \
	}

static const struct field REPORTED_FIELDS[] = {
	PERSON_REF(duty_reported),
	{ "status", FIELD_ENUM, FIELD_NEEDED, AT(duty_reported, status), .values = DUTY_STATUSES,
	  .values_zh = DUTY_STATUSES_ZH, .zh = "状态", .en = "Status" },
	{ "shift", FIELD_REF, 0, AT(duty_reported, shift), .thing = THING_SHIFT, .zh = "班次", .en = "Shift" },
	{ "handover", FIELD_TEXT, FIELD_PERSONAL, AT(duty_reported, handover), .max = 1000, .zh = "交接事项",
	  .en = "Handover note" },
	{ "handed_over", FIELD_BOOL, 0, AT(duty_reported, handed_over), .zh = "有交接事项（系统填写）",
	  .en = "Has a handover note (filled by the server)" },
};
static struct shape DUTY_REPORTED = { .name = "DutyReported",
				      SHAPE_OF(REPORTED_FIELDS, struct duty_reported),
				      .owner = "person" };

static const struct field RESERVE_JOINED_FIELDS[] = {
	PERSON_REF(reserve_joined),
	{ "available_from", FIELD_TIME, FIELD_NEEDED, AT(reserve_joined, available_from), .zh = "何时起可派",
	  .en = "Available from" },
	SKILLS(reserve_joined),
};
static struct shape RESERVE_JOINED = { .name = "ReserveJoined",
				       SHAPE_OF(RESERVE_JOINED_FIELDS, struct reserve_joined) };

static const struct field RESERVE_LEFT_FIELDS[] = {
	PERSON_REF(reserve_left),
	{ "reason", FIELD_TEXT, 0, AT(reserve_left, reason), .zh = "原因", .en = "Reason" },
};
static struct shape RESERVE_LEFT = { .name = "ReserveLeft", SHAPE_OF(RESERVE_LEFT_FIELDS, struct reserve_left) };

static const struct field REQUESTED_FIELDS[] = {
	{ "id", FIELD_ID, FIELD_NEEDED, AT(support_requested, id), .thing = THING_REQUEST, .zh = "编号", .en = "Id" },
	SITE_REF(support_requested),
	{ "headcount", FIELD_INT, FIELD_NEEDED, AT(support_requested, headcount), 1, 200, .zh = "人数",
	  .en = "Headcount" },
	{ "reason", FIELD_TEXT, FIELD_NEEDED, AT(support_requested, reason), .zh = "原因", .en = "Reason" },
	{ "needed_by", FIELD_TIME, 0, AT(support_requested, needed_by), .zh = "最迟到位", .en = "Needed by" },
	SKILLS(support_requested),
};
static struct shape SUPPORT_REQUESTED = { .name = "SupportRequested",
					  SHAPE_OF(REQUESTED_FIELDS, struct support_requested) };

static const struct field ASSIGNED_FIELDS[] = {
	REQUEST_REF(support_assigned),
	{ "persons", FIELD_LIST, FIELD_NEEDED, AT(support_assigned, persons), .max = 50, .element = FIELD_REF,
	  .thing = THING_PERSON, .zh = "人员", .en = "Persons" },
	{ "report_by", FIELD_TIME, 0, AT(support_assigned, report_by), .zh = "最迟报到", .en = "Report by" },
};
static struct shape SUPPORT_ASSIGNED_SHAPE = { .name = "SupportAssigned",
					       SHAPE_OF(ASSIGNED_FIELDS, struct support_assigned) };

static const struct field ARRIVED_FIELDS[] = { REQUEST_REF(support_person), PERSON_REF(support_person) };
static struct shape SUPPORT_ARRIVED_SHAPE = { .name = "SupportArrived",
					      SHAPE_OF(ARRIVED_FIELDS, struct support_person) };

static const struct field RELEASED_FIELDS[] = {
	REQUEST_REF(support_person),
	PERSON_REF(support_person),
	{ "again", FIELD_BOOL, 0, AT(support_person, again), .zh = "还需补派一人",
	  .en = "Somebody else is needed instead" },
};
static struct shape SUPPORT_RELEASED_SHAPE = { .name = "SupportReleased",
					       SHAPE_OF(RELEASED_FIELDS, struct support_person) };

static const struct field PLANNED_FIELDS[] = {
	{ "id", FIELD_ID, FIELD_NEEDED, AT(shift_planned, id), .thing = THING_SHIFT, .zh = "编号", .en = "Id" },
	SITE_REF(shift_planned),
	{ "from", FIELD_TIME, FIELD_NEEDED, AT(shift_planned, from), .zh = "开始", .en = "From" },
	{ "to", FIELD_TIME, FIELD_NEEDED, AT(shift_planned, to), .zh = "结束", .en = "To" },
	{ "persons", FIELD_LIST, FIELD_NEEDED, AT(shift_planned, persons), .max = 50, .element = FIELD_REF,
	  .thing = THING_PERSON, .zh = "人员", .en = "Persons" },
};
static struct shape SHIFT_PLANNED = { .name = "ShiftPlanned", SHAPE_OF(PLANNED_FIELDS, struct shift_planned) };

/* A note is personal, so a projection can't see it: that there is one stands beside it. */
static void fill_reported(struct event *ev, struct arena *arena)
{
	struct duty_reported *d = ev->data;
	(void)arena;
	d->handed_over = d->handover.ptr && d->handover.len ? 1 : FIELD_ABSENT;
}

#define DESK ((unsigned)ROLE_COMMANDER | ROLE_OFFICER)

static bool is_caller(const struct work *w, const struct uuid *person)
{
	return w->who && !uuid_is_nil(&w->who->person) && uuid_eq(&w->who->person, person);
}

static bool own_report(const struct work *w, const struct event *ev)
{
	return is_caller(w, &((const struct duty_reported *)ev->data)->person);
}

static bool own_joining(const struct work *w, const struct event *ev)
{
	return is_caller(w, &((const struct reserve_joined *)ev->data)->person);
}

static bool own_arrival(const struct work *w, const struct event *ev)
{
	return is_caller(w, &((const struct support_person *)ev->data)->person);
}

static const struct event_type EVENTS[] = {
	{ .form = { "duty.reported", &DUTY_REPORTED, RANK_CHANGE },
	  .roles = DESK | ROLE_ORGANISATION | ROLE_GRID | ROLE_CHECKPOINT | ROLE_SUPPLY,
	  .zh = "到岗报告",
	  .en = "Duty reported",
	  .own = own_report,
	  .fill = fill_reported,
	  .check = duty_reported_check,
	  .project = duty_reported_project },
	{ .form = { "reserve.joined", &RESERVE_JOINED, RANK_ASSIGN },
	  .roles = DESK,
	  .zh = "加入预备队",
	  .en = "Reserve joined",
	  .own = own_joining,
	  .check = reserve_joined_check,
	  .project = reserve_joined_project,
	  .check_void = reserve_void },
	{ .form = { "reserve.left", &RESERVE_LEFT, RANK_RELEASE },
	  .roles = DESK,
	  .zh = "退出预备队",
	  .en = "Reserve left",
	  .check = reserve_left_check,
	  .project = reserve_left_project,
	  .check_void = reserve_void },
	{ .form = { "support.requested", &SUPPORT_REQUESTED, RANK_OPEN },
	  .roles = DESK | ROLE_CHECKPOINT,
	  .zh = "请求支援",
	  .en = "Support requested",
	  .check = support_requested_check,
	  .project = support_requested_project },
	{ .form = { "support.assigned", &SUPPORT_ASSIGNED_SHAPE, RANK_ASSIGN },
	  .roles = DESK,
	  .zh = "派出支援",
	  .en = "Support assigned",
	  .check = support_assigned_check,
	  .project = support_assigned_project,
	  .check_void = support_assigned_void },
	{ .form = { "support.arrived", &SUPPORT_ARRIVED_SHAPE, RANK_CHANGE },
	  .roles = DESK | ROLE_CHECKPOINT,
	  .zh = "支援到位",
	  .en = "Support arrived",
	  .own = own_arrival,
	  .check = support_arrived_check,
	  .project = support_arrived_project,
	  .check_void = support_person_void },
	{ .form = { "support.released", &SUPPORT_RELEASED_SHAPE, RANK_RELEASE },
	  .roles = DESK | ROLE_CHECKPOINT,
	  .zh = "支援结束",
	  .en = "Support released",
	  .check = support_released_check,
	  .project = support_released_project,
	  .check_void = support_person_void },
	{ .form = { "shift.planned", &SHIFT_PLANNED, RANK_OPEN },
	  .roles = DESK | ROLE_CHECKPOINT,
	  .zh = "排班",
	  .en = "Shift planned",
	  .check = shift_planned_check,
	  .project = shift_planned_project },
};

static const struct reaction REACTIONS[] = {
	{ .type = "person.left", .project = duty_left_react, .check_void = duty_left_void },
	{ .type = "site.closed", .follow = duty_closed_follow },
	{ .type = "support.requested", .tell = support_requested_tell },
	{ .type = "support.assigned", .tell = support_assigned_tell },
};

static const char *const TABLES[] = { "duty_fact",    "duty_place",      "duty_handover", "reserve_fact",
				      "reserve_span", "support_request", "support_fact",  "support_tenure",
				      "support_sent", "duty_shift",      "duty_stand",    NULL };

const struct module DUTY_MODULE = {
	.name = "duty",
	.rank = 4,
	.zh = "到岗与支援",
	.en = "Duty and support",
	.schema = DUTY_SCHEMA,
	.tables = TABLES,
	.events = EVENTS,
	.n_events = ARRAY_LEN(EVENTS),
	.reactions = REACTIONS,
	.n_reactions = ARRAY_LEN(REACTIONS),
	.views = DUTY_VIEWS,
	.n_views = DUTY_N_VIEWS,
	.figures = DUTY_FIGURES,
	.n_figures = DUTY_N_FIGURES,
	.tasks = DUTY_TASKS,
	.n_tasks = DUTY_N_TASKS,
};
