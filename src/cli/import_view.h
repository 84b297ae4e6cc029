/* Reads one of the app's views in process, as the local operator: the same
 * answers as GET over HTTP, without a server. */
#ifndef CLI_IMPORT_VIEW_H
#define CLI_IMPORT_VIEW_H

#include "app/app.h"

struct view_arg {
	const char *name;
	struct str value; /* absent: the argument is left out */
};

/* Runs GET `path` with `n` arguments and appends its JSON to `out`. */
int view_ask(struct reader *r, const char *path, const struct view_arg *args, size_t n, enum lang lang, struct buf *out,
	     struct err *err);

/* Walks a list view of `place` from page to page. `item` takes one JSON object from the reader; texts borrow until it
 * returns. -1 ends the walk. */
typedef int (*view_item_fn)(void *ctx, struct json_reader *r, struct err *err);
int view_walk(struct reader *r, const char *path, place_t place, view_item_fn item, void *ctx, struct err *err);

#endif
