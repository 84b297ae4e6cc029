/* UUIDs: text form, time-ordered version 7, and version 8 derived from a name.
 * Owns the process's record of the newest version-7 ids. */
#include "base/uuid.h"

#include <assert.h>
#include <openssl/evp.h>
#include <pthread.h>

#include "base/clock.h"

/* The newest tail of a few recent milliseconds, so that threads that read the
 * clock on either side of a tick still get increasing ids for each. */
#define RECENT 16

struct recent {
	uint64_t ms;
	uint16_t high; /* rand_a, 12 bits */
	uint64_t low;  /* rand_b, 62 bits */
	bool used;
};

#define LOW_MASK (UINT64_MAX >> 2)

bool uuid_is_nil(const struct uuid *u)
{
	static const struct uuid nil;

	return uuid_eq(u, &nil);
}

bool uuid_eq(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

bool uuid_parse(struct str text, struct uuid *ret)
{
	static const uint8_t groups[] = { 8, 4, 4, 4, 12 };
	struct uuid u = { 0 };
	size_t at = 0, n = 0;

	if (text.len != UUID_TEXT)
		return false;
	for (size_t g = 0; g < ARRAY_LEN(groups); g++) {
		if (g && text.ptr[at++] != '-')
			return false;
		if (hex_decode((struct str){ text.ptr + at, groups[g] }, u.b + n, sizeof(u.b) - n) < 0)
			return false;
		at += groups[g];
		n += groups[g] / 2;
	}
	if (uuid_is_nil(&u))
		return false;
	*ret = u;
	return true;
}

void uuid_format(const struct uuid *u, char out[UUID_TEXT])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < sizeof(u->b); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = digits[u->b[i] >> 4];
		*out++ = digits[u->b[i] & 15];
	}
}

/* A fresh tail, or the last one of this millisecond plus a random step: not
 * guessable, and no overflow within any millisecond that can pass. */
static void recent_next(struct recent *r, uint64_t ms)
{
	if (r->used && r->ms == ms) {
		uint32_t step;

		random_bytes(&step, sizeof(step));
		r->low += (uint64_t)step + 1;
		if (r->low > LOW_MASK) {
			r->low &= LOW_MASK;
			r->high++;
		}
		return;
	}
	random_bytes(&r->high, sizeof(r->high));
	random_bytes(&r->low, sizeof(r->low));
	r->high &= 0x7ff; /* the top bit is left free for carries */
	r->low &= LOW_MASK;
	r->ms = ms;
	r->used = true;
}

struct uuid uuid_v7(int64_t ms)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static struct recent recent[RECENT];
	uint64_t t = ms < 0 ? 0 : (uint64_t)ms & 0xffffffffffff;
	struct recent now;
	struct uuid u;

	pthread_mutex_lock(&lock);
	recent_next(&recent[t % RECENT], t);
	now = recent[t % RECENT];
	pthread_mutex_unlock(&lock);

	for (int i = 0; i < 6; i++)
		u.b[i] = (uint8_t)(t >> (40 - 8 * i));
	u.b[6] = (uint8_t)(0x70 | (now.high >> 8 & 0x0f));
	u.b[7] = (uint8_t)now.high;
	for (int i = 0; i < 8; i++)
		u.b[8 + i] = (uint8_t)(now.low >> (56 - 8 * i));
	u.b[8] |= 0x80;
	return u;
}

struct uuid uuid_derive(const struct uuid *ns, struct str name)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct uuid u;
	int ok;

	assert(ctx);
	ok = EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) && EVP_DigestUpdate(ctx, ns->b, sizeof(ns->b)) &&
	     EVP_DigestUpdate(ctx, name.ptr ? name.ptr : "", name.len) && EVP_DigestFinal_ex(ctx, hash, NULL);
	assert(ok);
	(void)ok;
	EVP_MD_CTX_free(ctx);
	memcpy(u.b, hash, sizeof(u.b));
	u.b[6] = (uint8_t)(0x80 | (u.b[6] & 0x0f));
	u.b[8] = (uint8_t)(0x80 | (u.b[8] & 0x3f));
	return u;
}

int64_t uuid_moment(const struct uuid *u)
{
	int64_t ms = 0;
	if (u->b[6] >> 4 != 7)
		return INT64_MIN;
	for (int i = 0; i < 6; i++)
		ms = ms << 8 | u->b[i];
	return ms;
}
