/* What incidents, parameters and roles may be recorded. */
#include <stdio.h>

#include "domain/incident/incident.h"
#include "domain/incident/internal.h"
#include "incident.sql.h"

const struct err_kind ERR_GRANT_MIXED = {
	"grant_mixed", 409, "系统管理员和审计不能与其他岗位由同一账号兼任",
	"admin and auditor may not stand together with any other role on one account"
};
static const struct err_kind ERR_ACCOUNT_NONE = { "account_unknown", 404, "没有账号“{0}”",
						  "There is no account \"{0}\"" };
static const struct err_kind ERR_GRANT_NONE = { "grant_unknown", 409, "该账号没有这一授权",
						"The account does not hold this grant" };
static const struct err_kind ERR_PARAMETER_UNKNOWN = { "parameter_unknown", 400, "没有参数“{0}”",
						       "There is no parameter \"{0}\"" };

static const struct err_kind ERR_INCIDENT_USED = {
	"incident_used", 409, "这个事件已有记录（序号 {0}），不能撤销；事件结束请用“事件结束”",
	"Records belong to this incident (number {0}): it can't be withdrawn. When it is over, record that it is closed"
};
static const struct err_kind ERR_INCIDENT_LONG = {
	"incident_long", 409, "这个事件启动以来记录太多，无法逐条核对，不能撤销；请用“事件结束”",
	"Too much was recorded since this incident was opened to look through it: close it instead of withdrawing it"
};

/* So many records of a type since the opening are looked at: a withdrawal comes soon or not at all. */
#define USED_WINDOW 10000

struct used_walk {
	struct work *w;
	int64_t no, found;
	int n;
};

static int each_since(void *ctx, const struct ledger_row *row, struct err *err)
{
	struct used_walk *k = ctx;
	struct event ev;
	int64_t by;
	k->n++;
	if (event_read_entry(row->entry, registry_form, NULL, NULL, k->w->arena, &ev, err) < 0)
		return -1;
	if (ev.incident_no != k->no)
		return 0;
	int rc = db_get_i64(k->w->db, &SQL_RECORD_VOIDED, &by, err, "i", row->seq);
	if (rc == 0)
		k->found = row->seq;
	return rc < 0 ? -1 : rc == 0;
}

/* Nothing may be left that belongs to no incident. */
int incident_opened_void(struct work *w, const struct event *ev, struct err *err)
{
	struct used_walk k = { .w = w, .no = ev->seq };
	char text[24];
	for (size_t m = 0; MODULES[m]; m++) {
		for (size_t i = 0; i < MODULES[m]->n_events; i++) {
			const struct event_type *t = &MODULES[m]->events[i];
			if (t->flags & EVENT_STANDING)
				continue;
			k.n = 0;
			if (ledger_scan_where(w->ledger, ev->seq, INT64_MAX, USED_WINDOW, t->form.type, INT64_MIN,
					      INT64_MAX, each_since, &k, err) < 0)
				return -1;
			snprintf(text, sizeof text, "%lld", (long long)k.found);
			if (k.found)
				return err_set(err, &ERR_INCIDENT_USED, "event", text, NULL);
			if (k.n == USED_WINDOW)
				return err_set(err, &ERR_INCIDENT_LONG, "event", NULL);
		}
	}
	return 0;
}

int incident_closed_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct incident_closed *d = ev->data;
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_INCIDENT_GET, &st, err, "u", &d->incident) < 0)
		return -1;
	int rc = stmt_step(st, err);
	if (rc < 0)
		return -1;
	if (rc && stmt_i64(st, 2) != FIELD_ABSENT)
		return err_set(err, &ERR_ALREADY_CLOSED, "incident", "incident", NULL);
	return 0;
}

int incident_resolve(struct work *w, struct event *ev, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (!uuid_is_nil(&ev->incident)) {
		if (db_start(w->db, &SQL_INCIDENT_GET, &st, err, "u", &ev->incident) < 0)
			return -1;
		int rc = stmt_step(st, err);
		if (rc <= 0)
			return rc < 0 ? -1 : err_set(err, &ERR_UNKNOWN_THING, "incident", "incident", NULL);
		if (ev->at < stmt_i64(st, 1))
			return err_set(err, &ERR_BEFORE_INCIDENT, "incident", NULL);
		int64_t closed = stmt_i64(st, 2);
		if (closed != FIELD_ABSENT && ev->at >= closed)
			return err_set(err, &ERR_ALREADY_CLOSED, "incident", "incident", NULL);
		ev->incident_no = stmt_i64(st, 0);
		return 0;
	}
	int64_t no = 0, n = 0, of_thing = ev->incident_no;
	int rc;
	if (db_start(w->db, &SQL_INCIDENTS_OPEN_AT, &st, err, "ii", ev->at, of_thing ? INT64_MAX : (int64_t)2) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1 && (!of_thing || no != of_thing)) {
		no = stmt_i64(st, 0);
		n++;
	}
	if (rc < 0)
		return -1;
	if (of_thing && no != of_thing && n)
		return err_set(err, &ERR_ALREADY_CLOSED, "incident", "incident", NULL);
	if (n != 1 && !(of_thing && n))
		return err_set(err, n ? &ERR_INCIDENT_NEEDED : &ERR_INCIDENT_NONE, "incident", NULL);
	ev->incident_no = no;
	return 0;
}

int incident_default(struct work *w, int64_t *ret, struct err *err)
{
	return incident_default_at(w, INT64_MAX, ret, err);
}

int incident_default_at(struct work *w, int64_t before, int64_t *ret, struct err *err)
{
	*ret = 0;
	return db_get_i64(w->db, &SQL_INCIDENT_LATEST, ret, err, "ii", (int64_t)INCIDENT_DRILL, before) < 0 ? -1 : 0;
}

int incidents_open(struct work *w, int64_t at, int64_t *out, int most, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int rc, n = 0;
	if (db_start(w->db, &SQL_INCIDENTS_OPEN_AT, &st, err, "ii", at, (int64_t)most) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1 && n < most)
		out[n++] = stmt_i64(st, 0);
	return rc < 0 ? -1 : n;
}

int incident_runs(struct work *w, int64_t no, int64_t at, struct uuid *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_INCIDENT_OF_NO, &st, err, "i", no) < 0)
		return -1;
	int rc = stmt_step(st, err);
	if (rc <= 0)
		return rc;
	int64_t closed = stmt_i64(st, 2);
	*ret = stmt_uuid(st, 0);
	return at >= stmt_i64(st, 1) && (closed == FIELD_ABSENT || at < closed);
}

const struct parameter_def PARAMETERS[] = {
	{ "followup_days", 14, 1, 60, "随访天数", "Days a follow-up lasts" },
	{ "followup_per_day", 2, 1, 12, "每天观察次数", "Observations a day" },
	{ "visit_within_days", 7, 1, 90, "多少天内应走访", "Days within which a household is to be visited" },
	{ "retention_days", 90, 1, 3650, "应急结束后个人信息保留天数",
	  "Days personal data is kept after the incident" },
	{ NULL, 0, 0, 0, NULL, NULL },
};

static const struct parameter_def *parameter_find(struct str name)
{
	for (const struct parameter_def *p = PARAMETERS; p->name; p++) {
		if (str_is(name, p->name))
			return p;
	}
	return NULL;
}

int parameter_value(struct work *w, const char *name, int64_t day, int64_t *ret, struct err *err)
{
	*ret = parameter_find(str_of(name))->otherwise;
	return db_get_i64(w->db, &SQL_PARAMETER_GET, ret, err, "ci", name, day) < 0 ? -1 : 0;
}

int parameter_set_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct parameter_set *d = ev->data;
	const struct parameter_def *p = parameter_find(d->name);
	char text[64];
	(void)w;
	if (!p) {
		str_copy(d->name, text, sizeof text);
		return err_set(err, &ERR_PARAMETER_UNKNOWN, "name", text, NULL);
	}
	if (d->value < p->least || d->value > p->most) {
		snprintf(text, sizeof text, "%lld…%lld", (long long)p->least, (long long)p->most);
		return err_set(err, &ERR_FIELD_RANGE, "value", "value", text, NULL);
	}
	return 0;
}

/* Roles are the admin's within the admin's own place; the account must exist now. */
static int role_access(struct work *w, struct event *ev, struct str account, place_t place, struct err *err)
{
	int64_t disabled;
	char text[PLACE_TEXT + 1];
	text[place_format(place, text)] = 0;
	int rc = place_listed(w, place, INT64_MAX, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_set(err, &ERR_PLACE_UNKNOWN, "place", text, NULL);
	if (!principal_may(w->who, ROLE_ADMIN, place, w->now))
		return err_set(err, &ERR_NOT_ALLOWED, "place", NULL);
	ev->area = place;
	rc = db_get_i64(w->db, &SQL_ACCOUNT_KNOWN, &disabled, err, "s", account);
	if (rc < 0)
		return -1;
	if (!rc) {
		char name[40];
		str_copy(account, name, sizeof name);
		return err_set(err, &ERR_ACCOUNT_NONE, "account", name, NULL);
	}
	return 0;
}

struct mix {
	unsigned roles;
	bool same;
	int64_t role, place;
};

static int mix_grant(void *ctx, const struct grant *g)
{
	struct mix *m = ctx;
	m->roles |= g->role;
	m->same |= g->role == (1u << m->role) && g->place == m->place;
	return 0;
}

int role_granted_check(struct work *w, const struct event *cev, struct err *err)
{
	struct event *ev = (struct event *)cev; /* EVENT_OWN_ACCESS: the command fills the area */
	const struct role_granted *d = ev->data;
	struct mix m = { .role = d->role, .place = d->place };
	if (role_access(w, ev, d->account, d->place, err) < 0)
		return -1;
	if (grants_of(w->db, d->account, w->now, mix_grant, &m, err) < 0)
		return -1;
	unsigned apart = ROLE_ADMIN | ROLE_AUDITOR, role = 1u << d->role;
	if (((m.roles | role) & apart) && (m.roles | role) != role)
		return err_set(err, &ERR_GRANT_MIXED, "role", NULL);
	return 0;
}

int role_revoked_check(struct work *w, const struct event *cev, struct err *err)
{
	struct event *ev = (struct event *)cev;
	const struct role_revoked *d = ev->data;
	struct mix m = { .role = d->role, .place = d->place };
	if (role_access(w, ev, d->account, d->place, err) < 0)
		return -1;
	if (grants_of(w->db, d->account, w->now, mix_grant, &m, err) < 0)
		return -1;
	return m.same ? 0 : err_set(err, &ERR_GRANT_NONE, "role", NULL);
}

int grants_of(struct db *db, struct str account, int64_t now, int (*each)(void *ctx, const struct grant *g), void *ctx,
	      struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int rc;
	if (db_start(db, &SQL_GRANT_LIVE, &st, err, "si", account, now) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		struct grant g = { 1u << stmt_i64(st, 0), stmt_i64(st, 1), stmt_i64(st, 2) };
		if (each(ctx, &g) < 0)
			return -1;
	}
	return rc;
}

/* A grant that was taken back says by which record; its moment stands there. */
static int grant_end(struct work *w, int64_t until, int64_t revoked, int64_t *ret, struct err *err)
{
	struct event ev;
	*ret = until == FIELD_ABSENT ? INT64_MAX : until;
	if (revoked == FIELD_ABSENT)
		return 0;
	int rc = work_event(w, revoked, false, &ev, err);
	if (rc > 0 && ev.at < *ret)
		*ret = ev.at;
	return rc < 0 ? -1 : 0;
}

int place_held_since(struct work *w, place_t place, int64_t from, int64_t *ret, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int64_t first = INT64_MAX;
	int rc;
	if (db_start(w->db, &SQL_GRANTS_AT, &st, err, "i", place) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		int64_t since = stmt_i64(st, 0), end;
		if (since < from)
			since = from;
		if (since >= first)
			continue;
		if (grant_end(w, stmt_i64(st, 1), stmt_i64(st, 2), &end, err) < 0)
			return -1;
		if (end > since)
			first = since;
	}
	if (rc < 0)
		return -1;
	if (first == INT64_MAX)
		return 0;
	*ret = first;
	return 1;
}
