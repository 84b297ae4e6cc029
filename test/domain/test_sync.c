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
	if (getenv("LIANFANG_TEST_VERBOSE"))
		print_message("%.*s: %s: %.3000s\n", STR_ARG(p->who->account), path, body);
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
		if (strcmp(c->data, fresh.items[i].data) != 0)
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

static struct phone phones[ARRAY_LEN(OWNERS)];

static void run_history(uint64_t seed, bool whole)
{
	static struct history h;
	static const int LIMITS[] = { 0, 0, 500, 50, 7, 1 };
	char when[60];
	rig_open(RIG_COUNTY, RIG_DIVISIONS);
	history_begin(&h, seed);
	for (size_t i = 0; i < ARRAY_LEN(phones); i++) {
		clear(&phones[i]);
		phones[i] =
		    (struct phone){ .who = rig_principal(OWNERS[i].account, OWNERS[i].grants, OWNERS[i].person) };
	}
	for (int step = 0; step < 60; step++) {
		size_t before = h.n;
		history_grow(&h, 1 + draw(&h, whole ? 20 : 8));
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
	print_message("%zu pages, %zu items, %zu drops, %zu times anew\n", pages, taken, dropped, anew);
	/* Most of it is by what changed. */
	assert_true(anew * 4 < pages && dropped > 20);
	for (size_t i = 0; i < ARRAY_LEN(phones); i++)
		clear(&phones[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_histories),
	};
	(void)count;
	(void)text_of;
	return rig_run("domain/sync", tests, ARRAY_LEN(tests));
}
