/* What visits and follow-ups may record: that nobody has two follow-ups at one
 * time, and that one ends only as its rules say. */
#include "domain/incident/incident.h"
#include "domain/visits/internal.h"
#include "visits.sql.h"

static const struct err_kind ERR_FOLLOWUP_OPEN = {
	"followup_open", 409, "该人员已有随访（{0}），请在那一条上记录观察，不要另开",
	"This person is under follow-up already ({0}): record observations there"
};
static const struct err_kind ERR_NOT_OPEN = { "not_open", 409, "这次随访在该时间已经结束，请核对时间",
					      "The follow-up was not open at that time: check the time" };
static const struct err_kind ERR_BEFORE_LAST_DAY = {
	"before_last_day", 409, "随访要到 {0} 才满，期满前结束请选别的原因",
	"The follow-up runs to {0}: to end it earlier, give another reason"
};
static const struct err_kind ERR_LAST_DAY_UNSEEN = {
	"last_day_unseen", 409, "最后一天（{0}）还没有本人配合的观察，请先记录一次",
	"There is no observation with the person present on the last day ({0}): record one first"
};
static const struct err_kind ERR_HOUSEHOLD_ELSEWHERE = {
	"household_elsewhere", 409, "住户不在随访所在的村（社区、镇），请核对",
	"The household is not in the follow-up's village or town: check it"
};
static const struct err_kind WARN_STARTS = { "starts_unusual", 200,
					     "按起算日和天数，随访此前已满或很久以后才开始，请核对起算日",
					     "By its first day and days it is over already, or begins long from now: "
					     "check the first day" };
static const struct err_kind ERR_SAME_CONTACT = { "same_subject", 409, "两个编号是同一个人，不能相互关联",
						  "The two are the same person: they can't be linked" };

int visit_made_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct visit_made *d = ev->data;
	struct household h;
	int rc = household_get(w, &d->household, &h, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_set(err, &ERR_UNKNOWN_THING, "household", "household", NULL);
	if (h.removed != FIELD_ABSENT && ev->at >= h.removed)
		return err_set(err, &ERR_HOUSEHOLD_REMOVED, "household", NULL);
	return 0;
}

/* ---- follow-ups -------------------------------------------------------------------------- */

/* A household that they stay with: there at the time, in the village (or town) of the follow-up. */
static int check_household(struct work *w, const struct event *ev, const struct uuid *id, place_t place,
			   struct err *err)
{
	struct household h;
	place_t around = place_level(place) >= LEVEL_VILLAGE ? place_at(place, LEVEL_VILLAGE) : place;
	if (uuid_is_nil(id))
		return 0;
	int rc = household_get(w, id, &h, err);
	if (rc < 0)
		return -1;
	if (!rc || (!w->server && !principal_may(w->who, registry_type(ev->form)->roles, h.place, w->now)))
		return err_set(err, &ERR_UNKNOWN_THING, "household", "household", NULL);
	if (!place_within(h.place, around))
		return err_set(err, &ERR_HOUSEHOLD_ELSEWHERE, "household", NULL);
	if (h.removed != FIELD_ABSENT && ev->at >= h.removed)
		return err_set(err, &ERR_HOUSEHOLD_REMOVED, "household", NULL);
	return 0;
}

int followup_conflict(struct work *w, const struct uuid *subject, int64_t at, const struct uuid *but, struct uuid *ret,
		      struct err *err)
{
	struct list same;
	int64_t earliest = INT64_MAX;
	if (subject_ids(w, subject, &same, err) < 0)
		return -1;
	const struct uuid *ids = same.items;
	for (size_t i = 0; i < same.n; i++) {
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		int rc;
		if (db_start(w->db, &SQL_FOLLOWUP_OPEN_FROM, &st, err, "ui", &ids[i], at) < 0)
			return -1;
		while ((rc = stmt_step(st, err)) == 1) {
			struct uuid id = stmt_uuid(st, 0);
			int64_t opened = stmt_i64(st, 1);
			if ((but && uuid_eq(but, &id)) || opened > earliest ||
			    (opened == earliest && memcmp(id.b, ret->b, sizeof id.b) >= 0))
				continue;
			earliest = opened;
			*ret = id;
		}
		if (rc < 0)
			return -1;
	}
	return earliest != INT64_MAX;
}

static int refuse_conflict(const struct uuid *other, const char *field, struct err *err)
{
	char text[UUID_TEXT + 1];
	uuid_format(other, text);
	text[UUID_TEXT] = 0;
	return err_set(err, &ERR_FOLLOWUP_OPEN, field, text, NULL);
}

/* Over before it begins, or to begin far ahead: most likely a wrong date, since nothing would ever be due, or not soon.
 */
static int remark_starts(struct work *w, const struct event *ev, struct err *err)
{
	const struct followup_opened *d = ev->data;
	struct err remark = { 0 };
	int64_t days = d->days, opened = day_of(ev->at);
	if (days == FIELD_ABSENT && parameter_value(w, "followup_days", d->starts, &days, err) < 0)
		return -1;
	if (d->starts + days - 1 < opened || d->starts > opened + CALENDAR_DAYS_MAX) {
		err_set(&remark, &WARN_STARTS, "starts", NULL);
		work_warn(w, &remark);
	}
	return 0;
}

int followup_opened_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct followup_opened *d = ev->data;
	struct uuid other;
	if (!uuid_is_nil(&d->screening) && !w->server)
		return err_set(err, &ERR_SERVER_ONLY, "screening", NULL);
	if (check_household(w, ev, &d->household, ev->area, err) < 0 || remark_starts(w, ev, err) < 0)
		return -1;
	int rc = followup_conflict(w, &d->subject, ev->at, NULL, &other, err);
	return rc <= 0 ? rc : refuse_conflict(&other, "subject", err);
}

static int known_followup(struct work *w, const struct uuid *id, struct followup *ret, struct err *err)
{
	int rc = followup_get(w, id, ret, err);
	return rc == 1 ? 0 : rc < 0 ? -1 : err_set(err, &ERR_UNKNOWN_THING, "followup", "followup", NULL);
}

/* An observation of the very moment of the closing stands before it. */
int followup_observed_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct followup_observed *d = ev->data;
	struct followup f;
	if (known_followup(w, &d->followup, &f, err) < 0)
		return -1;
	if (f.closed != FIELD_ABSENT && ev->at > f.closed)
		return err_set(err, &ERR_NOT_OPEN, "followup", NULL);
	return check_household(w, ev, &d->household, f.place, err);
}

/* Was the person met on the last day, up to a moment, leaving one observation out? */
static int last_day_seen(struct work *w, const struct followup *f, int64_t by, int64_t without, struct err *err)
{
	const struct course c = followup_course(f);
	int64_t last = course_last_day(&c);
	struct list all;
	if (observations_read(w, &f->id, day_start(last), &all, err) < 0)
		return -1;
	const struct observation *o = all.items;
	for (size_t i = 0; i < all.n; i++) {
		if (o[i].present == 1 && o[i].seq != without && o[i].at <= by && day_of(o[i].at) == last)
			return 1;
	}
	return 0;
}

int followup_closed_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct followup_closed *d = ev->data;
	struct followup f;
	char last[TIME_TEXT_MAX];
	int64_t later;
	if (known_followup(w, &d->followup, &f, err) < 0)
		return -1;
	if (f.closed != FIELD_ABSENT)
		return err_set(err, &ERR_ALREADY_CLOSED, "followup", "followup", NULL);
	int rc = db_get_i64(w->db, &SQL_OBSERVATION_AFTER, &later, err, "ui", &f.id, ev->at);
	if (rc)
		return rc < 0 ? -1 : err_set(err, &ERR_LATER_FACTS, "followup", "followup", NULL);
	if (d->reason != FOLLOWUP_COMPLETED)
		return 0;
	const struct course c = followup_course(&f);
	day_format(course_last_day(&c), last);
	if (day_of(ev->at) < course_last_day(&c))
		return err_set(err, &ERR_BEFORE_LAST_DAY, "reason", last, NULL);
	rc = last_day_seen(w, &f, ev->at, 0, err);
	if (rc)
		return rc < 0 ? -1 : 0;
	return err_set(err, &ERR_LAST_DAY_UNSEEN, "reason", last, NULL);
}

/* A passage beside the one that opened it was recorded in the belief that it stands. */
int followup_opened_void(struct work *w, const struct event *ev, struct err *err)
{
	const struct followup_opened *d = ev->data;
	int64_t own = 0;
	if (!uuid_is_nil(&d->screening)) {
		struct event passage;
		if (work_event_by_id(w, &d->screening, false, &passage, err) < 0)
			return -1;
		own = passage.seq;
	}
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int rc;
	if (db_start(w->db, &SQL_SCREENING_LINKS, &st, err, "u", &d->id) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		int64_t seq = stmt_i64(st, 0);
		if (seq == own)
			continue;
		_cleanup_(buf_finish) struct buf text = { 0 };
		buf_i64(&text, seq);
		buf_char(&text, 0);
		return err_set(err, &ERR_STILL_REFERRED, "event", text.failed ? "?" : text.ptr, NULL);
	}
	return rc;
}

/* Without it, a follow-up that was completed must still have been. */
int followup_observed_void(struct work *w, const struct event *ev, struct err *err)
{
	const struct followup_observed *d = ev->data;
	struct followup f;
	char last[TIME_TEXT_MAX];
	if (known_followup(w, &d->followup, &f, err) < 0)
		return -1;
	if (f.closed == FIELD_ABSENT || f.reason != FOLLOWUP_COMPLETED)
		return 0;
	int with = last_day_seen(w, &f, f.closed, 0, err), without = last_day_seen(w, &f, f.closed, ev->seq, err);
	if (with < 0 || without < 0)
		return -1;
	const struct course c = followup_course(&f);
	day_format(course_last_day(&c), last);
	return with > without ? err_set(err, &ERR_LAST_DAY_UNSEEN, "event", last, NULL) : 0;
}

/* Were it open again, none that began since may stand beside it. */
int followup_closed_void(struct work *w, const struct event *ev, struct err *err)
{
	const struct followup_closed *d = ev->data;
	struct followup f;
	struct list all;
	if (known_followup(w, &d->followup, &f, err) < 0 || followups_of_subject(w, &f.subject, &all, err) < 0)
		return -1;
	const struct followup *g = all.items;
	for (size_t i = 0; i < all.n; i++) {
		if (!uuid_eq(&g[i].id, &f.id) && g[i].opened >= ev->at)
			return refuse_conflict(&g[i].id, "event", err);
	}
	return 0;
}

int contact_linked_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct contact_linked *d = ev->data;
	struct uuid from, to;
	if (subject_root(w, &d->from, &from, err) < 0 || subject_root(w, &d->to, &to, err) < 0)
		return -1;
	return uuid_eq(&from, &to) ? err_set(err, &ERR_SAME_CONTACT, "to", NULL) : 0;
}
