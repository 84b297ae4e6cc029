/* The visits module's shapes and descriptor. */
#include "domain/visits/visits.h"

#include "domain/visits/internal.h"
#include "visits.sql.h"

#define AT(type, member) offsetof(struct type, member)

const char *const VISIT_METHODS[] = { "on_site", "phone", "chat", "video", NULL };
const char *const VISIT_METHODS_ZH[] = { "上门", "电话", "网络聊天", "视频", NULL };
const char *const VISIT_PURPOSES[] = { "publicity", "survey", "calming", "isolation", "needs", "temperature", NULL };
const char *const VISIT_PURPOSES_ZH[] = { "宣传", "摸排", "安抚", "隔离", "需求", "测温", NULL };
const char *const VISIT_RESULTS[] = { "met", "absent", "refused", NULL };
const char *const VISIT_RESULTS_ZH[] = { "见到", "家中无人", "不配合", NULL };
const char *const FOLLOWUP_CATEGORIES[] = { "returnee", "close_contact", "suspected", "other", NULL };
const char *const FOLLOWUP_CATEGORIES_ZH[] = { "返乡人员", "密切接触者", "疑似", "其他", NULL };
const char *const FOLLOWUP_REASONS[] = { "completed", "referred", "moved", "refused", "lost", "error", NULL };
const char *const FOLLOWUP_REASONS_ZH[] = { "期满", "转诊", "迁走", "拒绝", "失联", "登记有误", NULL };

static const struct field VISIT_FIELDS[] = {
	{ "household", FIELD_REF, FIELD_NEEDED | FIELD_CHANGES, AT(visit_made, household), .thing = THING_HOUSEHOLD,
	  .zh = "住户", .en = "Household" },
	{ "method", FIELD_ENUM, FIELD_NEEDED, AT(visit_made, method), .values = VISIT_METHODS,
	  .values_zh = VISIT_METHODS_ZH, .zh = "方式", .en = "Method" },
	{ "purposes", FIELD_LIST, FIELD_NEEDED, AT(visit_made, purposes), 1, 10, .element = FIELD_ENUM,
	  .values = VISIT_PURPOSES, .values_zh = VISIT_PURPOSES_ZH, .zh = "事由", .en = "Purposes" },
	{ "result", FIELD_ENUM, FIELD_NEEDED, AT(visit_made, result), .values = VISIT_RESULTS,
	  .values_zh = VISIT_RESULTS_ZH, .zh = "结果", .en = "Result" },
	{ "needs", FIELD_TEXT, FIELD_PERSONAL, AT(visit_made, needs), .zh = "需求", .en = "Needs" },
	{ "note", FIELD_TEXT, FIELD_PERSONAL, AT(visit_made, note), .zh = "备注", .en = "Note" },
};
struct shape VISIT_MADE = { .name = "VisitMade", SHAPE_OF(VISIT_FIELDS, struct visit_made), .owner = "household" };

static const struct field PERSON_FIELDS[] = {
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(followup_person, name), .max = 40, .zh = "姓名", .en = "Name" },
	{ "id_number", FIELD_IDNO, FIELD_LOOKUP, AT(followup_person, id_number), .zh = "身份证号", .en = "Id number" },
	{ "phone", FIELD_PHONE, FIELD_LOOKUP, AT(followup_person, phone), .zh = "电话", .en = "Phone" },
	{ "address", FIELD_TEXT, 0, AT(followup_person, address), .max = 120, .zh = "住址", .en = "Address" },
};
static struct shape FOLLOWUP_PERSON = { .name = "FollowupPerson", SHAPE_OF(PERSON_FIELDS, struct followup_person) };

static const struct field OPENED_FIELDS[] = {
	{ "id", FIELD_ID, FIELD_NEEDED, AT(followup_opened, id), .thing = THING_FOLLOWUP, .zh = "编号", .en = "Id" },
	{ "subject", FIELD_REF, FIELD_NEEDED | FIELD_OPEN_REF, AT(followup_opened, subject), .thing = THING_SUBJECT,
	  .zh = "对象", .en = "Subject" },
	{ "person", FIELD_OBJECT, FIELD_NEEDED | FIELD_PERSONAL, AT(followup_opened, person), .shape = &FOLLOWUP_PERSON,
	  .zh = "本人", .en = "Person" },
	{ "category", FIELD_ENUM, FIELD_NEEDED, AT(followup_opened, category), .values = FOLLOWUP_CATEGORIES,
	  .values_zh = FOLLOWUP_CATEGORIES_ZH, .zh = "类别", .en = "Category" },
	{ "household", FIELD_REF, 0, AT(followup_opened, household), .thing = THING_HOUSEHOLD, .zh = "住户",
	  .en = "Household" },
	{ "last_exposure", FIELD_TIME, 0, AT(followup_opened, last_exposure), .zh = "最后接触时间",
	  .en = "Last exposure" },
	{ "starts", FIELD_DAY, FIELD_NEEDED, AT(followup_opened, starts), .zh = "起算日", .en = "First day" },
	{ "days", FIELD_INT, 0, AT(followup_opened, days), 1, CALENDAR_DAYS_MAX, .zh = "天数", .en = "Days" },
	{ "per_day", FIELD_INT, 0, AT(followup_opened, per_day), 1, 12, .zh = "每天次数", .en = "Times a day" },
	{ "screening", FIELD_REF, FIELD_OPEN_REF, AT(followup_opened, screening), .thing = THING_EVENT,
	  .zh = "来自的卡点登记", .en = "Screening it follows from" },
};
struct shape FOLLOWUP_OPENED = { .name = "FollowupOpened",
				 SHAPE_OF(OPENED_FIELDS, struct followup_opened),
				 .owner = "subject" };

#define FOLLOWUP_REF(type)                                                               \
	{                                                                                \
		"followup", FIELD_REF, FIELD_NEEDED | FIELD_CHANGES, AT(type, followup), \
		    .thing = THING_FOLLOWUP, .zh = "随访", .en = "Follow-up"             \
	}

static const struct field OBSERVED_FIELDS[] = {
	FOLLOWUP_REF(followup_observed),
	{ "present", FIELD_BOOL, FIELD_NEEDED, AT(followup_observed, present), .zh = "本人配合", .en = "Present" },
	{ "temperature", FIELD_TEMPERATURE, 0, AT(followup_observed, temperature), .zh = "体温", .en = "Temperature" },
	{ "symptoms", FIELD_LIST, FIELD_PERSONAL, AT(followup_observed, symptoms), .max = 10, .element = FIELD_ENUM,
	  .values = SYMPTOMS, .values_zh = SYMPTOMS_ZH, .zh = "症状", .en = "Symptoms" },
	{ "unwell", FIELD_BOOL, 0, AT(followup_observed, unwell), .zh = "有症状", .en = "Unwell" },
	{ "method", FIELD_ENUM, FIELD_NEEDED, AT(followup_observed, method), .values = VISIT_METHODS,
	  .values_zh = VISIT_METHODS_ZH, .zh = "方式", .en = "Method" },
	{ "household", FIELD_REF, 0, AT(followup_observed, household), .thing = THING_HOUSEHOLD, .zh = "现住住户",
	  .en = "Household they stay with" },
	{ "note", FIELD_TEXT, FIELD_PERSONAL, AT(followup_observed, note), .zh = "备注", .en = "Note" },
};
struct shape FOLLOWUP_OBSERVED = { .name = "FollowupObserved",
				   SHAPE_OF(OBSERVED_FIELDS, struct followup_observed),
				   .owner = "followup" };

static const struct field CLOSED_FIELDS[] = {
	FOLLOWUP_REF(followup_closed),
	{ "reason", FIELD_ENUM, FIELD_NEEDED, AT(followup_closed, reason), .values = FOLLOWUP_REASONS,
	  .values_zh = FOLLOWUP_REASONS_ZH, .zh = "原因", .en = "Reason" },
	{ "note", FIELD_TEXT, FIELD_PERSONAL, AT(followup_closed, note), .zh = "备注", .en = "Note" },
};
struct shape FOLLOWUP_CLOSED = { .name = "FollowupClosed",
				 SHAPE_OF(CLOSED_FIELDS, struct followup_closed),
				 .owner = "followup" };

static const struct field LINKED_FIELDS[] = {
	{ "from", FIELD_REF, FIELD_NEEDED | FIELD_OPEN_REF, AT(contact_linked, from), .thing = THING_SUBJECT,
	  .zh = "一方", .en = "From" },
	{ "to", FIELD_REF, FIELD_NEEDED | FIELD_OPEN_REF, AT(contact_linked, to), .thing = THING_SUBJECT,
	  .zh = "另一方", .en = "To" },
	{ "relation", FIELD_TEXT, FIELD_NEEDED | FIELD_PERSONAL, AT(contact_linked, relation), .max = 60, .zh = "关系",
	  .en = "Relation" },
	{ "on", FIELD_DAY, 0, AT(contact_linked, on), .zh = "接触日期", .en = "On" },
};
struct shape CONTACT_LINKED = { .name = "ContactLinked",
				SHAPE_OF(LINKED_FIELDS, struct contact_linked),
				.owner = "from" };

/* What symptoms say in the clear, since nobody computes with sealed ones. */
static void observed_fill(struct event *ev, struct arena *arena)
{
	struct followup_observed *d = ev->data;
	(void)arena;
	if (d->symptoms.n)
		d->unwell = 1;
}

static const struct event_type EVENTS[] = {
	{ .form = { "visit.made", &VISIT_MADE, RANK_CHANGE },
	  .roles = VISIT_READERS,
	  .zh = "走访",
	  .en = "Visit made",
	  .check = visit_made_check,
	  .project = visit_made_project },
	{ .form = { "followup.opened", &FOLLOWUP_OPENED, RANK_OPEN },
	  .roles = VISIT_READERS | ROLE_CHECKPOINT,
	  .zh = "随访开始",
	  .en = "Follow-up opened",
	  .check = followup_opened_check,
	  .project = followup_opened_project,
	  .check_void = followup_opened_void },
	{ .form = { "followup.observed", &FOLLOWUP_OBSERVED, RANK_CHANGE },
	  .roles = VISIT_READERS,
	  .zh = "随访观察",
	  .en = "Follow-up observed",
	  .fill = observed_fill,
	  .check = followup_observed_check,
	  .project = followup_observed_project,
	  .check_void = followup_observed_void },
	{ .form = { "followup.closed", &FOLLOWUP_CLOSED, RANK_CLOSE },
	  .roles = VISIT_READERS,
	  .zh = "随访结束",
	  .en = "Follow-up closed",
	  .check = followup_closed_check,
	  .project = followup_closed_project,
	  .check_void = followup_closed_void },
	{ .form = { "contact.linked", &CONTACT_LINKED, RANK_ASSIGN },
	  .roles = VISIT_READERS,
	  .zh = "接触关系",
	  .en = "Contact linked",
	  .check = contact_linked_check,
	  .project = contact_linked_project },
};

static const struct reaction REACTIONS[] = {
	{ .type = "parameter.set", .project = parameter_set_react },
	{ .type = "screening.recorded",
	  .project = passage_project,
	  .check_void = passage_void,
	  .follow = passage_follow },
	{ .type = "subject.erased", .follow = erased_follow },
	{ .type = "followup.opened", .tell = opened_tell },
	{ .type = "followup.observed", .tell = observed_tell },
};

static const struct view VIEWS[] = {
	{ "/api/v1/visits/followups", VISIT_READERS, PARAM_PLACE | PARAM_PAGE | PARAM_Q | PARAM_KIND | PARAM_GROUP,
	  &FOLLOWUP_ITEM, "items", "随访对象", "Follow-ups", followups_view },
	{ "/api/v1/visits/followups/{id}", VISIT_READERS, PARAM_REASON, &FOLLOWUP_ITEM, NULL, "一名随访对象",
	  "A follow-up", followup_view },
	{ "/api/v1/visits/households/{id}", VISIT_READERS, PARAM_REASON, &VISITED_HOUSEHOLD, NULL, "一户的走访",
	  "A household's visits", visited_household_view },
	{ "/api/v1/visits/unvisited", VISIT_READERS, PARAM_PLACE | PARAM_PAGE | PARAM_GROUP, &UNVISITED_ITEM, "items",
	  "多日未见的住户", "Households not met lately", unvisited_view },
	{ "/api/v1/visits/groups", VISIT_READERS, PARAM_PLACE | PARAM_PAGE, &VISIT_GROUP_ITEM, "items",
	  "各责任组的走访", "Visits per group", visit_groups_view },
	{ "/api/v1/visits/chains", VISIT_READERS, PARAM_ABOUT, &CHAINS, NULL, "接触链", "Contact chains", chains_view },
	{ "/api/v1/visits/gaps", VISIT_READERS, PARAM_PLACE | PARAM_PAGE, &FOLLOWUP_ITEM, "items", "无人负责的随访",
	  "Follow-ups that nobody answers for", gaps_view },
	{ "/api/v1/visits/alerts", VISIT_READERS, PARAM_PLACE | PARAM_PAGE, &FOLLOWUP_ITEM, "items", "发热与症状",
	  "Fevers and symptoms", alerts_view },
};

static const char *const TABLES[] = { "visit", "followup", "observation", "followup_screening", "contact", NULL };

const struct module VISITS_MODULE = {
	.name = "visits",
	.rank = 5,
	.zh = "走访与随访",
	.en = "Visits and follow-up",
	.schema = VISITS_SCHEMA,
	.tables = TABLES,
	.events = EVENTS,
	.n_events = ARRAY_LEN(EVENTS),
	.reactions = REACTIONS,
	.n_reactions = ARRAY_LEN(REACTIONS),
	.views = VIEWS,
	.n_views = ARRAY_LEN(VIEWS),
	.figures = VISITS_FIGURES,
	.n_figures = VISITS_N_FIGURES,
	.tasks = VISITS_TASKS,
	.n_tasks = VISITS_N_TASKS,
};
