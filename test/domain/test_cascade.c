/* Cascades, generated: notices that rest on each other, acknowledged in time,
 * late and offline, withdrawn, records taken back. Whatever was accepted, the
 * cascade as of any moment, the lists, tasks and figures must say what a naive
 * walk over the list of events says; and another order of arrival the same.
 * LIANFANG_SEEDS sets how many; LIANFANG_SEED one to look at. */
#include "harness.h"

#include "domain/teams/teams.h"

enum op_kind { OP_ISSUE, OP_ACK, OP_OWN, OP_WITHDRAW, OP_VOID, OP_GRANT, OP_REVOKE };

static const char *const PLACES[] = { "C", "T1", "T2", "V1", "V2", "V3" };
#define N_PLACES ARRAY_LEN(PLACES)
static const char *const PEOPLE_AT[] = { "V1", "V3", "T1" };

struct op {
	enum op_kind kind;
	int64_t at;
	int notice; /* of an issue its own number, else the one acknowledged or withdrawn */
	int parent; /* the op that issued it; -1 */
	int target; /* of a void: the op */
	int person;
	size_t place;
	unsigned units; /* bits of PLACES */
	bool people;
	int64_t due; /* FIELD_ABSENT */
	char line[500];
	bool accepted, voided;
};

#define OPS_MAX 400
static struct op ops[OPS_MAX];
static size_t n_ops;
static int n_notices;
static uint64_t state_of_chance;
static place_t codes[N_PLACES];

static uint64_t draw(uint64_t below)
{
	uint64_t z = state_of_chance += 0x9e3779b97f4a7c15u;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (z ^ (z >> 31)) % below;
}

static uint64_t seeds(void)
{
	const char *n = getenv("LIANFANG_SEEDS");
	return n ? strtoull(n, NULL, 10) : rig_postgres ? 2 : 20;
}

static uint64_t first_seed(void)
{
	const char *n = getenv("LIANFANG_SEED");
	return n ? strtoull(n, NULL, 10) : 1;
}

/* ---- making events --------------------------------------------------------------------- */

static const char *moment(int64_t at)
{
	static char out[2][TIME_TEXT_MAX];
	static int turn;
	char *p = out[turn++ % 2];
	time_format_local(at, p);
	return p;
}

/* "02-03T08:05:00" for an event line. */
static const char *short_time(int64_t at)
{
	static char out[24];
	snprintf(out, sizeof out, "%.14s", moment(at) + 5);
	return out;
}

/* Minutes of three days, many of them alike. */
static int64_t some_time(void)
{
	return rig_time("02-03T08:00") + (int64_t)draw(3 * 24 * 4) * 15 * 60000;
}

static int issue_of(int notice)
{
	for (size_t i = 0; i < n_ops; i++) {
		if (ops[i].kind == OP_ISSUE && ops[i].notice == notice)
			return (int)i;
	}
	return -1;
}

/* The event is named by its number: "o17". */
static void put_line(struct op *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put_line(struct op *o, const char *fmt, ...)
{
	char text[480];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	snprintf(o->line, sizeof o->line, "#o%d %s", (int)(o - ops), text);
}

/* Mostly one that stands. */
static int some_notice(int below)
{
	int n = (int)draw((uint64_t)below);
	for (int tries = 0; tries < 5 && !(ops[issue_of(n)].accepted && !ops[issue_of(n)].voided); tries++)
		n = (int)draw((uint64_t)below);
	return n;
}

static void make_issue(struct op *o)
{
	char places[80] = "", parent[60] = "", due[80] = "";
	o->notice = n_notices++;
	o->place = draw(3) ? draw(3) : draw(N_PLACES);
	o->parent = -1;
	for (size_t i = 0; i < N_PLACES; i++) {
		if (place_within(codes[i], codes[o->place]) && draw(3))
			o->units |= 1u << i;
	}
	o->people = draw(4) == 0;
	for (size_t i = 0; i < N_PLACES; i++) {
		if (o->units & (1u << i))
			snprintf(places + strlen(places), sizeof places - strlen(places), "%s%s", *places ? "," : "",
				 PLACES[i]);
	}
	if (draw(3) && o->notice) {
		int up = issue_of(some_notice(o->notice));
		o->parent = up;
		if (draw(8))
			o->at = ops[up].at + (int64_t)draw(20) * 15 * 60000;
		snprintf(parent, sizeof parent, ",parent:@n%d", ops[up].notice);
	}
	o->due = FIELD_ABSENT;
	if (draw(3)) {
		o->due = o->at + (int64_t)(1 + draw(40)) * 15 * 60000;
		snprintf(due, sizeof due, ",acknowledge_by:'%s'", moment(o->due));
	}
	put_line(o, "notice.issued %s %s {id:@n%d,kind:'notice',title:'t',body:'b',issuer:'I',to:{places:[%s]%s}%s%s}",
		 short_time(o->at), PLACES[o->place], o->notice, places, o->people ? ",categories:['volunteer']" : "",
		 due, parent);
}

static void make_ack(struct op *o)
{
	o->notice = some_notice(n_notices);
	const struct op *n = &ops[issue_of(o->notice)];
	o->at = n->at + (int64_t)draw(48) * 15 * 60000;
	o->place = draw(N_PLACES);
	for (int tries = 0; tries < 4 && !(n->units & (1u << o->place)); tries++)
		o->place = draw(N_PLACES);
	o->kind = n->people && draw(2) ? OP_OWN : OP_ACK;
	o->person = (int)draw(ARRAY_LEN(PEOPLE_AT));
	if (o->kind == OP_ACK) {
		put_line(o, "notice.acknowledged %s %s {notice:@n%d,unit:%s}", short_time(o->at),
			 draw(2) ? PLACES[o->place] : "-", o->notice, PLACES[o->place]);
		return;
	}
	for (o->place = 0; strcmp(PLACES[o->place], PEOPLE_AT[o->person]) != 0;)
		o->place++;
	put_line(o, "notice.acknowledged %s - {notice:@n%d,person:@p%d}", short_time(o->at), o->notice, o->person);
}

static void make_withdrawal(struct op *o)
{
	o->notice = some_notice(n_notices);
	const struct op *n = &ops[issue_of(o->notice)];
	o->at = n->due != FIELD_ABSENT && draw(4) == 0 ? n->due : n->at + (int64_t)draw(60) * 15 * 60000;
	put_line(o, "notice.withdrawn %s - {notice:@n%d}", short_time(o->at), o->notice);
}

/* Plain: nothing withdrawn and nothing taken back, so that any order of arrival is accepted. */
static void make_op(struct op *o, bool plain)
{
	uint64_t dice = draw(100);
	*o = (struct op){ .at = some_time(), .kind = OP_ISSUE, .parent = -1, .target = -1 };
	if (n_notices == 0 || dice < 14) {
		make_issue(o);
	} else if (dice < 70) {
		make_ack(o);
	} else if (dice < 82 && !plain) {
		o->kind = OP_WITHDRAW;
		make_withdrawal(o);
	} else if (dice >= 82 && dice < 88) {
		o->kind = draw(2) ? OP_GRANT : OP_REVOKE;
		o->place = draw(N_PLACES);
		put_line(o, "role.%s %s - {account:'a0',role:'officer',place:%s}",
			 o->kind == OP_GRANT ? "granted" : "revoked", short_time(o->at), PLACES[o->place]);
	} else if (!plain) {
		o->kind = OP_VOID;
		o->target = (int)draw(n_ops);
		put_line(o, "event.voided now - {event:@o%d,reason:'r'}", o->target);
	} else {
		make_ack(o);
	}
}

static void begin_world(void)
{
	struct err err = { 0 };
	char line[200];
	rig_open(RIG_COUNTY, RIG_DIVISIONS);
	for (size_t i = 0; i < N_PLACES; i++)
		codes[i] = rig_place(PLACES[i]);
	accept_event("incident.opened 02-01T08:00 - {id:@inc,kind:'epidemic',name:'疫情'}");
	assert_int_equal(account_add(rig.app, STR("a0"), STR("ten characters"), NULL, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(PEOPLE_AT); i++) {
		snprintf(line, sizeof line, "person.enrolled 02-02T08:00 %s {id:@p%zu,name:'王',category:'volunteer'}",
			 PEOPLE_AT[i], i);
		accept_event(line);
	}
}

static void grow(uint64_t seed, size_t length, bool plain)
{
	state_of_chance = seed * 7919;
	n_ops = 0;
	n_notices = 0;
	while (n_ops < length) {
		struct op *o = &ops[n_ops];
		make_op(o, plain);
		struct outcome out = rig_record(principal_system(), o->line);
		o->accepted = out.status == RESULT_RECORDED;
		if (o->accepted && o->kind == OP_VOID)
			ops[o->target].voided = true;
		n_ops++;
	}
}

/* ---- the naive walk --------------------------------------------------------------------------- */

static bool live(const struct op *o, enum op_kind kind)
{
	return o->accepted && !o->voided && o->kind == kind;
}

static int64_t ack_of(int notice, size_t place, int64_t upto)
{
	int64_t first = FIELD_ABSENT;
	for (size_t i = 0; i < n_ops; i++) {
		const struct op *o = &ops[i];
		if (live(o, OP_ACK) && o->notice == notice && o->place == place && o->at <= upto &&
		    (first == FIELD_ABSENT || o->at < first))
			first = o->at;
	}
	return first;
}

static int64_t withdrawal_of(int notice, int64_t upto)
{
	for (size_t i = 0; i < n_ops; i++) {
		if (live(&ops[i], OP_WITHDRAW) && ops[i].notice == notice && ops[i].at <= upto)
			return ops[i].at;
	}
	return FIELD_ABSENT;
}

/* From when somebody answered for the place, at or after a moment: grants end with the revocation that came next. */
static int64_t held_from(size_t place, int64_t from)
{
	int64_t first = FIELD_ABSENT;
	for (size_t i = 0; i < n_ops; i++) {
		if (!live(&ops[i], OP_GRANT) || ops[i].place != place)
			continue;
		int64_t since = ops[i].at > from ? ops[i].at : from, end = INT64_MAX;
		for (size_t k = i + 1; k < n_ops && end == INT64_MAX; k++) {
			if (live(&ops[k], OP_REVOKE) && ops[k].place == place)
				end = ops[k].at;
		}
		if (since < end && (first == FIELD_ABSENT || since < first))
			first = since;
	}
	return first;
}

static bool was_late(const struct op *n, size_t place, int64_t at)
{
	return n->due != FIELD_ABSENT && n->due <= at && ack_of(n->notice, place, n->due) == FIELD_ABSENT &&
	       withdrawal_of(n->notice, n->due) == FIELD_ABSENT;
}

static bool rests_on(const struct op *o, const struct op *n, int64_t at)
{
	return live(o, OP_ISSUE) && o->parent >= 0 && &ops[o->parent] == n && o->at <= at;
}

static bool passed_on(const struct op *n, size_t place, int64_t at)
{
	for (size_t i = 0; i < n_ops; i++) {
		if (rests_on(&ops[i], n, at) && ops[i].place == place &&
		    withdrawal_of(ops[i].notice, at) == FIELD_ABSENT)
			return true;
	}
	return false;
}

static bool should_pass_on(const struct op *n, size_t place)
{
	if (place_level(codes[place]) >= LEVEL_VILLAGE)
		return false;
	for (size_t i = 0; i < N_PLACES; i++) {
		if (i != place && (n->units & (1u << i)) && place_within(codes[i], codes[place]))
			return false;
	}
	return true;
}

struct sums {
	int64_t units, delivered, acknowledged, late, missing, not_passed_on, delivered_minutes, acknowledged_minutes;
	unsigned villages;
	int64_t at, root_at;
	const char *body; /* each unit's row must stand further on */
	uint64_t seed;
};

static void later(int64_t *minutes, int64_t moment_, int64_t from)
{
	if (moment_ != FIELD_ABSENT && (moment_ - from) / 60000 > *minutes)
		*minutes = (moment_ - from) / 60000;
}

static void put_time(char *out, size_t size, const char *key, int64_t at)
{
	char text[TIME_TEXT_MAX];
	if (at == FIELD_ABSENT)
		return;
	time_format_utc(at, text);
	snprintf(out + strlen(out), size - strlen(out), "\"%s\":\"%s\",", key, text);
}

static void put_uuid(char *out, size_t size, const char *key, const char *name)
{
	char text[UUID_TEXT];
	struct uuid id = rig_id(name);
	uuid_format(&id, text);
	snprintf(out + strlen(out), size - strlen(out), "\"%s\":\"%.*s\",", key, UUID_TEXT, text);
}

/* The row as the view writes it, up to the unit's name. */
static void expect_row(struct sums *s, const struct op *n, int depth, size_t place, int64_t delivered, int64_t acked,
		       bool holder)
{
	char row[600] = "{", name[24], code[PLACE_TEXT + 1];
	code[place_format(codes[place], code)] = 0;
	put_time(row, sizeof row, "acknowledged", acked);
	put_time(row, sizeof row, "delivered", delivered);
	snprintf(row + strlen(row), sizeof row - strlen(row),
		 "\"depth\":%d,\"holder\":%s,\"issuer\":\"I\",\"late\":%s,\"level\":%d,", depth,
		 holder ? "true" : "false", was_late(n, place, s->at) ? "true" : "false",
		 (int)place_level(codes[place]));
	if (acked != FIELD_ABSENT)
		snprintf(row + strlen(row), sizeof row - strlen(row), "\"minutes\":%lld,",
			 (long long)((acked - s->root_at) / 60000));
	snprintf(name, sizeof name, "n%d", n->notice);
	put_uuid(row, sizeof row, "notice", name);
	if (n->parent >= 0) {
		snprintf(name, sizeof name, "n%d", ops[n->parent].notice);
		put_uuid(row, sizeof row, "parent", name);
	}
	snprintf(row + strlen(row), sizeof row - strlen(row), "\"passed_on\":%s,\"unit\":\"%s\"",
		 passed_on(n, place, s->at) ? "true" : "false", code);
	const char *found = strstr(s->body, row);
	if (!found)
		rig_fail(__FILE__, __LINE__, "seed %llu: at %s there should further stand %s in %.1500s",
			 (unsigned long long)s->seed, moment(s->at), row, s->body);
	s->body = found + 1;
}

static void count_unit(struct sums *s, const struct op *n, int depth, size_t place)
{
	int64_t acked = ack_of(n->notice, place, s->at), delivered = held_from(place, n->at);
	bool withdrawn = withdrawal_of(n->notice, s->at) != FIELD_ABSENT;
	bool holder = delivered != FIELD_ABSENT && delivered <= s->at;
	if (!holder || (acked != FIELD_ABSENT && acked < delivered))
		delivered = acked;
	s->units++;
	s->delivered += delivered != FIELD_ABSENT;
	s->acknowledged += acked != FIELD_ABSENT;
	s->late += was_late(n, place, s->at);
	s->missing += acked == FIELD_ABSENT && !withdrawn;
	s->not_passed_on += should_pass_on(n, place) && !withdrawn && !passed_on(n, place, s->at);
	if (place_level(codes[place]) == LEVEL_VILLAGE) {
		later(&s->delivered_minutes, delivered, s->root_at);
		later(&s->acknowledged_minutes, acked, s->root_at);
		s->villages |= delivered != FIELD_ABSENT ? 1u << place : 0;
	}
	expect_row(s, n, depth, place, delivered, acked, holder);
}

static void walk(struct sums *s, const struct op *n, int depth);

/* Everything resting on a notice that was issued in [from, to), in order of place, moment and id. */
static void walk_below(struct sums *s, const struct op *n, int depth, place_t from, place_t to)
{
	const struct op *last = NULL;
	for (;;) {
		const struct op *next = NULL;
		for (size_t i = 0; i < n_ops; i++) {
			const struct op *o = &ops[i];
			if (!rests_on(o, n, s->at) || codes[o->place] < from || codes[o->place] >= to)
				continue;
			char a[24], b[24];
			struct uuid x, y;
			const struct op *than[] = { last, next };
			int sign[2] = { 1, -1 };
			bool fits = true;
			for (int k = 0; k < 2 && fits; k++) {
				if (!than[k])
					continue;
				snprintf(a, sizeof a, "n%d", o->notice);
				snprintf(b, sizeof b, "n%d", than[k]->notice);
				x = rig_id(a);
				y = rig_id(b);
				int c = codes[o->place] != codes[than[k]->place]
					    ? (codes[o->place] > codes[than[k]->place] ? 1 : -1)
					: o->at != than[k]->at ? (o->at > than[k]->at ? 1 : -1)
							       : memcmp(x.b, y.b, 16);
				fits = c * sign[k] > 0;
			}
			if (fits)
				next = o;
		}
		if (!next)
			return;
		walk(s, next, depth + 1);
		last = next;
	}
}

/* PLACES is not in order of code: C, T1, V1, V2, T2, V3 is. */
static const size_t IN_ORDER[N_PLACES] = { 0, 1, 3, 4, 2, 5 };

static void walk(struct sums *s, const struct op *n, int depth)
{
	place_t from = -1;
	for (size_t i = 0; i < N_PLACES; i++) {
		size_t place = IN_ORDER[i];
		if (!(n->units & (1u << place)))
			continue;
		walk_below(s, n, depth, from, codes[place]);
		count_unit(s, n, depth, place);
		from = codes[place];
	}
	walk_below(s, n, depth, from, INT64_MAX);
}

static int64_t number(const char *body, const char *key)
{
	char mark[64];
	snprintf(mark, sizeof mark, "\"%s\":", key);
	for (const char *p = body; (p = strstr(p, mark));) {
		p += strlen(mark);
		if ((*p >= '0' && *p <= '9') || *p == '-')
			return atoll(p);
	}
	return -1;
}

static void same(const struct sums *s, const char *body, const char *key, int64_t should)
{
	int64_t is = number(body, key);
	if (is != should)
		rig_fail(__FILE__, __LINE__, "seed %llu: as of %s \"%s\" is %lld, counted %lld: %.1500s",
			 (unsigned long long)s->seed, moment(s->at), key, (long long)is, (long long)should, body);
}

static bool all_villages(const struct op *root, const struct sums *s)
{
	int64_t should = 0, have = 0;
	for (size_t i = 0; i < N_PLACES; i++) {
		bool inside = false;
		for (size_t k = 0; k < N_PLACES; k++)
			inside |= k != i && (root->units & (1u << k)) && place_within(codes[i], codes[k]);
		if ((root->units & (1u << i)) && !inside)
			should +=
			    place_level(codes[i]) == LEVEL_VILLAGE ? 1 : rig_figure("villages", PLACES[i], "02-10");
		have += (s->villages >> i) & 1;
	}
	return should > 0 && have >= should;
}

static void check_cascade(uint64_t seed, const struct op *root, int64_t at)
{
	char path[200], code[64], when[TIME_TEXT_MAX];
	time_format_utc(at, when);
	snprintf(path, sizeof path, "/api/v1/notices/notices/@n%d/cascade?at=%s", root->notice, when);
	const char *got = rig_view(principal_system(), path, code);
	if (at < root->at) {
		assert_null(got);
		assert_string_equal(code, "not_found");
		return;
	}
	assert_non_null(got);
	char *body = strdup(got); /* the next question's answer stands in the same place */
	struct sums s = { .at = at,
			  .root_at = root->at,
			  .body = body,
			  .seed = seed,
			  .delivered_minutes = -1,
			  .acknowledged_minutes = -1 };
	walk(&s, root, 0);
	same(&s, body, "units", s.units);
	same(&s, body, "delivered", s.delivered);
	same(&s, body, "acknowledged", s.acknowledged);
	same(&s, body, "late", s.late);
	same(&s, body, "missing", s.missing);
	same(&s, body, "not_passed_on", s.not_passed_on);
	same(&s, body, "last_village_delivered_minutes", s.delivered_minutes);
	same(&s, body, "last_village_acknowledged_minutes", s.acknowledged_minutes);
	assert_true(!strstr(body, "\"all_villages\":true") == !all_villages(root, &s));
	free(body);
}

/* ---- figures, lists, tasks --------------------------------------------------------------------- */

static int64_t own_of(int notice, int person)
{
	int64_t first = FIELD_ABSENT;
	for (size_t i = 0; i < n_ops; i++) {
		const struct op *o = &ops[i];
		if (live(o, OP_OWN) && o->notice == notice && o->person == person &&
		    (first == FIELD_ABSENT || o->at < first))
			first = o->at;
	}
	return first;
}

static void count_figures(place_t place, int64_t day, int64_t out[3])
{
	int64_t end = day_start(day + 1) - 1;
	int64_t moment_ = end < rig_now ? end : rig_now;
	memset(out, 0, 3 * sizeof *out);
	for (size_t i = 0; i < n_ops; i++) {
		const struct op *n = &ops[i];
		if (!live(n, OP_ISSUE))
			continue;
		out[0] += place_within(codes[n->place], place) && n->at <= end;
		for (size_t u = 0; u < N_PLACES; u++) {
			if (!(n->units & (1u << u)) || !place_within(codes[u], place))
				continue;
			int64_t acked = ack_of(n->notice, u, INT64_MAX);
			out[1] += acked != FIELD_ABSENT && acked <= end;
			out[2] += was_late(n, u, moment_);
		}
		for (int p = 0; p < (int)ARRAY_LEN(PEOPLE_AT); p++) {
			int64_t acked = own_of(n->notice, p);
			out[1] += acked != FIELD_ABSENT && acked <= end && place_within(rig_place(PEOPLE_AT[p]), place);
		}
	}
}

static void check_figures(uint64_t seed)
{
	static const char *const NAMES[] = { "notices", "acknowledgements", "acknowledgements_late" };
	static const char *const DAYS[] = { "02-02", "02-03", "02-04", "02-05", "02-06", "02-07" };
	char path[200], code[64];
	for (size_t p = 0; p < N_PLACES; p++) {
		for (size_t d = 0; d < ARRAY_LEN(DAYS) && rig_day(DAYS[d]) <= day_of(rig_now); d++) {
			int64_t should[3];
			count_figures(codes[p], rig_day(DAYS[d]), should);
			for (size_t f = 0; f < ARRAY_LEN(NAMES); f++) {
				int64_t is = rig_figure(NAMES[f], PLACES[p], DAYS[d]);
				if (is != should[f])
					rig_fail(__FILE__, __LINE__, "seed %llu: %s at %s on %s is %lld, counted %lld",
						 (unsigned long long)seed, NAMES[f], PLACES[p], DAYS[d], (long long)is,
						 (long long)should[f]);
				snprintf(path, sizeof path,
					 "/api/v1/figures/%s/events?place=%s&as_of=2020-%s&limit=500", NAMES[f],
					 PLACES[p], DAYS[d]);
				const char *body = rig_view(principal_system(), path, code);
				int64_t things = 0;
				for (const char *t = body; t && (t = strstr(t, "{\"events\":")); t++)
					things++;
				if (things != should[f])
					rig_fail(__FILE__, __LINE__, "seed %llu: %s: %lld things, not %lld: %.600s",
						 (unsigned long long)seed, path, (long long)things,
						 (long long)should[f], body ? body : code);
			}
		}
	}
}

static void check_notices(uint64_t seed)
{
	char path[100], code[64];
	for (size_t i = 0; i < n_ops; i++) {
		const struct op *n = &ops[i];
		struct sums s = { .at = rig_now, .seed = seed };
		int64_t people = 0;
		if (n->kind != OP_ISSUE)
			continue;
		snprintf(path, sizeof path, "/api/v1/notices/notices/@n%d", n->notice);
		const char *body = rig_view(principal_system(), path, code);
		assert_int_equal(body != NULL, live(n, OP_ISSUE));
		if (!body)
			continue;
		for (size_t u = 0; u < N_PLACES; u++) {
			if (!(n->units & (1u << u)))
				continue;
			s.units++;
			s.acknowledged += ack_of(n->notice, u, INT64_MAX) != FIELD_ABSENT;
			s.late += was_late(n, u, rig_now);
		}
		for (int p = 0; p < (int)ARRAY_LEN(PEOPLE_AT); p++)
			people += own_of(n->notice, p) != FIELD_ABSENT;
		same(&s, body, "units", s.units);
		same(&s, body, "acknowledged", s.acknowledged);
		same(&s, body, "late", s.late);
		same(&s, body, "people_acknowledged", people);
		/* The notice's own stands after "units", those of what rests on it before. */
		assert_int_equal(strstr(strstr(body, "\"units\":"), "\"withdrawn\":\"") != NULL,
				 withdrawal_of(n->notice, INT64_MAX) != FIELD_ABSENT);
	}
}

static void check_tasks(uint64_t seed)
{
	for (size_t u = 0; u < N_PLACES; u++) {
		char grant[40], code[64];
		int64_t n[4] = { 0 };
		static const char *const RULES[] = { "notice.acknowledge", "notice.pass_on", "notice.late",
						     "notice.recall" };
		snprintf(grant, sizeof grant, "officer@%s", PLACES[u]);
		for (size_t i = 0; i < n_ops; i++) {
			const struct op *o = &ops[i];
			if (!live(o, OP_ISSUE) || withdrawal_of(o->notice, INT64_MAX) != FIELD_ABSENT)
				continue;
			bool unit = o->units & (1u << u), acked = ack_of(o->notice, u, INT64_MAX) != FIELD_ABSENT,
			     missing = false;
			for (size_t k = 0; k < N_PLACES; k++)
				missing |= (o->units & (1u << k)) && ack_of(o->notice, k, INT64_MAX) == FIELD_ABSENT;
			n[0] += unit && !acked;
			n[1] += unit && acked && should_pass_on(o, u) && !passed_on(o, u, INT64_MAX);
			n[2] += o->place == u && o->due != FIELD_ABSENT && o->due <= rig_now && missing;
			n[3] += o->place == u && o->parent >= 0 &&
				withdrawal_of(ops[o->parent].notice, INT64_MAX) != FIELD_ABSENT;
		}
		const char *body = rig_view(rig_principal(PLACES[u], grant, NULL), "/api/v1/tasks", code);
		assert_non_null(body);
		for (size_t r = 0; r < ARRAY_LEN(RULES); r++) {
			char mark[80];
			snprintf(mark, sizeof mark, "\"n\":%lld,\"rule\":\"%s\"", (long long)n[r], RULES[r]);
			bool there = strstr(body, mark) != NULL;
			snprintf(mark, sizeof mark, "\"rule\":\"%s\"", RULES[r]);
			if (n[r] ? !there : strstr(body, mark) != NULL)
				rig_fail(__FILE__, __LINE__, "seed %llu: %s should have %lld of %s: %.1500s",
					 (unsigned long long)seed, grant, (long long)n[r], RULES[r], body);
		}
	}
}

/* ---- the properties ------------------------------------------------------------------------------- */

#define LENGTH 160

static void test_against_walk(void **state)
{
	size_t accepted = 0, all = 0, deep = 0;
	(void)state;
	for (uint64_t seed = first_seed(); seed < first_seed() + seeds(); seed++) {
		begin_world();
		rig_now = rig_time("02-10T10:00");
		grow(seed, LENGTH, false);
		for (size_t i = 0; i < n_ops; i++) {
			const struct op *n = &ops[i];
			accepted += n->accepted;
			all++;
			deep += n->accepted && n->kind == OP_ISSUE && n->parent >= 0 && ops[n->parent].parent >= 0;
			if (!live(n, OP_ISSUE))
				continue;
			for (int k = 0; k < 4; k++)
				check_cascade(seed, n, k ? some_time() + (int64_t)draw(DAY_MS) : rig_now);
		}
		check_figures(seed);
		check_notices(seed);
		check_tasks(seed);
		rig_close();
	}
	print_message("%zu of %zu events accepted; %zu notices at the third level or below\n", accepted, all, deep);
	assert_true(accepted * 3 > all && deep > 0);
}

/* While time goes on: figures of today count what has fallen due so far. */
static void test_as_time_passes(void **state)
{
	(void)state;
	for (uint64_t seed = first_seed(); seed < first_seed() + seeds() / 4 + 1; seed++) {
		begin_world();
		grow(seed, LENGTH, false);
		for (int i = 0; i < 6; i++) {
			rig_now = rig_time("02-06T00:00") + (int64_t)draw(DAY_MS);
			check_figures(seed);
			check_tasks(seed);
		}
		rig_now = rig_time("02-10T10:00");
		assert_sound();
		rig_close();
	}
}

static const struct sql STATES[] = {
	{ "test.figures", "SELECT name, place, day, delta, '', '' FROM figure WHERE name LIKE 'notices' OR name LIKE "
			  "'acknowledgements%' ORDER BY name, place, day" },
	{ "test.moments", "SELECT name, place, moment, delta, '', '' FROM figure_moment ORDER BY name, place, moment" },
	{ "test.notices", "SELECT 'n', at, acknowledged * 1000 + late, people_acknowledged * 1000 + recall, "
			  "CAST(COALESCE(withdrawn, 0) AS TEXT), CAST(COALESCE(waiting, 0) AS TEXT) FROM notice "
			  "ORDER BY id" },
	{ "test.units", "SELECT 'u', place, COALESCE(acked, 0), COALESCE(late, 0), CAST(todo AS TEXT), "
			"CAST(passed AS TEXT) FROM notice_unit ORDER BY notice, place" },
	{ "test.lists", "SELECT 'l', place, at, 0, '', '' FROM notice_list ORDER BY place, at, notice" },
};

static struct buf digest(void)
{
	struct buf out = { 0 };
	struct err err = { 0 };
	assert_int_equal(reader_begin(rig.reader, &err), 0);
	struct db *db = reader_work(rig.reader, principal_system(), LANG_EN)->db;
	for (size_t i = 0; i < ARRAY_LEN(STATES); i++) {
		struct stmt *st = NULL;
		int rc = db_start(db, &STATES[i], &st, &err, "");
		assert_int_equal(rc, 0);
		while ((rc = stmt_step(st, &err)) == 1) {
			struct str name = stmt_text(st, 0), more = stmt_text(st, 4), last = stmt_text(st, 5);
			buf_printf(&out, "%s %.*s %lld %lld %lld %.*s %.*s\n", STATES[i].name, STR_ARG(name),
				   (long long)stmt_i64(st, 1), (long long)stmt_i64(st, 2), (long long)stmt_i64(st, 3),
				   STR_ARG(more), STR_ARG(last));
		}
		stmt_end(st);
		assert_int_equal(rc, 0);
	}
	reader_end(rig.reader);
	buf_char(&out, 0);
	return out;
}

/* What stands, in another order, what is refused again later; false when something stays out. */
static bool arrive_otherwise(uint64_t order)
{
	static size_t left[OPS_MAX];
	size_t n = 0, before;
	state_of_chance = order;
	for (size_t i = 0; i < n_ops; i++) {
		if (ops[i].accepted && !ops[i].voided && ops[i].kind != OP_VOID && ops[i].kind != OP_GRANT &&
		    ops[i].kind != OP_REVOKE)
			left[n++] = i;
	}
	for (size_t i = n; i > 1; i--) {
		size_t k = draw(i), swap = left[i - 1];
		left[i - 1] = left[k];
		left[k] = swap;
	}
	do {
		size_t kept = 0;
		before = n;
		for (size_t i = 0; i < n; i++) {
			if (rig_record(principal_system(), ops[left[i]].line).status == RESULT_REFUSED)
				left[kept++] = left[i];
		}
		n = kept;
	} while (n && n < before);
	return n == 0;
}

static void test_order(void **state)
{
	size_t tried = 0, held = 0;
	(void)state;
	for (uint64_t seed = first_seed(); seed < first_seed() + seeds(); seed++) {
		begin_world();
		grow(seed, LENGTH, seed % 2);
		struct buf live_ = digest();
		rig_close();
		begin_world();
		tried++;
		if (arrive_otherwise(seed * 31)) {
			struct buf then = digest();
			held++;
			if (strcmp(live_.ptr, then.ptr) != 0) {
				size_t i = 0, line = 0;
				for (; live_.ptr[i] && live_.ptr[i] == then.ptr[i]; i++)
					line = live_.ptr[i] == '\n' ? i + 1 : line;
				rig_fail(__FILE__, __LINE__, "seed %llu, another order:\n\t%.*s\n\t%.*s",
					 (unsigned long long)seed, (int)strcspn(live_.ptr + line, "\n"),
					 live_.ptr + line, (int)strcspn(then.ptr + line, "\n"), then.ptr + line);
			}
			buf_finish(&then);
		}
		buf_finish(&live_);
		rig_close();
	}
	print_message("orders of arrival that accepted all: %zu of %zu\n", held, tried);
	assert_true(held * 2 >= tried);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_walk),
		cmocka_unit_test(test_as_time_passes),
		cmocka_unit_test(test_order),
	};
	return rig_run("domain/cascade", tests, ARRAY_LEN(tests));
}
