/* UUIDs (RFC 9562) as 16 bytes. */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include "base/str.h"

struct uuid {
	uint8_t b[16];
};

#define UUID_TEXT 36

bool uuid_is_nil(const struct uuid *u);
bool uuid_eq(const struct uuid *a, const struct uuid *b);
/* Reads the 36-character form in either case; false when malformed or nil. */
bool uuid_parse(struct str text, struct uuid *ret);
/* Lower-case form, not terminated. */
void uuid_format(const struct uuid *u, char out[UUID_TEXT]);
/* Time-ordered version 7 of the moment `ms`; strictly increasing within a process and millisecond. Thread-safe. */
struct uuid uuid_v7(int64_t ms);
/* The moment a version 7 id was made, as its maker's clock said; INT64_MIN for other versions. */
int64_t uuid_moment(const struct uuid *u);
/* A version-8 id derived from a namespace id and a name (SHA-256, cut): the same input gives the same id. */
struct uuid uuid_derive(const struct uuid *ns, struct str name);

#endif
