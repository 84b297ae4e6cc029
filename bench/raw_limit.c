/* The limit: what the store itself takes when nothing stands around it. The
 * same tables and indexes (a store that `init` made), the same connection
 * settings (opened through store/), the same statements, rows of the same sizes
 * and as many a commit as the pipeline's own groups — bound and stepped in a
 * bare loop, straight on the database. Nothing is read, parsed, hashed or
 * sealed, so the store does not verify afterwards: it is for throwing away. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "event/place.h"
#include "store/sqlite.h"

#include "core.sql.h"
#include "ids.h"
#include "ledger.sql.h"
#include "places.sql.h"

#define PLACES_MAX  4096
#define FIGURES_MAX (2 * 3 * PLACES_MAX)
#define WRAPPED     72 /* a subject's wrapped key, ledger/seal.h */
#define NODE_LEVEL  8  /* lowest stored level of the tree, ledger/merkle.h */

struct figure {
	const char *name;
	place_t place;
	int64_t delta;
};

struct raw {
	sqlite3 *db;
	sqlite3_stmt *begin, *commit, *append, *key, *node, *head, *thing, *household, *figure, *clear;
	struct ids ids;
	place_t places[PLACES_MAX], top;
	int n_places;
	struct figure figures[FIGURES_MAX]; /* of the open commit */
	int n_figures;
	int64_t seq, now;
	unsigned char entry[8192];
	int entry_size;
	bool derived, without_keys, without_things, without_households, without_figures;
};

static void stop(struct raw *r, const char *what)
{
	fprintf(stderr, "raw_limit: %s: %s\n", what, r->db ? sqlite3_errmsg(r->db) : "");
	exit(1);
}

/* `n` is the number of values that this file binds: should the program's statement change, it is noticed here. */
static sqlite3_stmt *prepare(struct raw *r, const char *text, int n)
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v3(r->db, text, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL) != SQLITE_OK)
		stop(r, text);
	if (sqlite3_bind_parameter_count(st) != n)
		stop(r, "a statement has changed: bring raw_limit.c up to date with it");
	return st;
}

static void step(struct raw *r, sqlite3_stmt *st)
{
	if (sqlite3_step(st) != SQLITE_DONE)
		stop(r, sqlite3_sql(st));
	sqlite3_reset(st);
}

static void bind_bytes(sqlite3_stmt *st, int n, const void *bytes, int size)
{
	sqlite3_bind_blob(st, n, bytes, size, SQLITE_STATIC);
}

static void bind_text(sqlite3_stmt *st, int n, const char *text)
{
	sqlite3_bind_text(st, n, text, -1, SQLITE_STATIC);
}

/* ---- what one household.registered writes ----------------------------------------- */

static void figure_note(struct raw *r, const char *name, place_t place)
{
	for (;; place = place_parent(place)) {
		int i = 0;

		while (i < r->n_figures && (r->figures[i].place != place || r->figures[i].name != name))
			i++;
		if (i == r->n_figures && r->n_figures < FIGURES_MAX)
			r->figures[r->n_figures++] = (struct figure){ name, place, 0 };
		r->figures[i].delta++;
		if (place == r->top || place == PLACE_NATION)
			return;
	}
}

static void put_derived(struct raw *r, place_t place, const uint8_t household[16])
{
	static const char records[] = "records", households[] = "households";
	unsigned char wrapped[WRAPPED];

	for (size_t i = 0; i < sizeof(wrapped); i++)
		wrapped[i] = (unsigned char)ids_random(&r->ids);
	bind_bytes(r->key, 1, household, 16);
	bind_bytes(r->key, 2, wrapped, sizeof(wrapped));
	if (!r->without_keys)
		step(r, r->key);
	bind_bytes(r->thing, 1, household, 16);
	bind_text(r->thing, 2, "household");
	sqlite3_bind_int64(r->thing, 3, place);
	sqlite3_bind_int64(r->thing, 4, r->now);
	sqlite3_bind_int64(r->thing, 5, r->seq);
	sqlite3_bind_int64(r->thing, 6, 0);
	if (!r->without_things)
		step(r, r->thing);
	sqlite3_bind_int64(r->household, 1, r->seq);
	bind_bytes(r->household, 2, household, 16);
	sqlite3_bind_int64(r->household, 3, place);
	sqlite3_bind_int64(r->household, 4, r->now);
	if (!r->without_households)
		step(r, r->household);
	if (r->without_figures)
		return;
	figure_note(r, records, place);
	figure_note(r, households, place);
}

static void put_event(struct raw *r)
{
	place_t place = r->places[ids_random(&r->ids) % (uint64_t)r->n_places];
	uint8_t id[16], household[16], hash[32];

	r->seq++;
	ids_next(&r->ids, id);
	ids_next(&r->ids, household);
	for (size_t i = 0; i < sizeof(hash); i += 8) {
		uint64_t bits = ids_random(&r->ids);

		memcpy(hash + i, &bits, 8);
	}
	sqlite3_bind_int64(r->append, 1, r->seq);
	bind_bytes(r->append, 2, id, sizeof(id));
	bind_text(r->append, 3, "household.registered");
	sqlite3_bind_int64(r->append, 4, place_at(place, LEVEL_TOWN));
	bind_bytes(r->append, 5, hash, sizeof(hash));
	bind_bytes(r->append, 6, r->entry, r->entry_size);
	step(r, r->append);
	if (!r->derived)
		return;
	for (int k = NODE_LEVEL; r->seq % (1LL << k) == 0; k++) {
		sqlite3_bind_int64(r->node, 1, k);
		sqlite3_bind_int64(r->node, 2, (r->seq >> k) - 1);
		bind_bytes(r->node, 3, hash, sizeof(hash));
		step(r, r->node);
	}
	put_derived(r, place, household);
}

static int by_key(const void *x, const void *y)
{
	const struct figure *a = x, *b = y;
	int c = strcmp(a->name, b->name);

	return c ? c : a->place < b->place ? -1 : a->place > b->place;
}

/* What stands once a commit: each touched figure, the signed head. */
static void put_once(struct raw *r)
{
	uint8_t root[32] = { 0 }, signature[64] = { 0 };

	qsort(r->figures, (size_t)r->n_figures, sizeof(*r->figures), by_key);
	for (int i = 0; i < r->n_figures; i++) {
		sqlite3_bind_int64(r->figure, 1, place_county(r->figures[i].place));
		sqlite3_bind_int64(r->figure, 2, 0);
		bind_text(r->figure, 3, r->figures[i].name);
		sqlite3_bind_int64(r->figure, 4, r->figures[i].place);
		sqlite3_bind_int64(r->figure, 5, day_of(r->now));
		sqlite3_bind_int64(r->figure, 6, r->figures[i].delta);
		step(r, r->figure);
	}
	r->n_figures = 0;
	step(r, r->clear);
	sqlite3_bind_int64(r->head, 1, r->seq);
	bind_bytes(r->head, 2, root, sizeof(root));
	sqlite3_bind_int64(r->head, 3, r->now);
	bind_bytes(r->head, 4, signature, sizeof(signature));
	step(r, r->head);
}

/* ---- the run ------------------------------------------------------------------------ */

static void read_places(struct raw *r)
{
	sqlite3_stmt *st = prepare(r, "SELECT code FROM division WHERE level = 5 ORDER BY code LIMIT 4096", 0);

	while (r->n_places < PLACES_MAX && sqlite3_step(st) == SQLITE_ROW)
		r->places[r->n_places++] = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	if (!r->n_places)
		stop(r, "the store has no villages");
	r->top = place_at(r->places[0], LEVEL_COUNTY);
	for (int i = 1; i < r->n_places; i++)
		if (!place_within(r->places[i], r->top))
			r->top = PLACE_NATION;
	st = prepare(r, "SELECT coalesce(max(seq), 0) FROM ledger", 0);
	if (sqlite3_step(st) == SQLITE_ROW)
		r->seq = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
}

static void run(struct raw *r, int64_t rows, int64_t each)
{
	int64_t began, done = 0, commits = 0, us, commit_us = 0;
	int pages, peak;
	struct rusage use;
	double cpu;

	ids_init(&r->ids);
	for (size_t i = 0; i < sizeof(r->entry); i++)
		r->entry[i] = (unsigned char)(' ' + ids_random(&r->ids) % 95);
	r->now = clock_now();
	began = clock_ticks();
	while (done < rows) {
		int64_t at;

		step(r, r->begin);
		for (int64_t i = 0; i < each; i++)
			put_event(r);
		if (r->derived)
			put_once(r);
		at = clock_ticks();
		step(r, r->commit);
		commit_us += clock_ticks() - at;
		done += each;
		commits++;
	}
	us = clock_ticks() - began;
	sqlite3_db_status(r->db, SQLITE_DBSTATUS_CACHE_WRITE, &pages, &peak, 0);
	getrusage(RUSAGE_SELF, &use);
	cpu = (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1e6 +
	      (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
	printf("{\"rows\":%lld,\"commit\":%lld,\"entry\":%d,\"derived\":%s,\"rate\":%.0f,\"commits\":%lld,"
	       "\"in_commit\":%.3f,\"pages\":%.1f,\"cpu_us\":%.2f}\n",
	       (long long)done, (long long)each, r->entry_size, r->derived ? "true" : "false",
	       (double)done * 1e6 / (double)us, (long long)commits, (double)commit_us / (double)us,
	       (double)pages / (double)commits, cpu / (double)done);
}

static void prepare_all(struct raw *r)
{
	r->begin = prepare(r, "BEGIN IMMEDIATE", 0);
	r->commit = prepare(r, "COMMIT", 0);
	r->append = prepare(r, SQL_APPEND.text, 6);
	r->key = prepare(r, SQL_SUBJECT_KEY_ADD.text, 2);
	r->node = prepare(r, SQL_NODE_ADD.text, 3);
	r->head = prepare(r, SQL_HEAD_ADD.text, 4);
	r->thing = prepare(r, SQL_THING_ADD.text, 6);
	r->household = prepare(r, SQL_HOUSEHOLD_ADD.text, 4);
	r->figure = prepare(r, SQL_FIGURE_PUT.text, 6);
	r->clear = prepare(r, SQL_FIGURE_CLEAR_ZERO.text, 0);
}

static void finish_all(struct raw *r)
{
	sqlite3_stmt *st;

	while ((st = sqlite3_next_stmt(r->db, NULL)))
		sqlite3_finalize(st);
}

/* Leaves out one kind of derived row, to see what it costs. */
static bool leave_out(struct raw *r, const char *what)
{
	bool *flag = strcmp(what, "keys") == 0         ? &r->without_keys
		     : strcmp(what, "things") == 0     ? &r->without_things
		     : strcmp(what, "households") == 0 ? &r->without_households
		     : strcmp(what, "figures") == 0    ? &r->without_figures
						       : NULL;

	if (flag)
		*flag = true;
	return flag;
}

int main(int argc, char **argv)
{
	static const struct option NAMES[] = {
		{ "db", required_argument, NULL, 'd' },     { "rows", required_argument, NULL, 'n' },
		{ "commit", required_argument, NULL, 'c' }, { "entry", required_argument, NULL, 'e' },
		{ "derived", no_argument, NULL, 'D' },      { "without", required_argument, NULL, 'w' },
		{ "sql", required_argument, NULL, 's' },    { 0 },
	};
	static struct raw r = { .entry_size = 600 };
	const char *path = NULL, *sql = "";
	int64_t rows = 100000, each = 64;
	struct err err = { 0 };
	struct store *s;
	struct db *db;
	int c;

	while ((c = getopt_long(argc, argv, "", NAMES, NULL)) != -1) {
		switch (c) {
		case 'd':
			path = optarg;
			break;
		case 'n':
			rows = atoll(optarg);
			break;
		case 'c':
			each = atoll(optarg);
			break;
		case 'e':
			r.entry_size = atoi(optarg);
			break;
		case 'D':
			r.derived = true;
			break;
		case 's':
			sql = optarg;
			break;
		case 'w':
			if (leave_out(&r, optarg))
				break;
			/* fall through */
		default:
			c = 0;
			path = NULL;
			break;
		}
	}
	if (!path || rows < 1 || each < 1 || r.entry_size < 1 || r.entry_size > (int)sizeof(r.entry)) {
		fprintf(stderr, "usage: raw_limit --db FILE [--rows N] [--commit N] [--entry BYTES] [--derived]\n"
				"                 [--without keys|things|households|figures]… [--sql SETTINGS]\n");
		return 2;
	}
	if (store_open(path, STORE_EXCLUSIVE, &s, &err) < 0 || store_connect(s, DB_WRITE, &db, &err) < 0) {
		fprintf(stderr, "raw_limit: %s: %s\n", path, err.arg[0][0] ? err.arg[0] : err.kind->en);
		return 1;
	}
	r.db = ((struct sqlite_db *)db)->handle;
	if (sqlite3_exec(r.db, sql, NULL, NULL, NULL) != SQLITE_OK)
		stop(&r, sql);
	read_places(&r);
	prepare_all(&r);
	run(&r, rows, each);
	finish_all(&r);
	db_close(db);
	store_close(s);
	return 0;
}
