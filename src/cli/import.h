/* What the import's files share: the state of one run, a kind's description,
 * looking things up, and making events. Only import*.c include it. */
#ifndef CLI_IMPORT_H
#define CLI_IMPORT_H

#include "cli/cli.h"
#include "cli/divisions.h"
#include "format/csv.h"

#define IMPORT_COLUMNS_MAX  16
#define IMPORT_FAULTS_MAX   1000 /* kept; the others are counted */
#define IMPORT_FAULTS_SHOWN 200

struct import_column {
	const char *name, *zh;
	bool needed;
	const char *field; /* of the event, when refusals name it otherwise than the column; or NULL */
};

/* Columns that every kind with places takes. */
#define TOWN                                  \
	{                                     \
		"town", "所属镇", false, NULL \
	}
#define WHEN                              \
	{                                 \
		"at", "日期", false, "at" \
	}

struct import;

struct import_kind {
	const char *name, *zh;
	const struct import_column *columns;
	size_t n;
	/* Makes the events of the row that was read. 0; -1: the row is bad and nothing of it counts. */
	int (*row)(struct import *im, struct err *err);
};

extern const struct import_kind IMPORT_KINDS[]; /* ended by a row without name; divisions have no columns */

struct import_fault {
	long line, column;
	struct err why;
};

/* id → number, open addressing; grows. */
struct idmap {
	struct uuid *keys;
	int64_t *values;
	size_t cap, n;
};

int64_t *idmap_put(struct idmap *m, const struct uuid *id); /* its value, 0 when new; NULL: out of memory */
const int64_t *idmap_get(const struct idmap *m, const struct uuid *id);
void idmap_clear(struct idmap *m);
void idmap_finish(struct idmap *m);

struct import_index; /* import_find.c */

struct import {
	const struct import_kind *kind;
	const char *file;
	struct cli_store store;
	struct reader *reader, *asker; /* a snapshot for single look-ups; and for views */
	struct work *work;
	struct import_index *index;
	int64_t now; /* when rows that say nothing else happened */
	/* the file */
	struct buf bytes, scratch;
	struct str text;
	struct csv_reader csv;
	int at[IMPORT_COLUMNS_MAX];
	struct divisions divisions;
	size_t next_division;
	/* the row at hand */
	long line, refused_line;
	const char *field; /* column or field at fault, set by look-ups */
	/* events made and not yet handed over; all borrow from the arena */
	struct arena arena;
	struct event *pending;
	size_t n_pending, cap_pending, taken;
	struct buf data, envelope;
	struct json_writer w;
	long *lines; /* of every event made, by its place in the stream */
	size_t n_lines, cap_lines;
	struct idmap made; /* events and things made in this file → line */
	/* outcome */
	bool rehearsal; /* the first pass: events are made and dropped */
	struct import_fault *faults;
	size_t n_faults;
	int64_t bad, rows, unchanged;
	struct cli_progress progress;
};

/* ---- the row at hand (import_row.c) ---- */

struct str import_cell(const struct import *im, const char *column); /* absent when empty or not in the file */
long import_column_of(const struct import *im, const char *field);   /* from 1; 0: none */
/* The moment the row gives in `at`, or FIELD_ABSENT. */
int import_at(struct import *im, int64_t *ret, struct err *err);
/* Ids from the store's id and a name, so that the same file gives the same records. */
struct uuid import_id(const struct import *im, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A cell as messages show it: cut to the room there is, between characters. */
void import_shown(struct str s, char *out, size_t size);
/* A ref as it stands in keys: digits without leading zeros. */
struct str import_ref(struct str cell);
/* Index in a NULL-terminated list, by its English or Chinese name; -1 when it is none. */
int64_t import_value(struct str cell, const char *const *names, const char *const *zh);

/* Data of the next event: begin, put members, then make. */
void import_begin(struct import *im);
void import_put(struct import *im, const char *name, struct str text);        /* left out when absent */
void import_put_number(struct import *im, const char *name, struct str text); /* as a number when it is one */
void import_put_id(struct import *im, const char *name, const struct uuid *id);
int import_put_value(struct import *im, const char *name, struct str cell, const char *const *names,
		     const char *const *zh, struct err *err);
int import_put_bool(struct import *im, const char *name, struct str cell, struct err *err);
/* Closes the data and queues the event. `at` FIELD_ABSENT: as an earlier import of the same record said, or now.
 * `place` FIELD_ABSENT: left out. `thing`: what it opens, or NULL. Refuses a record that stands twice in the file. */
int import_make(struct import *im, const char *type, const struct uuid *event, const struct uuid *thing, int64_t at,
		place_t place, struct err *err);
int import_queue(struct import *im, const struct event *ev, struct err *err);
void import_fault(struct import *im, long line, long column, const struct err *why);

/* A place's code, terminated. */
struct import_code {
	char text[PLACE_TEXT + 1];
};
struct import_code import_code(place_t p);

/* ---- households to groups (import_assign.c) ---- */

/* An event's id of its own for "X stands in Y": the plain one, or a later one when X has left Y again since. */
int import_standing_id(struct import *im, const char *type, const char *key, bool still, struct uuid *ret,
		       struct err *err);
/* Makes the assignment, if it is not so already. `fresh`: the household is of this very file, so nothing is known of
 * it. */
int import_assign(struct import *im, const struct uuid *household, const struct uuid *group, int64_t at, bool fresh,
		  struct err *err);

#define ASSIGNMENT_COLUMNS_N 7
extern const struct import_column ASSIGNMENT_COLUMNS[ASSIGNMENT_COLUMNS_N];
int assignment_row(struct import *im, struct err *err);

/* ---- looking up (import_find.c); -1 sets im->field to the column at fault ---- */

int import_index_create(struct import *im, struct err *err);
void import_index_destroy(struct import_index *x);
/* Place by code or name, narrowed by the column `town`. */
int find_place(struct import *im, const char *column, place_t *ret, struct err *err);
/* Person by id, ref, phone or name, enrolled at the place or above it. */
int find_person(struct import *im, const char *column, place_t place, struct uuid *ret, struct err *err);
/* Group by id, ref or name within the village, and where it is. `place` may be FIELD_ABSENT with an id. */
int find_group(struct import *im, const char *column, place_t place, struct uuid *ret, place_t *ret_place,
	       struct err *err);
/* Household by id, ref, address or head within the village. */
int find_household(struct import *im, const char *column, place_t place, struct uuid *ret, struct err *err);
int find_site(struct import *im, const char *column, place_t place, struct uuid *ret, struct err *err);
int find_team(struct import *im, const char *column, place_t place, struct uuid *ret, struct err *err);
/* Is there such a thing, in the store or earlier in this file? 1, 0, -1. */
int thing_there(struct import *im, const struct uuid *id, const char *kind, struct err *err);

#endif
