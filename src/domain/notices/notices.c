/* The notices module's shapes and descriptor. */
#include "domain/notices/notices.h"

#include "domain/notices/internal.h"
#include "domain/teams/teams.h"
#include "notices.sql.h"

#define AT(type, member) offsetof(struct type, member)
#define TITLE_MAX        200
#define BODY_MAX         20000

const char *const NOTICE_KINDS[] = { "notice", "emergency_notice", "initiative", "plan", "guidance", NULL };
const char *const NOTICE_KINDS_ZH[] = { "通知", "紧急通知", "倡议", "方案", "指导意见", NULL };

static const struct field AUDIENCE_FIELDS[] = {
	{ "places", FIELD_LIST, 0, AT(audience, places), .element = FIELD_PLACE, .zh = "单位", .en = "Units" },
	{ "categories", FIELD_LIST, 0, AT(audience, categories), .element = FIELD_ENUM, .max = CATEGORIES,
	  .values = CATEGORY_NAMES, .values_zh = CATEGORY_NAMES_ZH, .zh = "人员类别", .en = "Categories of people" },
	{ "party_members", FIELD_BOOL, 0, AT(audience, party_members), .zh = "全体党员", .en = "All party members" },
};
struct shape NOTICE_AUDIENCE = { .name = "NoticeAudience", SHAPE_OF(AUDIENCE_FIELDS, struct audience) };

static const struct field ISSUED_FIELDS[] = {
	{ "id", FIELD_ID, FIELD_NEEDED, AT(notice_issued, id), .thing = THING_NOTICE, .zh = "编号", .en = "Id" },
	{ "kind", FIELD_ENUM, FIELD_NEEDED, AT(notice_issued, kind), .values = NOTICE_KINDS,
	  .values_zh = NOTICE_KINDS_ZH, .zh = "种类", .en = "Kind" },
	{ "title", FIELD_TEXT, FIELD_NEEDED, AT(notice_issued, title), .max = TITLE_MAX, .zh = "标题", .en = "Title" },
	{ "body", FIELD_TEXT, FIELD_NEEDED, AT(notice_issued, body), .max = BODY_MAX, .zh = "正文", .en = "Text" },
	{ "number", FIELD_TEXT, 0, AT(notice_issued, number), .max = 60, .zh = "发文字号", .en = "Number" },
	{ "issuer", FIELD_TEXT, FIELD_NEEDED, AT(notice_issued, issuer), .max = 80, .zh = "发文机关", .en = "Issuer" },
	{ "to", FIELD_OBJECT, FIELD_NEEDED, AT(notice_issued, to), .shape = &NOTICE_AUDIENCE, .zh = "发至",
	  .en = "Addressed to" },
	{ "acknowledge_by", FIELD_TIME, 0, AT(notice_issued, acknowledge_by), .zh = "签收时限",
	  .en = "To be acknowledged by" },
	{ "parent", FIELD_REF, 0, AT(notice_issued, parent), .thing = THING_NOTICE, .zh = "所依据的上级通知",
	  .en = "Notice it rests on" },
};
static struct shape NOTICE_ISSUED = { .name = "NoticeIssued", SHAPE_OF(ISSUED_FIELDS, struct notice_issued) };

static const struct field ACKNOWLEDGED_FIELDS[] = {
	{ "notice", FIELD_REF, FIELD_NEEDED, AT(notice_acknowledged, notice), .thing = THING_NOTICE, .zh = "通知",
	  .en = "Notice" },
	{ "unit", FIELD_PLACE, 0, AT(notice_acknowledged, unit), .zh = "单位", .en = "Unit" },
	{ "person", FIELD_REF, 0, AT(notice_acknowledged, person), .thing = THING_PERSON, .zh = "签收人",
	  .en = "Person" },
};
static struct shape NOTICE_ACKNOWLEDGED = { .name = "NoticeAcknowledged",
					    SHAPE_OF(ACKNOWLEDGED_FIELDS, struct notice_acknowledged) };

static const struct field WITHDRAWN_FIELDS[] = {
	{ "notice", FIELD_REF, FIELD_NEEDED | FIELD_CHANGES, AT(notice_withdrawn, notice), .thing = THING_NOTICE,
	  .zh = "通知", .en = "Notice" },
	{ "reason", FIELD_TEXT, 0, AT(notice_withdrawn, reason), .zh = "原因", .en = "Reason" },
};
static struct shape NOTICE_WITHDRAWN = { .name = "NoticeWithdrawn",
					 SHAPE_OF(WITHDRAWN_FIELDS, struct notice_withdrawn) };

static const struct event_type EVENTS[] = {
	{ .form = { "notice.issued", &NOTICE_ISSUED, RANK_OPEN },
	  .roles = ROLES_ISSUING,
	  .zh = "通知下发",
	  .en = "Notice issued",
	  .check = notice_issued_check,
	  .project = notice_issued_project },
	{ .form = { "notice.acknowledged", &NOTICE_ACKNOWLEDGED, RANK_CHANGE },
	  .roles = ROLES_ACKNOWLEDGING,
	  .flags = EVENT_OWN_ACCESS,
	  .zh = "通知签收",
	  .en = "Notice acknowledged",
	  .check = notice_acknowledged_check,
	  .project = notice_acknowledged_project },
	{ .form = { "notice.withdrawn", &NOTICE_WITHDRAWN, RANK_CLOSE },
	  .roles = ROLES_ISSUING,
	  .zh = "通知撤回",
	  .en = "Notice withdrawn",
	  .check = notice_withdrawn_check,
	  .project = notice_withdrawn_project },
};

static const struct reaction REACTIONS[] = {
	{ .type = "notice.issued", .tell = notice_issued_tell },
	{ .type = "notice.withdrawn", .tell = notice_withdrawn_tell },
};

static const char *const TABLES[] = { "notice", "notice_list", "notice_audience", "notice_unit", "notice_ack", NULL };

static const struct view VIEWS[] = {
	{ "/api/v1/notices/notices", ROLES_BUT_ADMIN, PARAM_PLACE | PARAM_PAGE | PARAM_Q | PARAM_KIND, &NOTICE_ITEM,
	  "items", "通知", "Notices", notices_view },
	{ "/api/v1/notices/notices/{id}", ROLES_BUT_ADMIN, 0, &NOTICE_ITEM, NULL, "一份通知", "A notice", notice_view },
	{ "/api/v1/notices/notices/{id}/cascade", ROLES_BUT_ADMIN, PARAM_AT, &CASCADE_ITEM, NULL, "通知的逐级落实",
	  "A notice and all that rest on it", cascade_view },
};

const struct module NOTICES_MODULE = {
	.name = "notices",
	.rank = 4,
	.zh = "通知",
	.en = "Notices",
	.schema = NOTICES_SCHEMA,
	.tables = TABLES,
	.events = EVENTS,
	.n_events = ARRAY_LEN(EVENTS),
	.reactions = REACTIONS,
	.n_reactions = ARRAY_LEN(REACTIONS),
	.views = VIEWS,
	.n_views = ARRAY_LEN(VIEWS),
	.figures = NOTICES_FIGURES,
	.n_figures = NOTICES_N_FIGURES,
	.tasks = NOTICES_TASKS,
	.n_tasks = NOTICES_N_TASKS,
	.lapse = notices_lapse,
};
