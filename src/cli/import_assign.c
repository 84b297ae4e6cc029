/* Households to groups: one by one, by a range of numbers, or all of a place. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/import.h"
#include "domain/grid/grid.h"
#include "domain/places/places.h"

static const struct err_kind ERR_RANGE = { "import_range", 400, "起止编号有误：应为 1–99999 的整数，且起不大于止",
					   "The range is wrong: give whole numbers 1–99999, from not above to" };
static const struct err_kind ERR_RANGE_EMPTY = { "import_range_empty", 404, "该村没有编号在 {0}–{1} 之间的住户",
						 "No household of that village has a ref in {0}–{1}" };
static const struct err_kind ERR_PLACE_EMPTY = { "import_place_empty", 404, "该地点没有登记住户",
						 "No household is registered at that place" };
static const struct err_kind ERR_EITHER = { "import_either", 400, "请只填住户、起止编号两者之一",
					    "Give either a household or a range, not both" };

/* An event's id of its own for "X stands in Y": the plain one, or a later one when X has left Y again since. */
int import_standing_id(struct import *im, const char *type, const char *key, bool still, struct uuid *ret,
		       struct err *err)
{
	for (int again = 1;; again++) {
		struct event ev;
		*ret = again == 1 ? import_id(im, "%s:%s", type, key) : import_id(im, "%s:%s#%d", type, key, again);
		if (still)
			return 0;
		int rc = work_event_by_id(im->work, ret, false, &ev, err);
		if (rc <= 0)
			return rc;
	}
}

/* ---- assignments ---------------------------------------------------------------------------------- */

/* `fresh`: the household is of this very file, so nothing is known of it. */
int import_assign(struct import *im, const struct uuid *household, const struct uuid *group, int64_t at, bool fresh,
		  struct err *err)
{
	struct uuid now_in, event;
	struct event ev;
	char key[2 * UUID_TEXT + 2], h[UUID_TEXT], g[UUID_TEXT];
	int rc = fresh ? 0 : household_group_at(im->work, household, at == FIELD_ABSENT ? im->now : at, &now_in, err);
	if (rc < 0)
		return -1;
	bool still = rc == 1 && uuid_eq(&now_in, group);
	uuid_format(household, h);
	uuid_format(group, g);
	snprintf(key, sizeof key, "%.*s:%.*s", UUID_TEXT, h, UUID_TEXT, g);
	if (import_standing_id(im, "household.assigned", key, still, &event, err) < 0)
		return -1;
	if (still) {
		/* Assigned by hand before: nothing is to be recorded. */
		if ((rc = work_event_by_id(im->work, &event, false, &ev, err)) < 0)
			return -1;
		if (rc == 0) {
			im->unchanged += !im->rehearsal;
			return 0;
		}
		at = ev.at;
	}
	import_begin(im);
	import_put_id(im, "household", household);
	import_put_id(im, "group", group);
	return import_make(im, "household.assigned", &event, NULL, at, FIELD_ABSENT, err);
}

const struct import_column ASSIGNMENT_COLUMNS[ASSIGNMENT_COLUMNS_N] = {
	{ "place", "村", true, "place" },
	TOWN,
	{ "household", "住户", false, "household" },
	{ "from", "起始户编号", false, NULL },
	{ "to", "截止户编号", false, NULL },
	{ "group", "责任组", true, "group" },
	WHEN,
};

static int assign_range(struct import *im, place_t place, const struct uuid *group, int64_t at, struct err *err)
{
	struct str from_cell = import_cell(im, "from"), to_cell = import_cell(im, "to");
	int64_t from, to, found = 0;
	char a[24], b[24];
	struct import_code village = import_code(place_at(place, LEVEL_VILLAGE));
	im->field = from_cell.ptr ? "to" : "from";
	if (!from_cell.ptr || !to_cell.ptr || !str_to_i64(from_cell, &from) || !str_to_i64(to_cell, &to) || from < 1 ||
	    to > 99999 || from > to)
		return err_set(err, &ERR_RANGE, im->field, NULL);
	for (int64_t n = from; n <= to; n++) {
		struct thing t;
		struct uuid id = import_id(im, "household:%s:%lld", village.text, (long long)n);
		int rc = thing_get(im->work, &id, &t, err);
		if (rc < 0)
			return -1;
		if (!rc || !place_within(t.area, place))
			continue;
		struct household h;
		if ((rc = household_get(im->work, &id, &h, err)) < 0)
			return -1;
		if (!rc || h.removed != FIELD_ABSENT)
			continue;
		found++;
		if (import_assign(im, &id, group, at, false, err) < 0)
			return -1;
	}
	import_shown(from_cell, a, sizeof a);
	import_shown(to_cell, b, sizeof b);
	return found ? 0 : err_set(err, &ERR_RANGE_EMPTY, "from", a, b, NULL);
}

struct whole {
	struct uuid *ids;
	size_t n, cap;
};

static int collect(void *ctx, const struct household *h, struct err *err)
{
	struct whole *k = ctx;
	if (k->n == k->cap) {
		size_t cap = k->cap ? k->cap * 2 : 256;
		struct uuid *bigger = realloc(k->ids, cap * sizeof *bigger);
		if (!bigger)
			return err_kind_set(err, &ERR_NO_MEMORY);
		k->ids = bigger;
		k->cap = cap;
	}
	k->ids[k->n++] = h->id;
	return 0;
}

static int assign_whole(struct import *im, place_t place, const struct uuid *group, int64_t at, struct err *err)
{
	struct whole k = { 0 };
	int rc = households_of(im->work, place, -1, INT64_MAX, collect, &k, err);
	if (rc == 0 && !k.n)
		rc = err_set(err, &ERR_PLACE_EMPTY, "place", NULL);
	for (size_t i = 0; rc == 0 && i < k.n; i++)
		rc = import_assign(im, &k.ids[i], group, at, false, err);
	free(k.ids);
	return rc < 0 ? -1 : 0;
}

int assignment_row(struct import *im, struct err *err)
{
	bool household = import_cell(im, "household").ptr,
	     range = import_cell(im, "from").ptr || import_cell(im, "to").ptr;
	struct uuid group, id;
	place_t place, group_place;
	int64_t at;
	if (household && range) {
		im->field = "household";
		return err_set(err, &ERR_EITHER, "household", NULL);
	}
	if (find_place(im, "place", &place, err) < 0 || import_at(im, &at, err) < 0 ||
	    find_group(im, "group", place, &group, &group_place, err) < 0)
		return -1;
	if (range)
		return assign_range(im, place, &group, at, err);
	if (!household)
		return assign_whole(im, place, &group, at, err);
	if (find_household(im, "household", place, &id, err) < 0)
		return -1;
	return import_assign(im, &id, &group, at, false, err);
}
