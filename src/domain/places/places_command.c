/* What places, sites and households may be recorded. */
#include <stdio.h>

#include "domain/places/internal.h"
#include "places.sql.h"

static const struct err_kind ERR_LISTED = { "already_listed", 409, "地点 {0} 已经列入",
					    "The place {0} is listed already" };
static const struct err_kind ERR_PARENT = { "parent_unknown", 409, "上级 {0} 尚未列入，请先列入上级",
					    "The parent {0} is not listed: list it first" };
static const struct err_kind ERR_LEVEL = { "level_wrong", 400, "编码 {0} 与级别不符",
					   "The code {0} does not fit the level" };
static const struct err_kind ERR_IN_USE = { "place_in_use", 409, "记录 {0} 登记在此地点，请先撤销那条",
					    "Record {0} lies in this place: withdraw it first" };
static const struct err_kind ERR_CHILDREN = { "has_children", 409, "其下还有地点 {0}", "The place {0} lies below it" };
const struct err_kind ERR_HOUSEHOLD_REMOVED = { "household_removed", 409, "该户在此时间已注销",
						"The household was already removed at that time" };

static int code_error(place_t code, const struct err_kind *kind, const char *field, struct err *err)
{
	char text[PLACE_TEXT + 1];
	text[place_format(code, text)] = 0;
	return err_set(err, kind, field, text, NULL);
}

/* Two levels may share a code: a city without counties is its own county. */
static bool level_fits(place_t code, int64_t level)
{
	int64_t own = place_level(code);
	return level == own || (own == LEVEL_CITY && level == LEVEL_COUNTY);
}

/* EVENT_OWN_ACCESS: a division does not lie in a listed place yet; the territory is the code's own. */
int division_listed_check(struct work *w, const struct event *cev, struct err *err)
{
	struct event *ev = (struct event *)cev;
	struct division_listed *d = ev->data;
	int rc;
	if (!level_fits(d->code, d->level))
		return code_error(d->code, &ERR_LEVEL, "level", err);
	ev->area = place_within(d->code, w->top) ? d->code : w->top;
	if (!w->who->local)
		return err_kind_set(err, &ERR_SERVER_ONLY);
	if ((rc = place_listed(w, d->code, INT64_MAX, err)))
		return rc < 0 ? -1 : code_error(d->code, &ERR_LISTED, "code", err);
	place_t parent = d->parent == FIELD_ABSENT ? place_parent(d->code) : d->parent;
	if (d->parent != FIELD_ABSENT && (!place_within(d->code, parent) || parent == d->code))
		return code_error(parent, &ERR_PARENT, "parent", err);
	/* The store's own top, the province and the nation head their lists: nothing need stand above the first. */
	if (d->level <= LEVEL_PROVINCE || d->code == w->top ||
	    (d->parent == FIELD_ABSENT && !place_within(d->code, w->top)))
		return 0;
	rc = place_listed(w, parent, INT64_MAX, err);
	if (rc < 0)
		return -1;
	return rc ? 0 : code_error(parent, &ERR_PARENT, "parent", err);
}

static int refuse_used(struct work *w, place_t place, struct err *err)
{
	int64_t seq;
	char text[24];
	int rc = thing_within(w, place, &seq, err);
	if (rc <= 0)
		return rc;
	snprintf(text, sizeof text, "%lld", (long long)seq);
	return err_set(err, &ERR_IN_USE, "event", text, NULL);
}

int grid_void_check(struct work *w, const struct event *ev, struct err *err)
{
	return refuse_used(w, ((const struct grid_defined *)ev->data)->code, err);
}

int division_void_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct division_listed *d = ev->data;
	int64_t below;
	int rc = db_get_i64(w->db, &SQL_DIVISION_HAS_BELOW, &below, err, "ii", d->code, d->code + place_span(d->code));
	if (rc)
		return rc < 0 ? -1 : code_error(below, &ERR_CHILDREN, "event", err);
	return refuse_used(w, d->code, err);
}

int division_renamed_check(struct work *w, const struct event *cev, struct err *err)
{
	struct event *ev = (struct event *)cev;
	const struct division_renamed *d = ev->data;
	int rc = place_listed(w, d->code, INT64_MAX, err);
	if (rc <= 0)
		return rc < 0 ? -1 : code_error(d->code, &ERR_PLACE_UNKNOWN, "code", err);
	if (!principal_may(w->who, ROLE_COMMANDER | ROLE_OFFICER | ROLE_ORGANISATION, d->code, w->now))
		return code_error(d->code, &ERR_PLACE_UNKNOWN, "code", err);
	ev->area = place_within(d->code, w->top) ? d->code : w->top;
	return 0;
}

int grid_defined_check(struct work *w, const struct event *cev, struct err *err)
{
	struct event *ev = (struct event *)cev;
	const struct grid_defined *d = ev->data;
	place_t village = place_at(d->code, LEVEL_VILLAGE);
	int rc;
	if (place_level(d->code) != LEVEL_GRID)
		return code_error(d->code, &ERR_LEVEL, "code", err);
	if ((rc = place_listed(w, village, INT64_MAX, err)) <= 0)
		return rc < 0 ? -1 : code_error(village, &ERR_PARENT, "code", err);
	if (!principal_may(w->who, ROLE_COMMANDER | ROLE_OFFICER | ROLE_ORGANISATION, village, w->now))
		return err_set(err, &ERR_NOT_ALLOWED, "code", NULL);
	if ((rc = place_listed(w, d->code, INT64_MAX, err)))
		return rc < 0 ? -1 : code_error(d->code, &ERR_LISTED, "code", err);
	ev->area = village;
	return 0;
}

/* Closed at `at` or before; a second closing is refused whenever it is said to have happened. */
static int refuse_closed(struct work *w, const struct uuid *site, int64_t at, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	if (db_start(w->db, &SQL_SITE_GET, &st, err, "u", site) < 0)
		return -1;
	int rc = stmt_step(st, err);
	if (rc < 0)
		return -1;
	if (rc && stmt_i64(st, 3) != FIELD_ABSENT && stmt_i64(st, 3) <= at)
		return err_set(err, &ERR_ALREADY_CLOSED, "site", "site", NULL);
	return 0;
}

int site_changed_check(struct work *w, const struct event *ev, struct err *err)
{
	return refuse_closed(w, &((const struct site_changed *)ev->data)->site, ev->at, err);
}

int site_closed_check(struct work *w, const struct event *ev, struct err *err)
{
	return refuse_closed(w, &((const struct site_closed *)ev->data)->site, INT64_MAX, err);
}

static int refuse_removed(struct work *w, const struct uuid *id, int64_t at, struct err *err)
{
	struct household h;
	int rc = household_get(w, id, &h, err);
	if (rc < 0)
		return -1;
	return rc && h.removed != FIELD_ABSENT && h.removed <= at
		   ? err_set(err, &ERR_HOUSEHOLD_REMOVED, "household", NULL)
		   : 0;
}

int household_changed_check(struct work *w, const struct event *ev, struct err *err)
{
	return refuse_removed(w, &((const struct household_changed *)ev->data)->household, ev->at, err);
}

int household_removed_check(struct work *w, const struct event *ev, struct err *err)
{
	return refuse_removed(w, &((const struct household_removed *)ev->data)->household, INT64_MAX, err);
}
