/* Reads a file of divisions (columns code, name, level, parent) and checks it
 * as a whole: forms, levels, doubled codes, parents. What is listed already in
 * a store is not its business. */
#ifndef CLI_DIVISIONS_H
#define CLI_DIVISIONS_H

#include "base/arena.h"
#include "base/err.h"
#include "event/place.h"

struct division_row {
	place_t code;
	place_t parent; /* as given, or the next place above; PLACE_NATION for a province */
	struct str name;
	int64_t level; /* 1 province … 5 village */
	long line;
};

struct divisions {
	struct division_row *rows; /* parents first: by level, then code */
	size_t n;
	/* What the names borrow from: */
	struct buf bytes, text;
	struct arena names;
};

struct divisions_options {
	place_t top; /* codes neither in it nor above it are refused */
	/* A file for a fresh store: every parent, and the top itself, must stand in it. Else an unknown parent is left
	 * to the store to judge. */
	bool whole;
	/* One bad row: line and column from 1 (column 0: the row as a whole). Never called with more than
	 * DIVISIONS_FAULTS_MAX faults; may be NULL. */
	void (*fault)(void *ctx, long line, long column, const struct err *why);
	void *ctx;
};

#define DIVISIONS_FAULTS_MAX 1000 /* listed one by one; the rest are only counted */

/* -1 with ERR_DIVISIONS ({0} faults) when any row is bad, or another error when the file cannot be read. A city
 * without counties may be listed at both levels: it becomes one row. */
int divisions_read(const char *file, const struct divisions_options *o, struct divisions *ret, struct err *err);
void divisions_finish(struct divisions *d);

/* Reads a whole file of up to `max` bytes; "-" is standard input. */
int file_read_whole(const char *file, size_t max, struct buf *ret, struct err *err);

#define INPUT_FILE_MAX ((size_t)512 << 20)

extern const struct err_kind ERR_DIVISIONS;

#endif
