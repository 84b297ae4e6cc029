/* The generator of histories: see history.h. */
#include "history.h"

#include "domain/grid/grid.h"
#include "domain/teams/teams.h"

const char *const HISTORY_PLACES[] = { "C", "T1", "T2", "V1", "V2", "V3", "G1", "G2", NULL };
static const char *const HOMES[] = { "V1", "V1", "V2", "G1", "G2", "V1", "V3" };

enum { HOUSEHOLDS = 24, GROUPS = 7, PEOPLE = 14, TEAMS = 4, SITES = 4 };

/* xorshift64*: the same histories everywhere. */
uint64_t draw(struct history *h, uint64_t below)
{
	h->random ^= h->random >> 12;
	h->random ^= h->random << 25;
	h->random ^= h->random >> 27;
	return (h->random * 2685821657736338717u >> 33) % below;
}

static int num(struct history *h, int below)
{
	return (int)draw(h, (uint64_t)below);
}

static const char *const ROLES[] = { "village_official", "group_leader",    "member",
				     "grid_leader",      "building_leader", "household_head",
				     "supervisor",       "responsible",     "overseer" };
static const char *const CATEGORIES_OF[] = { "village_official", "stationed_official", "group_leader",
					     "villager_representative", "resident" };
static const int64_t CATEGORY_OF[] = { CATEGORY_VILLAGE_OFFICIAL, CATEGORY_STATIONED_OFFICIAL, CATEGORY_GROUP_LEADER,
				       CATEGORY_VILLAGER_REPRESENTATIVE, CATEGORY_RESIDENT };
static const char *const KINDS[] = { "checkpoint", "office" };

/* The latest accepted and live opening of a thing; -1. */
static int opening(const struct history *h, enum op_kind kind, int thing)
{
	for (size_t i = h->n; i-- > 0;) {
		const struct op *o = &h->ops[i];
		if (o->kind == kind && o->thing == thing && o->accepted && !o->voided)
			return (int)i;
	}
	return -1;
}

/* Four-hour steps over nine days: many facts of one moment. */
static int64_t some_time(struct history *h)
{
	return rig_time("02-01T00:00") + (int64_t)draw(h, 54) * 4 * 3600 * 1000;
}

/* A group of the household's own village, mostly. */
static int some_group(struct history *h, int household)
{
	int home = opening(h, OP_REGISTER, household);
	for (int i = 0; i < 10 && home >= 0; i++) {
		int g = num(h, GROUPS), formed = opening(h, OP_FORM, g);
		if (formed >= 0 && place_at(rig_place(h->ops[formed].place), LEVEL_VILLAGE) ==
				       place_at(rig_place(h->ops[home].place), LEVEL_VILLAGE))
			return g;
	}
	return num(h, GROUPS);
}

/* A recent assignment or staffing that may be ended; NULL when none was met. */
static const struct op *some_live(struct history *h, enum op_kind kind)
{
	for (int i = 0; i < 40; i++) {
		const struct op *o = &h->ops[draw(h, h->n)];
		if (o->kind == kind && o->accepted && !o->voided)
			return o;
	}
	return NULL;
}

static void household_data(struct history *h, struct op *o, char *data, size_t size)
{
	switch (o->kind) {
	case OP_REGISTER:
		o->place = HOMES[num(h, ARRAY_LEN(HOMES))];
		snprintf(data, size,
			 "household.registered %%s %s "
			 "{id:@h%d,address:'%d号',head:{name:'户%d',phone:'1380000%04d'},members:%d}",
			 o->place, o->thing, o->thing, o->thing, o->thing, 1 + num(h, 5));
		break;
	case OP_CHANGE:
		snprintf(data, size, "household.changed %%s - {household:@h%d,members:%d,from:'2020-02-0%d'}", o->thing,
			 1 + num(h, 9), 1 + num(h, 9));
		break;
	case OP_REMOVE:
		snprintf(data, size, "household.removed %%s - {household:@h%d,reason:'迁出'}", o->thing);
		break;
	case OP_ASSIGN:
	case OP_RELEASE:
		o->other = some_group(h, o->thing);
		const struct op *held = o->kind == OP_RELEASE && draw(h, 5) ? some_live(h, OP_ASSIGN) : NULL;
		if (held) {
			o->thing = held->thing;
			o->other = held->other;
		}
		snprintf(data, size, "household.%s %%s - {household:@h%d,group:@g%d}",
			 o->kind == OP_ASSIGN ? "assigned" : "released", o->thing, o->other);
		break;
	default:
		break;
	}
}

/* A role of the group's own model mostly, so that groups come to be complete. */
static int64_t some_role(struct history *h, int group)
{
	int formed = opening(h, OP_FORM, group);
	int64_t model = formed < 0 ? num(h, 3) : h->ops[formed].role;
	return draw(h, 20) ? model * 3 + num(h, 3) : num(h, 9);
}

/* One enrolled at the group's place or above, mostly. */
static int some_person(struct history *h, int group)
{
	int formed = opening(h, OP_FORM, group);
	for (int i = 0; i < 10 && formed >= 0; i++) {
		int p = num(h, PEOPLE), enrolled = opening(h, OP_ENROL, p);
		if (enrolled >= 0 && place_within(rig_place(h->ops[formed].place), rig_place(h->ops[enrolled].place)))
			return p;
	}
	return num(h, PEOPLE);
}

static void group_data(struct history *h, struct op *o, char *data, size_t size)
{
	static const char *const MODELS[] = { "rural", "urban", "custom" };
	switch (o->kind) {
	case OP_FORM:
		o->place = HOMES[num(h, ARRAY_LEN(HOMES))];
		o->role = draw(h, 5) ? MODEL_URBAN : num(h, 3);
		snprintf(data, size, "group.formed %%s %s {id:@g%d,model:'%s',name:'第%d组'}", o->place, o->thing,
			 MODELS[o->role], o->thing);
		break;
	case OP_DISSOLVE:
		snprintf(data, size, "group.dissolved %%s - {group:@g%d}", o->thing);
		break;
	case OP_STAFF:
		o->other = some_person(h, o->thing);
		o->role = some_role(h, o->thing);
		snprintf(data, size, "group.staffed %%s - {group:@g%d,person:@p%d,role:'%s'}", o->thing, o->other,
			 ROLES[o->role]);
		break;
	case OP_UNSTAFF:
		o->other = num(h, PEOPLE);
		o->role = draw(h, 3) ? some_role(h, o->thing) : -1;
		const struct op *post = draw(h, 5) ? some_live(h, OP_STAFF) : NULL;
		if (post) {
			o->thing = post->thing;
			o->other = post->other;
			o->role = o->role < 0 ? -1 : post->role;
		}
		if (o->role < 0)
			snprintf(data, size, "group.unstaffed %%s - {group:@g%d,person:@p%d}", o->thing, o->other);
		else
			snprintf(data, size, "group.unstaffed %%s - {group:@g%d,person:@p%d,role:'%s'}", o->thing,
				 o->other, ROLES[o->role]);
		break;
	default:
		break;
	}
}

static void person_data(struct history *h, struct op *o, char *data, size_t size)
{
	static const char *const WHERE[] = { "C", "T1", "V1", "C", "V3", "V1" };
	size_t k = draw(h, ARRAY_LEN(CATEGORY_OF));
	switch (o->kind) {
	case OP_ENROL:
		o->place = WHERE[num(h, ARRAY_LEN(WHERE))];
		o->role = CATEGORY_OF[k];
		o->party = draw(h, 4) != 0;
		snprintf(data, size, "person.enrolled %%s %s {id:@p%d,name:'人%d',category:'%s',party_member:%s}",
			 o->place, o->thing, o->thing, CATEGORIES_OF[k], o->party ? "true" : "false");
		break;
	case OP_PERSON:
		o->role = draw(h, 3) ? CATEGORY_OF[k] : FIELD_ABSENT;
		o->party = draw(h, 3) ? FIELD_ABSENT : num(h, 2);
		snprintf(data, size, "person.changed %%s - {person:@p%d%s%s%s%s}", o->thing,
			 o->role == FIELD_ABSENT ? "" : ",category:'", o->role == FIELD_ABSENT ? "" : CATEGORIES_OF[k],
			 o->role == FIELD_ABSENT ? "" : "'",
			 o->party == FIELD_ABSENT ? ""
			 : o->party               ? ",party_member:true"
						  : ",party_member:false");
		break;
	case OP_LEAVE:
		snprintf(data, size, "person.left %%s - {person:@p%d}", o->thing);
		break;
	case OP_EXPOSE:
		snprintf(data, size, "person.exposed %%s - {person:@p%d,since:'2020-02-05T08:00:00+08:00'}", o->thing);
		break;
	default:
		break;
	}
}

static void other_data(struct history *h, struct op *o, char *data, size_t size)
{
	static const char *const TEAM[] = { "vanguard_team", "volunteer_team" };
	switch (o->kind) {
	case OP_TEAM:
		o->place = HISTORY_PLACES[num(h, 6)];
		o->role = num(h, 2);
		snprintf(data, size, "team.formed %%s %s {id:@t%d,kind:'%s',name:'队%d'}", o->place, o->thing,
			 TEAM[o->role], o->thing);
		break;
	case OP_JOIN:
	case OP_QUIT:
		o->other = num(h, PEOPLE);
		snprintf(data, size,
			 o->kind == OP_JOIN ? "team.joined %%s - {team:@t%d,person:@p%d,post:'member'}"
					    : "team.left %%s - {team:@t%d,person:@p%d}",
			 o->thing, o->other);
		break;
	case OP_DISBAND:
		snprintf(data, size, "team.dissolved %%s - {team:@t%d}", o->thing);
		break;
	case OP_SITE:
		o->place = HISTORY_PLACES[num(h, 8)];
		o->role = num(h, 2);
		snprintf(data, size, "site.opened %%s %s {id:@s%d,kind:'%s',name:'点%d'}", o->place, o->thing,
			 KINDS[o->role], o->thing);
		break;
	case OP_CLOSE:
		snprintf(data, size, "site.closed %%s - {site:@s%d}", o->thing);
		break;
	case OP_RENAME:
		o->place = HISTORY_PLACES[num(h, 6)];
		snprintf(data, size, "division.renamed %%s - {code:%s,name:'名%d',from:'2020-02-0%d'}", o->place,
			 num(h, 100), 1 + num(h, 3));
		break;
	case OP_MERGE:
		o->place = "V1";
		snprintf(data, size, "subject.merged %%s V1 {from:@m%d,into:@m%d}", num(h, 5), num(h, 5));
		break;
	default:
		break;
	}
}

static int some_thing(struct history *h, enum op_kind kind)
{
	switch (kind) {
	case OP_REGISTER:
	case OP_CHANGE:
	case OP_REMOVE:
	case OP_ASSIGN:
	case OP_RELEASE:
		return num(h, HOUSEHOLDS);
	case OP_FORM:
	case OP_DISSOLVE:
	case OP_STAFF:
	case OP_UNSTAFF:
		return num(h, GROUPS);
	case OP_ENROL:
	case OP_PERSON:
	case OP_LEAVE:
	case OP_EXPOSE:
		return num(h, PEOPLE);
	case OP_TEAM:
	case OP_JOIN:
	case OP_QUIT:
	case OP_DISBAND:
		return num(h, TEAMS);
	default:
		return num(h, SITES);
	}
}

static enum op_kind some_kind(struct history *h)
{
	static const int WEIGHTS[OP_KINDS] = {
		[OP_REGISTER] = 14, [OP_CHANGE] = 2,  [OP_REMOVE] = 2,  [OP_FORM] = 5,    [OP_DISSOLVE] = 1,
		[OP_STAFF] = 30,    [OP_UNSTAFF] = 4, [OP_ASSIGN] = 25, [OP_RELEASE] = 9, [OP_ENROL] = 9,
		[OP_PERSON] = 3,    [OP_LEAVE] = 1,   [OP_TEAM] = 2,    [OP_JOIN] = 3,    [OP_QUIT] = 2,
		[OP_DISBAND] = 1,   [OP_SITE] = 2,    [OP_CLOSE] = 1,   [OP_RENAME] = 1,  [OP_EXPOSE] = 1,
		[OP_MERGE] = 1,     [OP_VOID] = 12,
	};
	int total = 0, k;
	for (int i = 0; i < OP_KINDS; i++)
		total += WEIGHTS[i];
	k = num(h, total);
	for (int i = 0; i < OP_KINDS; i++) {
		if ((k -= WEIGHTS[i]) < 0)
			return (enum op_kind)i;
	}
	return OP_VOID;
}

static void fill_line(struct history *h, struct op *o)
{
	char data[400] = "", when[TIME_TEXT_MAX], name[40], body[500];
	household_data(h, o, data, sizeof data);
	group_data(h, o, data, sizeof data);
	person_data(h, o, data, sizeof data);
	other_data(h, o, data, sizeof data);
	if (o->kind == OP_VOID) {
		o->target = h->n ? num(h, (int)h->n) : 0;
		snprintf(data, sizeof data, "event.voided %%s - {event:@e%llu_%d,reason:'误'}",
			 (unsigned long long)h->ops[0].party, o->target);
	}
	time_format_local(o->at, when);
	when[19] = 0; /* without its offset */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(body, sizeof body, data, when);
#pragma GCC diagnostic pop
	snprintf(name, sizeof name, "e%llu_%zu", (unsigned long long)h->ops[0].party, (size_t)(o - h->ops));
	o->id = rig_id(name);
	snprintf(o->line, sizeof o->line, "#%s %.350s", name, body);
}

/* op 0 is no event: it carries the seed, which names the events. */
void history_begin(struct history *h, uint64_t seed)
{
	bool once = h->once, no_leaving = h->no_leaving, no_voids = h->no_voids;
	memset(h, 0, sizeof *h);
	h->once = once;
	h->no_leaving = no_leaving;
	h->no_voids = no_voids;
	h->random = seed * 0x9e3779b97f4a7c15u + 1;
	h->ops[0] = (struct op){ .kind = OP_KINDS, .party = (int64_t)seed };
	h->n = 1;
	for (int i = 0; i < 8; i++)
		draw(h, 2);
	accept_event("grid.defined 01-02T00:00 - {code:G1,name:'一网格'}");
	accept_event("grid.defined 01-02T00:00 - {code:G2,name:'二网格'}");
}

void history_propose(struct history *h, struct op *o)
{
	/* First everything is opened once, in turn, so that most of what follows is accepted. */
	size_t founded = h->n - 1;
	*o = (struct op){ .kind = some_kind(h), .at = some_time(h), .party = FIELD_ABSENT };
	o->thing = some_thing(h, o->kind);
	if (founded < GROUPS + PEOPLE + HOUSEHOLDS) {
		o->kind = founded < GROUPS ? OP_FORM : founded < GROUPS + PEOPLE ? OP_ENROL : OP_REGISTER;
		o->thing = (int)(founded < GROUPS            ? founded
				 : founded < GROUPS + PEOPLE ? founded - GROUPS
							     : founded - GROUPS - PEOPLE);
	}
	if ((o->kind == OP_STAFF || o->kind == OP_ASSIGN) && draw(h, 2))
		o->at = rig_time("02-02T00:00") + (int64_t)draw(h, 16) * 4 * 3600 * 1000;
	if ((o->kind == OP_REGISTER || o->kind == OP_FORM || o->kind == OP_ENROL) && draw(h, 6))
		o->at = rig_time("02-01T00:00") + (int64_t)draw(h, 4) * 4 * 3600 * 1000;
	/* Moved from one group to another at one moment, now and then. */
	const struct op *freed = o->kind == OP_ASSIGN && !draw(h, 3) ? some_live(h, OP_RELEASE) : NULL;
	if (freed) {
		o->thing = freed->thing;
		o->at = freed->at;
	}
	if ((h->no_leaving && (o->kind == OP_LEAVE || o->kind == OP_REMOVE)) || (h->no_voids && o->kind == OP_VOID))
		o->kind = OP_RENAME;
	bool opens = o->kind == OP_REGISTER || o->kind == OP_FORM || o->kind == OP_ENROL || o->kind == OP_TEAM ||
		     o->kind == OP_SITE;
	for (size_t i = 1; opens && h->once && i < h->n; i++) {
		if (h->ops[i].kind == o->kind && h->ops[i].thing == o->thing)
			o->kind = OP_RENAME;
	}
	fill_line(h, o);
}

bool history_submit(struct op *o)
{
	struct outcome out = rig_record(principal_system(), o->line);
	o->accepted = out.status == RESULT_RECORDED;
	o->received = rig_now;
	return o->accepted;
}

void history_grow(struct history *h, size_t n)
{
	const char *lines[20];
	struct outcome out[20];
	while (n) {
		size_t k = 1 + draw(h, 20), first = h->n;
		if (k > n)
			k = n;
		assert_true(first + k <= OPS_MAX);
		for (size_t i = 0; i < k; i++) {
			struct op *o = &h->ops[h->n];
			history_propose(h, o);
			lines[i] = o->line;
			h->n++;
		}
		rig_now += 60000;
		rig_submit(principal_system(), lines, k, false, out);
		for (size_t i = 0; i < k; i++) {
			struct op *o = &h->ops[first + i];
			o->accepted = out[i].status == RESULT_RECORDED;
			o->received = rig_now;
			if (o->accepted && o->kind == OP_VOID)
				h->ops[o->target].voided = true;
		}
		n -= k;
	}
}

bool history_replay(const struct history *h, uint64_t random, bool live)
{
	static struct history order; /* for its generator only */
	size_t *list = calloc(h->n, sizeof *list), n = 0;
	order.random = random;
	for (size_t i = 1; i < h->n; i++) {
		const struct op *o = &h->ops[i];
		if (o->accepted && !(live && (o->voided || o->kind == OP_VOID)))
			list[n++] = i;
	}
	for (size_t i = n; random && i > 1; i--) {
		size_t k = draw(&order, i), keep = list[i - 1];
		list[i - 1] = list[k];
		list[k] = keep;
	}
	for (size_t left = n + 1; n && n < left;) {
		const char *lines[200];
		struct outcome out[200];
		size_t kept = 0;
		left = n;
		for (size_t i = 0; i < n;) {
			size_t k = n - i < 200 ? n - i : 200;
			for (size_t j = 0; j < k; j++)
				lines[j] = h->ops[list[i + j]].line;
			rig_submit(principal_system(), lines, k, false, out);
			for (size_t j = 0; j < k; j++) {
				if (out[j].status == RESULT_REFUSED)
					list[kept++] = list[i + j];
			}
			i += k;
		}
		n = kept;
	}
	if (n && getenv("LIANFANG_TEST_VERBOSE")) {
		for (size_t i = 0; i < n; i++) {
			struct outcome out = rig_record(principal_system(), h->ops[list[i]].line);
			print_message("stays out: %s: %s\n", h->ops[list[i]].line, out.code);
		}
	}
	free(list);
	return n == 0;
}
