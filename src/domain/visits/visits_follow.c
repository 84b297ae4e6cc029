/* What follows from a passage at a checkpoint that needs follow-up, and the
 * messages that leave by the outbox. No personal data in either's text. */
#include "domain/records/records.h"
#include "domain/visits/internal.h"
#include "visits.sql.h"

static const struct err_kind WARN_ELSEWHERE = {
	"followup_elsewhere", 200, "目的地不在本地或没有写明，本地没有开随访：请移交目的地，或写明去往哪个村",
	"No follow-up was opened here, the destination being elsewhere or unknown: hand them over, or say which village"
};

/* ---- from a passage ---------------------------------------------------------------------- */

/* The same for the same passage and person, so that what follows is recorded once. */
static struct uuid derived(const struct uuid *screening, const char *what, size_t index)
{
	_cleanup_(buf_finish) struct buf name = { 0 };
	buf_cstr(&name, what);
	buf_char(&name, ' ');
	buf_i64(&name, (int64_t)index);
	return uuid_derive(screening, buf_view(&name));
}

/* Somebody under follow-up already goes on in that one: the passage joins its history. */
int passage_project(struct work *w, const struct event *ev, enum fact_move move, struct err *err)
{
	const struct screening_recorded *d = ev->data;
	const struct screened *p = d->people.items;
	if (move == FACT_VOIDED)
		return db_run(w->db, &SQL_SCREENING_LINK_DROP, err, "i", ev->seq) < 0 ? -1 : 0;
	for (size_t i = 0; i < d->people.n; i++) {
		struct uuid open;
		if (p[i].decision != DECISION_FOLLOW_UP)
			continue;
		int rc = followup_conflict(w, &p[i].subject, ev->at, NULL, &open, err);
		if (rc < 0 || (rc && db_run(w->db, &SQL_SCREENING_LINK_ADD, err, "ui", &open, ev->seq) < 0))
			return -1;
	}
	return 0;
}

/* The follow-up that it opened goes first. */
int passage_void(struct work *w, const struct event *ev, struct err *err)
{
	const struct screening_recorded *d = ev->data;
	const struct screened *p = d->people.items;
	for (size_t i = 0; i < d->people.n; i++) {
		struct uuid id = derived(&ev->id, "followup", i);
		struct thing t;
		if (p[i].decision != DECISION_FOLLOW_UP)
			continue;
		int rc = thing_get(w, &id, &t, err);
		if (rc < 0)
			return -1;
		if (!rc)
			continue;
		_cleanup_(buf_finish) struct buf text = { 0 };
		buf_i64(&text, t.seq);
		buf_char(&text, 0);
		return err_set(err, &ERR_STILL_REFERRED, "event", text.failed ? "?" : text.ptr, NULL);
	}
	return 0;
}

static int emit_followup(struct work *w, const struct event *ev, const struct screened *p, size_t index, place_t place,
			 emit_fn emit, void *ctx, struct err *err)
{
	struct followup_opened *d = arena_alloc(w->arena, sizeof *d);
	struct followup_person *person = arena_alloc(w->arena, sizeof *person);
	if (!d || !person)
		return err_kind_set(err, &ERR_NO_MEMORY);
	*person = (struct followup_person){ .address = p->address };
	if (p->person) {
		person->name = p->person->name;
		person->id_number = p->person->id_number;
		person->phone = p->person->phone;
	}
	*d = (struct followup_opened){ .id = derived(&ev->id, "followup", index),
				       .subject = p->subject,
				       .person = person,
				       .category = FOLLOWUP_RETURNEE,
				       .last_exposure = FIELD_ABSENT,
				       .starts = day_of(ev->at),
				       .days = FIELD_ABSENT,
				       .per_day = FIELD_ABSENT,
				       .screening = ev->id };
	const struct event opened = { .id = derived(&ev->id, "followup.opened", index),
				      .form = registry_form(STR("followup.opened")),
				      .at = ev->at,
				      .place = place,
				      .incident = ev->incident,
				      .area = FIELD_ABSENT,
				      .data = d };
	return emit(ctx, &opened, err);
}

/* The same member of the public under another id of the record, for whom one is opened already: 1, 0, -1. */
static int opened_before(struct work *w, const struct uuid *subject, struct uuid *roots, size_t n, struct err *err)
{
	if (subject_root(w, subject, &roots[n], err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (uuid_eq(&roots[i], &roots[n]))
			return 1;
	}
	return 0;
}

static void warn_elsewhere(struct work *w, size_t index)
{
	struct err remark = { 0 };
	err_set(&remark, &WARN_ELSEWHERE, "destination", NULL);
	err_prefix(&remark, "people", (long)index);
	work_warn(w, &remark);
}

int passage_follow(struct work *w, const struct event *ev, emit_fn emit, void *ctx, struct err *err)
{
	const struct screening_recorded *d = ev->data;
	const struct screened *p = d->people.items;
	struct uuid *roots = arena_alloc(w->arena, (d->people.n + 1) * sizeof *roots);
	size_t n = 0;
	if (!roots)
		return err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; i < d->people.n; i++) {
		struct uuid open;
		place_t place;
		if (p[i].decision != DECISION_FOLLOW_UP)
			continue;
		int rc = followup_conflict(w, &p[i].subject, ev->at, NULL, &open, err);
		if (rc == 0)
			rc = opened_before(w, &p[i].subject, roots, n, err);
		if (rc < 0)
			return -1;
		if (rc)
			continue;
		if ((rc = destination_inside(w, &p[i], ev->at, &place, err)) < 0)
			return -1;
		if (!rc) {
			warn_elsewhere(w, i);
			continue;
		}
		n++;
		if (emit_followup(w, ev, &p[i], i, place, emit, ctx, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- from an erasure ----------------------------------------------------------------------- */

static int emit_erased(struct work *w, const struct event *ev, const struct uuid *what, size_t *n, emit_fn emit,
		       void *ctx, struct err *err)
{
	struct subject_erased *d = arena_alloc(w->arena, sizeof *d);
	if (!d)
		return err_kind_set(err, &ERR_NO_MEMORY);
	*d = (struct subject_erased){ *what, ((const struct subject_erased *)ev->data)->ground };
	const struct event erased = { .id = derived(&ev->id, "subject.erased", (*n)++),
				      .form = ev->form,
				      .at = ev->at,
				      .place = FIELD_ABSENT,
				      .area = FIELD_ABSENT,
				      .data = d };
	return emit(ctx, &erased, err);
}

/* What was noted of somebody under observation is sealed under the follow-up, and one person may stand under several
 * ids: all of it goes. */
int erased_follow(struct work *w, const struct event *ev, emit_fn emit, void *ctx, struct err *err)
{
	const struct subject_erased *d = ev->data;
	struct list ids, followups;
	size_t n = 0;
	if (subject_ids(w, &d->subject, &ids, err) < 0 || followups_of_subject(w, &d->subject, &followups, err) < 0)
		return -1;
	const struct uuid *id = ids.items;
	for (size_t i = 0; i < ids.n; i++) {
		if (!uuid_eq(&id[i], &d->subject) && emit_erased(w, ev, &id[i], &n, emit, ctx, err) < 0)
			return -1;
	}
	const struct followup *f = followups.items;
	for (size_t i = 0; i < followups.n; i++) {
		if (emit_erased(w, ev, &f[i].id, &n, emit, ctx, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- messages ------------------------------------------------------------------------------- */

/* The village (or whatever lies above, when no village is known). */
static place_t village_of(place_t p)
{
	return place_level(p) > LEVEL_VILLAGE ? place_at(p, LEVEL_VILLAGE) : p;
}

int opened_tell(struct work *w, const struct event *ev, post_fn post, void *ctx, struct err *err)
{
	const struct followup_opened *d = ev->data;
	const struct message m = {
		.kind = "followup.opened",
		.place = village_of(ev->area),
		.about = d->id,
		.at = ev->at,
		.zh = STR("卡点登记的一名人员需要随访，请落实住户和责任组，从今天起每天观察。"),
		.en =
		    STR("Someone registered at a checkpoint needs follow-up here: settle the household and group, and "
			"observe daily from today."),
	};
	(void)w;
	return uuid_is_nil(&d->screening) ? 0 : post(ctx, &m, err);
}

int observed_tell(struct work *w, const struct event *ev, post_fn post, void *ctx, struct err *err)
{
	const struct followup_observed *d = ev->data;
	const struct observation o = { .temperature = d->temperature };
	struct followup f;
	if (d->present != 1 || (!observation_feverish(&o) && d->unwell != 1))
		return 0;
	int rc = followup_get(w, &d->followup, &f, err);
	if (rc <= 0)
		return rc;
	const struct message m = {
		.kind = "followup.alert",
		.place = place_level(f.place) > LEVEL_TOWN ? place_at(f.place, LEVEL_TOWN) : f.place,
		.about = f.id,
		.at = ev->at,
		.zh = observation_feverish(&o) ? STR("一名随访对象体温达到或超过37.3℃，请立即核实并联系医疗机构。")
					       : STR("一名随访对象出现症状，请立即核实并联系医疗机构。"),
		.en = observation_feverish(&o)
			  ? STR("Someone under follow-up has a temperature of 37.3 °C or more: check at once and call "
				"the "
				"health centre.")
			  : STR("Someone under follow-up has symptoms: check at once and call the health centre."),
	};
	return post(ctx, &m, err);
}
