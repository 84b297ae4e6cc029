/* Text kept in memory for a minute, for views that many callers ask for at once. The
 * key must tell everything that the text depends on but the ledger; how far that
 * went when it was made is kept beside it, for the reader to judge by. */
#ifndef DOMAIN_MEMO_H
#define DOMAIN_MEMO_H

#include "base/arena.h"
#include "base/uuid.h"

struct memo;

struct memo *memo_create(void); /* NULL: no memory */
void memo_destroy(struct memo *m);
/* Copied into the arena. */
bool memo_find(struct memo *m, const struct uuid *key, int64_t now, struct arena *arena, struct str *ret,
	       int64_t *ret_seq);
/* Bounded: may push out others, or not be kept at all. */
void memo_keep(struct memo *m, const struct uuid *key, int64_t now, int64_t seq, struct str text);
/* Empties it of what may hold what record `seq` makes to be forgotten, and takes in nothing read before it. */
void memo_forget(struct memo *m, int64_t seq);

#endif
