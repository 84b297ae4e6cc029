/* People screened before, found again by the whole of an id number or phone: so
 * that who passes daily is written down once. */
#include <stdlib.h>

#include "checkpoints.sql.h"
#include "domain/checkpoints/internal.h"
#include "domain/teams/teams.h"

#define AT(type, member) offsetof(struct type, member)

static const struct err_kind ERR_Q_FORM = { "lookup_form", 400, "请输入完整的身份证号或电话号码",
					    "Give a whole citizen id number or phone number" };

/* Of one person so many ids, of each so many records are looked at. */
#define REMEMBERED_IDS 20
#define LOOKED_BACK    50

int last_screening(struct work *w, const struct uuid *subject, struct last_seen *ret, struct err *err)
{
	int64_t seqs[LOOKED_BACK];
	size_t n = 0;
	int rc, found = 0;
	{
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		if (db_start(w->db, &SQL_SUBJECT_RECORDS, &st, err, "ui", subject, (int64_t)LOOKED_BACK) < 0)
			return -1;
		while ((rc = stmt_step(st, err)) == 1)
			seqs[n++] = stmt_i64(st, 0);
		if (rc < 0)
			return -1;
	}
	for (size_t i = 0; i < n; i++) {
		struct event ev;
		if (work_event(w, seqs[i], true, &ev, err) < 0)
			return -1;
		if (ev.form->shape != &SCREENING_RECORDED || (found && ev.at <= ret->ev.at) ||
		    !principal_may(w->who, AT_CHECKPOINTS, ev.area, w->now))
			continue;
		const struct screening_recorded *d = ev.data;
		const struct screened *people = d->people.items;
		for (size_t k = 0; k < d->people.n; k++) {
			if (uuid_eq(&people[k].subject, subject) && people[k].person) {
				*ret = (struct last_seen){ ev, &people[k] };
				found = 1;
			}
		}
	}
	return found;
}

struct remembered_item {
	struct uuid subject;
	struct str name, id_number, phone, origin;
	struct bound_item *destination;
	int64_t last_seen, last_decision;
};

static const struct field REMEMBERED_FIELDS[] = {
	{ "subject", FIELD_REF, FIELD_NEEDED, AT(remembered_item, subject), .thing = THING_SUBJECT, .zh = "对象",
	  .en = "Subject" },
	{ "name", FIELD_TEXT, 0, AT(remembered_item, name), .zh = "姓名", .en = "Name" },
	{ "id_number", FIELD_TEXT, 0, AT(remembered_item, id_number), .zh = "身份证号", .en = "Citizen id number" },
	{ "phone", FIELD_TEXT, 0, AT(remembered_item, phone), .zh = "电话", .en = "Phone" },
	{ "origin", FIELD_TEXT, 0, AT(remembered_item, origin), .zh = "来自", .en = "From where" },
	{ "destination", FIELD_OBJECT, 0, AT(remembered_item, destination), .shape = &BOUND_ITEM, .zh = "去往",
	  .en = "Where to" },
	{ "last_seen", FIELD_TIME, FIELD_NEEDED, AT(remembered_item, last_seen), .zh = "上次登记", .en = "Last seen" },
	{ "last_decision", FIELD_ENUM, FIELD_NEEDED, AT(remembered_item, last_decision), .values = DECISIONS,
	  .values_zh = DECISIONS_ZH, .zh = "上次处置", .en = "Last decision" },
};
struct shape REMEMBERED_ITEM = { .name = "Remembered", SHAPE_OF(REMEMBERED_FIELDS, struct remembered_item) };

/* The last screening under any of the ids that name the same person. */
static int last_of_ids(struct work *w, const struct list *ids, struct last_seen *ret, struct err *err)
{
	const struct uuid *id = ids->items;
	int found = 0;
	for (size_t i = 0; i < ids->n; i++) {
		struct last_seen seen = { 0 };
		int rc = last_screening(w, &id[i], &seen, err);
		if (rc < 0)
			return -1;
		if (rc && (!found || seen.ev.at > ret->ev.at))
			*ret = seen;
		found |= rc;
	}
	return found;
}

static void fill_remembered(struct work *w, const struct uuid *root, const struct last_seen *seen,
			    struct remembered_item *ret)
{
	/* Who stands at the barrier is worked on now, whenever they came by last. */
	enum reveal reveal = reveal_if(w, seen->ev.area, holds_checkpoint(w, seen->ev.area));
	struct person_item p;
	screened_fill(w, seen->person, reveal, &p);
	*ret = (struct remembered_item){ .subject = *root,
					 .name = p.name,
					 .id_number = p.id_number,
					 .phone = p.phone,
					 .origin = p.origin,
					 .destination = p.destination,
					 .last_seen = seen->ev.at,
					 .last_decision = p.decision };
}

static int by_last_seen(const void *a, const void *b)
{
	const struct remembered_item *x = a, *y = b;
	if (x->last_seen != y->last_seen)
		return x->last_seen > y->last_seen ? -1 : 1;
	return memcmp(x->subject.b, y->subject.b, sizeof x->subject.b);
}

static int find_subjects(struct work *w, struct str q, struct uuid *ret, struct err *err)
{
	bool idno = idno_valid(q);
	uint8_t hash[16];
	if (!idno && (!phone_valid(q) || lookup_normal(w->arena, FIELD_PHONE, q).len < 7))
		return err_set(err, &ERR_Q_FORM, "q", NULL);
	if (!w->keys || !keyring_has_secrets(w->keys))
		return 0;
	struct str normal = lookup_normal(w->arena, idno ? FIELD_IDNO : FIELD_PHONE, q);
	keyring_blind(w->keys, idno ? "idno" : "phone", normal, hash);
	return blind_find(w->ledger, hash, ret, REMEMBERED_IDS, err);
}

int remembered_view(struct work *w, const struct view_query *q, struct view_out *out, struct err *err)
{
	struct uuid ids[REMEMBERED_IDS], roots[REMEMBERED_IDS];
	struct remembered_item items[REMEMBERED_IDS] = { 0 };
	size_t n = 0;
	int found = find_subjects(w, q->q.ptr ? q->q : STR(""), ids, err);
	if (found < 0)
		return -1;
	for (int i = 0; i < found; i++) {
		struct last_seen seen = { 0 };
		struct list same;
		size_t k = 0;
		if (subject_root(w, &ids[i], &roots[n], err) < 0)
			return -1;
		while (k < n && !uuid_eq(&roots[k], &roots[n]))
			k++;
		if (k < n)
			continue;
		if (subject_ids(w, &roots[n], &same, err) < 0)
			return -1;
		int rc = last_of_ids(w, &same, &seen, err);
		if (rc < 0)
			return -1;
		if (rc) {
			fill_remembered(w, &roots[n], &seen, &items[n]);
			n++;
		}
	}
	qsort(items, n, sizeof *items, by_last_seen);
	for (size_t i = 0; i < n; i++) {
		if (view_item(out, &items[i], err) < 0)
			return -1;
	}
	return 0;
}
