/* Incidents, parameters and grants: their shapes, tables and descriptor. */
#include "domain/incident/incident.h"
#include "domain/incident/internal.h"
#include "incident.sql.h"

const char *const INCIDENT_KINDS[] = { "epidemic", "flood", "earthquake", "fire", "drill", "other", NULL };
const char *const INCIDENT_KINDS_ZH[] = { "疫情", "洪涝", "地震", "火灾", "演练", "其他", NULL };

#define AT(type, member) offsetof(struct type, member)

static const struct field OPENED_FIELDS[] = {
	{ "id", FIELD_ID, FIELD_NEEDED, AT(incident_opened, id), .thing = THING_INCIDENT, .zh = "事件编号",
	  .en = "Incident id" },
	{ "kind", FIELD_ENUM, FIELD_NEEDED, AT(incident_opened, kind), .values = INCIDENT_KINDS,
	  .values_zh = INCIDENT_KINDS_ZH, .zh = "种类", .en = "Kind" },
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(incident_opened, name), .zh = "名称", .en = "Name" },
	{ "level", FIELD_INT, 0, AT(incident_opened, level), 1, 4, .zh = "响应级别", .en = "Response level" },
};
struct shape INCIDENT_OPENED = { .name = "IncidentOpened", SHAPE_OF(OPENED_FIELDS, struct incident_opened) };

static const struct field CLOSED_FIELDS[] = {
	{ "incident", FIELD_REF, FIELD_NEEDED | FIELD_CHANGES, AT(incident_closed, incident), .thing = THING_INCIDENT,
	  .zh = "事件", .en = "Incident" },
};
static struct shape INCIDENT_CLOSED = { .name = "IncidentClosed", SHAPE_OF(CLOSED_FIELDS, struct incident_closed) };

static const struct field PARAMETER_FIELDS[] = {
	{ "name", FIELD_TEXT, FIELD_NEEDED, AT(parameter_set, name), .max = 40, .zh = "参数", .en = "Parameter" },
	{ "value", FIELD_INT, FIELD_NEEDED, AT(parameter_set, value), .zh = "值", .en = "Value" },
	{ "from", FIELD_DAY, FIELD_NEEDED, AT(parameter_set, from), .zh = "自何日起", .en = "From day" },
};
static struct shape PARAMETER_SET = { .name = "ParameterSet", SHAPE_OF(PARAMETER_FIELDS, struct parameter_set) };

static const struct field GRANTED_FIELDS[] = {
	{ "account", FIELD_ACCOUNT, FIELD_NEEDED, AT(role_granted, account), .zh = "账号", .en = "Account" },
	{ "role", FIELD_ENUM, FIELD_NEEDED, AT(role_granted, role), .values = ROLE_NAMES, .values_zh = ROLE_NAMES_ZH,
	  .zh = "岗位", .en = "Role" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(role_granted, place), .zh = "地点", .en = "Place" },
	{ "until", FIELD_TIME, 0, AT(role_granted, until), .zh = "有效期至", .en = "Until" },
};
struct shape ROLE_GRANTED = { .name = "RoleGranted", SHAPE_OF(GRANTED_FIELDS, struct role_granted) };

static const struct field REVOKED_FIELDS[] = {
	{ "account", FIELD_ACCOUNT, FIELD_NEEDED, AT(role_revoked, account), .zh = "账号", .en = "Account" },
	{ "role", FIELD_ENUM, FIELD_NEEDED, AT(role_revoked, role), .values = ROLE_NAMES, .values_zh = ROLE_NAMES_ZH,
	  .zh = "岗位", .en = "Role" },
	{ "place", FIELD_PLACE, FIELD_NEEDED, AT(role_revoked, place), .zh = "地点", .en = "Place" },
};
static struct shape ROLE_REVOKED = { .name = "RoleRevoked", SHAPE_OF(REVOKED_FIELDS, struct role_revoked) };

static int done(int64_t rc)
{
	return rc < 0 ? -1 : 0;
}

static int opened_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct incident_opened *d = ev->data;
	if (move == FACT_VOIDED)
		return done(db_run(w->db, &SQL_INCIDENT_DROP, err, "u", &d->id));
	return done(db_run(w->db, &SQL_INCIDENT_ADD, err, "uiisIii", &d->id, ev->seq, d->kind, d->name, d->level,
			   ev->area, ev->at));
}

static int closed_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct incident_closed *d = ev->data;
	return done(
	    db_run(w->db, &SQL_INCIDENT_CLOSE, err, "uI", &d->incident, move == FACT_VOIDED ? FIELD_ABSENT : ev->at));
}

static int parameter_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct parameter_set *d = ev->data;
	if (move == FACT_VOIDED)
		return done(db_run(w->db, &SQL_PARAMETER_DROP, err, "siiu", d->name, d->from, ev->at, &ev->id));
	return done(
	    db_run(w->db, &SQL_PARAMETER_ADD, err, "siiuii", d->name, d->from, ev->at, &ev->id, ev->seq, d->value));
}

static int granted_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct role_granted *d = ev->data;
	(void)move; /* never voided */
	return done(
	    db_run(w->db, &SQL_GRANT_ADD, err, "siiiiI", d->account, d->role, d->place, ev->seq, ev->at, d->until));
}

static int revoked_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct role_revoked *d = ev->data;
	(void)move;
	return done(db_run(w->db, &SQL_GRANT_REVOKE, err, "siii", d->account, d->role, d->place, ev->seq));
}

static const struct event_type EVENTS[] = {
	{ .form = { "incident.opened", &INCIDENT_OPENED, RANK_OPEN },
	  .roles = ROLE_ADMIN,
	  .flags = EVENT_STANDING | EVENT_PLACELESS,
	  .zh = "事件启动",
	  .en = "Incident opened",
	  .project = opened_project,
	  .check_void = incident_opened_void },
	{ .form = { "incident.closed", &INCIDENT_CLOSED, RANK_CLOSE },
	  .roles = ROLE_ADMIN,
	  .flags = EVENT_STANDING,
	  .zh = "事件结束",
	  .en = "Incident closed",
	  .check = incident_closed_check,
	  .project = closed_project },
	{ .form = { "parameter.set", &PARAMETER_SET, RANK_CHANGE },
	  .roles = ROLE_ADMIN,
	  .flags = EVENT_STANDING | EVENT_PLACELESS,
	  .zh = "参数设定",
	  .en = "Parameter set",
	  .check = parameter_set_check,
	  .project = parameter_project },
	{ .form = { "role.granted", &ROLE_GRANTED, RANK_ASSIGN },
	  .roles = ROLE_ADMIN,
	  .flags = EVENT_STANDING | EVENT_OWN_ACCESS | EVENT_UNVOIDABLE,
	  .zh = "岗位授权",
	  .en = "Role granted",
	  .check = role_granted_check,
	  .project = granted_project },
	{ .form = { "role.revoked", &ROLE_REVOKED, RANK_RELEASE },
	  .roles = ROLE_ADMIN,
	  .flags = EVENT_STANDING | EVENT_OWN_ACCESS | EVENT_UNVOIDABLE,
	  .zh = "岗位撤销",
	  .en = "Role revoked",
	  .check = role_revoked_check,
	  .project = revoked_project },
};

static const char *const TABLES[] = { "incident", "parameter", "access_grant", NULL };

const struct module INCIDENT_MODULE = {
	.name = "incident",
	.rank = 0,
	.zh = "事件与权限",
	.en = "Incident and access",
	.schema = INCIDENT_SCHEMA,
	.tables = TABLES,
	.events = EVENTS,
	.n_events = ARRAY_LEN(EVENTS),
	.views = INCIDENT_VIEWS,
	.n_views = INCIDENT_N_VIEWS,
};
