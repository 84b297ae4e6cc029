/* The blind index: from the keyed hash of an id number or phone to the subjects
 * it was recorded of. Nobody without the master key can make the hash. */
#include "ledger.sql.h"
#include "ledger/seal.h"

int blind_add(struct db *db, const uint8_t hash[16], const struct uuid *subject, struct err *err)
{
	struct uuid h;
	memcpy(h.b, hash, sizeof h.b);
	return db_run(db, &SQL_BLIND_ADD, err, "uu", &h, subject) < 0 ? -1 : 0;
}

int blind_find(struct db *db, const uint8_t hash[16], struct uuid *ret, size_t most, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct uuid h;
	int n = 0, rc;
	memcpy(h.b, hash, sizeof h.b);
	if (db_start(db, &SQL_BLIND_FIND, &st, err, "ui", &h, (int64_t)most) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1)
		ret[n++] = stmt_uuid(st, 0);
	return rc < 0 ? -1 : n;
}
