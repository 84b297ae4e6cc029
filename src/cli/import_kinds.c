/* What can be imported: the columns of each kind and the events a row makes.
 * docs/import.md describes the same for people. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/import.h"
#include "domain/grid/grid.h"
#include "domain/places/places.h"
#include "domain/teams/teams.h"

static const struct err_kind ERR_ROLE = { "import_role", 400, "“{0}”不是责任组的角色",
					  "\"{0}\" is no role of a responsibility group" };
/* ---- households ----------------------------------------------------------------------- */

static const struct import_column HOUSEHOLD_COLUMNS[] = {
	{ "ref", "户编号", false, NULL },
	{ "place", "村", true, "place" },
	TOWN,
	{ "address", "住址", true, NULL },
	{ "head", "户主", true, "head.name" },
	{ "phone", "电话", false, "head.phone" },
	{ "members", "人口数", true, NULL },
	{ "building", "楼栋", false, NULL },
	{ "tags", "标签", false, NULL },
	{ "group", "责任组", false, "group" },
	WHEN,
};

/* Tags are parted by ; ， 、 or spaces, in half or full width. */
static int put_tags(struct import *im, struct str cell, struct err *err)
{
	static const char *const GAPS[] = { ";", ",", "/", " ", "；", "，", "、", NULL };
	struct str rest = cell;
	char shown[64];
	if (!cell.ptr)
		return 0;
	json_key(&im->w, "tags");
	json_open(&im->w, '[');
	while (rest.len) {
		size_t len = 0, gap = 0;
		for (; len < rest.len && !gap; len += !gap) {
			for (size_t g = 0; GAPS[g] && !gap; g++) {
				size_t k = strlen(GAPS[g]);
				if (rest.len - len >= k && memcmp(rest.ptr + len, GAPS[g], k) == 0)
					gap = k;
			}
		}
		struct str tag = { rest.ptr, len };
		rest = (struct str){ rest.ptr + len + gap, rest.len - len - gap };
		if (!tag.len)
			continue;
		int64_t v = import_value(tag, HOUSEHOLD_TAGS, HOUSEHOLD_TAGS_ZH);
		if (v < 0 && (str_is(tag, "贫困户") || str_is(tag, "脱贫户")))
			v = 0;
		if (v < 0) {
			im->field = "tags";
			import_shown(tag, shown, sizeof shown);
			return err_set(err, &ERR_FIELD_RANGE, "tags", shown,
				       cli_lang() == LANG_ZH ? "见 docs/import.md" : "see docs/import.md", NULL);
		}
		json_put_cstr(&im->w, HOUSEHOLD_TAGS[v]);
	}
	json_close(&im->w, ']');
	return 0;
}

static int household_row(struct import *im, struct err *err)
{
	struct str ref = import_ref(import_cell(im, "ref")), head = import_cell(im, "head"),
		   phone = import_cell(im, "phone");
	struct str address = import_cell(im, "address");
	struct uuid group, event;
	place_t place, group_place;
	int64_t at;
	char text[UUID_TEXT];
	if (find_place(im, "place", &place, err) < 0 || import_at(im, &at, err) < 0)
		return -1;
	struct import_code village = import_code(place_at(place, LEVEL_VILLAGE));
	struct uuid id = ref.ptr
			     ? import_id(im, "household:%s:%.*s", village.text, STR_ARG(ref))
			     : import_id(im, "household:%s:@%.*s@%.*s", village.text, STR_ARG(address), STR_ARG(head));
	uuid_format(&id, text);
	event = import_id(im, "household.registered:%.*s", UUID_TEXT, text);
	import_begin(im);
	import_put_id(im, "id", &id);
	import_put(im, "address", address);
	if (head.ptr || phone.ptr) {
		json_key(&im->w, "head");
		json_open(&im->w, '{');
		import_put(im, "name", head);
		import_put(im, "phone", phone);
		json_close(&im->w, '}');
	}
	import_put_number(im, "members", import_cell(im, "members"));
	import_put(im, "building", import_cell(im, "building"));
	if (put_tags(im, import_cell(im, "tags"), err) < 0 ||
	    import_make(im, "household.registered", &event, &id, at, place, err) < 0)
		return -1;
	if (!import_cell(im, "group").ptr)
		return 0;
	if (find_group(im, "group", place, &group, &group_place, err) < 0)
		return -1;
	int rc = thing_get(im->work, &id, &(struct thing){ 0 }, err);
	return rc < 0 ? -1 : import_assign(im, &id, &group, at, rc == 0, err);
}

/* ---- people ------------------------------------------------------------------------------ */

static const struct import_column PERSON_COLUMNS[] = {
	{ "ref", "人员编号", false, NULL },
	{ "name", "姓名", true, NULL },
	{ "category", "类别", true, NULL },
	{ "place", "地点", true, "place" },
	TOWN,
	{ "party_member", "党员", false, NULL },
	{ "phone", "电话", false, NULL },
	{ "id_number", "身份证号", false, NULL },
	{ "unit", "单位", false, NULL },
	WHEN,
};

static int person_row(struct import *im, struct err *err)
{
	struct str ref = import_ref(import_cell(im, "ref")), name = import_cell(im, "name"),
		   phone = import_cell(im, "phone");
	place_t place;
	int64_t at;
	char text[UUID_TEXT];
	if (find_place(im, "place", &place, err) < 0 || import_at(im, &at, err) < 0)
		return -1;
	struct uuid id =
	    ref.ptr ? import_id(im, "person:%.*s", STR_ARG(ref))
		    : import_id(im, "person:%s:@%.*s@%.*s", import_code(place).text, STR_ARG(name), STR_ARG(phone));
	uuid_format(&id, text);
	struct uuid event = import_id(im, "person.enrolled:%.*s", UUID_TEXT, text);
	import_begin(im);
	import_put_id(im, "id", &id);
	import_put(im, "name", name);
	if (import_put_value(im, "category", import_cell(im, "category"), CATEGORY_NAMES, CATEGORY_NAMES_ZH, err) < 0 ||
	    import_put_bool(im, "party_member", import_cell(im, "party_member"), err) < 0)
		return -1;
	import_put(im, "phone", phone);
	import_put(im, "id_number", import_cell(im, "id_number"));
	import_put(im, "unit", import_cell(im, "unit"));
	return import_make(im, "person.enrolled", &event, &id, at, place, err);
}

/* ---- groups and their staff ------------------------------------------------------------------- */

static const struct import_column GROUP_COLUMNS[] = {
	{ "ref", "责任组编号", false, NULL }, { "place", "村", true, "place" },    TOWN,
	{ "name", "责任组", true, NULL },     { "model", "编组方式", true, NULL }, WHEN,
};

static int group_row(struct import *im, struct err *err)
{
	struct str ref = import_ref(import_cell(im, "ref")), name = import_cell(im, "name");
	place_t place;
	int64_t at;
	char text[UUID_TEXT];
	if (find_place(im, "place", &place, err) < 0 || import_at(im, &at, err) < 0)
		return -1;
	struct str key = ref.ptr ? ref : import_ref(name);
	struct uuid id = import_id(im, "group:%s:%.*s", import_code(place_at(place, LEVEL_VILLAGE)).text, STR_ARG(key));
	uuid_format(&id, text);
	struct uuid event = import_id(im, "group.formed:%.*s", UUID_TEXT, text);
	import_begin(im);
	import_put_id(im, "id", &id);
	import_put(im, "name", name);
	if (import_put_value(im, "model", import_cell(im, "model"), MODEL_NAMES, MODEL_NAMES_ZH, err) < 0)
		return -1;
	return import_make(im, "group.formed", &event, &id, at, place, err);
}

static const struct import_column STAFFING_COLUMNS[] = {
	{ "place", "村", false, "place" },
	TOWN,
	{ "group", "责任组", true, "group" },
	{ "person", "姓名", true, "person" },
	{ "phone", "电话", false, NULL },
	{ "role", "角色", true, NULL },
	WHEN,
};

/* Roles as people write them. */
static const char *role_named(struct str cell)
{
	static const struct {
		const char *zh, *role;
	} ALIASES[] = { { "村干部", "village_official" },
			{ "驻村干部", "village_official" },
			{ "小组长", "group_leader" },
			{ "组长", "group_leader" },
			{ "成员", "member" },
			{ "党员", "member" },
			{ "村民代表", "member" },
			{ "网格长", "grid_leader" },
			{ "楼栋长", "building_leader" },
			{ "中心户长", "household_head" },
			{ "监管", "supervisor" },
			{ "责任人", "responsible" },
			{ "监督", "overseer" } };
	for (size_t i = 0; i < STAFFING_ROLES_N; i++) {
		if (str_is(cell, STAFFING_ROLES[i].role) || str_is(cell, STAFFING_ROLES[i].zh))
			return STAFFING_ROLES[i].role;
	}
	for (size_t i = 0; i < ARRAY_LEN(ALIASES); i++) {
		if (str_is(cell, ALIASES[i].zh))
			return ALIASES[i].role;
	}
	return NULL;
}

static int staffing_row(struct import *im, struct err *err)
{
	struct str cell = import_cell(im, "role");
	struct uuid group, person, event;
	place_t place = FIELD_ABSENT;
	int64_t at;
	char key[2 * UUID_TEXT + 64], g[UUID_TEXT], p[UUID_TEXT], shown[64];
	if ((import_cell(im, "place").ptr || import_cell(im, "town").ptr) && find_place(im, "place", &place, err) < 0)
		return -1;
	if (import_at(im, &at, err) < 0 || find_group(im, "group", place, &group, &place, err) < 0 ||
	    find_person(im, "person", place, &person, err) < 0)
		return -1;
	const char *role = cell.ptr ? role_named(cell) : NULL;
	if (!role) {
		im->field = "role";
		import_shown(cell, shown, sizeof shown);
		return err_set(err, &ERR_ROLE, "role", shown, NULL);
	}
	int still = group_has(im->work, &group, &person, at == FIELD_ABSENT ? im->now : at, err);
	if (still < 0)
		return -1;
	uuid_format(&group, g);
	uuid_format(&person, p);
	snprintf(key, sizeof key, "%.*s:%.*s:%s", UUID_TEXT, g, UUID_TEXT, p, role);
	if (import_standing_id(im, "group.staffed", key, still, &event, err) < 0)
		return -1;
	import_begin(im);
	import_put_id(im, "group", &group);
	import_put_id(im, "person", &person);
	import_put(im, "role", str_of(role));
	return import_make(im, "group.staffed", &event, NULL, at, FIELD_ABSENT, err);
}

/* ---- grids, sites, teams ------------------------------------------------------------------------------ */

static const struct import_column GRID_COLUMNS[] = {
	{ "code", "网格代码", true, NULL },
	{ "name", "名称", true, NULL },
	{ "boundary", "边界", false, NULL },
	WHEN,
};

static int grid_row(struct import *im, struct err *err)
{
	struct str code = import_cell(im, "code"), boundary = import_cell(im, "boundary");
	struct json_reader r;
	int64_t at;
	if (import_at(im, &at, err) < 0)
		return -1;
	struct uuid event = import_id(im, "grid.defined:%.*s", STR_ARG(code));
	import_begin(im);
	import_put(im, "code", code);
	import_put(im, "name", import_cell(im, "name"));
	if (boundary.ptr) {
		json_read_init(&r, boundary, &im->arena);
		if (json_skip(&r, NULL) < 0 || json_end(&r) < 0) {
			im->field = "boundary";
			return err_set(err, &ERR_FIELD_FORM, "boundary", "boundary", "GeoJSON Polygon", NULL);
		}
		json_key(&im->w, "boundary");
		json_put_raw(&im->w, boundary);
	}
	return import_make(im, "grid.defined", &event, NULL, at, FIELD_ABSENT, err);
}

static const struct import_column SITE_COLUMNS[] = {
	{ "ref", "场所编号", false, NULL },
	{ "name", "名称", true, NULL },
	{ "kind", "种类", true, NULL },
	{ "place", "地点", true, "place" },
	TOWN,
	{ "lon", "经度", false, NULL },
	{ "lat", "纬度", false, NULL },
	WHEN,
};

/* Id of a site or team: by ref, or by place and name. */
static struct uuid opened_id(const struct import *im, const char *kind, place_t place)
{
	struct str ref = import_ref(import_cell(im, "ref")), name = import_cell(im, "name");
	return ref.ptr ? import_id(im, "%s:%.*s", kind, STR_ARG(ref))
		       : import_id(im, "%s:%s:%.*s", kind, import_code(place).text, STR_ARG(name));
}

static int site_row(struct import *im, struct err *err)
{
	place_t place;
	int64_t at;
	char text[UUID_TEXT];
	if (find_place(im, "place", &place, err) < 0 || import_at(im, &at, err) < 0)
		return -1;
	struct uuid id = opened_id(im, "site", place);
	uuid_format(&id, text);
	struct uuid event = import_id(im, "site.opened:%.*s", UUID_TEXT, text);
	import_begin(im);
	import_put_id(im, "id", &id);
	import_put(im, "name", import_cell(im, "name"));
	if (import_put_value(im, "kind", import_cell(im, "kind"), SITE_KINDS, SITE_KINDS_ZH, err) < 0)
		return -1;
	import_put_number(im, "lon", import_cell(im, "lon"));
	import_put_number(im, "lat", import_cell(im, "lat"));
	return import_make(im, "site.opened", &event, &id, at, place, err);
}

static const struct import_column TEAM_COLUMNS[] = {
	{ "ref", "队伍编号", false, NULL },
	{ "name", "名称", true, NULL },
	{ "kind", "种类", true, NULL },
	{ "place", "地点", true, "place" },
	TOWN,
	{ "site", "场所", false, "site" },
	{ "under", "隶属", false, "under" },
	WHEN,
};

static const char *const *enum_values(const char *type, const char *field, const char *const **ret_zh)
{
	const struct shape *s = registry_form(str_of(type))->shape;
	for (size_t i = 0; i < s->n; i++) {
		if (strcmp(s->fields[i].name, field) == 0) {
			*ret_zh = s->fields[i].values_zh;
			return s->fields[i].values;
		}
	}
	abort();
}

static int team_row(struct import *im, struct err *err)
{
	const char *const *zh, *const *names = enum_values("team.formed", "kind", &zh);
	struct uuid other;
	place_t place;
	int64_t at;
	char text[UUID_TEXT];
	if (find_place(im, "place", &place, err) < 0 || import_at(im, &at, err) < 0)
		return -1;
	struct uuid id = opened_id(im, "team", place);
	uuid_format(&id, text);
	struct uuid event = import_id(im, "team.formed:%.*s", UUID_TEXT, text);
	import_begin(im);
	import_put_id(im, "id", &id);
	import_put(im, "name", import_cell(im, "name"));
	if (import_put_value(im, "kind", import_cell(im, "kind"), names, zh, err) < 0)
		return -1;
	if (import_cell(im, "site").ptr) {
		if (find_site(im, "site", place, &other, err) < 0)
			return -1;
		import_put_id(im, "site", &other);
	}
	if (import_cell(im, "under").ptr) {
		if (find_team(im, "under", place, &other, err) < 0)
			return -1;
		import_put_id(im, "under", &other);
	}
	return import_make(im, "team.formed", &event, &id, at, place, err);
}

static const struct import_column MEMBER_COLUMNS[] = {
	{ "place", "地点", true, "place" },
	TOWN,
	{ "team", "队伍", true, "team" },
	{ "person", "姓名", true, "person" },
	{ "phone", "电话", false, NULL },
	{ "post", "职务", true, NULL },
	WHEN,
};

static int member_row(struct import *im, struct err *err)
{
	const char *const *zh, *const *names = enum_values("team.joined", "post", &zh);
	struct uuid team, person;
	place_t place;
	int64_t at;
	char a[UUID_TEXT], b[UUID_TEXT];
	if (find_place(im, "place", &place, err) < 0 || import_at(im, &at, err) < 0 ||
	    find_team(im, "team", place, &team, err) < 0 || find_person(im, "person", place, &person, err) < 0)
		return -1;
	struct str post = import_cell(im, "post");
	uuid_format(&team, a);
	uuid_format(&person, b);
	struct uuid event = import_id(im, "team.joined:%.*s:%.*s:%lld", UUID_TEXT, a, UUID_TEXT, b,
				      (long long)import_value(post, names, zh));
	import_begin(im);
	import_put_id(im, "team", &team);
	import_put_id(im, "person", &person);
	if (import_put_value(im, "post", post, names, zh, err) < 0)
		return -1;
	return import_make(im, "team.joined", &event, NULL, at, FIELD_ABSENT, err);
}

/* ---- the table --------------------------------------------------------------------------------------------- */

#define COLUMNS(table) table, ARRAY_LEN(table)

const struct import_kind IMPORT_KINDS[] = {
	{ "divisions", "区划", NULL, 0, NULL },
	{ "grids", "网格", COLUMNS(GRID_COLUMNS), grid_row },
	{ "sites", "场所", COLUMNS(SITE_COLUMNS), site_row },
	{ "households", "住户", COLUMNS(HOUSEHOLD_COLUMNS), household_row },
	{ "people", "人员", COLUMNS(PERSON_COLUMNS), person_row },
	{ "teams", "队伍", COLUMNS(TEAM_COLUMNS), team_row },
	{ "members", "队伍成员", COLUMNS(MEMBER_COLUMNS), member_row },
	{ "groups", "责任组", COLUMNS(GROUP_COLUMNS), group_row },
	{ "staffing", "责任组配员", COLUMNS(STAFFING_COLUMNS), staffing_row },
	{ "assignments", "住户编入", ASSIGNMENT_COLUMNS, ASSIGNMENT_COLUMNS_N, assignment_row },
	{ NULL },
};
