/* Accounts and sessions: kept in the store beside the ledger, answered from
 * memory. Who may do what is read from the granted roles at every change, so a
 * revoked role stops at once. Passwords: argon2id. Tokens: 256 random bits, of
 * which only the hash is kept. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "app.sql.h"
#include "app/internal.h"
#include "domain/incident/incident.h"

const struct err_kind ERR_LOCKED = { "locked", 429, "密码错误次数过多，请{0}秒后再试",
				     "Too many wrong passwords: try again in {0} seconds" };
const struct err_kind ERR_PASSWORD_WEAK = {
	"password_weak", 400, "密码至少10个字符，且不能与账号相同",
	"A password needs at least 10 characters and may not be the account's name"
};
const struct err_kind ERR_ACCOUNT_EXISTS = { "account_exists", 409, "账号“{0}”已经存在",
					     "The account \"{0}\" exists already" };
const struct err_kind ERR_ACCOUNT_UNKNOWN = { "account_unknown", 404, "没有账号“{0}”", "There is no account \"{0}\"" };
static const struct err_kind ERR_ACCOUNT_NAME = {
	"account_name", 400, "账号“{0}”只能用小写字母、数字和 . _ -，最长32个，且不能叫 system",
	"The account name \"{0}\" may hold a–z 0–9 . _ - only, at most 32, and not be \"system\""
};

/* OWASP's second argon2id profile: 19 MiB, two passes — an old office PC bears it, and the server stays small. */
#define ARGON_OPS 2
#define ARGON_MEM ((size_t)19 << 20)

#define SESSION_MS    (12LL * 3600 * 1000)
#define FAILURES_MOST 5
#define LOCK_MS       (5LL * 60 * 1000)

/* What is handed out: alive while anyone holds it. */
struct held {
	struct principal p; /* first: a principal is its holder */
	atomic_int refs;
	char name[33];
	bool disabled;
	struct grant grants[];
};

struct session {
	uint8_t hash[32];
	char account[33];
	int64_t expires;
	struct session *next;
};

#define BUCKETS 4096

struct accounts {
	pthread_mutex_t lock;
	struct held **items; /* sorted by name */
	size_t n;
	struct session *buckets[BUCKETS];
	pthread_mutex_t argon; /* one at a time: each takes 19 MiB */
};

static const struct principal SYSTEM = { .account = { "system", 6 }, .local = true };

const struct principal *principal_system(void)
{
	return &SYSTEM;
}

void principal_release(const struct principal *p)
{
	if (!p || p->local)
		return;
	struct held *h = (struct held *)(void *)p;
	if (atomic_fetch_sub(&h->refs, 1) == 1)
		free(h);
}

/* ---- the table in memory ------------------------------------------------------------------- */

struct loading {
	struct grant grants[500];
	size_t n;
};

static int load_grant(void *ctx, const struct grant *g)
{
	struct loading *l = ctx;
	if (l->n < ARRAY_LEN(l->grants))
		l->grants[l->n++] = *g;
	return 0;
}

static struct held *make_held(const char *name, const struct uuid *person, bool disabled, const struct loading *l)
{
	struct held *h = calloc(1, sizeof *h + l->n * sizeof *h->grants);
	if (!h)
		return NULL;
	atomic_init(&h->refs, 1);
	snprintf(h->name, sizeof h->name, "%s", name);
	h->disabled = disabled;
	memcpy(h->grants, l->grants, l->n * sizeof *h->grants);
	h->p =
	    (struct principal){ .account = str_of(h->name), .person = *person, .grants = h->grants, .n_grants = l->n };
	return h;
}

struct account_row {
	char name[33];
	struct uuid person;
	bool disabled;
};

static int read_rows(struct db *db, struct account_row **ret, size_t *ret_n, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	struct account_row *rows = NULL;
	size_t n = 0, cap = 0;
	int rc;
	if (db_start(db, &SQL_ACCOUNT_LIST, &st, err, "") < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		if (n == cap) {
			cap = cap ? cap * 2 : 64;
			struct account_row *bigger = realloc(rows, cap * sizeof *rows);
			if (!bigger) {
				free(rows);
				return err_kind_set(err, &ERR_NO_MEMORY);
			}
			rows = bigger;
		}
		str_copy(stmt_text(st, 0), rows[n].name, sizeof rows[n].name);
		rows[n].person = stmt_uuid(st, 1);
		rows[n++].disabled = stmt_i64(st, 2) != 0;
	}
	if (rc < 0) {
		free(rows);
		return -1;
	}
	*ret = rows;
	*ret_n = n;
	return 0;
}

int accounts_reload(struct app *a, struct db *db, struct err *err)
{
	struct account_row *rows = NULL;
	struct loading *l = malloc(sizeof *l);
	size_t n = 0, made = 0;
	struct held **items = NULL;
	int rc = l ? read_rows(db, &rows, &n, err) : err_kind_set(err, &ERR_NO_MEMORY);
	if (rc == 0 && !(items = calloc(n + 1, sizeof *items)))
		rc = err_kind_set(err, &ERR_NO_MEMORY);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		l->n = 0;
		rc = grants_of(db, str_of(rows[i].name), clock_now(), load_grant, l, err);
		if (rc == 0 && !(items[made++] = make_held(rows[i].name, &rows[i].person, rows[i].disabled, l)))
			rc = err_kind_set(err, &ERR_NO_MEMORY);
	}
	free(rows);
	free(l);
	/* What can't be read grants nothing: better nobody gets in for a moment than one whose grant was taken away. */
	struct accounts *t = a->accounts;
	struct held **fresh = rc == 0 ? items : NULL;
	size_t n_fresh = rc == 0 ? made : 0;
	for (size_t i = 0; rc < 0 && items && i < made; i++)
		principal_release((struct principal *)items[i]);
	if (rc < 0)
		free(items);
	pthread_mutex_lock(&t->lock);
	items = t->items;
	made = t->n;
	t->items = fresh;
	t->n = n_fresh;
	pthread_mutex_unlock(&t->lock);
	for (size_t i = 0; items && i < made; i++)
		principal_release((struct principal *)items[i]);
	free(items);
	return rc;
}

static struct held *find_held(struct accounts *t, const char *name)
{
	size_t lo = 0, hi = t->n;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = strcmp(t->items[mid]->name, name);
		if (c == 0)
			return t->items[mid];
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static struct session **bucket_of(struct accounts *t, const uint8_t hash[32])
{
	return &t->buckets[((size_t)hash[0] | (size_t)hash[1] << 8) & (BUCKETS - 1)];
}

static int keep_session(struct accounts *t, const uint8_t hash[32], struct str account, int64_t expires)
{
	struct session *s = calloc(1, sizeof *s);
	if (!s)
		return -1;
	memcpy(s->hash, hash, 32);
	str_copy(account, s->account, sizeof s->account);
	s->expires = expires;
	pthread_mutex_lock(&t->lock);
	struct session **b = bucket_of(t, hash);
	s->next = *b;
	*b = s;
	pthread_mutex_unlock(&t->lock);
	return 0;
}

static int load_sessions(struct app *a, struct db *db, struct err *err)
{
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	int rc;
	if (db_start(db, &SQL_SESSION_LIST, &st, err, "i", clock_now()) < 0)
		return -1;
	while ((rc = stmt_step(st, err)) == 1) {
		struct str token = stmt_bytes(st, 0);
		if (token.len == 32)
			keep_session(a->accounts, (const uint8_t *)token.ptr, stmt_text(st, 1), stmt_i64(st, 2));
	}
	return rc;
}

int accounts_open(struct app *a, struct err *err)
{
	if (sodium_init() < 0)
		return err_fmt(err, &ERR_INTERNAL, "libsodium");
	a->accounts = calloc(1, sizeof *a->accounts);
	if (!a->accounts)
		return err_kind_set(err, &ERR_NO_MEMORY);
	pthread_mutex_init(&a->accounts->lock, NULL);
	pthread_mutex_init(&a->accounts->argon, NULL);
	if (a->read_only)
		return 0;
	if (accounts_reload(a, a->writer, err) < 0)
		return -1;
	return load_sessions(a, a->writer, err);
}

void accounts_close(struct accounts *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n; i++)
		principal_release(&t->items[i]->p);
	free(t->items);
	for (size_t i = 0; i < BUCKETS; i++) {
		while (t->buckets[i]) {
			struct session *next = t->buckets[i]->next;
			free(t->buckets[i]);
			t->buckets[i] = next;
		}
	}
	pthread_mutex_destroy(&t->lock);
	pthread_mutex_destroy(&t->argon);
	free(t);
}

/* ---- accounts --------------------------------------------------------------------------------- */

static bool name_ok(struct str s)
{
	if (s.len < 1 || s.len > 32 || str_is(s, "system"))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'))
			return false;
	}
	return true;
}

struct adding {
	struct str name;
	char hash[crypto_pwhash_STRBYTES];
	struct uuid person;
};

static int name_error(const struct err_kind *kind, struct str name, struct err *err)
{
	char text[64];
	str_show(name, text, sizeof text);
	return err_set(err, kind, "account", text, NULL);
}

static int reload(struct app *a, struct db *db, void *ctx, struct err *err)
{
	(void)ctx;
	return accounts_reload(a, db, err);
}

static int add_row(struct app *a, struct db *db, void *ctx, struct err *err)
{
	const struct adding *d = ctx;
	(void)a;
	int64_t n = db_run(db, &SQL_ACCOUNT_ADD, err, "scUi", d->name, d->hash, &d->person, clock_now());
	if (n < 0)
		return -1;
	if (n == 0)
		return name_error(&ERR_ACCOUNT_EXISTS, d->name, err);
	return 0;
}

/* Memory follows the store only once the change is durable: a commit that failed must leave no account behind. */
static int change_accounts(struct app *a, int (*change)(struct app *a, struct db *db, void *ctx, struct err *err),
			   void *ctx, struct err *err)
{
	return app_call(a, change, ctx, err) < 0 ? -1 : app_call(a, reload, NULL, err);
}

int account_add(struct app *a, struct str name, struct str password, const struct uuid *person, struct err *err)
{
	struct adding d = { .name = name };
	if (person)
		d.person = *person;
	if (!name_ok(name))
		return name_error(&ERR_ACCOUNT_NAME, name, err);
	if (str_codepoints(password) < PASSWORD_MIN || password.len > 512 || str_eq(password, name))
		return err_set(err, &ERR_PASSWORD_WEAK, "password", NULL);
	pthread_mutex_lock(&a->accounts->argon);
	int rc = crypto_pwhash_str_alg(d.hash, password.ptr, password.len, ARGON_OPS, ARGON_MEM,
				       crypto_pwhash_ALG_ARGON2ID13);
	pthread_mutex_unlock(&a->accounts->argon);
	if (rc)
		return err_kind_set(err, &ERR_NO_MEMORY);
	return change_accounts(a, add_row, &d, err);
}

struct disabling {
	struct str name;
	bool disabled;
};

static int disable_row(struct app *a, struct db *db, void *ctx, struct err *err)
{
	const struct disabling *d = ctx;
	(void)a;
	int64_t n = db_run(db, &SQL_ACCOUNT_DISABLE, err, "si", d->name, (int64_t)d->disabled);
	if (n < 0)
		return -1;
	if (n == 0)
		return name_error(&ERR_ACCOUNT_UNKNOWN, d->name, err);
	if (d->disabled && db_run(db, &SQL_SESSION_DROP_ACCOUNT, err, "s", d->name) < 0)
		return -1;
	return 0;
}

/* As in the store: enabled again, the account signs in anew. */
static void forget_sessions(struct accounts *t, struct str account)
{
	pthread_mutex_lock(&t->lock);
	for (size_t i = 0; i < BUCKETS; i++) {
		for (struct session **p = &t->buckets[i]; *p;) {
			struct session *s = *p;
			if (!str_is(account, s->account)) {
				p = &s->next;
				continue;
			}
			*p = s->next;
			free(s);
		}
	}
	pthread_mutex_unlock(&t->lock);
}

int account_disable(struct app *a, struct str name, bool disabled, struct err *err)
{
	struct disabling d = { name, disabled };
	if (change_accounts(a, disable_row, &d, err) < 0)
		return -1;
	if (disabled)
		forget_sessions(a->accounts, name);
	return 0;
}

int account_list(struct app *a, struct reader *r, int (*each)(void *ctx, const struct account_info *i), void *ctx,
		 struct err *err)
{
	(void)a;
	if (reader_begin(r, err) < 0)
		return -1;
	struct work *w = reader_work(r, principal_system(), LANG_ZH);
	int rc;
	{
		_cleanup_(stmt_endp) struct stmt *st = NULL;
		rc = db_start(w->db, &SQL_ACCOUNT_LIST, &st, err, "");
		while (rc == 0 && (rc = stmt_step(st, err)) == 1) {
			struct account_info i = { .person = stmt_uuid(st, 1),
						  .disabled = stmt_i64(st, 2) != 0,
						  .created = stmt_i64(st, 3),
						  .locked_until = stmt_i64(st, 4) };
			str_copy(stmt_text(st, 0), i.name, sizeof i.name);
			rc = each(ctx, &i) < 0 ? -1 : 0;
		}
	}
	reader_end(r);
	return rc;
}

/* ---- sessions -------------------------------------------------------------------------------------- */

struct opening {
	struct str account;
	char hash[crypto_pwhash_STRBYTES];
	bool known, disabled;
	int64_t failed, locked_until;
	/* the outcome */
	bool right;
	uint8_t token[32];
	int64_t now, expires;
};

static int read_account(struct app *a, struct db *db, void *ctx, struct err *err)
{
	struct opening *o = ctx;
	_cleanup_(stmt_endp) struct stmt *st = NULL;
	(void)a;
	if (db_start(db, &SQL_ACCOUNT_GET, &st, err, "s", o->account) < 0)
		return -1;
	int rc = stmt_step(st, err);
	if (rc < 0)
		return -1;
	o->known = rc == 1 && str_copy(stmt_text(st, 0), o->hash, sizeof o->hash);
	if (o->known) {
		o->disabled = stmt_i64(st, 2) != 0;
		o->failed = stmt_i64(st, 3);
		o->locked_until = stmt_i64(st, 4);
	}
	return 0;
}

/* The outcome is judged again inside the transaction: guesses at one time count each. */
static int settle_session(struct app *a, struct db *db, void *ctx, struct err *err)
{
	struct opening *o = ctx;
	if (read_account(a, db, o, err) < 0)
		return -1;
	if (!o->known)
		return 0;
	if (o->locked_until > o->now)
		return 0;
	if (!o->right) {
		int64_t failed = o->failed + 1;
		if (failed >= FAILURES_MOST)
			o->locked_until = o->now + LOCK_MS;
		return db_run(db, &SQL_ACCOUNT_FAILED, err, "sii", o->account, failed >= FAILURES_MOST ? 0 : failed,
			      o->locked_until) < 0
			   ? -1
			   : 0;
	}
	uint8_t hash[32];
	crypto_generichash(hash, sizeof hash, o->token, sizeof o->token, NULL, 0);
	if (db_run(db, &SQL_ACCOUNT_FAILED, err, "sii", o->account, (int64_t)0, (int64_t)0) < 0 ||
	    db_run(db, &SQL_SESSION_DROP_OLD, err, "i", o->now) < 0 ||
	    db_run(db, &SQL_SESSION_ADD, err, "bsii", (struct str){ (char *)hash, sizeof hash }, o->account, o->now,
		   o->expires) < 0)
		return -1;
	return 0;
}

static int locked_error(const struct opening *o, struct err *err)
{
	char text[24];
	snprintf(text, sizeof text, "%lld", (long long)((o->locked_until - o->now + 999) / 1000));
	return err_set(err, &ERR_LOCKED, "", text, NULL);
}

/* An unknown account costs as much as a wrong password. */
static bool password_right(struct app *a, const struct opening *o, struct str password)
{
	static const char DUMMY[] =
	    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	pthread_mutex_lock(&a->accounts->argon);
	bool right = crypto_pwhash_str_verify(o->known ? o->hash : DUMMY, password.ptr, password.len) == 0;
	pthread_mutex_unlock(&a->accounts->argon);
	return right && o->known && !o->disabled;
}

int session_open(struct app *a, struct str account, struct str password, char ret_token[TOKEN_TEXT + 1],
		 int64_t *ret_expires, struct err *err)
{
	struct opening o = { .account = account, .now = clock_now() };
	if (!name_ok(account) || !password.ptr || password.len > 512)
		return err_kind_set(err, &ERR_UNAUTHENTICATED);
	if (app_call(a, read_account, &o, err) < 0)
		return -1;
	if (o.locked_until > o.now)
		return locked_error(&o, err);
	o.right = password_right(a, &o, password);
	if (!o.known)
		return err_kind_set(err, &ERR_UNAUTHENTICATED);
	random_bytes(o.token, sizeof o.token);
	o.now = clock_now();
	o.expires = o.now + SESSION_MS;
	if (app_call(a, settle_session, &o, err) < 0)
		return -1;
	if (o.locked_until > o.now)
		return locked_error(&o, err);
	if (!o.right)
		return err_kind_set(err, &ERR_UNAUTHENTICATED);
	uint8_t hash[32];
	crypto_generichash(hash, sizeof hash, o.token, sizeof o.token, NULL, 0);
	if (keep_session(a->accounts, hash, account, o.expires) < 0)
		return err_kind_set(err, &ERR_NO_MEMORY);
	sodium_bin2base64(ret_token, TOKEN_TEXT + 1, o.token, sizeof o.token, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	*ret_expires = o.expires;
	return 0;
}

static bool token_hash(struct str token, uint8_t out[32])
{
	uint8_t bytes[32];
	if (token.len != TOKEN_TEXT || b64_decode(token, bytes, sizeof bytes) != (int)sizeof bytes)
		return false;
	crypto_generichash(out, 32, bytes, sizeof bytes, NULL, 0);
	return true;
}

/* Looked up by the token's hash, so that comparing leaks nothing about the token. */
const struct principal *session_principal(struct app *a, struct str token, int64_t now, int64_t *ret_expires)
{
	struct accounts *t = a->accounts;
	uint8_t hash[32];
	struct held *h = NULL;
	if (!token_hash(token, hash))
		return NULL;
	pthread_mutex_lock(&t->lock);
	for (struct session **p = bucket_of(t, hash); *p;) {
		struct session *s = *p;
		if (s->expires <= now) {
			*p = s->next;
			free(s);
			continue;
		}
		if (memcmp(s->hash, hash, sizeof hash) == 0) {
			h = find_held(t, s->account);
			if (ret_expires)
				*ret_expires = s->expires;
			break;
		}
		p = &s->next;
	}
	if (h && h->disabled)
		h = NULL;
	if (h)
		atomic_fetch_add(&h->refs, 1);
	pthread_mutex_unlock(&t->lock);
	return h ? &h->p : NULL;
}

static int drop_row(struct app *a, struct db *db, void *ctx, struct err *err)
{
	(void)a;
	return db_run(db, &SQL_SESSION_DROP, err, "b", (struct str){ ctx, 32 }) < 0 ? -1 : 0;
}

void session_close(struct app *a, struct str token)
{
	struct accounts *t = a->accounts;
	struct err ignored = { 0 };
	uint8_t hash[32];
	if (!token_hash(token, hash))
		return;
	pthread_mutex_lock(&t->lock);
	for (struct session **p = bucket_of(t, hash); *p; p = &(*p)->next) {
		if (memcmp((*p)->hash, hash, sizeof hash) == 0) {
			struct session *gone = *p;
			*p = gone->next;
			free(gone);
			break;
		}
	}
	pthread_mutex_unlock(&t->lock);
	app_call(a, drop_row, hash, &ignored);
}
