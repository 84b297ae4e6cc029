/* What notices may be recorded: who may be addressed, who may acknowledge for
 * whom, and what rests on what. */
#include <stdio.h>

#include "domain/notices/internal.h"
#include "domain/teams/teams.h"

static const struct err_kind ERR_AUDIENCE_OUTSIDE = {
	"audience_outside", 409, "{0} 不在发文单位的辖区内，只能发给本级和下级",
	"{0} is outside the issuer's territory: address the place itself or places below it"
};
static const struct err_kind ERR_AUDIENCE_EMPTY = {
	"audience_empty", 400, "请写明发给谁：单位（places）、人员类别（categories）或全体党员（party_members）",
	"Say whom it is for: places, categories or party_members"
};
static const struct err_kind ERR_HOUR_PASSED = {
	"field_range", 400, "签收时限要晚于下发时间，请改晚一些",
	"The hour to acknowledge by must come after the issue: make it later"
};
static const struct err_kind ERR_NOT_ADDRESSEE = {
	"not_addressee", 409, "这份通知没有发给“{0}”，请核对单位或人员",
	"This notice is not addressed to \"{0}\": check the unit or person"
};
static const struct err_kind ERR_NOTICE_WITHDRAWN = {
	"notice_withdrawn", 409, "这份通知当时已经撤回，不必签收",
	"This notice had been withdrawn by then: nothing to acknowledge"
};
static const struct err_kind ERR_PERSON_NEEDED = {
	"person_needed", 400, "请写明由哪个单位（unit）或哪个人（person）签收",
	"Say who acknowledges: a \"unit\", or for people addressed by category a \"person\""
};
static const struct err_kind PARENT_WITHDRAWN = {
	"parent_withdrawn", 200, "所依据的上级通知已经撤回，请核实后再下发",
	"The notice this one rests on has been withdrawn: check before it goes further down"
};

int notice_read(struct work *w, const struct notice *n, const struct notice_issued **ret, struct err *err)
{
	struct event ev;
	int rc = work_event(w, n->seq, false, &ev, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_fmt(err, &ERR_STORE_CORRUPT, "a notice's record is missing");
	*ret = ev.data;
	return 0;
}

/* ---- issued --------------------------------------------------------------------- */

static int check_places(struct work *w, const struct event *ev, const struct list *to, struct err *err)
{
	const place_t *places = to->items;
	for (size_t i = 0; i < to->n; i++) {
		char text[PLACE_TEXT + 1], field[48];
		text[place_format(places[i], text)] = 0;
		snprintf(field, sizeof field, "to.places[%zu]", i);
		if (!place_within(places[i], ev->area))
			return err_set(err, &ERR_AUDIENCE_OUTSIDE, field, text, NULL);
		int rc = place_listed(w, places[i], INT64_MAX, err);
		if (rc <= 0)
			return rc < 0 ? -1 : err_set(err, &ERR_PLACE_UNKNOWN, field, text, NULL);
	}
	return 0;
}

/* A place has what it issued or what was issued below it, what is addressed to it, and what is addressed to people of
 * a territory that it belongs to. */
static int has_notice(struct work *w, place_t place, const struct notice *n, struct err *err)
{
	struct notice_unit unit;
	if (place_within(n->area, place) || (n->people && place_within(place, n->area)))
		return 1;
	return notice_unit_get(w, &n->id, place, &unit, err);
}

static int check_parent(struct work *w, const struct event *ev, const struct uuid *id, struct err *err)
{
	struct notice parent;
	struct err warning = { 0 };
	int rc = notice_get(w, id, &parent, err);
	if (rc == 1)
		rc = has_notice(w, ev->area, &parent, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_set(err, &ERR_UNKNOWN_THING, "parent", "parent", NULL);
	if (parent.withdrawn != FIELD_ABSENT && parent.withdrawn <= ev->at) {
		err_set(&warning, &PARENT_WITHDRAWN, "parent", NULL);
		work_warn(w, &warning);
	}
	return 0;
}

int notice_issued_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct notice_issued *d = ev->data;
	const struct audience *to = d->to;
	if (!to->places.n && !to->categories.n && to->party_members != 1)
		return err_set(err, &ERR_AUDIENCE_EMPTY, "to", NULL);
	if (d->acknowledge_by != FIELD_ABSENT && d->acknowledge_by <= ev->at)
		return err_set(err, &ERR_HOUR_PASSED, "acknowledge_by", NULL);
	if (check_places(w, ev, &to->places, err) < 0)
		return -1;
	return uuid_is_nil(&d->parent) ? 0 : check_parent(w, ev, &d->parent, err);
}

/* ---- acknowledged ----------------------------------------------------------------- */

static bool in_categories(const struct audience *to, int64_t category)
{
	const int64_t *c = to->categories.items;
	for (size_t i = 0; i < to->categories.n; i++) {
		if (c[i] == category)
			return true;
	}
	return false;
}

int notice_reaches_person(struct work *w, const struct notice *n, const struct audience *to, const struct uuid *person,
			  int64_t at, struct err *err)
{
	struct standing s;
	struct thing t;
	if (!n->people)
		return 0;
	int rc = thing_get(w, person, &t, err);
	if (rc <= 0 || !str_is(t.kind, THING_PERSON) || !place_within(t.area, n->area))
		return rc < 0 ? -1 : 0;
	if ((rc = person_standing(w, person, at, &s, err)) <= 0)
		return rc;
	return s.there && ((to->party_members == 1 && s.party_member) || in_categories(to, s.category));
}

/* Does the caller answer for the unit: officer or commander exactly there? */
static bool answers_for(const struct work *w, place_t unit)
{
	place_t own[OWN_UNITS_MAX];
	size_t n = notice_own_units(w, own);
	for (size_t i = 0; i < n; i++) {
		if (own[i] == unit)
			return true;
	}
	return w->who->local || w->server;
}

/* Where the sender says it was done: a place, or the place of a site; FIELD_ABSENT when left out. */
static int given_place(struct work *w, struct event *ev, place_t *ret, struct err *err)
{
	struct thing t;
	*ret = ev->place;
	if (uuid_is_nil(&ev->place_site))
		return 0;
	int rc = thing_get(w, &ev->place_site, &t, err);
	if (rc < 0)
		return -1;
	if (!rc || !str_is(t.kind, THING_SITE))
		return err_set(err, &ERR_PLACE_UNKNOWN, "place", "(site)", NULL);
	if (ev->at < t.at)
		return err_set(err, &ERR_BEFORE_OPENED, "place", "place", NULL);
	ev->site = ev->place_site;
	*ret = t.area;
	return 0;
}

/* Who signed for the unit is enrolled there or above. */
static int check_signer(struct work *w, place_t unit, const struct uuid *person, struct err *err)
{
	struct thing t;
	if (uuid_is_nil(person))
		return 0;
	int rc = thing_get(w, person, &t, err);
	if (rc < 0)
		return -1;
	return rc && str_is(t.kind, THING_PERSON) && place_within(unit, t.area)
		   ? 0
		   : err_set(err, &ERR_UNKNOWN_THING, "person", "person", NULL);
}

static int already(struct work *w, const struct event *ev, const struct notice *n, place_t unit,
		   const struct uuid *person, struct err *err)
{
	int64_t seq;
	int rc = notice_acked_by(w, &n->id, unit, person, ev->at, &seq, err);
	if (rc > 0)
		w->already = seq;
	return rc < 0 ? -1 : 0;
}

static int check_unit(struct work *w, struct event *ev, const struct notice *n, place_t unit, place_t given,
		      struct err *err)
{
	const struct notice_acknowledged *d = ev->data;
	static const struct uuid NOBODY;
	struct notice_unit u;
	char text[PLACE_TEXT + 1];
	text[place_format(unit, text)] = 0;
	int rc = notice_unit_get(w, &n->id, unit, &u, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_set(err, &ERR_NOT_ADDRESSEE, "unit", text, NULL);
	if (given != FIELD_ABSENT && !place_within(given, unit))
		return err_set(err, &ERR_OUT_OF_PLACE, "place", "unit", NULL);
	if (!answers_for(w, unit))
		return err_set(err, &ERR_NOT_ALLOWED, "unit", NULL);
	if (check_signer(w, unit, &d->person, err) < 0)
		return -1;
	ev->area = unit;
	return already(w, ev, n, unit, &NOBODY, err);
}

/* One's own, or for those who have no phone an officer's who covers where they are enrolled. */
static bool may_sign_for(const struct work *w, const struct uuid *person, const struct thing *t)
{
	place_t home;
	if (w->server || principal_may(w->who, ROLES_ISSUING, t->area, w->now))
		return true;
	return uuid_eq(&w->who->person, person) && principal_home(w->who, ROLES_ACKNOWLEDGING, w->now, &home);
}

static int check_person(struct work *w, struct event *ev, const struct notice *n, place_t given, struct err *err)
{
	const struct notice_acknowledged *d = ev->data;
	const struct notice_issued *issued;
	struct standing s;
	struct thing t;
	int rc = thing_get(w, &d->person, &t, err);
	if (rc < 0)
		return -1;
	if (!rc || !str_is(t.kind, THING_PERSON) || !may_sign_for(w, &d->person, &t))
		return err_set(err, &ERR_UNKNOWN_THING, "person", "person", NULL);
	if (ev->at < t.at)
		return err_set(err, &ERR_BEFORE_OPENED, "person", "person", NULL);
	if (person_standing(w, &d->person, ev->at, &s, err) < 0 || notice_read(w, n, &issued, err) < 0)
		return -1;
	if (!s.there)
		return err_set(err, &ERR_PERSON_LEFT, "person", NULL);
	if ((rc = notice_reaches_person(w, n, issued->to, &d->person, ev->at, err)) <= 0)
		return rc < 0 ? -1 : err_set(err, &ERR_NOT_ADDRESSEE, "person", "person", NULL);
	if (given != FIELD_ABSENT && !place_within(given, t.area))
		return err_set(err, &ERR_OUT_OF_PLACE, "place", "person", NULL);
	ev->area = given != FIELD_ABSENT ? given : t.area;
	return already(w, ev, n, UNIT_NONE, &d->person, err);
}

/* The notice within the caller's sight. */
static int sight(struct work *w, const struct uuid *id, struct notice *ret, struct err *err)
{
	int rc = notice_get(w, id, ret, err);
	if (rc == 1 && !w->server)
		rc = notice_seen(w, ret, err);
	return rc < 0 ? -1 : rc ? 0 : err_set(err, &ERR_UNKNOWN_THING, "notice", "notice", NULL);
}

int notice_acknowledged_check(struct work *w, const struct event *cev, struct err *err)
{
	struct event *ev = (struct event *)cev; /* EVENT_OWN_ACCESS: the command fills the area */
	const struct notice_acknowledged *d = ev->data;
	struct notice n;
	place_t given;
	if (sight(w, &d->notice, &n, err) < 0 || given_place(w, ev, &given, err) < 0)
		return -1;
	if (ev->at < n.at)
		return err_set(err, &ERR_BEFORE_OPENED, "notice", "notice", NULL);
	if (n.withdrawn != FIELD_ABSENT && n.withdrawn < ev->at)
		return err_set(err, &ERR_NOTICE_WITHDRAWN, "notice", NULL);
	if (d->unit != FIELD_ABSENT)
		return check_unit(w, ev, &n, d->unit, given, err);
	if (!uuid_is_nil(&d->person))
		return check_person(w, ev, &n, given, err);
	if (given == FIELD_ABSENT)
		return err_set(err, &ERR_PERSON_NEEDED, n.people ? "person" : "unit", NULL);
	return check_unit(w, ev, &n, given, given, err);
}

/* ---- withdrawn ---------------------------------------------------------------------- */

int notice_withdrawn_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct notice_withdrawn *d = ev->data;
	struct notice n;
	int rc = notice_get(w, &d->notice, &n, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_set(err, &ERR_UNKNOWN_THING, "notice", "notice", NULL);
	return n.withdrawn == FIELD_ABSENT ? 0 : err_set(err, &ERR_ALREADY_CLOSED, "notice", "notice", NULL);
}
