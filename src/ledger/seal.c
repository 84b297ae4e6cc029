/* The key file, the secrets derived from it, subjects' keys with their cache,
 * and the boxes personal data lies in. All cryptography is libsodium's. Which
 * fields are personal, and who may open them, is decided above. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "ledger/seal.h"

#include "ledger.sql.h"

#define MASTER_SIZE   32
#define DERIVED_SIZE  32
#define KEY_FILE_MAX  4096
#define CACHE_WAYS    4
#define CACHE_SETS    1024 /* 4,096 keys in all: a county's officials and callers of a busy day */
#define ERASED_RECENT 256
#define NONCE_SIZE    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE      crypto_aead_xchacha20poly1305_ietf_ABYTES

_Static_assert(WRAPPED_KEY_SIZE == NONCE_SIZE + SUBJECT_KEY_SIZE + TAG_SIZE, "layout of a wrapped key");
_Static_assert(SUBJECT_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "a subject's key is the cipher's");

static const struct err_kind KEYS_MISSING = { "key_file_missing", 500, "找不到密钥文件：{0}。请从备份取回。",
					      "There is no key file: {0}. Bring it back from its copy." };
static const struct err_kind KEYS_EXIST = {
	"key_file_exists", 409, "密钥文件已存在：{0}。不会覆盖它，请另选位置。",
	"The key file exists already: {0}. It is never overwritten; choose another place."
};
static const struct err_kind KEYS_MODE = { "key_file_mode", 500, "其他用户可以访问密钥文件。请执行 chmod 600 {0}",
					   "Others have access to the key file. Run chmod 600 {0}" };
static const struct err_kind KEYS_OTHER = {
	"key_file_other_store", 500, "密钥文件 {0} 属于存储 {1}，不属于本存储 {2}。请换用本存储的密钥文件。",
	"The key file {0} belongs to the store {1}, not to this one, {2}. Use this store's own."
};
static const struct err_kind KEYS_MALFORMED = {
	"key_file_malformed", 500, "密钥文件 {0} 第 {1} 行有误：{2}。请从备份取回。",
	"The key file {0} is damaged, line {1}: {2}. Bring it back from its copy."
};
static const struct err_kind SEAL_BROKEN = {
	"seal_broken", 500, "封存的个人数据无法打开：密钥不符、归属不符或内容已被改动。",
	"Sealed personal data does not open: another key, another owner, or changed bytes."
};
static const struct err_kind SEAL_WRAP = {
	"subject_key_broken", 500, "主体 {0} 的密钥无法用本密钥文件解开。请检查密钥文件。",
	"The key of subject {0} does not open with this key file. Check the key file."
};

struct cache_slot {
	struct uuid subject; /* nil: free */
	struct subject_key key;
};

struct keyring {
	bool secrets;
	struct uuid store_id;
	uint8_t master[MASTER_SIZE], seed[crypto_sign_SEEDBYTES];
	uint8_t wrap[DERIVED_SIZE], same[DERIVED_SIZE], blind[DERIVED_SIZE];
	uint8_t sign[crypto_sign_SECRETKEYBYTES], public[crypto_sign_PUBLICKEYBYTES];

	pthread_mutex_t lock; /* of everything below */
	uint64_t salt;        /* so that nobody can choose ids that fall into one set */
	unsigned clock;       /* which way of a full set gives room next */
	struct cache_slot cache[CACHE_SETS][CACHE_WAYS];
	/* A reader whose snapshot is older than an erasure still finds the key; it must not put it back here. */
	struct uuid erased[ERASED_RECENT];
	unsigned erased_next;
};

/* ---- the ring ---- */

/* A purpose's own key: BLAKE2b keyed with the master, the purpose as personalisation, the store as salt. */
static void derive(const struct keyring *k, const char *purpose, uint8_t out[DERIVED_SIZE])
{
	uint8_t personal[crypto_generichash_blake2b_PERSONALBYTES] = { 0 };

	assert(strlen(purpose) <= sizeof(personal));
	memcpy(personal, purpose, strlen(purpose));
	if (crypto_generichash_blake2b_salt_personal(out, DERIVED_SIZE, NULL, 0, k->master, MASTER_SIZE, k->store_id.b,
						     personal) != 0)
		abort();
}

void keyring_derive(const struct keyring *k, const char *purpose, struct subject_key *ret)
{
	derive(k, purpose, ret->b);
}

static void derive_all(struct keyring *k)
{
	derive(k, "lianfang wrap", k->wrap);
	derive(k, "lianfang same", k->same);
	derive(k, "lianfang blind", k->blind);
	crypto_sign_seed_keypair(k->public, k->sign, k->seed);
}

/* sodium_malloc: fenced pages, kept out of swap and core files where the system lets us, zeroed when freed. */
static struct keyring *ring_new(const struct uuid *store_id, struct err *err)
{
	struct keyring *k;

	if (sodium_init() < 0 || !(k = sodium_malloc(sizeof(*k)))) {
		err_kind_set(err, &ERR_NO_MEMORY);
		return NULL;
	}
	memset(k, 0, sizeof(*k));
	k->store_id = *store_id;
	pthread_mutex_init(&k->lock, NULL);
	random_bytes(&k->salt, sizeof(k->salt));
	k->salt |= 1;
	return k;
}

void keyring_close(struct keyring *k)
{
	if (!k)
		return;
	pthread_mutex_destroy(&k->lock);
	sodium_free(k);
}

static void ring_closep(struct keyring **k)
{
	keyring_close(*k);
}

bool keyring_has_secrets(const struct keyring *k)
{
	return k->secrets;
}

const uint8_t *keyring_public(const struct keyring *k)
{
	return k->public;
}

void keyring_sign(const struct keyring *k, struct str message, uint8_t out[64])
{
	assert(k->secrets);
	crypto_sign_detached(out, NULL, (const uint8_t *)message.ptr, message.len, k->sign);
}

/* ---- the key file ---- */

static void closep(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static int file_fault(const char *file, const char *what, struct err *err)
{
	if (errno == ENOSPC || errno == EDQUOT)
		return err_kind_set(err, &ERR_STORE_FULL);
	return err_fmt(err, &ERR_FILE, "%s: %s: %s", file, what, strerror(errno));
}

/* The new name is durable only when its directory is. */
static int sync_directory(const char *file, struct err *err)
{
	_cleanup_(closep) int fd = -1;
	const char *slash = strrchr(file, '/');
	char dir[4096];
	size_t len = slash ? (size_t)(slash - file) + 1 : 0;

	if (!str_copy(len ? (struct str){ file, len } : STR("."), dir, sizeof(dir)))
		return err_fmt(err, &ERR_FILE, "%s: the path is too long", file);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		return file_fault(dir, "sync", err);
	return 0;
}

static void add_line(struct buf *b, const char *name, const void *bytes, size_t len)
{
	buf_cstr(b, name);
	buf_cstr(b, ": ");
	buf_b64(b, bytes, len);
	buf_char(b, '\n');
}

static void wipe(struct buf *b)
{
	if (b->ptr)
		sodium_memzero(b->ptr, b->cap);
	buf_finish(b);
}

static int write_keys(int fd, const struct keyring *k, const char *file, struct err *err)
{
	_cleanup_(wipe) struct buf b = { 0 };
	size_t done = 0;

	/* Room at once: growing would leave the secrets behind in freed memory. */
	if (!buf_reserve(&b, KEY_FILE_MAX))
		return err_kind_set(err, &ERR_NO_MEMORY);
	buf_cstr(&b, "# The keys of a lianfang store. Secret: keep a copy apart from the store's backups. Without\n"
		     "# it personal data cannot be read any more and nothing can be recorded.\n");
	add_line(&b, "store", k->store_id.b, sizeof(k->store_id.b));
	add_line(&b, "master", k->master, sizeof(k->master));
	add_line(&b, "seed", k->seed, sizeof(k->seed));
	if (b.failed)
		return err_kind_set(err, &ERR_NO_MEMORY);
	while (done < b.len) {
		ssize_t n = write(fd, b.ptr + done, b.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return file_fault(file, "write", err);
		done += (size_t)n;
	}
	return fsync(fd) < 0 ? file_fault(file, "sync", err) : 0;
}

int keyring_create(const char *file, const struct uuid *store_id, struct keyring **ret, struct err *err)
{
	_cleanup_(ring_closep) struct keyring *k = ring_new(store_id, err);
	_cleanup_(closep) int fd = -1;

	if (!k)
		return -1;
	random_bytes(k->master, sizeof(k->master));
	random_bytes(k->seed, sizeof(k->seed));
	k->secrets = true;
	derive_all(k);
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 && errno == EEXIST)
		return err_set(err, &KEYS_EXIST, NULL, file, NULL);
	if (fd < 0)
		return file_fault(file, "create", err);
	if (write_keys(fd, k, file, err) < 0 || sync_directory(file, err) < 0) {
		unlink(file);
		return -1;
	}
	*ret = k;
	k = NULL;
	return 0;
}

/* Reads a file of known small size into `out`; returns its length. */
static ssize_t read_file(const char *file, bool *ret_missing, char out[KEY_FILE_MAX], struct err *err)
{
	_cleanup_(closep) int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	ssize_t len = 0, n;

	*ret_missing = fd < 0 && errno == ENOENT;
	if (*ret_missing)
		return err_set(err, &KEYS_MISSING, NULL, file, NULL);
	if (fd < 0 || fstat(fd, &st) < 0)
		return file_fault(file, "open", err);
	if (!S_ISREG(st.st_mode))
		return err_fmt(err, &ERR_FILE, "%s is not a regular file", file);
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return err_set(err, &KEYS_MODE, NULL, file, NULL);
	while (len < KEY_FILE_MAX && (n = read(fd, out + len, (size_t)(KEY_FILE_MAX - len))) != 0) {
		if (n < 0 && errno != EINTR)
			return file_fault(file, "read", err);
		len += n > 0 ? n : 0;
	}
	if (len == KEY_FILE_MAX)
		return err_set(err, &KEYS_MALFORMED, NULL, file, "1", "too long for a key file", NULL);
	return len;
}

/* One `name: value` line; returns what is wrong with it, or NULL. */
static const char *parse_line(struct str line, struct keyring *k, unsigned *seen)
{
	const struct {
		const char *name;
		void *out;
		size_t size;
	} fields[] = {
		{ "store", k->store_id.b, sizeof(k->store_id.b) },
		{ "master", k->master, sizeof(k->master) },
		{ "seed", k->seed, sizeof(k->seed) },
	};
	const char *colon = memchr(line.ptr, ':', line.len);
	struct str name, value;

	if (!colon || colon + 1 == line.ptr + line.len || colon[1] != ' ')
		return "not of the form \"name: value\"";
	name = (struct str){ line.ptr, (size_t)(colon - line.ptr) };
	value = (struct str){ colon + 2, line.len - name.len - 2 };
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (!str_is(name, fields[i].name))
			continue;
		if (*seen & 1u << i)
			return "named twice";
		*seen |= 1u << i;
		return b64_decode(value, fields[i].out, fields[i].size) == (int)fields[i].size
			   ? NULL
			   : "not base64url of the right length";
	}
	return "an unknown name";
}

static int parse_keys(struct str text, struct keyring *k, const char *file, struct err *err)
{
	const unsigned all = 7;
	unsigned seen = 0;
	char number[24];
	int line_no = 0;

	while (text.len) {
		const char *end = memchr(text.ptr, '\n', text.len);
		struct str line = { text.ptr, end ? (size_t)(end - text.ptr) : text.len };
		const char *wrong;

		line_no++;
		wrong = line.len && *line.ptr != '#' ? parse_line(line, k, &seen) : NULL;
		snprintf(number, sizeof(number), "%d", line_no);
		if (wrong)
			return err_set(err, &KEYS_MALFORMED, NULL, file, number, wrong, NULL);
		text.ptr += line.len + !!end;
		text.len -= line.len + !!end;
	}
	if (seen == all)
		return 0;
	snprintf(number, sizeof(number), "%d", line_no);
	return err_set(err, &KEYS_MALFORMED, NULL, file, number,
		       "the file ends before store, master and seed are named", NULL);
}

static int load_keys(struct keyring *k, const char *file, bool *ret_missing, struct err *err)
{
	char text[KEY_FILE_MAX], theirs[UUID_TEXT + 1] = "", ours[UUID_TEXT + 1] = "";
	struct uuid store_id = k->store_id;
	ssize_t len = read_file(file, ret_missing, text, err);
	int r;

	if (len < 0) {
		sodium_memzero(text, sizeof(text));
		return -1;
	}
	r = parse_keys((struct str){ text, (size_t)len }, k, file, err);
	sodium_memzero(text, sizeof(text));
	if (r < 0)
		return -1;
	if (!uuid_eq(&k->store_id, &store_id)) {
		uuid_format(&k->store_id, theirs);
		uuid_format(&store_id, ours);
		return err_set(err, &KEYS_OTHER, NULL, file, theirs, ours, NULL);
	}
	k->secrets = true;
	return 0;
}

int keyring_open(const char *file, const struct uuid *store_id, bool may_miss, struct keyring **ret, struct err *err)
{
	_cleanup_(ring_closep) struct keyring *k = ring_new(store_id, err);
	struct err fault = { 0 };
	bool missing = false;

	if (!k)
		return -1;
	if (load_keys(k, file, &missing, &fault) < 0) {
		if (!missing || !may_miss) {
			if (err)
				*err = fault;
			return -1;
		}
		/* Hashes under a secret nobody has: a lookup by them finds nothing, and nobody can precompute them. */
		random_bytes(k->master, sizeof(k->master));
		random_bytes(k->seed, sizeof(k->seed));
	}
	derive_all(k);
	if (!k->secrets)
		memset(k->public, 0, sizeof(k->public));
	*ret = k;
	k = NULL;
	return 0;
}

/* ---- the cache of subjects' keys; the callers hold the lock ---- */

static struct cache_slot *cache_set(struct keyring *k, const struct uuid *subject)
{
	uint64_t tail;

	memcpy(&tail, subject->b + 8, sizeof(tail));
	return k->cache[(tail * k->salt) >> 54];
}
_Static_assert(CACHE_SETS == 1 << (64 - 54), "a set's number is the product's upper bits");

static struct cache_slot *cache_find(struct keyring *k, const struct uuid *subject)
{
	struct cache_slot *set = cache_set(k, subject);

	for (int i = 0; i < CACHE_WAYS; i++)
		if (uuid_eq(&set[i].subject, subject))
			return &set[i];
	return NULL;
}

static void cache_drop(struct keyring *k, const struct uuid *subject)
{
	struct cache_slot *slot = cache_find(k, subject);

	if (slot)
		sodium_memzero(slot, sizeof(*slot));
}

static void cache_put(struct keyring *k, const struct uuid *subject, const struct subject_key *key)
{
	struct cache_slot *set = cache_set(k, subject), *slot = cache_find(k, subject);

	for (int i = 0; !slot && i < CACHE_WAYS; i++)
		if (uuid_is_nil(&set[i].subject))
			slot = &set[i];
	if (!slot)
		slot = &set[k->clock++ % CACHE_WAYS];
	slot->subject = *subject;
	slot->key = *key;
}

static struct uuid *erased_find(struct keyring *k, const struct uuid *subject)
{
	unsigned used = k->erased_next < ERASED_RECENT ? k->erased_next : ERASED_RECENT;

	for (unsigned i = 0; i < used; i++)
		if (uuid_eq(&k->erased[i], subject))
			return &k->erased[i];
	return NULL;
}

static void erased_drop(struct keyring *k, const struct uuid *subject)
{
	struct uuid *place = erased_find(k, subject);

	if (place)
		*place = (struct uuid){ 0 };
}

void keyring_forget(struct keyring *k, const struct uuid *subject)
{
	pthread_mutex_lock(&k->lock);
	cache_drop(k, subject);
	erased_drop(k, subject);
	pthread_mutex_unlock(&k->lock);
}

void keyring_forget_all(struct keyring *k)
{
	pthread_mutex_lock(&k->lock);
	sodium_memzero(k->cache, sizeof(k->cache));
	pthread_mutex_unlock(&k->lock);
}

/* ---- subjects' keys ---- */

void subject_key_make(struct keyring *k, const struct uuid *subject, struct subject_key *ret,
		      uint8_t wrapped[WRAPPED_KEY_SIZE])
{
	assert(k->secrets && !uuid_is_nil(subject));
	random_bytes(ret->b, sizeof(ret->b));
	random_bytes(wrapped, NONCE_SIZE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(wrapped + NONCE_SIZE, NULL, ret->b, sizeof(ret->b), subject->b,
						   sizeof(subject->b), NULL, wrapped, k->wrap);
}

static int subject_fault(const struct err_kind *kind, const struct uuid *subject, struct err *err)
{
	char text[UUID_TEXT + 1] = "";

	uuid_format(subject, text);
	return err_set(err, kind, NULL, text, NULL);
}

static int unwrap(struct keyring *k, const struct uuid *subject, struct str wrapped, struct subject_key *ret,
		  struct err *err)
{
	const uint8_t *w = (const uint8_t *)wrapped.ptr;

	if (wrapped.len != WRAPPED_KEY_SIZE || crypto_aead_xchacha20poly1305_ietf_decrypt(
						   ret->b, NULL, NULL, w + NONCE_SIZE, WRAPPED_KEY_SIZE - NONCE_SIZE,
						   subject->b, sizeof(subject->b), w, k->wrap) != 0)
		return subject_fault(&SEAL_WRAP, subject, err);
	return 0;
}

static int load_stored(struct keyring *k, struct db *db, const struct uuid *subject, struct subject_key *ret,
		       struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int r;

	if (db_start(db, &SQL_SUBJECT_KEY, &st, err, "u", subject) < 0 || (r = stmt_step(st, err)) < 0)
		return -1;
	if (!r)
		return 0;
	return unwrap(k, subject, stmt_bytes(st, 0), ret, err) < 0 ? -1 : 1;
}

bool subject_key_cached(struct keyring *k, const struct uuid *subject, struct subject_key *ret)
{
	struct cache_slot *slot = NULL;

	if (!k->secrets || uuid_is_nil(subject))
		return false;
	pthread_mutex_lock(&k->lock);
	slot = cache_find(k, subject);
	if (slot)
		*ret = slot->key;
	pthread_mutex_unlock(&k->lock);
	return slot;
}

int subject_key_load(struct keyring *k, struct db *db, const struct uuid *subject, struct subject_key *ret,
		     struct err *err)
{
	struct subject_key key;
	int r;

	if (!k->secrets || uuid_is_nil(subject))
		return 0;
	if (subject_key_cached(k, subject, ret))
		return 1;
	r = load_stored(k, db, subject, &key, err);
	if (r != 1)
		return r;
	pthread_mutex_lock(&k->lock);
	if (!erased_find(k, subject))
		cache_put(k, subject, &key);
	pthread_mutex_unlock(&k->lock);
	*ret = key;
	sodium_memzero(&key, sizeof(key));
	return 1;
}

int subject_key_store(struct keyring *k, struct db *db, const struct uuid *subject, const struct subject_key *key,
		      const uint8_t wrapped[WRAPPED_KEY_SIZE], struct err *err)
{
	int64_t n = db_run(db, &SQL_SUBJECT_KEY_ADD, err, "ub", subject,
			   (struct str){ (const char *)wrapped, WRAPPED_KEY_SIZE });

	if (n < 0)
		return -1;
	if (!n)
		return 1;
	pthread_mutex_lock(&k->lock);
	erased_drop(k, subject);
	cache_put(k, subject, key);
	pthread_mutex_unlock(&k->lock);
	return 0;
}

int subject_key_erase(struct keyring *k, struct db *db, const struct uuid *subject, struct err *err)
{
	pthread_mutex_lock(&k->lock);
	cache_drop(k, subject);
	if (!erased_find(k, subject))
		k->erased[k->erased_next++ % ERASED_RECENT] = *subject;
	pthread_mutex_unlock(&k->lock);
	if (blind_erase(db, subject, err) < 0)
		return -1;
	return db_run(db, &SQL_SUBJECT_KEY_ERASE, err, "u", subject) < 0 ? -1 : 0;
}

/* ---- boxes ---- */

int seal_box(const struct subject_key *key, struct str bound, struct str plain, struct buf *out, struct err *err)
{
	uint8_t small[2048], *box = small;
	size_t len = NONCE_SIZE + plain.len + TAG_SIZE;

	if (len > sizeof(small) && !(box = malloc(len)))
		return err_kind_set(err, &ERR_NO_MEMORY);
	random_bytes(box, NONCE_SIZE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(box + NONCE_SIZE, NULL, (const uint8_t *)plain.ptr, plain.len,
						   (const uint8_t *)bound.ptr, bound.len, NULL, box, key->b);
	buf_b64(out, box, len);
	if (box != small)
		free(box);
	return out->failed ? err_kind_set(err, &ERR_NO_MEMORY) : 0;
}

int seal_open(const struct subject_key *key, struct str bound, struct str box, struct arena *arena,
	      struct str *ret_plain, struct err *err)
{
	size_t room = box.len / 4 * 3 + 3;
	uint8_t *bytes = arena_alloc(arena, room), *plain;
	int len;

	if (!bytes)
		return err_kind_set(err, &ERR_NO_MEMORY);
	len = b64_decode(box, bytes, room);
	if (len < (int)(NONCE_SIZE + TAG_SIZE))
		return err_kind_set(err, &SEAL_BROKEN);
	plain = bytes + NONCE_SIZE; /* in place: the cipher allows it */
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, bytes + NONCE_SIZE, (size_t)len - NONCE_SIZE,
						       (const uint8_t *)bound.ptr, bound.len, bytes, key->b) != 0)
		return err_kind_set(err, &SEAL_BROKEN);
	*ret_plain = (struct str){ (char *)plain, (size_t)len - NONCE_SIZE - TAG_SIZE };
	return 0;
}

/* ---- keyed hashes ---- */

_Static_assert(crypto_generichash_BYTES_MIN <= 16 && crypto_generichash_KEYBYTES_MIN <= DERIVED_SIZE, "keyed hashes");

void keyring_same(const struct keyring *k, struct str bytes, uint8_t out[16])
{
	crypto_generichash(out, 16, (const uint8_t *)bytes.ptr, bytes.len, k->same, sizeof(k->same));
}

void subject_key_hash(const struct subject_key *key, struct str bytes, uint8_t out[16])
{
	/* Personalised, since the same key also seals. */
	static const uint8_t salt[crypto_generichash_blake2b_SALTBYTES],
	    personal[crypto_generichash_blake2b_PERSONALBYTES] = "lianfang person";

	crypto_generichash_blake2b_salt_personal(out, 16, (const uint8_t *)bytes.ptr, bytes.len, key->b, sizeof(key->b),
						 salt, personal);
}

void keyring_blind(const struct keyring *k, const char *kind, struct str value, uint8_t out[16])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, k->blind, sizeof(k->blind), 16);
	/* With its terminator: no kind and value run into another pair. */
	crypto_generichash_update(&state, (const uint8_t *)kind, strlen(kind) + 1);
	crypto_generichash_update(&state, (const uint8_t *)value.ptr, value.len);
	crypto_generichash_final(&state, out, 16);
	sodium_memzero(&state, sizeof(state));
}
