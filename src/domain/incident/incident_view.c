/* Incidents, parameters and grants as lists. */
#include "domain/incident/incident.h"
#include "domain/incident/internal.h"
#include "incident.sql.h"

#define AT(type, member) offsetof(struct type, member)

struct incident_item {
	struct uuid id;
	int64_t kind, level, place, opened, closed;
	struct str name;
};

static const struct field INCIDENT_FIELDS[] = {
	{ "id", FIELD_REF, FIELD_NEEDED, AT(incident_item, id), .thing = THING_INCIDENT, .zh = "编号", .en = "Id" },
	{ "kind", FIELD_ENUM, FIELD_NEEDED, AT(incident_item, kind), .values = INCIDENT_KINDS,
	  .values_zh = INCIDENT_KINDS_ZH, .zh = "种类", .en = "Kind" },
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(incident_item, name), .zh = "名称", .en = "Name" },
	{ "level", FIELD_INT, 0, AT(incident_item, level), .zh = "响应级别", .en = "Level" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(incident_item, place), .zh = "地点", .en = "Place" },
	{ "opened", FIELD_TIME, FIELD_NEEDED, AT(incident_item, opened), .zh = "开始", .en = "Opened" },
	{ "closed", FIELD_TIME, 0, AT(incident_item, closed), .zh = "结束", .en = "Closed" },
};
static struct shape INCIDENT_ITEM = { .name = "Incident", SHAPE_OF(INCIDENT_FIELDS, struct incident_item) };

static int64_t after_seq(const struct view_query *q)
{
	int64_t v;
	return q->after.ptr && str_to_i64(q->after, &v) ? v : 0;
}

static void next_seq(struct work *w, struct view_out *out, size_t n, const struct view_query *q, int64_t last)
{
	if ((int64_t)n < q->limit)
		return;
	char text[24];
	struct buf b = { 0 };
	buf_i64(&b, last);
	str_copy(buf_view(&b), text, sizeof text);
	buf_finish(&b);
	view_next(out, arena_str(w->arena, str_of(text)));
}

static int incidents_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int64_t last = 0;
	size_t n = 0;
	int rc;
	if (db_start(w->db, &SQL_INCIDENT_LIST, &st, err, "ii", after_seq(q), q->limit) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		struct incident_item item = { .id = stmt_uuid(st, 0),
					      .kind = stmt_i64(st, 2),
					      .name = stmt_text(st, 3),
					      .level = stmt_i64(st, 4),
					      .place = stmt_i64(st, 5),
					      .opened = stmt_i64(st, 6),
					      .closed = stmt_i64(st, 7) };
		last = stmt_i64(st, 1);
		n++;
		if (view_item(out, &item, err) < 0)
			return -1;
	}
	next_seq(w, out, n, q, last);
	return rc;
}

struct parameter_item {
	struct str name, zh, en;
	int64_t value, from;
};

static const struct field PARAMETER_FIELDS[] = {
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(parameter_item, name), .zh = "参数", .en = "Parameter" },
	{ "value", FIELD_INT, FIELD_NEEDED, AT(parameter_item, value), .zh = "值", .en = "Value" },
	{ "from", FIELD_DAY, 0, AT(parameter_item, from), .zh = "自何日起", .en = "From day" },
	{ "zh", FIELD_TEXT, 0, AT(parameter_item, zh), .zh = "中文名", .en = "Chinese label" },
	{ "en", FIELD_TEXT, 0, AT(parameter_item, en), .zh = "英文名", .en = "English label" },
};
static struct shape PARAMETER_ITEM = { .name = "Parameter", SHAPE_OF(PARAMETER_FIELDS, struct parameter_item) };

/* Every parameter with the value in force today, then what has been set. */
static int parameters_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int64_t last = 0;
	size_t n = 0;
	int rc;
	for (const struct parameter_def *p = PARAMETERS; !q->after.ptr && p->name; p++) {
		struct parameter_item item = { str_of(p->name), str_of(p->zh), str_of(p->en), 0, FIELD_ABSENT };
		if (parameter_value(w, p->name, day_of(w->now), &item.value, err) < 0 || view_item(out, &item, err) < 0)
			return -1;
	}
	if (db_start(w->db, &SQL_PARAMETER_LIST, &st, err, "ii", after_seq(q), q->limit) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		struct parameter_item item = { stmt_text(st, 0), STR_NONE, STR_NONE, stmt_i64(st, 3), stmt_i64(st, 1) };
		last = stmt_i64(st, 2);
		n++;
		if (view_item(out, &item, err) < 0)
			return -1;
	}
	next_seq(w, out, n, q, last);
	return rc;
}

struct grant_item {
	struct str account, place_name;
	int64_t role, place, until;
};

static const struct field GRANT_FIELDS[] = {
	{ "account", FIELD_TEXT, FIELD_NEEDED, AT(grant_item, account), .zh = "账号", .en = "Account" },
	{ "role", FIELD_ENUM, FIELD_NEEDED, AT(grant_item, role), .values = ROLE_NAMES, .values_zh = ROLE_NAMES_ZH,
	  .zh = "岗位", .en = "Role" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(grant_item, place), .zh = "地点", .en = "Place" },
	{ "place_name", FIELD_TEXT, FIELD_NEEDED, AT(grant_item, place_name), .zh = "地名", .en = "Place name" },
	{ "until", FIELD_TIME, 0, AT(grant_item, until), .zh = "有效期至", .en = "Until" },
};
static struct shape GRANT_ITEM = { .name = "Grant", SHAPE_OF(GRANT_FIELDS, struct grant_item) };

static int grants_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int64_t last = 0;
	size_t n = 0;
	int rc;
	if (db_start(w->db, &SQL_GRANT_LIST, &st, err, "ii", after_seq(q), q->limit) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		struct grant_item item = { .account = stmt_text(st, 0),
					   .role = stmt_i64(st, 1),
					   .place = stmt_i64(st, 2),
					   .until = stmt_i64(st, 3) };
		last = stmt_i64(st, 4);
		n++;
		if (!principal_may(w->who, ROLE_ADMIN | ROLE_AUDITOR, item.place, w->now))
			continue;
		item.place_name = place_name(w, item.place, INT64_MAX);
		if (view_item(out, &item, err) < 0)
			return -1;
	}
	next_seq(w, out, n, q, last);
	return rc;
}

const struct view INCIDENT_VIEWS[] = {
	{ "/api/v1/incident/incidents", ROLES_ALL_GRANTED, PARAM_PAGE, &INCIDENT_ITEM, "items", "事件列表", "Incidents",
	  incidents_view },
	{ "/api/v1/incident/parameters", ROLES_ALL_GRANTED, PARAM_PAGE, &PARAMETER_ITEM, "items", "参数", "Parameters",
	  parameters_view },
	{ "/api/v1/incident/grants", ROLE_ADMIN | ROLE_AUDITOR, PARAM_PAGE, &GRANT_ITEM, "items", "授权", "Grants",
	  grants_view },
};
