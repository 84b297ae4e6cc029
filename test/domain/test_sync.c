/* A phone that takes in what the synchronisation answers always stands as one
 * that starts anew: over generated histories with late records, withdrawals,
 * renamings, people who leave, groups that dissolve, at pages of any size. */
#include "history.h"

#include "base/json.h"

#define CARRIED_MAX 3000

struct carried {
	char key[96];
	char *data;
};

struct phone {
	const struct principal *who;
	char cursor[200]; /* empty: from the start */
	struct carried items[CARRIED_MAX];
	size_t n;
	size_t pages, anew, taken, dropped;
	bool more;
};

static struct carried *find(struct phone *p, const char *key)
{
	for (size_t i = 0; i < p->n; i++) {
		if (strcmp(p->items[i].key, key) == 0)
			return &p->items[i];
	}
	return NULL;
}

static void drop(struct phone *p, const char *key)
{
	struct carried *c = find(p, key);
	if (!c)
		return;
	free(c->data);
	*c = p->items[--p->n];
}

static void put(struct phone *p, const char *key, struct str data)
{
	struct carried *c = find(p, key);
	if (c) {
		free(c->data);
	} else {
		assert_true(p->n < CARRIED_MAX);
		c = &p->items[p->n++];
		snprintf(c->key, sizeof c->key, "%s", key);
	}
	c->data = strndup(data.ptr, data.len);
}

static void clear(struct phone *p)
{
	while (p->n)
		free(p->items[--p->n].data);
	p->cursor[0] = 0;
}

/* ---- taking in ------------------------------------------------------------------------------- */

struct entry {
	char key[96];
	struct str data;
};

static struct entry read_entry(struct json_reader *r)
{
	struct entry e = { .data = STR_NONE };
	struct str name, kind = STR_NONE, id = STR_NONE;
	json_object_begin(r);
	while (json_member(r, &name) == 1) {
		if (str_is(name, "kind"))
			json_string(r, &kind);
		else if (str_is(name, "id"))
			json_string(r, &id);
		else if (str_is(name, "data"))
			json_skip(r, &e.data);
		else
			json_skip(r, NULL);
	}
	snprintf(e.key, sizeof e.key, "%.*s %.*s", STR_ARG(kind), STR_ARG(id));
	return e;
}

/* Drops come first, wherever they stand. */
static void read_list(struct phone *p, struct str list, struct arena *arena, bool drops)
{
	struct json_reader r;
	json_read_init(&r, list, arena);
	json_array_begin(&r);
	while (json_element(&r) == 1) {
		struct entry e = read_entry(&r);
		if (drops) {
			drop(p, e.key);
			p->dropped++;
		} else {
			put(p, e.key, e.data);
			p->taken++;
		}
	}
	assert_false(r.failed);
}

static void take_in(struct phone *p, const char *body)
{
	struct arena arena;
	struct json_reader r;
	struct str name, items = STR_NONE, drops = STR_NONE, next = STR_NONE;
	arena_init(&arena, 0);
	json_read_init(&r, str_of(body), &arena);
	json_object_begin(&r);
	while (json_member(&r, &name) == 1) {
		if (str_is(name, "items"))
			json_skip(&r, &items);
		else if (str_is(name, "drop"))
			json_skip(&r, &drops);
		else if (str_is(name, "next"))
			json_string(&r, &next);
		else if (str_is(name, "more"))
			json_bool(&r, &p->more);
		else
			json_skip(&r, NULL);
	}
	assert_false(r.failed);
	read_list(p, drops, &arena, true);
	read_list(p, items, &arena, false);
	assert_true(next.len && next.len <= 120);
	assert_true(str_copy(next, p->cursor, sizeof p->cursor));
	arena_finish(&arena);
}

/* One answer taken in; limit 0: as the server sees fit. */
static void sync_once(struct phone *p, int limit)
{
	char path[400], code[64];
	snprintf(path, sizeof path, "/api/v1/sync%s%s%s", p->cursor[0] ? "?after=" : "", p->cursor, "");
	if (limit)
		snprintf(path + strlen(path), 40, "%climit=%d", p->cursor[0] ? '&' : '?', limit);
	const char *body = rig_view(p->who, path, code);
	if (!body && strcmp(code, "sync_anew") == 0 && p->cursor[0]) {
		clear(p);
		p->anew++;
		p->more = true;
		return;
	}
	if (!body)
		fail_msg("%s: %s", path, code);
	p->pages++;
	take_in(p, body);
}

static void sync_all(struct phone *p, int limit)
{
	int pages = 0;
	do {
		sync_once(p, limit);
		if (++pages > 2000)
			fail_msg("%.*s never comes to an end: %s", STR_ARG(p->who->account), p->cursor);
	} while (p->more);
}

/* ---- comparing ---------------------------------------------------------------------------------- */

/* When an answer was given is no part of it. */
static const char *past_moment(const char *data)
{
	return strncmp(data, "{\"as_of\":", 9) == 0 ? strchr(data, ',') : data;
}

static void compare(struct phone *p, const char *when)
{
	static struct phone fresh;
	fresh.who = p->who;
	clear(&fresh);
	sync_all(&fresh, 0);
	for (size_t i = 0; i < fresh.n; i++) {
		struct carried *c = find(p, fresh.items[i].key);
		if (!c)
			fail_msg("%s, %.*s: lacks %s %s", when, STR_ARG(p->who->account), fresh.items[i].key,
				 fresh.items[i].data);
		if (strcmp(past_moment(c->data), past_moment(fresh.items[i].data)) != 0)
			fail_msg("%s, %.*s: %s is\n\t%s, not\n\t%s", when, STR_ARG(p->who->account), c->key, c->data,
				 fresh.items[i].data);
	}
	for (size_t i = 0; i < p->n; i++) {
		if (!find(&fresh, p->items[i].key))
			fail_msg("%s, %.*s: still has %s %s", when, STR_ARG(p->who->account), p->items[i].key,
				 p->items[i].data);
	}
	clear(&fresh);
}

static size_t count(struct phone *p, const char *kind)
{
	size_t n = 0, len = strlen(kind);
	for (size_t i = 0; i < p->n; i++)
		n += strncmp(p->items[i].key, kind, len) == 0 && p->items[i].key[len] == ' ';
	return n;
}

static const char *text_of(struct phone *p, const char *kind, const char *name)
{
	char key[96];
	struct uuid id = rig_id(name);
	size_t n = (size_t)snprintf(key, sizeof key, "%s ", kind);
	uuid_format(&id, key + n);
	key[n + UUID_TEXT] = 0;
	struct carried *c = find(p, key);
	return c ? c->data : "";
}

static size_t operations;

/* ---- over generated histories ------------------------------------------------------------------------ */

static const struct {
	const char *account, *grants, *person;
} OWNERS[] = {
	{ "officer.village", "officer@V1", NULL },
	{ "officer.town", "officer@T1", NULL },
	{ "grid.village", "grid@V1", NULL },
	{ "grid.town", "grid@T1", NULL },
	{ "grid.one", "grid@T1", "p1" },
	{ "grid.two", "grid@V1", "p2" },
	{ "grid.three", "grid@C", "p3" },
	{ "grid.grid", "grid@G1", "p4" },
	{ "checkpoint", "checkpoint@T1", NULL },
	{ "organisation", "organisation@V2", NULL },
	{ "several", "grid@V2,officer@V3,checkpoint@C", "p5" },
	{ "commander", "commander@C", NULL },
	{ "auditor", "auditor@C", NULL },
};

/* Operations beside: follow-ups, notices and passages, most of them accepted. */
static void grow_operations(struct history *h, int step)
{
	static const char *const WHERE[] = { "V1", "V1", "G1", "V2", "V3" };
	static const char *const TO[] = { "V1", "T1", "V2", "V3" };
	char line[600];
	size_t accepted = 0;
	for (int i = 0; i < 4; i++) {
		int n = (int)draw(h, 30), m = (int)draw(h, 30);
		switch (draw(h, 9)) {
		case 0:
		case 1:
			snprintf(line, sizeof line,
				 "#fo%d followup.opened now %s "
				 "{id:@f%d,subject:@u%d,person:{name:'随%d',phone:'1390000%04d'},"
				 "category:'returnee',starts:'2020-02-10'%s}",
				 n, WHERE[draw(h, ARRAY_LEN(WHERE))], n, m, n, n, "");
			if (draw(h, 2))
				snprintf(line + strlen(line) - 1, 40, ",household:@h%d}", (int)draw(h, 24));
			break;
		case 2:
			snprintf(line, sizeof line,
				 "#fb%d followup.observed now - "
				 "{followup:@f%d,present:true,temperature:36.%d,method:'on_site'}",
				 step * 10 + i, n, (int)draw(h, 9));
			break;
		case 3:
			snprintf(line, sizeof line, "#fc%d followup.closed now - {followup:@f%d,reason:'moved'}", n, n);
			break;
		case 4:
			snprintf(
			    line, sizeof line,
			    "#no%d notice.issued now T1 {id:@n%d,kind:'notice',title:'通知%d',body:'内容',issuer:'镇',"
			    "to:{places:[%s]}}",
			    n, n, n, TO[draw(h, 3)]);
			break;
		case 5:
			snprintf(line, sizeof line, "notice.acknowledged now - {notice:@n%d,unit:%s}", n,
				 TO[draw(h, ARRAY_LEN(TO))]);
			break;
		case 6:
			snprintf(line, sizeof line, "notice.withdrawn now - {notice:@n%d,reason:'误'}", n);
			break;
		case 7:
			snprintf(line, sizeof line,
				 "pass.issued now V1 {subject:@u%d,person:{name:'随%d'},"
				 "valid_from:'2020-02-10T08:00:00+08:00',valid_to:'2020-03-01T08:00:00+08:00',purpose:'"
				 "就医'}",
				 n, n);
			break;
		default:
			snprintf(line, sizeof line, "event.voided now - {event:@%s%d,reason:'误'}",
				 draw(h, 3) ? draw(h, 2) ? "fo" : "fc" : "no", n);
		}
		accepted += rig_record(principal_system(), line).status == RESULT_RECORDED;
	}
	operations += accepted;
}

static struct phone phones[ARRAY_LEN(OWNERS)];

static void run_history(uint64_t seed, bool whole)
{
	static struct history h;
	static const int LIMITS[] = { 0, 0, 500, 50, 7, 1 };
	char when[60];
	rig_open(RIG_COUNTY, RIG_DIVISIONS);
	history_begin(&h, seed);
	accept_event("incident.opened 02-01T08:00 - {id:@inc,kind:'epidemic',name:'疫情'}");
	for (size_t i = 0; i < ARRAY_LEN(phones); i++) {
		clear(&phones[i]);
		phones[i] =
		    (struct phone){ .who = rig_principal(OWNERS[i].account, OWNERS[i].grants, OWNERS[i].person) };
	}
	for (int step = 0; step < 60; step++) {
		size_t before = h.n;
		history_grow(&h, 1 + draw(&h, whole ? 20 : 8));
		grow_operations(&h, step);
		if (draw(&h, 15) == 0)
			rig_now += DAY_MS;
		for (size_t i = before; getenv("LIANFANG_TEST_VERBOSE") && i < h.n; i++)
			print_message("%d: %s: %s\n", step, h.ops[i].accepted ? "ok" : "no", h.ops[i].line);
		snprintf(when, sizeof when, "seed %llu, step %d", (unsigned long long)seed, step);
		for (size_t i = 0; i < ARRAY_LEN(phones); i++) {
			struct phone *p = &phones[i];
			int limit = LIMITS[draw(&h, ARRAY_LEN(LIMITS))];
			switch (draw(&h, 4)) {
			case 0: /* no signal */
				break;
			case 1: /* for a moment */
				sync_once(p, limit);
				break;
			default:
				sync_all(p, limit);
				compare(p, when);
			}
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(phones); i++) {
		sync_all(&phones[i], 0);
		compare(&phones[i], "at the end");
	}
	rig_close();
}

static void test_histories(void **state)
{
	const char *rounds = getenv("LIANFANG_TEST_ROUNDS");
	size_t pages = 0, anew = 0, taken = 0, dropped = 0;
	(void)state;
	for (uint64_t seed = 1; seed <= (rounds ? strtoull(rounds, NULL, 10) : 8); seed++) {
		run_history(seed, seed % 2);
		for (size_t i = 0; i < ARRAY_LEN(phones); i++) {
			pages += phones[i].pages;
			anew += phones[i].anew;
			taken += phones[i].taken;
			dropped += phones[i].dropped;
		}
	}
	print_message("%zu pages, %zu items, %zu drops, %zu times anew, %zu operations\n", pages, taken, dropped, anew,
		      operations);
	assert_true(operations > 100);
	/* Most of it is by what changed. */
	assert_true(anew * 4 < pages && dropped > 20);
	for (size_t i = 0; i < ARRAY_LEN(phones); i++)
		clear(&phones[i]);
}

/* ---- what is carried ------------------------------------------------------------------------------------ */

static void build(void)
{
	static const char *const LINES[] = {
		"incident.opened 02-01T08:00 - {id:@inc,kind:'epidemic',name:'疫情'}",
		"person.enrolled 02-02T08:00 V1 {id:@p1,name:'李一',category:'village_official',party_member:true}",
		"person.enrolled 02-02T08:00 V1 {id:@p2,name:'李二',category:'village_official',party_member:true}",
		"group.formed 02-02T08:00 V1 {id:@g1,model:'urban',name:'一组'}",
		"group.formed 02-02T08:00 V1 {id:@g2,model:'urban',name:'二组'}",
		"group.staffed 02-02T08:00 - {group:@g1,person:@p1,role:'grid_leader'}",
		"group.staffed 02-02T08:00 - {group:@g2,person:@p2,role:'grid_leader'}",
		"household.registered 02-02T08:00 V1 {id:@h1,address:'一号院',head:{name:'王一'},members:3}",
		"household.registered 02-02T08:00 V1 {id:@h2,address:'二号院',head:{name:'王二'},members:3}",
		"household.registered 02-02T08:00 V2 {id:@h3,address:'三号院',head:{name:'王三'},members:3}",
		"household.assigned 02-03T08:00 - {household:@h1,group:@g1}",
		"household.assigned 02-03T08:00 - {household:@h2,group:@g2}",
		"site.opened 02-03T08:00 V1 {id:@s1,kind:'checkpoint',name:'路口'}",
		"site.opened 02-03T08:00 V3 {id:@s3,kind:'office',name:'村部'}",
		"followup.opened 02-09T08:00 V1 {id:@f1,subject:@u1,person:{name:'赵一',phone:'13912345678'},"
		"category:'returnee',starts:'2020-02-09',household:@h1}",
		"followup.opened 02-09T08:00 V1 {id:@f2,subject:@u2,person:{name:'赵二'},category:'returnee',"
		"starts:'2020-02-09',household:@h2}",
		"notice.issued 02-09T08:00 T1 "
		"{id:@n1,kind:'notice',title:'通知',body:'内容',issuer:'镇',to:{places:[V1]}}",
		NULL
	};
	rig_open(RIG_COUNTY, RIG_DIVISIONS);
	for (size_t i = 0; LINES[i]; i++)
		accept_event(LINES[i]);
}

static struct phone one;

static void begin(const char *account, const char *grants, const char *person)
{
	clear(&one);
	one = (struct phone){ .who = rig_principal(account, grants, person) };
	sync_all(&one, 0);
}

#define assert_count(kind, n_) assert_int_equal(count(&one, kind), n_)

static void test_officer(void **state)
{
	(void)state;
	build();
	begin("officer.v1", "officer@V1", NULL);
	assert_count("division", 69); /* 7 towns and 62 villages */
	assert_count("site", 1);
	assert_count("group", 2);
	assert_count("household", 2);
	assert_count("followup", 2);
	assert_count("notice", 1);
	assert_count("checkpoint", 1);
	assert_count("revocations", 1);
	assert_non_null(strstr(text_of(&one, "household", "h1"), "王一"));
	assert_non_null(strstr(text_of(&one, "followup", "f1"), "赵一"));
	/* A town's officer does not carry a town's households. */
	begin("officer.t1", "officer@T1", NULL);
	assert_count("household", 0);
	assert_count("site", 1);
	begin("auditor", "auditor@C", NULL);
	assert_count("household", 0);
	assert_count("site", 0);
	assert_count("division", 69);
	begin("checkpoint", "checkpoint@C", NULL);
	assert_count("site", 2);
	assert_count("household", 0);
	assert_count("followup", 0);
	assert_count("revocations", 1);
	rig_close();
}

/* Who stands in a group carries that group's, in full; a household that leaves it leaves the phone, with the follow-up
 * there. */
static void test_own_group(void **state)
{
	(void)state;
	build();
	begin("grid.v1", "grid@V1", NULL);
	assert_count("household", 2);
	assert_null(strstr(text_of(&one, "household", "h1"), "王一"));
	begin("grid.p1", "grid@T1", "p1");
	assert_count("group", 1);
	assert_count("household", 1);
	assert_count("followup", 1);
	assert_count("revocations", 0);
	assert_non_null(strstr(text_of(&one, "household", "h1"), "王一"));
	assert_non_null(strstr(text_of(&one, "followup", "f1"), "赵一"));
	accept_event("household.released 02-10T09:00 - {household:@h1,group:@g1}");
	accept_event("household.assigned 02-10T09:00 - {household:@h1,group:@g2}");
	accept_event("household.released 02-10T09:30 - {household:@h2,group:@g2}");
	accept_event("household.assigned 02-10T09:30 - {household:@h2,group:@g1}");
	sync_all(&one, 0);
	assert_int_equal(one.anew, 0);
	assert_string_equal(text_of(&one, "household", "h1"), "");
	assert_string_equal(text_of(&one, "followup", "f1"), "");
	assert_non_null(strstr(text_of(&one, "household", "h2"), "王二"));
	assert_non_null(strstr(text_of(&one, "followup", "f2"), "赵二"));
	compare(&one, "moved");
	/* Out of the group: another scope, and nothing of the old one stays. */
	accept_event("group.unstaffed 02-10T09:40 - {group:@g1,person:@p1}");
	accept_event("group.staffed 02-10T09:45 - {group:@g2,person:@p1,role:'household_head'}");
	sync_all(&one, 0);
	assert_int_equal(one.anew, 1);
	assert_string_equal(text_of(&one, "household", "h2"), "");
	assert_non_null(strstr(text_of(&one, "household", "h1"), "王一"));
	compare(&one, "another group");
	rig_close();
}

/* Alike in what they carry, not in how they see it. */
static void test_alike(void **state)
{
	static const char GRANTS[] = "organisation@V1,grid@V1";
	(void)state;
	build();
	begin("both.p1", GRANTS, "p1");
	assert_count("household", 2);
	assert_non_null(strstr(text_of(&one, "household", "h1"), "王一"));
	assert_null(strstr(text_of(&one, "household", "h2"), "王二"));
	begin("both.p2", GRANTS, "p2");
	assert_null(strstr(text_of(&one, "household", "h1"), "王一"));
	assert_non_null(strstr(text_of(&one, "household", "h2"), "王二"));
	begin("both", GRANTS, NULL);
	assert_null(strstr(text_of(&one, "household", "h1"), "王一"));
	/* Another role at the same place. */
	begin("officer.v1", "officer@V1", NULL);
	assert_non_null(strstr(text_of(&one, "household", "h1"), "王一"));
	one.who = rig_principal("officer.v1", "commander@V1", NULL);
	sync_all(&one, 0);
	assert_int_equal(one.anew, 1);
	assert_count("household", 2);
	assert_null(strstr(text_of(&one, "household", "h1"), "王一"));
	rig_close();
}

static void test_gone(void **state)
{
	(void)state;
	build();
	begin("officer.v1", "officer@V1", NULL);
	accept_event("household.removed 02-10T09:00 - {household:@h1,reason:'迁出'}");
	accept_event("followup.closed 02-10T09:00 - {followup:@f1,reason:'moved'}");
	accept_event("site.closed 02-10T09:00 - {site:@s1}");
	accept_event("group.dissolved 02-10T09:00 - {group:@g1}");
	accept_event("subject.erased 02-10T09:00 V1 {subject:@h2,ground:'本人要求'}");
	sync_all(&one, 0);
	assert_int_equal(one.anew, 0);
	assert_string_equal(text_of(&one, "household", "h1"), "");
	assert_string_equal(text_of(&one, "followup", "f1"), "");
	assert_string_equal(text_of(&one, "group", "g1"), "");
	assert_non_null(strstr(text_of(&one, "site", "s1"), "\"closed\""));
	assert_null(strstr(text_of(&one, "household", "h2"), "王二"));
	compare(&one, "gone");
	/* A pass revoked. */
	accept_event("#pass pass.issued 02-10T09:00 V1 {subject:@u9,person:{name:'钱一'},"
		     "valid_from:'2020-02-10T08:00:00+08:00',valid_to:'2020-03-01T08:00:00+08:00',purpose:'就医'}");
	accept_event("pass.revoked 02-10T09:30 V1 {subject:@u9,reason:'误发'}");
	one.taken = 0;
	sync_all(&one, 0);
	compare(&one, "revoked");
	/* Nothing happens, but a while goes by: nothing is sent. */
	rig_now += 60000;
	one.taken = one.dropped = 0;
	sync_all(&one, 0);
	assert_int_equal(one.taken + one.dropped, 0);
	rig_close();
}

/* What holds from a day on shows when the day has come, without any record. */
static void test_days(void **state)
{
	(void)state;
	build();
	accept_event("household.changed 02-10T09:00 - {household:@h1,address:'四号院',from:'2020-02-11'}");
	accept_event("site.changed 02-10T09:00 - {site:@s1,name:'新路口',from:'2020-02-11'}");
	begin("officer.v1", "officer@V1", NULL);
	struct phone *grid = &phones[0];
	clear(grid);
	*grid = (struct phone){ .who = rig_principal("grid.p1", "grid@T1", "p1") };
	sync_all(grid, 0);
	assert_non_null(strstr(text_of(&one, "household", "h1"), "一号院"));
	rig_now = rig_time("02-11T00:00");
	sync_all(&one, 0);
	assert_int_equal(one.anew, 0);
	assert_non_null(strstr(text_of(&one, "household", "h1"), "四号院"));
	assert_non_null(strstr(text_of(&one, "site", "s1"), "新路口"));
	compare(&one, "a day later");
	sync_all(grid, 0);
	assert_int_equal(grid->anew, 0);
	compare(grid, "a day later");
	/* Names stand in everything. */
	accept_event("division.renamed 02-11T00:00 - {code:V1,name:'新村名',from:'2020-02-12'}");
	sync_all(&one, 0);
	assert_int_equal(one.anew, 1);
	rig_now = rig_time("02-12T00:00");
	sync_all(&one, 0);
	assert_int_equal(one.anew, 2);
	assert_non_null(strstr(text_of(&one, "household", "h2"), "新村名"));
	compare(&one, "renamed");
	clear(grid);
	rig_close();
}

static void refuse(const char *after, const char *expected)
{
	char path[300], code[64];
	snprintf(path, sizeof path, "/api/v1/sync?after=%s", after);
	assert_null(rig_view(one.who, path, code));
	assert_string_equal(code, expected);
}

static void test_cursors(void **state)
{
	static const char *const BAD[] = { "0",
					   "1",
					   "1:f",
					   "1:l:",
					   "1:x:1:1:1",
					   "2:l:1:1:1:1:1:1:1",
					   "1:l:1:1:1:1:1:1",
					   "1:l:1:1:1:1:1:1:1:1",
					   "1:l:-1:1:1:1:1:1:1",
					   "1:f:1:1:1:1",
					   "1:l:g:1:1:1:1:1:1",
					   "1:f:ffffffffffffffffff:1:1:1:",
					   "1:l:1:1:1:1:1:1:1x" };
	char cursor[200], other[200];
	(void)state;
	build();
	begin("officer.v1", "officer@V1", NULL);
	for (size_t i = 0; i < ARRAY_LEN(BAD); i++)
		refuse(BAD[i], "field_form");
	/* Another's, or from before the grants changed: from the start. */
	snprintf(cursor, sizeof cursor, "%s", one.cursor);
	begin("officer.v2", "officer@V2", NULL);
	refuse(cursor, "sync_anew");
	begin("officer.v1", "officer@V1", NULL);
	refuse("1:l:1:1:1:1:1:1:1", "sync_anew");
	/* Of a ledger that went further than this one (restored), or of tomorrow. */
	snprintf(other, sizeof other, "1:l:ffffff%s", strchr(cursor + 4, ':'));
	refuse(other, "sync_anew");
	/* A list that does not exist is at its end. */
	clear(&one);
	sync_once(&one, 1);
	assert_int_equal(strncmp(one.cursor, "1:f:", 4), 0);
	sync_all(&one, 3);
	compare(&one, "by threes");
	rig_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_histories), cmocka_unit_test(test_officer), cmocka_unit_test(test_own_group),
		cmocka_unit_test(test_alike),     cmocka_unit_test(test_gone),    cmocka_unit_test(test_days),
		cmocka_unit_test(test_cursors),
	};
	return rig_run("domain/sync", tests, ARRAY_LEN(tests));
}
