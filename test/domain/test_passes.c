/* Passes verified as a phone does it, without network and by another library than
 * signs them: what is good, what was tampered with, has run out or is revoked. */
#include "harness.h"

#include <openssl/evp.h>

/* ---- a phone ------------------------------------------------------------------------------ */

enum verdict { GOOD, MALFORMED, FORGED, AHEAD, EXPIRED, REVOKED };

struct phone {
	uint8_t key[32];
	uint8_t revoked[100][8];
	size_t n_revoked;
};

struct shown {
	struct uuid id;
	uint32_t county;
	int64_t from, to;
	char tail[8], name[32], purpose[200];
};

static uint64_t number(const uint8_t *p, int n)
{
	uint64_t v = 0;
	while (n--)
		v = v << 8 | *p++;
	return v;
}

static bool signed_by(const uint8_t key[32], const uint8_t *payload, size_t n, const uint8_t *signature)
{
	uint8_t said[300] = "lianfang pass 1\n";
	memcpy(said + 16, payload, n);
	EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, 32);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = pkey && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
		  EVP_DigestVerify(ctx, signature, 64, said, 16 + n) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	return ok;
}

static bool take_text(const uint8_t **p, const uint8_t *end, char *out, size_t size)
{
	if (*p == end || **p >= size || **p > end - *p - 1)
		return false;
	memcpy(out, *p + 1, **p);
	out[**p] = 0;
	*p += 1 + **p;
	return true;
}

static bool parse(const uint8_t *payload, size_t n, struct shown *ret)
{
	const uint8_t *p = payload + 28, *end = payload + n;
	if (n < 30 || payload[0] != 1)
		return false;
	memcpy(ret->id.b, payload + 1, 16);
	ret->county = (uint32_t)number(payload + 17, 3);
	ret->from = (int64_t)number(payload + 20, 4) * 60000;
	ret->to = (int64_t)number(payload + 24, 4) * 60000;
	if (!take_text(&p, end, ret->tail, sizeof ret->tail) || !take_text(&p, end, ret->name, sizeof ret->name) ||
	    (size_t)(end - p) >= sizeof ret->purpose)
		return false;
	memcpy(ret->purpose, p, (size_t)(end - p));
	ret->purpose[end - p] = 0;
	return true;
}

static enum verdict verify(const struct phone *phone, const char *code, int64_t now, struct shown *ret)
{
	uint8_t bytes[300];
	int n = strncmp(code, "LF1.", 4) ? -1 : b64_decode(str_of(code + 4), bytes, sizeof bytes);
	if (n <= 64)
		return MALFORMED;
	if (!signed_by(phone->key, bytes, (size_t)n - 64, bytes + n - 64))
		return FORGED;
	if (!parse(bytes, (size_t)n - 64, ret))
		return MALFORMED;
	for (size_t i = 0; i < phone->n_revoked; i++) {
		if (memcmp(phone->revoked[i], ret->id.b, 8) == 0)
			return REVOKED;
	}
	return now < ret->from ? AHEAD : now >= ret->to ? EXPIRED : GOOD;
}

/* ---- what it carries ---------------------------------------------------------------------- */

static void take_member(const char *body, const char *name, char *out, size_t size)
{
	char key[60];
	snprintf(key, sizeof key, "\"%s\":\"", name);
	const char *p = strstr(body, key);
	assert_non_null(p);
	p += strlen(key);
	size_t n = strcspn(p, "\"");
	assert_true(n < size);
	memcpy(out, p, n);
	out[n] = 0;
}

static void load_phone(struct phone *phone)
{
	char code[64], key[60];
	const char *body = rig_view(principal_system(), "/api/v1/checkpoints/revocations", code);
	assert_non_null(body);
	take_member(body, "key", key, sizeof key);
	assert_int_equal(b64_decode(str_of(key), phone->key, sizeof phone->key), 32);
	const char *p = strstr(body, "\"revoked\":[");
	assert_non_null(p);
	p += strlen("\"revoked\":[");
	phone->n_revoked = 0;
	while (*p == '"') {
		size_t n = strcspn(p + 1, "\"");
		assert_int_equal(b64_decode((struct str){ p + 1, n }, phone->revoked[phone->n_revoked++], 8), 8);
		p += n + 2 + (p[n + 2] == ',');
	}
	assert_int_equal(*p, ']');
}

static void issue(const char *name, const char *member, const char *purpose)
{
	char line[1000];
	snprintf(line, sizeof line,
		 "#%s pass.issued 02-05T10:00 V1 {subject:@s_%s,%s valid_from:'2020-02-05T00:00:30+08:00',"
		 "valid_to:'2020-02-08T00:00:30+08:00',purpose:'%s'}",
		 name, name, member, purpose);
	accept_event(line);
}

static const char *code_of(const char *name)
{
	static char out[400];
	char path[200], refused[64];
	snprintf(path, sizeof path, "/api/v1/checkpoints/passes/@%s", name);
	const char *body = rig_view(principal_system(), path, refused);
	assert_non_null(body);
	take_member(body, "code", out, sizeof out);
	return out;
}

static void open_world(void)
{
	rig_open(RIG_COUNTY, RIG_DIVISIONS);
	rig_now = rig_time("02-05T12:00");
	accept_event("incident.opened 01-20T08:00 C {id:@inc,kind:'epidemic',name:'疫情'}");
}

/* ---- the tests ---------------------------------------------------------------------------- */

#define WANG "person:{name:'王大山',id_number:'11010519491231002X',phone:'13800138000'},plate:'陕G12345',"

static void test_good(void **state)
{
	struct phone phone;
	struct shown s;
	char again[400];
	(void)state;
	open_world();
	issue("p", WANG, "送菜");
	load_phone(&phone);
	const char *code = code_of("p");
	assert_int_equal(verify(&phone, code, rig_now, &s), GOOD);
	struct uuid id = rig_id("p");
	assert_true(uuid_eq(&s.id, &id));
	assert_int_equal(s.county, 610927);
	/* Whole minutes within the period. */
	assert_int_equal(s.from, rig_time("02-05T00:01"));
	assert_int_equal(s.to, rig_time("02-08T00:00"));
	assert_string_equal(s.tail, "002X");
	assert_string_equal(s.name, "王*");
	assert_string_equal(s.purpose, "送菜");
	assert_int_equal(verify(&phone, code, rig_time("02-05T00:00"), &s), AHEAD);
	assert_int_equal(verify(&phone, code, rig_time("02-08T00:00"), &s), EXPIRED);
	/* The same after a restart: what was printed stays good. */
	snprintf(again, sizeof again, "%s", code);
	rig_reopen();
	assert_string_equal(code_of("p"), again);
	rig_close();
}

static void test_tampered(void **state)
{
	struct phone phone, other;
	struct shown s;
	char code[400], bad[400];
	uint8_t bytes[300];
	(void)state;
	open_world();
	issue("p", WANG, "送菜");
	load_phone(&phone);
	snprintf(code, sizeof code, "%s", code_of("p"));
	int n = b64_decode(str_of(code + 4), bytes, sizeof bytes);
	for (int i = 0; i < n; i++) {
		struct buf b = { 0 };
		for (int bit = 0; bit < 8; bit++) {
			buf_clear(&b);
			bytes[i] ^= (uint8_t)(1 << bit);
			buf_b64(&b, bytes, (size_t)n);
			bytes[i] ^= (uint8_t)(1 << bit);
			snprintf(bad, sizeof bad, "LF1.%.*s", STR_ARG(buf_view(&b)));
			assert_int_equal(verify(&phone, bad, rig_now, &s), FORGED);
		}
		buf_finish(&b);
	}
	/* Cut short, or another's beginning. */
	for (size_t len = 0; len < strlen(code); len++) {
		snprintf(bad, sizeof bad, "%.*s", (int)len, code);
		assert_int_not_equal(verify(&phone, bad, rig_now, &s), GOOD);
	}
	snprintf(bad, sizeof bad, "LF2.%s", code + 4);
	assert_int_equal(verify(&phone, bad, rig_now, &s), MALFORMED);
	rig_close();
	/* Another county's key does not do. */
	open_world();
	load_phone(&other);
	assert_int_equal(verify(&other, code, rig_now, &s), FORGED);
	rig_close();
}

static void test_revoked(void **state)
{
	struct phone phone;
	struct shown s;
	char p[400], q[400];
	(void)state;
	open_world();
	issue("p", WANG, "送菜");
	issue("q", WANG, "送药");
	snprintf(p, sizeof p, "%s", code_of("p"));
	snprintf(q, sizeof q, "%s", code_of("q"));
	accept_event("#r pass.revoked 02-05T11:00 V1 {subject:@s_p}");
	load_phone(&phone);
	assert_int_equal(phone.n_revoked, 1);
	assert_int_equal(verify(&phone, p, rig_now, &s), REVOKED);
	assert_int_equal(verify(&phone, q, rig_now, &s), GOOD);
	accept_event("event.voided 02-05T11:30 - {event:@r,reason:'误'}");
	load_phone(&phone);
	assert_int_equal(verify(&phone, p, rig_now, &s), GOOD);
	/* The same list after all is made anew. */
	accept_event("pass.revoked 02-05T11:00 V1 {subject:@s_q}");
	assert_sound();
	load_phone(&phone);
	assert_int_equal(verify(&phone, q, rig_now, &s), REVOKED);
	rig_close();
}

/* However long what is to be shown, the code stays within its bound and its texts whole characters. */
static void test_bounds(void **state)
{
	static const char *const NAMES[] = {
		"", "person:{name:'王'},", "person:{name:'𠮷田𠮷田𠮷田𠮷田',id_number:'440524188001010014'},",
		"person:{name:'买买提·阿卜杜拉·玉素甫·艾合买提江·吾买尔',phone:'13800138000'},", "person:{name:'x'},"
	};
	static const char *const CHARS[] = { "a", "é", "县", "𠮷" };
	char purpose[300], name[20];
	struct phone phone;
	int serial = 0;
	(void)state;
	open_world();
	load_phone(&phone);
	for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
		for (size_t c = 0; c < ARRAY_LEN(CHARS); c++) {
			for (int n = 1; n <= 60; n += n < 40 ? 1 : 10) {
				struct shown s;
				*purpose = 0;
				for (int k = 0; k < n; k++)
					strcat(purpose, CHARS[c]);
				snprintf(name, sizeof name, "b%d", serial++);
				issue(name, NAMES[i], purpose);
				const char *code = code_of(name);
				assert_in_range(strlen(code), 100, 180);
				assert_int_equal(verify(&phone, code, rig_now, &s), GOOD);
				assert_true(str_is_utf8(str_of(s.purpose)) && str_is_utf8(str_of(s.name)));
				size_t kept = strlen(s.purpose);
				if (strcmp(s.purpose, purpose) == 0)
					continue;
				assert_true(kept > 3 && strcmp(s.purpose + kept - 3, "…") == 0);
				assert_memory_equal(s.purpose, purpose, kept - 3);
				assert_in_range(strlen(code), 170, 180); /* not cut without need */
			}
		}
	}
	rig_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_good), cmocka_unit_test(test_tampered),
					    cmocka_unit_test(test_revoked), cmocka_unit_test(test_bounds) };
	return rig_run("domain/passes", tests, ARRAY_LEN(tests));
}
