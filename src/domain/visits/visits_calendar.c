/* The calendar of due observations of one follow-up: which days owe how many,
 * what was done, what was missed. Pure: the course and the observations go in,
 * days come out; no clock, no store. */
#include "domain/visits/internal.h"

int64_t course_first_day(const struct course *c)
{
	int64_t opened = day_of(c->opened);
	return c->starts > opened ? c->starts : opened;
}

int64_t course_last_day(const struct course *c)
{
	return c->starts + c->days - 1;
}

bool observation_feverish(const struct observation *o)
{
	return o->temperature != FIELD_ABSENT && o->temperature >= FEVER;
}

/* A day is cut in per_day equal slots. On the opening day only those count that end after the opening, on the closing
 * day only those that ended by the closing: nothing is owed before or after. */
static bool slot_counts(const struct course *c, int64_t day, int64_t k)
{
	int64_t end = day_start(day) + (k + 1) * DAY_MS / c->per_day;
	if (end <= c->opened)
		return false;
	return c->closed == FIELD_ABSENT || end <= c->closed || day < day_of(c->closed);
}

static bool day_owes(const struct course *c, int64_t day)
{
	return day >= course_first_day(c) && day <= course_last_day(c) &&
	       (c->closed == FIELD_ABSENT || day <= day_of(c->closed));
}

static int64_t slots_of(const struct course *c, int64_t day)
{
	int64_t n = 0;
	for (int64_t k = 0; k < c->per_day; k++)
		n += slot_counts(c, day, k);
	return n;
}

int64_t calendar_begun(const struct course *c, int64_t day, int64_t now)
{
	int64_t n = 0;
	if (!day_owes(c, day))
		return 0;
	for (int64_t k = 0; k < c->per_day; k++)
		n += slot_counts(c, day, k) && day_start(day) + k * DAY_MS / c->per_day <= now;
	return n;
}

int64_t calendar_slot_end(const struct course *c, int64_t day, int64_t n)
{
	for (int64_t k = 0; k < c->per_day; k++) {
		if (slot_counts(c, day, k) && n-- == 0)
			return day_start(day) + (k + 1) * DAY_MS / c->per_day;
	}
	return day_start(day + 1);
}

size_t calendar_make(const struct course *c, const struct observation *o, size_t n, int64_t now,
		     struct calendar_day out[CALENDAR_DAYS_MAX])
{
	int64_t first = course_first_day(c);
	size_t days = 0;
	while (days < CALENDAR_DAYS_MAX && day_owes(c, first + (int64_t)days)) {
		int64_t day = first + (int64_t)days;
		out[days++] = (struct calendar_day){ .day = day, .due = slots_of(c, day) };
	}
	for (size_t i = 0; i < n; i++) {
		int64_t k = day_of(o[i].at) - first;
		if (k < 0 || k >= (int64_t)days)
			continue;
		out[k].done++;
		out[k].fever |= observation_feverish(&o[i]);
	}
	for (size_t i = 0; i < days; i++) {
		struct calendar_day *d = &out[i];
		bool over = day_start(d->day + 1) - 1 <= now;
		bool closing = c->closed != FIELD_ABSENT && d->day == day_of(c->closed);
		if (over && !closing && d->due > d->done)
			d->missed = d->due - d->done;
	}
	return days;
}
