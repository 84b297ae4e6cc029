/* The grid module's shapes, staffing models and descriptor. */
#include "domain/grid/grid.h"

#include "domain/grid/internal.h"
#include "grid.sql.h"

#define AT(type, member) offsetof(struct type, member)
#define BIT(category)    (1u << (category))

const char *const MODEL_NAMES[] = { "rural", "urban", "custom", NULL };
const char *const MODEL_NAMES_ZH[] = { "农村", "城镇社区", "自定", NULL };

const struct staffing_role STAFFING_ROLES[] = {
	{ MODEL_RURAL, "village_official", 1, 0, BIT(CATEGORY_VILLAGE_OFFICIAL) | BIT(CATEGORY_STATIONED_OFFICIAL),
	  false, "村干部或驻村干部", "Village or stationed official" },
	{ MODEL_RURAL, "group_leader", 1, 0, 0, false, "小组长", "Small-group leader" },
	{ MODEL_RURAL, "member", 2, 0, BIT(CATEGORY_VILLAGER_REPRESENTATIVE), true, "党员或村民代表",
	  "Party member or villagers' representative" },
	{ MODEL_URBAN, "grid_leader", 1, 1, 0, true, "网格长（党员）", "Grid leader (party member)" },
	{ MODEL_URBAN, "building_leader", 1, 0, 0, false, "楼栋长", "Building leader" },
	{ MODEL_URBAN, "household_head", 1, 0, 0, false, "中心户长", "Central household head" },
	{ MODEL_CUSTOM, "supervisor", 1, 0, BIT(CATEGORY_VILLAGE_OFFICIAL), false, "监管（村干部）",
	  "Supervisor (village official)" },
	{ MODEL_CUSTOM, "responsible", 1, 0, 0, true, "责任人（党员）", "Responsible (party member)" },
	{ MODEL_CUSTOM, "overseer", 1, 0, BIT(CATEGORY_VILLAGER_REPRESENTATIVE), false, "监督（村民代表）",
	  "Overseer (villagers' representative)" },
};
_Static_assert(ARRAY_LEN(STAFFING_ROLES) == STAFFING_ROLES_N, "STAFFING_ROLES_N");

#define GROUP_REF(type)                                                                                          \
	{                                                                                                        \
		"group", FIELD_REF, FIELD_NEEDED | FIELD_CHANGES, AT(type, group), .thing = THING_GROUP,         \
										   .zh = "责任组", .en = "Group" \
	}
#define PERSON_REF(type)                                                                                  \
	{                                                                                                 \
		"person", FIELD_REF, FIELD_NEEDED, AT(type, person), .thing = THING_PERSON, .zh = "人员", \
								     .en = "Person"                       \
	}

static const struct field FORMED_FIELDS[] = {
	{ "id", FIELD_ID, FIELD_NEEDED, AT(group_formed, id), .thing = THING_GROUP, .zh = "编号", .en = "Id" },
	{ "model", FIELD_ENUM, FIELD_NEEDED, AT(group_formed, model), .values = MODEL_NAMES,
	  .values_zh = MODEL_NAMES_ZH, .zh = "编组方式", .en = "Model" },
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(group_formed, name), .max = 60, .zh = "名称", .en = "Name" },
};
static struct shape GROUP_FORMED = { .name = "GroupFormed", SHAPE_OF(FORMED_FIELDS, struct group_formed) };

static const struct field STAFFED_FIELDS[] = {
	GROUP_REF(group_staffed),
	PERSON_REF(group_staffed),
	{ "role", FIELD_TEXT, FIELD_NEEDED, AT(group_staffed, role), .max = 40, .zh = "角色", .en = "Role" },
};
static struct shape GROUP_STAFFED = { .name = "GroupStaffed", SHAPE_OF(STAFFED_FIELDS, struct group_staffed) };

static const struct field UNSTAFFED_FIELDS[] = {
	GROUP_REF(group_unstaffed),
	PERSON_REF(group_unstaffed),
	{ "role", FIELD_TEXT, 0, AT(group_unstaffed, role), .max = 40, .zh = "角色", .en = "Role" },
};
static struct shape GROUP_UNSTAFFED = { .name = "GroupUnstaffed", SHAPE_OF(UNSTAFFED_FIELDS, struct group_unstaffed) };

static const struct field DISSOLVED_FIELDS[] = {
	GROUP_REF(group_dissolved),
	{ "reason", FIELD_TEXT, 0, AT(group_dissolved, reason), .zh = "原因", .en = "Reason" },
};
static struct shape GROUP_DISSOLVED = { .name = "GroupDissolved", SHAPE_OF(DISSOLVED_FIELDS, struct group_dissolved) };

static const struct field ASSIGNED_FIELDS[] = {
	{ "household", FIELD_REF, FIELD_NEEDED | FIELD_CHANGES, AT(household_assigned, household),
	  .thing = THING_HOUSEHOLD, .zh = "住户", .en = "Household" },
	GROUP_REF(household_assigned),
};
static struct shape HOUSEHOLD_ASSIGNED = { .name = "HouseholdAssigned",
					   SHAPE_OF(ASSIGNED_FIELDS, struct household_assigned) };
static struct shape HOUSEHOLD_RELEASED = { .name = "HouseholdReleased",
					   SHAPE_OF(ASSIGNED_FIELDS, struct household_assigned) };

#define STAFF (ROLE_OFFICER | ROLE_ORGANISATION | ROLE_COMMANDER)

static const struct event_type EVENTS[] = {
	{ .form = { "group.formed", &GROUP_FORMED, RANK_OPEN },
	  .roles = STAFF,
	  .flags = EVENT_STANDING,
	  .levels = AT_LEVEL(LEVEL_VILLAGE) | AT_LEVEL(LEVEL_GRID),
	  .zh = "责任组成立",
	  .en = "Group formed",
	  .project = group_formed_project },
	{ .form = { "group.staffed", &GROUP_STAFFED, RANK_ASSIGN },
	  .roles = STAFF,
	  .flags = EVENT_STANDING,
	  .zh = "责任组配员",
	  .en = "Group staffed",
	  .check = group_staffed_check,
	  .project = group_staffed_project,
	  .check_void = group_staffed_void },
	{ .form = { "group.unstaffed", &GROUP_UNSTAFFED, RANK_RELEASE },
	  .roles = STAFF,
	  .flags = EVENT_STANDING,
	  .zh = "责任组减员",
	  .en = "Group unstaffed",
	  .check = group_unstaffed_check,
	  .project = group_unstaffed_project,
	  .check_void = group_unstaffed_void },
	{ .form = { "group.dissolved", &GROUP_DISSOLVED, RANK_CLOSE },
	  .roles = STAFF,
	  .flags = EVENT_STANDING,
	  .zh = "责任组撤销",
	  .en = "Group dissolved",
	  .check = group_dissolved_check,
	  .project = group_dissolved_project,
	  .check_void = group_dissolved_void },
	{ .form = { "household.assigned", &HOUSEHOLD_ASSIGNED, RANK_ASSIGN },
	  .roles = STAFF,
	  .flags = EVENT_STANDING,
	  .zh = "住户编入",
	  .en = "Household assigned",
	  .check = household_assigned_check,
	  .project = household_assigned_project,
	  .check_void = assignment_void },
	{ .form = { "household.released", &HOUSEHOLD_RELEASED, RANK_RELEASE },
	  .roles = STAFF,
	  .flags = EVENT_STANDING,
	  .zh = "住户移出",
	  .en = "Household released",
	  .check = household_released_check,
	  .project = household_released_project,
	  .check_void = assignment_void },
};

static const struct reaction REACTIONS[] = {
	{ "household.removed", household_removed_react, NULL },
	{ "person.left", person_left_react, person_left_void },
	{ "person.changed", NULL, person_qualified_void },
};

#define READERS ROLES_OF_ROLLS
const struct view GRID_VIEWS[GRID_N_VIEWS] = {
	{ "/api/v1/coverage", READERS, PARAM_PLACE | PARAM_PAGE | PARAM_AS_OF, &COVERAGE_ITEM, NULL, "覆盖情况",
	  "Coverage", coverage_view },
	{ "/api/v1/grid/groups", READERS, PARAM_PLACE | PARAM_PAGE | PARAM_Q | PARAM_KIND, &GROUP_ITEM, "items",
	  "责任组", "Groups", groups_view },
	{ "/api/v1/grid/groups/{id}", READERS, 0, &GROUP_ITEM, NULL, "一个责任组", "A group", group_view },
	{ "/api/v1/grid/models", ROLES_ALL_GRANTED, 0, &MODEL_ITEM, "items", "编组方式", "Staffing models",
	  models_view },
	{ "/api/v1/grid/households", READERS, PARAM_PLACE | PARAM_PAGE | PARAM_Q | PARAM_GROUP, &HOUSEHOLD_ITEM,
	  "items", "住户", "Households", households_view },
	{ "/api/v1/grid/households/{id}", READERS, PARAM_REASON, &HOUSEHOLD_ITEM, NULL, "一户", "A household",
	  household_view },
};

static const char *const TABLES[] = { "responsibility_group", "staffing_fact", "assignment_fact", "assigned_now",
				      NULL };

const struct module GRID_MODULE = {
	.name = "grid",
	.rank = 3,
	.zh = "责任网格",
	.en = "Responsibility grid",
	.schema = GRID_SCHEMA,
	.tables = TABLES,
	.events = EVENTS,
	.n_events = ARRAY_LEN(EVENTS),
	.reactions = REACTIONS,
	.n_reactions = ARRAY_LEN(REACTIONS),
	.views = GRID_VIEWS,
	.n_views = GRID_N_VIEWS,
	.figures = GRID_FIGURES,
	.n_figures = GRID_N_FIGURES,
};
