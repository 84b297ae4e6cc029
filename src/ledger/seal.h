/* Sealing of personal data: one random key per subject (XChaCha20-Poly1305),
 * wrapped by a master key in the key file beside the store (never in the
 * database). Erasing a subject destroys its wrapped key; the ledger still
 * verifies. Also the head-signing key, the sameness key and blind indexes. */
#ifndef LEDGER_SEAL_H
#define LEDGER_SEAL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/uuid.h"
#include "store/store.h"

struct keyring;

/* The key file (mode 0600): store id, a master secret from which the wrapping, sameness and blind-index
 * keys are derived (BLAKE2b), and the Ed25519 seed. Text, one `name: base64url` a line. */
int keyring_create(const char *file, const struct uuid *store_id, struct keyring **ret, struct err *err);
/* A missing file is not an error when `may_miss`: the ring then opens nothing and can't append. */
int keyring_open(const char *file, const struct uuid *store_id, bool may_miss, struct keyring **ret, struct err *err);
void keyring_close(struct keyring *k);
bool keyring_has_secrets(const struct keyring *k);
const uint8_t *keyring_public(const struct keyring *k); /* 32 bytes */
void keyring_sign(const struct keyring *k, struct str message, uint8_t out[64]);

#define SUBJECT_KEY_SIZE 32
#define WRAPPED_KEY_SIZE (24 + 32 + 16)

struct subject_key {
	uint8_t b[SUBJECT_KEY_SIZE];
};

/* 1 found, 0 none (never made, or erased), -1 error. A small cache in the ring is shared by threads and
 * emptied of a subject by subject_key_erase. */
int subject_key_load(struct keyring *k, struct db *db, const struct uuid *subject, struct subject_key *ret,
		     struct err *err);
/* Only what the cache holds, without asking the store: true when it does. */
bool subject_key_cached(struct keyring *k, const struct uuid *subject, struct subject_key *ret);
/* A new random key and its wrapped form, for subject_key_store within the commit. */
void subject_key_make(struct keyring *k, const struct uuid *subject, struct subject_key *ret,
		      uint8_t wrapped[WRAPPED_KEY_SIZE]);
/* 0 stored; 1 the subject has a key already and nothing was stored; -1 error. */
int subject_key_store(struct keyring *k, struct db *db, const struct uuid *subject, const struct subject_key *key,
		      const uint8_t wrapped[WRAPPED_KEY_SIZE], struct err *err);
int subject_key_erase(struct keyring *k, struct db *db, const struct uuid *subject, struct err *err);
/* Empties the cache of keys made in a transaction that was rolled back. */
void keyring_forget(struct keyring *k, const struct uuid *subject);
/* The same of all keys: after a rollback of many records. */
void keyring_forget_all(struct keyring *k);

/* Boxes: base64url of nonce(24) ‖ ciphertext; `bound` (the event's id ‖ owner) is authenticated with it. */
int seal_box(const struct subject_key *key, struct str bound, struct str plain, struct buf *out, struct err *err);
int seal_open(const struct subject_key *key, struct str bound, struct str box, struct arena *arena,
	      struct str *ret_plain, struct err *err);

/* A key for boxes of another purpose than a subject's ("lianfang channel"; at most 16 letters), of the master. */
void keyring_derive(const struct keyring *k, const char *purpose, struct subject_key *ret);

/* 16-byte keyed hashes (BLAKE2b): of a record for sameness; of personal members under their subject's key;
 * of a normalized value (id number, phone) for lookup. */
void keyring_same(const struct keyring *k, struct str bytes, uint8_t out[16]);
void subject_key_hash(const struct subject_key *key, struct str bytes, uint8_t out[16]);
void keyring_blind(const struct keyring *k, const char *kind, struct str value, uint8_t out[16]);

/* The blind index: which subjects an id number or phone was recorded of. Beside the keys, not derived: an erased
 * subject's entries go with its key (subject_key_erase). */
struct blind {
	uint8_t hash[16];
	struct uuid subject;
};
/* What one record tells; at most BLIND_ADD_MOST. */
#define BLIND_ADD_MOST 1000
int blind_add(struct db *db, const struct blind *entries, size_t n, struct err *err);
/* Sorts what is new away once it is much; else it costs next to nothing. Within the transaction, at its end. */
int blind_settle(struct db *db, struct err *err);
/* Up to `most` subjects, in the order they were made known where ids are v7; their number, or -1. */
int blind_find(struct db *db, const uint8_t hash[16], struct uuid *ret, size_t most, struct err *err);
/* Reads the whole index: erasing is rare. */
int blind_erase(struct db *db, const struct uuid *subject, struct err *err);

#endif
