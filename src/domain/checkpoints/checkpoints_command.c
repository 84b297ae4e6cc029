/* What checkpoints may record, what is filled in for them, and whom they tell. */
#include <stdio.h>

#include "checkpoints.sql.h"
#include "domain/checkpoints/internal.h"
#include "domain/places/places.h"

const struct err_kind ERR_NOT_CHECKPOINT = { "not_checkpoint", 409, "地点不是检查点，请选择一个启用中的检查点",
					     "This place is no checkpoint: choose an open checkpoint" };
static const struct err_kind ERR_FEVER_PASS = { "fever_pass", 409,
						"体温达到37.3℃不能放行：请复测，或改为转送就诊、随访或劝返",
						"At 37.3 °C or more nobody passes: measure again, or refer, follow up "
						"or turn back" };
static const struct err_kind ERR_TWICE = { "subject_twice", 409, "同一人在一条记录里出现了两次，请去掉一个",
					   "The same person stands twice in one record: remove one" };
static const struct err_kind ERR_NO_PASS = { "no_pass", 409, "没有符合的有效通行证，请核对持证人、地点和有效期",
					     "No valid pass fits: check the holder, the place and the dates" };
static const struct err_kind WARN_PLATE = { "plate_unusual", 200, "号牌“{0}”的格式少见，请核对",
					    "The plate \"{0}\" is unusual: please check it" };
static const struct err_kind WARN_SYMPTOMS = { "symptoms_pass", 200, "有症状仍放行，请确认已询问清楚",
					       "Let pass with symptoms: make sure that they were asked about" };

/* ---- plates ------------------------------------------------------------------------------- */

/* The length of a character, 0 at the end. */
static size_t char_len(struct str s)
{
	size_t n = s.len ? 1 : 0;
	while (n < s.len && ((unsigned char)s.ptr[n] & 0xc0) == 0x80)
		n++;
	return n;
}

static bool among(const char *characters, struct str c)
{
	return c.len && memmem(characters, strlen(characters), c.ptr, c.len);
}

static bool serial_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z' && c != 'I' && c != 'O');
}

static bool all_digits(const char *p, size_t n)
{
	while (n && *p >= '0' && *p <= '9') {
		p++;
		n--;
	}
	return n == 0;
}

static bool electric(char c)
{
	return c >= 'A' && c <= 'K' && c != 'I';
}

/* Province, authority, then five; six for new energy: D…K and a letter or digit before four digits, or behind five. */
bool plate_usual(struct str plate)
{
	size_t head = char_len(plate);
	if (!among("京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼", (struct str){ plate.ptr, head }) ||
	    head < 2 || plate.len < head + 2)
		return false;
	const char *p = plate.ptr + head;
	if (*p < 'A' || *p > 'Z' || *p == 'I')
		return false;
	struct str rest = { p + 1, plate.len - head - 1 };
	size_t plain = 0;
	while (plain < rest.len && serial_char(rest.ptr[plain]))
		plain++;
	if (plain == rest.len && plain == 6)
		return (electric(rest.ptr[0]) && all_digits(rest.ptr + 2, 4)) ||
		       (electric(rest.ptr[5]) && all_digits(rest.ptr, 5));
	/* Trainers, police, trailers, Hong Kong and Macao, consulates end in a word of their own. */
	return plain == rest.len ? plain == 5
				 : plain == 4 && among("学警挂港澳领", (struct str){ rest.ptr + 4, rest.len - 4 });
}

/* ---- screenings --------------------------------------------------------------------------- */

/* As if made with the event: of its moment where its own id tells one, so that the store finds new subjects together.
 */
static struct uuid subject_made(const struct uuid *event, size_t index)
{
	char name[32];
	snprintf(name, sizeof name, "subject%zu", index);
	struct uuid u = uuid_derive(event, str_of(name));
	if (uuid_moment(event) != INT64_MIN) {
		memcpy(u.b, event->b, 6);
		u.b[6] = (uint8_t)(0x70 | (u.b[6] & 0x0f));
	}
	return u;
}

/* An address is personal, a division is not: what was said of the destination in words goes to the sealed members. */
static void move_address(struct screened *p)
{
	if (!p->destination)
		return;
	if (p->destination->text.ptr && !p->address.ptr)
		p->address = p->destination->text;
	p->destination->text = STR_NONE;
	if (p->destination->place == FIELD_ABSENT)
		p->destination = NULL;
}

void screening_fill(struct event *ev, struct arena *arena)
{
	struct screening_recorded *d = ev->data;
	struct screened *people = d->people.items;
	(void)arena;
	for (size_t i = 0; i < d->people.n; i++) {
		if (uuid_is_nil(&people[i].subject))
			people[i].subject = subject_made(&ev->id, i);
		if (people[i].symptoms.n)
			people[i].unwell = 1;
		move_address(&people[i]);
	}
	if (d->vehicle && d->vehicle->plate.ptr) {
		people[0].plate = d->vehicle->plate;
		d->vehicle->plate = STR_NONE;
	}
}

static int check_site(struct work *w, const struct event *ev, struct err *err)
{
	struct site s;
	int rc = uuid_is_nil(&ev->site) ? 0 : site_get(w, &ev->site, &s, err);
	if (rc < 0)
		return -1;
	if (!rc || s.kind != SITE_CHECKPOINT)
		return err_set(err, &ERR_NOT_CHECKPOINT, "place", NULL);
	if (!site_open_at(&s, ev->at))
		return err_set(err, &ERR_ALREADY_CLOSED, "place", "place", NULL);
	return 0;
}

static bool stands_before(const struct screened *people, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (uuid_eq(&people[k].subject, &people[i].subject))
			return true;
	}
	return false;
}

/* Of person i: refused, or remarked on. */
static int check_person(struct work *w, const struct screened *people, size_t i, struct err *err)
{
	const struct screened *p = &people[i];
	struct err remark = { 0 };
	if (stands_before(people, i))
		return err_set(err, &ERR_TWICE, "subject", NULL);
	if (p->decision != DECISION_PASS)
		return 0;
	if (p->temperature != FIELD_ABSENT && p->temperature >= FEVER)
		return err_set(err, &ERR_FEVER_PASS, "decision", NULL);
	if (p->unwell == 1) {
		err_set(&remark, &WARN_SYMPTOMS, "decision", NULL);
		err_prefix(&remark, "people", (long)i);
		work_warn(w, &remark);
	}
	return 0;
}

int screening_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct screening_recorded *d = ev->data;
	const struct str *plate = &((const struct screened *)d->people.items)->plate;
	struct err remark = { 0 };
	char shown[64];
	if (check_site(w, ev, err) < 0)
		return -1;
	if (d->vehicle && !plate->ptr)
		return err_set(err, &ERR_FIELD_MISSING, "vehicle.plate", "vehicle.plate", NULL);
	for (size_t i = 0; i < d->people.n; i++) {
		if (check_person(w, d->people.items, i, err) < 0) {
			err_prefix(err, "people", (long)i);
			return -1;
		}
	}
	if (plate->ptr && !plate_usual(*plate)) {
		str_show(*plate, shown, sizeof shown);
		err_set(&remark, &WARN_PLATE, "vehicle.plate", shown, NULL);
		work_warn(w, &remark);
	}
	return 0;
}

int destination_inside(struct work *w, const struct screened *p, int64_t at, place_t *ret, struct err *err)
{
	if (!p->destination || p->destination->place == FIELD_ABSENT)
		return 0;
	for (place_t place = p->destination->place; place_within(place, w->top); place = place_parent(place)) {
		int rc = place_listed(w, place, at, err);
		if (rc) {
			*ret = place;
			return rc;
		}
		if (place == w->top)
			break;
	}
	return 0;
}

/* Whom nobody here can follow up must be told to those who can. */
int screening_tell(struct work *w, const struct event *ev, post_fn post, void *ctx, struct err *err)
{
	const struct screening_recorded *d = ev->data;
	const struct screened *people = d->people.items;
	struct str where = STR_NONE;
	place_t inside;
	size_t n = 0;
	for (size_t i = 0; i < d->people.n; i++) {
		if (people[i].decision != DECISION_FOLLOW_UP)
			continue;
		int rc = destination_inside(w, &people[i], ev->at, &inside, err);
		if (rc < 0)
			return -1;
		if (rc)
			continue;
		n++;
		if (!where.ptr && people[i].destination)
			where = place_name(w, people[i].destination->place, INT64_MAX);
	}
	if (!n)
		return 0;
	char zh[300], en[300];
	snprintf(zh, sizeof zh, "检查点登记了 %zu 名需随访人员，目的地%s%.*s%s不在本地，请移交当地随访。", n,
		 where.ptr ? "（" : "", STR_ARG(where), where.ptr ? "）" : "");
	snprintf(en, sizeof en, "%zu to be followed up are bound for elsewhere%s%.*s: hand them over to that place.", n,
		 where.ptr ? ", " : "", STR_ARG(where));
	struct message m = { .kind = "screening.transfer",
			     .place = ev->area,
			     .about = ev->id,
			     .at = ev->at,
			     .zh = arena_str(w->arena, str_of(zh)),
			     .en = arena_str(w->arena, str_of(en)) };
	return post(ctx, &m, err);
}

/* ---- sites of lower modules -------------------------------------------------------------- */

int site_opened_void(struct work *w, const struct event *ev, struct err *err)
{
	const struct site_opened *d = ev->data;
	int64_t seq;
	char text[24];
	int rc = db_get_i64(w->db, &SQL_PASSAGE_FIRST, &seq, err, "u", &d->id);
	if (rc <= 0)
		return rc;
	snprintf(text, sizeof text, "%lld", (long long)seq);
	return err_set(err, &ERR_STILL_REFERRED, "event", text, NULL);
}

/* Nothing follows a closing; it is refused where screenings stand after it. */
int site_closed_follow(struct work *w, const struct event *ev, emit_fn emit, void *ctx, struct err *err)
{
	const struct site_closed *d = ev->data;
	int64_t seq;
	(void)emit;
	(void)ctx;
	int rc = db_get_i64(w->db, &SQL_PASSAGE_SINCE, &seq, err, "ui", &d->site, ev->at);
	return rc <= 0 ? rc : err_set(err, &ERR_LATER_FACTS, "site", "site", NULL);
}

/* ---- passes ------------------------------------------------------------------------------- */

int pass_issued_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct pass_issued *d = ev->data;
	(void)w;
	if (d->valid_to <= d->valid_from)
		return err_set(err, &ERR_FIELD_RANGE, "valid_to", "valid_to", "> valid_from", NULL);
	if (d->valid_to - d->valid_from > PASS_DAYS_MAX * DAY_MS)
		return err_set(err, &ERR_FIELD_RANGE, "valid_to", "valid_to", "≤ 60 d", NULL);
	return 0;
}

/* What was given fits; with nothing given, all that had not run out. */
bool pass_meant(const struct pass *p, place_t area, int64_t at, const struct pass_revoked *r)
{
	if (p->at > at || p->valid_to <= at || !place_within(p->area, area))
		return false;
	return (uuid_is_nil(&r->pass) || uuid_eq(&r->pass, &p->id)) &&
	       (r->valid_from == FIELD_ABSENT || r->valid_from == p->valid_from) &&
	       (r->valid_to == FIELD_ABSENT || r->valid_to == p->valid_to) &&
	       (!r->purpose.ptr || str_eq(r->purpose, p->purpose));
}

int pass_revoked_check(struct work *w, const struct event *ev, struct err *err)
{
	const struct pass_revoked *d = ev->data;
	struct list passes = { 0 };
	if (passes_of_subject(w, &d->subject, &passes, err) < 0)
		return -1;
	const struct pass *p = passes.items;
	for (size_t i = 0; i < passes.n; i++) {
		if (pass_meant(&p[i], ev->area, ev->at, d) && (p[i].revoked == FIELD_ABSENT || p[i].revoked > ev->at))
			return 0;
	}
	return err_set(err, &ERR_NO_PASS, uuid_is_nil(&d->pass) ? "subject" : "pass", NULL);
}

/* Who revoked it would have revoked nothing. */
int pass_issued_void(struct work *w, const struct event *ev, struct err *err)
{
	const struct pass_issued *d = ev->data;
	struct list passes = { 0 };
	char text[24];
	if (passes_of_subject(w, &d->subject, &passes, err) < 0)
		return -1;
	const struct pass *p = passes.items;
	for (size_t i = 0; i < passes.n; i++) {
		if (p[i].seq != ev->seq || p[i].revoked == FIELD_ABSENT)
			continue;
		snprintf(text, sizeof text, "%lld", (long long)p[i].revoked_by);
		return err_set(err, &ERR_STILL_REFERRED, "event", text, NULL);
	}
	return 0;
}
