/* Errors. A fallible function returns int (0, or negative) and fills its last
 * argument `struct err *`. An error is of a kind — one static row with its
 * stable code, HTTP status and text in two languages — plus the field at fault
 * and up to three arguments for the text. Lower layers never log: the boundary does, once. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/str.h"

enum lang { LANG_ZH, LANG_EN };

/* `zh` and `en` may hold {0} {1} {2}, replaced by the arguments. */
struct err_kind {
	const char *code; /* stable, snake_case: part of the contract */
	int status;       /* HTTP status when the whole request fails with it */
	const char *zh, *en;
};

#define ERR_ARGS 3

struct err {
	const struct err_kind *kind; /* NULL: no error */
	char field[96];              /* JSON path such as "people[1].temperature", or empty */
	char arg[ERR_ARGS][160];
};

/* Kinds that any layer may need; modules define their own beside the rule. */
extern const struct err_kind ERR_NO_MEMORY, ERR_INTERNAL, ERR_BUSY, ERR_STORE, ERR_STORE_FULL, ERR_STORE_READONLY,
    ERR_STORE_LOCKED, ERR_STORE_NEWER, ERR_STORE_CORRUPT, ERR_USAGE, ERR_FILE, ERR_NOT_FOUND, ERR_FORBIDDEN,
    ERR_MALFORMED, ERR_TOO_LARGE, ERR_UNAUTHENTICATED;

/* Sets the error and returns -1. `err` may be NULL. Trailing string arguments fill {0}…; end them with NULL. */
int err_set(struct err *err, const struct err_kind *kind, const char *field, ...) __attribute__((sentinel));
/* Shorthand without field or arguments. */
int err_kind_set(struct err *err, const struct err_kind *kind);
/* ERR_INTERNAL or another kind with one printf-formatted argument {0}. */
int err_fmt(struct err *err, const struct err_kind *kind, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
#ifdef __clang_analyzer__ /* sees one file at a time: without this it doubts that these return -1 */
#define err_set(...)            ((void)err_set(__VA_ARGS__), -1)
#define err_kind_set(err, kind) ((void)err_kind_set(err, kind), -1)
#define err_fmt(...)            ((void)err_fmt(__VA_ARGS__), -1)
#endif
/* Puts "outer." or "outer[3]." before the field, as nested decoders return. */
void err_prefix(struct err *err, const char *outer, long index);
/* Appends the text in a language to `out`. */
void err_text(const struct err *err, enum lang lang, struct buf *out);

#endif
