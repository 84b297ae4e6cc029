/* The teams module's shapes and descriptor. */
#include "domain/teams/teams.h"

#include "domain/teams/internal.h"
#include "teams.sql.h"

#define AT(type, member) offsetof(struct type, member)

const char *const CATEGORY_NAMES[] = { "village_official",
				       "stationed_official",
				       "group_leader",
				       "villager_representative",
				       "official",
				       "leader",
				       "medic",
				       "police",
				       "volunteer",
				       "retired_official",
				       "resident",
				       NULL };
const char *const CATEGORY_NAMES_ZH[] = { "村（社区）干部", "驻村干部", "小组长", "村民代表",   "机关干部", "领导干部",
					  "医务人员",       "公安干警", "志愿者", "离退休干部", "居民",     NULL };
const char *const TEAM_KINDS[] = { "temporary_organisation", "temporary_branch", "vanguard_team", "volunteer_team",
				   "responsibility_area",    "vanguard_post",    "work_team",     NULL };
const char *const TEAM_KINDS_ZH[] = { "临时党组织", "临时党支部", "党员先锋队", "志愿服务队",
				      "党员责任区", "党员先锋岗", "工作组",     NULL };
const char *const TEAM_POSTS[] = { "secretary", "deputy_secretary", "organisation", "publicity", "discipline", "life",
				   "leader",    "deputy_leader",    "liaison",      "member",    NULL };
const char *const TEAM_POSTS_ZH[] = { "书记", "副书记", "组织委员", "宣传委员", "纪检委员", "生活委员",
				      "组长", "副组长", "联络员",   "成员",     NULL };

static const struct field ENROLLED_FIELDS[] = {
	{ "id", FIELD_ID, FIELD_NEEDED, AT(person_enrolled, id), .thing = THING_PERSON, .zh = "编号", .en = "Id" },
	{ "name", FIELD_TEXT, FIELD_NEEDED | FIELD_PERSONAL, AT(person_enrolled, name), .max = 40, .zh = "姓名",
	  .en = "Name" },
	{ "category", FIELD_ENUM, FIELD_NEEDED, AT(person_enrolled, category), .values = CATEGORY_NAMES,
	  .values_zh = CATEGORY_NAMES_ZH, .zh = "类别", .en = "Category" },
	{ "party_member", FIELD_BOOL, 0, AT(person_enrolled, party_member), .zh = "党员", .en = "Party member" },
	{ "phone", FIELD_PHONE, FIELD_PERSONAL, AT(person_enrolled, phone), .zh = "电话", .en = "Phone" },
	{ "id_number", FIELD_IDNO, FIELD_PERSONAL, AT(person_enrolled, id_number), .zh = "身份证号",
	  .en = "Citizen id number" },
	{ "unit", FIELD_TEXT, 0, AT(person_enrolled, unit), .max = 60, .zh = "单位", .en = "Unit" },
};
struct shape PERSON_ENROLLED = { .name = "PersonEnrolled",
				 SHAPE_OF(ENROLLED_FIELDS, struct person_enrolled),
				 .owner = "id" };

#define PERSON_REF(type, flags_)                                                                                     \
	{                                                                                                            \
		"person", FIELD_REF, FIELD_NEEDED | (flags_), AT(type, person), .thing = THING_PERSON, .zh = "人员", \
										.en = "Person"                       \
	}
#define TEAM_REF(type)                                                                                              \
	{                                                                                                           \
		"team", FIELD_REF, FIELD_NEEDED | FIELD_CHANGES, AT(type, team), .thing = THING_TEAM, .zh = "队伍", \
										 .en = "Team"                       \
	}

static const struct field CHANGED_FIELDS[] = {
	PERSON_REF(person_changed, FIELD_CHANGES),
	{ "name", FIELD_TEXT, FIELD_PERSONAL, AT(person_changed, name), .max = 40, .zh = "姓名", .en = "Name" },
	{ "category", FIELD_ENUM, 0, AT(person_changed, category), .values = CATEGORY_NAMES,
	  .values_zh = CATEGORY_NAMES_ZH, .zh = "类别", .en = "Category" },
	{ "party_member", FIELD_BOOL, 0, AT(person_changed, party_member), .zh = "党员", .en = "Party member" },
	{ "phone", FIELD_PHONE, FIELD_PERSONAL, AT(person_changed, phone), .zh = "电话", .en = "Phone" },
	{ "unit", FIELD_TEXT, 0, AT(person_changed, unit), .max = 60, .zh = "单位", .en = "Unit" },
};
static struct shape PERSON_CHANGED = { .name = "PersonChanged",
				       SHAPE_OF(CHANGED_FIELDS, struct person_changed),
				       .owner = "person" };

static const struct field LEFT_FIELDS[] = {
	PERSON_REF(person_left, FIELD_CHANGES),
	{ "reason", FIELD_TEXT, 0, AT(person_left, reason), .zh = "原因", .en = "Reason" },
};
static struct shape PERSON_LEFT = { .name = "PersonLeft", SHAPE_OF(LEFT_FIELDS, struct person_left) };

static const struct field EXPOSED_FIELDS[] = {
	PERSON_REF(person_exposed, FIELD_CHANGES),
	{ "since", FIELD_TIME, FIELD_NEEDED, AT(person_exposed, since), .zh = "自", .en = "Since" },
	{ "until", FIELD_TIME, 0, AT(person_exposed, until), .zh = "至", .en = "Until" },
};
static struct shape PERSON_EXPOSED = { .name = "PersonExposed", SHAPE_OF(EXPOSED_FIELDS, struct person_exposed) };

static const struct field FORMED_FIELDS[] = {
	{ "id", FIELD_ID, FIELD_NEEDED, AT(team_formed, id), .thing = THING_TEAM, .zh = "编号", .en = "Id" },
	{ "kind", FIELD_ENUM, FIELD_NEEDED, AT(team_formed, kind), .values = TEAM_KINDS, .values_zh = TEAM_KINDS_ZH,
	  .zh = "种类", .en = "Kind" },
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(team_formed, name), .max = 80, .zh = "名称", .en = "Name" },
	{ "site", FIELD_REF, 0, AT(team_formed, site), .thing = THING_SITE, .zh = "所在场所", .en = "Site" },
	{ "under", FIELD_REF, 0, AT(team_formed, under), .thing = THING_TEAM, .zh = "隶属", .en = "Under" },
};
static struct shape TEAM_FORMED = { .name = "TeamFormed", SHAPE_OF(FORMED_FIELDS, struct team_formed) };

static const struct field JOINED_FIELDS[] = {
	TEAM_REF(team_joined),
	PERSON_REF(team_joined, 0),
	{ "post", FIELD_ENUM, FIELD_NEEDED, AT(team_joined, post), .values = TEAM_POSTS, .values_zh = TEAM_POSTS_ZH,
	  .zh = "职务", .en = "Post" },
};
static struct shape TEAM_JOINED = { .name = "TeamJoined", SHAPE_OF(JOINED_FIELDS, struct team_joined) };

static const struct field TEAM_LEFT_FIELDS[] = { TEAM_REF(team_left), PERSON_REF(team_left, 0) };
static struct shape TEAM_LEFT = { .name = "TeamLeft", SHAPE_OF(TEAM_LEFT_FIELDS, struct team_left) };

static const struct field DISSOLVED_FIELDS[] = { TEAM_REF(team_dissolved) };
static struct shape TEAM_DISSOLVED = { .name = "TeamDissolved", SHAPE_OF(DISSOLVED_FIELDS, struct team_dissolved) };

static const struct field MERGED_FIELDS[] = {
	{ "from", FIELD_REF, FIELD_NEEDED | FIELD_OPEN_REF, AT(subject_merged, from), .thing = THING_SUBJECT,
	  .zh = "并入方", .en = "From" },
	{ "into", FIELD_REF, FIELD_NEEDED | FIELD_OPEN_REF, AT(subject_merged, into), .thing = THING_SUBJECT,
	  .zh = "保留方", .en = "Into" },
};
static struct shape SUBJECT_MERGED = { .name = "SubjectMerged", SHAPE_OF(MERGED_FIELDS, struct subject_merged) };

#define STAFF (ROLE_OFFICER | ROLE_ORGANISATION | ROLE_COMMANDER)

static const struct event_type EVENTS[] = {
	{ .form = { "person.enrolled", &PERSON_ENROLLED, RANK_OPEN },
	  .roles = STAFF,
	  .flags = EVENT_STANDING,
	  .zh = "人员登记",
	  .en = "Person enrolled",
	  .project = person_enrolled_project },
	{ .form = { "person.changed", &PERSON_CHANGED, RANK_CHANGE },
	  .roles = STAFF,
	  .flags = EVENT_STANDING,
	  .zh = "人员变更",
	  .en = "Person changed",
	  .check = person_there_check,
	  .project = person_changed_project,
	  .check_void = person_changed_void },
	{ .form = { "person.left", &PERSON_LEFT, RANK_CLOSE },
	  .roles = STAFF,
	  .flags = EVENT_STANDING,
	  .zh = "人员离岗",
	  .en = "Person left",
	  .check = person_left_check,
	  .project = person_left_project },
	{ .form = { "person.exposed", &PERSON_EXPOSED, RANK_CHANGE },
	  .roles = STAFF,
	  .flags = EVENT_STANDING,
	  .zh = "人员接触史",
	  .en = "Person exposed",
	  .check = person_exposed_check,
	  .project = person_exposed_project },
	{ .form = { "subject.merged", &SUBJECT_MERGED, RANK_CHANGE },
	  .roles = STAFF | ROLE_GRID | ROLE_CHECKPOINT,
	  .flags = EVENT_STANDING,
	  .zh = "对象合并",
	  .en = "Subjects merged",
	  .check = subject_merged_check,
	  .project = subject_merged_project },
	{ .form = { "team.formed", &TEAM_FORMED, RANK_OPEN },
	  .roles = STAFF,
	  .flags = EVENT_STANDING,
	  .zh = "队伍成立",
	  .en = "Team formed",
	  .project = team_formed_project },
	{ .form = { "team.joined", &TEAM_JOINED, RANK_ASSIGN },
	  .roles = STAFF,
	  .flags = EVENT_STANDING,
	  .zh = "加入队伍",
	  .en = "Team joined",
	  .check = team_joined_check,
	  .project = team_joined_project,
	  .check_void = team_joined_void },
	{ .form = { "team.left", &TEAM_LEFT, RANK_RELEASE },
	  .roles = STAFF,
	  .flags = EVENT_STANDING,
	  .zh = "离开队伍",
	  .en = "Team left",
	  .check = team_left_check,
	  .project = team_left_project },
	{ .form = { "team.dissolved", &TEAM_DISSOLVED, RANK_CLOSE },
	  .roles = STAFF,
	  .flags = EVENT_STANDING,
	  .zh = "队伍解散",
	  .en = "Team dissolved",
	  .check = team_dissolved_check,
	  .project = team_dissolved_project },
};

static const char *const TABLES[] = { "person", "person_fact", "exposure", "team", "team_fact", "subject_merge", NULL };

const struct module TEAMS_MODULE = {
	.name = "teams",
	.rank = 2,
	.zh = "人员与队伍",
	.en = "People and teams",
	.schema = TEAMS_SCHEMA,
	.tables = TABLES,
	.events = EVENTS,
	.n_events = ARRAY_LEN(EVENTS),
	.views = TEAMS_VIEWS,
	.n_views = TEAMS_N_VIEWS,
	.figures = TEAMS_FIGURES,
	.n_figures = TEAMS_N_FIGURES,
};
