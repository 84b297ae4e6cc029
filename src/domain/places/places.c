/* The places module's shapes and descriptor. */
#include "domain/places/places.h"

#include "domain/places/internal.h"
#include "domain/places/project.h"
#include "places.sql.h"

#define AT(type, member) offsetof(struct type, member)

const char *const SITE_KINDS[] = { "checkpoint", "warehouse", "health_centre", "hospital", "disease_control",
				   "police",     "office",    "other",         NULL };
const char *const SITE_KINDS_ZH[] = { "检查点", "仓库", "卫生院", "医院", "疾控中心", "公安", "办公点", "其他", NULL };
const char *const HOUSEHOLD_TAGS[] = { "poor",   "elderly_alone",     "disabled",       "chronic_illness", "pregnant",
				       "infant", "left_behind_child", "severe_illness", "veteran",         "other",
				       NULL };
const char *const HOUSEHOLD_TAGS_ZH[] = { "脱贫（贫困）户", "独居老人", "残疾人",   "慢性病", "孕产妇", "婴幼儿",
					  "留守儿童",       "重病",     "退役军人", "其他",   NULL };

static const struct field LISTED_FIELDS[] = {
	{ "code", FIELD_PLACE, FIELD_NEEDED, AT(division_listed, code), .zh = "区划代码", .en = "Division code" },
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(division_listed, name), .max = 60, .zh = "名称", .en = "Name" },
	{ "level", FIELD_INT, FIELD_NEEDED, AT(division_listed, level), 1, 5, .zh = "级别", .en = "Level" },
	{ "parent", FIELD_PLACE, 0, AT(division_listed, parent), .zh = "上级代码", .en = "Parent code" },
};
struct shape DIVISION_LISTED = { .name = "DivisionListed", SHAPE_OF(LISTED_FIELDS, struct division_listed) };

static const struct field RENAMED_FIELDS[] = {
	{ "code", FIELD_PLACE, FIELD_NEEDED, AT(division_renamed, code), .zh = "区划代码", .en = "Division code" },
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(division_renamed, name), .max = 60, .zh = "新名称", .en = "New name" },
	{ "from", FIELD_DAY, FIELD_NEEDED, AT(division_renamed, from), .zh = "自何日起", .en = "From day" },
};
static struct shape DIVISION_RENAMED = { .name = "DivisionRenamed", SHAPE_OF(RENAMED_FIELDS, struct division_renamed) };

static const struct field GRID_FIELDS[] = {
	{ "code", FIELD_PLACE, FIELD_NEEDED, AT(grid_defined, code), .zh = "网格代码", .en = "Grid code" },
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(grid_defined, name), .max = 60, .zh = "名称", .en = "Name" },
	{ "boundary", FIELD_GEOJSON, 0, AT(grid_defined, boundary), .zh = "边界", .en = "Boundary" },
};
static struct shape GRID_DEFINED = { .name = "GridDefined", SHAPE_OF(GRID_FIELDS, struct grid_defined) };

static const struct field SITE_FIELDS[] = {
	{ "id", FIELD_ID, FIELD_NEEDED, AT(site_opened, id), .thing = THING_SITE, .zh = "编号", .en = "Id" },
	{ "kind", FIELD_ENUM, FIELD_NEEDED, AT(site_opened, kind), .values = SITE_KINDS, .values_zh = SITE_KINDS_ZH,
	  .zh = "种类", .en = "Kind" },
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(site_opened, name), .max = 60, .zh = "名称", .en = "Name" },
	{ "lon", FIELD_DEGREES, 0, AT(site_opened, lon), .zh = "经度", .en = "Longitude" },
	{ "lat", FIELD_DEGREES, 0, AT(site_opened, lat), .zh = "纬度", .en = "Latitude" },
};
static struct shape SITE_OPENED = { .name = "SiteOpened", SHAPE_OF(SITE_FIELDS, struct site_opened) };

static const struct field SITE_CHANGED_FIELDS[] = {
	{ "site", FIELD_REF, FIELD_NEEDED | FIELD_CHANGES, AT(site_changed, site), .thing = THING_SITE, .zh = "场所",
	  .en = "Site" },
	{ "name", FIELD_TEXT, 0, AT(site_changed, name), .max = 60, .zh = "名称", .en = "Name" },
	{ "lon", FIELD_DEGREES, 0, AT(site_changed, lon), .zh = "经度", .en = "Longitude" },
	{ "lat", FIELD_DEGREES, 0, AT(site_changed, lat), .zh = "纬度", .en = "Latitude" },
	{ "from", FIELD_DAY, FIELD_NEEDED, AT(site_changed, from), .zh = "自何日起", .en = "From day" },
};
static struct shape SITE_CHANGED = { .name = "SiteChanged", SHAPE_OF(SITE_CHANGED_FIELDS, struct site_changed) };

static const struct field SITE_CLOSED_FIELDS[] = {
	{ "site", FIELD_REF, FIELD_NEEDED | FIELD_CHANGES, AT(site_closed, site), .thing = THING_SITE, .zh = "场所",
	  .en = "Site" },
};
static struct shape SITE_CLOSED = { .name = "SiteClosed", SHAPE_OF(SITE_CLOSED_FIELDS, struct site_closed) };

static const struct field HEAD_FIELDS[] = {
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(household_head, name), .max = 40, .zh = "户主姓名",
	  .en = "Name of the head" },
	{ "phone", FIELD_PHONE, 0, AT(household_head, phone), .zh = "电话", .en = "Phone" },
};
struct shape HOUSEHOLD_HEAD = { .name = "HouseholdHead", SHAPE_OF(HEAD_FIELDS, struct household_head) };

static const struct field REGISTERED_FIELDS[] = {
	{ "id", FIELD_ID, FIELD_NEEDED, AT(household_registered, id), .thing = THING_HOUSEHOLD, .zh = "编号",
	  .en = "Id" },
	{ "address", FIELD_TEXT, FIELD_NEEDED | FIELD_PERSONAL, AT(household_registered, address), .max = 120,
	  .zh = "住址", .en = "Address" },
	{ "head", FIELD_OBJECT, FIELD_NEEDED | FIELD_PERSONAL, AT(household_registered, head), .shape = &HOUSEHOLD_HEAD,
	  .zh = "户主", .en = "Head" },
	{ "members", FIELD_INT, FIELD_NEEDED, AT(household_registered, members), 1, 99, .zh = "人口数",
	  .en = "Members" },
	{ "building", FIELD_TEXT, FIELD_PERSONAL, AT(household_registered, building), .max = 60, .zh = "楼栋",
	  .en = "Building" },
	{ "tags", FIELD_LIST, FIELD_PERSONAL, AT(household_registered, tags), .max = 10, .element = FIELD_ENUM,
	  .values = HOUSEHOLD_TAGS, .values_zh = HOUSEHOLD_TAGS_ZH, .zh = "标签", .en = "Tags" },
};
struct shape HOUSEHOLD_REGISTERED = { .name = "HouseholdRegistered",
				      SHAPE_OF(REGISTERED_FIELDS, struct household_registered),
				      .owner = "id" };

static const struct field CHANGED_FIELDS[] = {
	{ "household", FIELD_REF, FIELD_NEEDED | FIELD_CHANGES, AT(household_changed, household),
	  .thing = THING_HOUSEHOLD, .zh = "住户", .en = "Household" },
	{ "address", FIELD_TEXT, FIELD_PERSONAL, AT(household_changed, address), .max = 120, .zh = "住址",
	  .en = "Address" },
	{ "head", FIELD_OBJECT, FIELD_PERSONAL, AT(household_changed, head), .shape = &HOUSEHOLD_HEAD, .zh = "户主",
	  .en = "Head" },
	{ "members", FIELD_INT, 0, AT(household_changed, members), 1, 99, .zh = "人口数", .en = "Members" },
	{ "building", FIELD_TEXT, FIELD_PERSONAL, AT(household_changed, building), .max = 60, .zh = "楼栋",
	  .en = "Building" },
	{ "tags", FIELD_LIST, FIELD_PERSONAL, AT(household_changed, tags), .max = 10, .element = FIELD_ENUM,
	  .values = HOUSEHOLD_TAGS, .values_zh = HOUSEHOLD_TAGS_ZH, .zh = "标签", .en = "Tags" },
	{ "from", FIELD_DAY, FIELD_NEEDED, AT(household_changed, from), .zh = "自何日起", .en = "From day" },
};
static struct shape HOUSEHOLD_CHANGED = { .name = "HouseholdChanged",
					  SHAPE_OF(CHANGED_FIELDS, struct household_changed),
					  .owner = "household" };

static const struct field REMOVED_FIELDS[] = {
	{ "household", FIELD_REF, FIELD_NEEDED | FIELD_CHANGES, AT(household_removed, household),
	  .thing = THING_HOUSEHOLD, .zh = "住户", .en = "Household" },
	{ "reason", FIELD_TEXT, FIELD_NEEDED, AT(household_removed, reason), .zh = "原因", .en = "Reason" },
};
static struct shape HOUSEHOLD_REMOVED = { .name = "HouseholdRemoved",
					  SHAPE_OF(REMOVED_FIELDS, struct household_removed) };

#define STAFF (ROLE_OFFICER | ROLE_ORGANISATION | ROLE_COMMANDER)

static const struct event_type EVENTS[] = {
	{ .form = { "division.listed", &DIVISION_LISTED, RANK_OPEN },
	  .roles = ROLE_SYSTEM,
	  .flags = EVENT_STANDING | EVENT_OWN_ACCESS,
	  .zh = "区划列入",
	  .en = "Division listed",
	  .check = division_listed_check,
	  .project = division_listed_project,
	  .check_void = division_void_check },
	{ .form = { "division.renamed", &DIVISION_RENAMED, RANK_CHANGE },
	  .roles = STAFF,
	  .flags = EVENT_STANDING | EVENT_OWN_ACCESS,
	  .zh = "区划更名",
	  .en = "Division renamed",
	  .check = division_renamed_check,
	  .project = division_renamed_project },
	{ .form = { "grid.defined", &GRID_DEFINED, RANK_OPEN },
	  .roles = STAFF,
	  .flags = EVENT_STANDING | EVENT_OWN_ACCESS,
	  .zh = "网格划定",
	  .en = "Grid defined",
	  .check = grid_defined_check,
	  .project = grid_defined_project,
	  .check_void = grid_void_check },
	{ .form = { "site.opened", &SITE_OPENED, RANK_OPEN },
	  .roles = STAFF,
	  .flags = EVENT_STANDING,
	  .zh = "场所启用",
	  .en = "Site opened",
	  .project = site_opened_project },
	{ .form = { "site.changed", &SITE_CHANGED, RANK_CHANGE },
	  .roles = STAFF,
	  .flags = EVENT_STANDING,
	  .zh = "场所变更",
	  .en = "Site changed",
	  .check = site_changed_check,
	  .project = site_changed_project },
	{ .form = { "site.closed", &SITE_CLOSED, RANK_CLOSE },
	  .roles = STAFF,
	  .flags = EVENT_STANDING,
	  .zh = "场所关闭",
	  .en = "Site closed",
	  .check = site_closed_check,
	  .project = site_closed_project },
	{ .form = { "household.registered", &HOUSEHOLD_REGISTERED, RANK_OPEN },
	  .roles = STAFF | ROLE_GRID,
	  .flags = EVENT_STANDING,
	  .levels = AT_LEVEL(LEVEL_VILLAGE) | AT_LEVEL(LEVEL_GRID),
	  .zh = "住户登记",
	  .en = "Household registered",
	  .project = household_registered_project },
	{ .form = { "household.changed", &HOUSEHOLD_CHANGED, RANK_CHANGE },
	  .roles = STAFF | ROLE_GRID,
	  .flags = EVENT_STANDING,
	  .zh = "住户变更",
	  .en = "Household changed",
	  .check = household_changed_check,
	  .project = household_changed_project },
	{ .form = { "household.removed", &HOUSEHOLD_REMOVED, RANK_CLOSE },
	  .roles = STAFF | ROLE_GRID,
	  .flags = EVENT_STANDING,
	  .zh = "住户注销",
	  .en = "Household removed",
	  .check = household_removed_check,
	  .project = household_removed_project },
};

static const char *const TABLES[] = { "division",  "division_name",   "site", "site_change",
				      "household", "household_block", NULL };

const struct module PLACES_MODULE = {
	.name = "places",
	.rank = 1,
	.zh = "地点与住户",
	.en = "Places and households",
	.schema = PLACES_SCHEMA,
	.tables = TABLES,
	.events = EVENTS,
	.n_events = ARRAY_LEN(EVENTS),
	.views = PLACES_VIEWS,
	.n_views = PLACES_N_VIEWS,
	.figures = PLACES_FIGURES,
	.n_figures = PLACES_N_FIGURES,
};
