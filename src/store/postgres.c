/* The PostgreSQL store: the url (whose password shows up nowhere), the writer's
 * advisory lock, connections and their settings, transactions, and what the
 * database refuses. Statements are in postgres_run.c. */
#include "store/postgres.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct pg_store {
	struct store base;
	char *url;
	PGconn *lock; /* its session holds the writer's lock */
	int64_t key;  /* of the schema the store lives in; the locks' keys derive from it */
};

/* Three advisory locks: the writer's own; one that every writing connection shares, so that a successor waits
 * for the last of them even when the first lock's connection died alone; and one a transaction. */
enum { KEY_WRITER, KEY_CONNECTION, KEY_COMMIT };

static const char guard[] =
    "CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'the ledger is never changed' USING ERRCODE = '42501'; END $$;"
    "CREATE TRIGGER ledger_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger"
    " FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();"
    "CREATE TRIGGER ledger_head_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_head"
    " FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();"
    "REVOKE UPDATE, DELETE, TRUNCATE ON ledger, ledger_head FROM PUBLIC, CURRENT_USER;"
    /* What something depends on is not dropped. */
    "CREATE VIEW ledger_keep AS SELECT l.seq FROM ledger l JOIN ledger_head h ON h.size = l.seq;";

static const struct sql tables = {
	"postgres.tables",
	"SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()"
	" ORDER BY tablename::text COLLATE \"C\"",
};

static const struct sql columns = {
	"postgres.columns",
	"SELECT attname::text, CASE atttypid WHEN 20 THEN 1 WHEN 25 THEN 2 ELSE 3 END, attnotnull FROM pg_attribute"
	" WHERE attrelid = to_regclass(quote_ident($1)) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
};

static const struct dialect dialect = {
	.bigint = "BIGINT",
	.text = "TEXT COLLATE \"C\"",
	.bytea = "BYTEA",
	.rowid_bigint = "BIGINT",
	.table_end = "",
	.clustered_end = "",
	.remember = " COMMENT ON TABLE ",
};

static void translate(const char *text, struct buf *out)
{
	script_translate(&dialect, text, out);
}

static const struct err_kind *kind_of(const char *state)
{
	static const struct {
		const char *state;
		const struct err_kind *kind;
	} map[] = {
		{ "53100", &ERR_STORE_FULL },    { "25006", &ERR_STORE_READONLY }, { "40001", &ERR_BUSY },
		{ "40P01", &ERR_BUSY },          { "55P03", &ERR_BUSY },           { "53300", &ERR_BUSY },
		{ "XX001", &ERR_STORE_CORRUPT }, { "XX002", &ERR_STORE_CORRUPT },  { "53200", &ERR_NO_MEMORY },
	};

	for (size_t i = 0; i < ARRAY_LEN(map); i++) {
		if (strcmp(map[i].state, state) == 0)
			return map[i].kind;
	}
	return &ERR_STORE;
}

int pg_fault(struct err *err, PGconn *conn, const PGresult *res, const struct store *s, const char *what)
{
	const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
	/* The primary message only: details quote the row's values. */
	const char *text = res ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY) : NULL;

	/* A server that closes a connection says why first; classes 08 and 57P. */
	if (PQstatus(conn) == CONNECTION_BAD || (state && (!strncmp(state, "08", 2) || !strncmp(state, "57P", 3))))
		return store_error(err, &ERR_STORE, s, what, "the connection to the database was lost");
	if (!state)
		return store_error(err, &ERR_STORE, s, what, "the database gave no answer");
	return store_error(err, kind_of(state), s, what, text ? text : state);
}

static void no_notice(void *ctx, const char *text)
{
	(void)ctx;
	(void)text;
}

/* Drops ":password" before the host and password parameters after '?'. A keyword written with % is dropped too. */
static char *url_without_password(const char *url)
{
	size_t scheme = (size_t)(strstr(url, "://") + 3 - url);
	size_t head = scheme + strcspn(url + scheme, "@/"), user = scheme + strcspn(url + scheme, ":@/");
	size_t rest = url[head] == '@' ? head : scheme, query = rest + strcspn(url + rest, "?");
	struct buf out = { 0 };
	bool first = true;

	if (rest == head)
		buf_add(&out, url, user);
	else
		buf_add(&out, url, scheme);
	buf_add(&out, url + rest, query - rest);
	for (const char *p = url + query; *p; p += strcspn(p + 1, "&") + 1) {
		struct str key = { p + 1, strcspn(p + 1, "=&") };

		if (str_is(key, "password") || str_is(key, "sslpassword") || memchr(key.ptr, '%', key.len))
			continue;
		buf_char(&out, first ? '?' : '&');
		buf_add(&out, p + 1, strcspn(p + 1, "&"));
		first = false;
	}
	buf_char(&out, '\0');
	return out.failed ? NULL : out.ptr;
}

#define OPTIONS_MAX 64

static void options_add(const char *keys[], const char *values[], int *n, const char *key, const char *value)
{
	assert(*n < OPTIONS_MAX);
	keys[*n] = key;
	values[(*n)++] = value;
}

/* A connection by the url, or to its server's maintenance database. NULL when the url can't be read. */
static PGconn *dial(const char *url, bool maintenance, char database[64])
{
	const char *keys[OPTIONS_MAX + 1] = { NULL }, *values[OPTIONS_MAX + 1] = { NULL };
	PQconninfoOption *given = PQconninfoParse(url, NULL);
	PGconn *conn;
	int n = 0;

	if (!given)
		return NULL;
	options_add(keys, values, &n, "fallback_application_name", "lianfang");
	options_add(keys, values, &n, "connect_timeout", "10");
	for (PQconninfoOption *o = given; o->keyword && n < OPTIONS_MAX - 2; o++) {
		if (!o->val)
			continue;
		if (strcmp(o->keyword, "dbname") == 0 && database)
			str_copy(str_of(o->val), database, 64);
		options_add(keys, values, &n, o->keyword, o->val);
	}
	options_add(keys, values, &n, "client_encoding", "UTF8");
	if (maintenance)
		options_add(keys, values, &n, "dbname", "postgres");
	conn = PQconnectdbParams(keys, values, 0);
	PQconninfoFree(given);
	PQsetNoticeProcessor(conn, no_notice, NULL);
	return conn;
}

/* Why a connection failed, in one line and surely without the password. */
static int dial_fault(struct err *err, PGconn *conn, const struct store *s)
{
	struct str text = str_of(conn ? PQerrorMessage(conn) : "the address can't be read");
	const char *password = conn ? PQpass(conn) : NULL;
	char line[160];

	text.len = strcspn(text.ptr, "\n");
	if (text.len >= sizeof(line))
		text.len = sizeof(line) - 1;
	str_copy(text, line, sizeof(line));
	if (password && *password && strstr(PQerrorMessage(conn), password))
		return store_error(err, &ERR_STORE, s, NULL, "no connection to the database");
	return store_error(err, &ERR_STORE, s, NULL, line);
}

static int exec_on(PGconn *conn, const char *text, const struct store *s, struct err *err)
{
	PGresult *res = PQexec(conn, text);
	ExecStatusType status = PQresultStatus(res);
	int r = 0;

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		r = pg_fault(err, conn, res, s, NULL);
	PQclear(res);
	return r;
}

/* The first value as text; false when there is none. */
static bool ask(PGconn *conn, const char *text, const char *param, char *out, size_t size)
{
	PGresult *res = PQexecParams(conn, text, param ? 1 : 0, NULL, &param, NULL, NULL, 0);
	bool found = PQresultStatus(res) == PGRES_TUPLES_OK && PQntuples(res) > 0 && !PQgetisnull(res, 0, 0) &&
		     str_copy(str_of(PQgetvalue(res, 0, 0)), out, size);

	PQclear(res);
	return found;
}

/* The settings that this program relies on, whatever the server's own are. */
static int settle_session(PGconn *conn, const struct store *s, enum db_mode mode, struct err *err)
{
	const char *encoding = PQparameterStatus(conn, "server_encoding");

	if (!encoding || strcmp(encoding, "UTF8"))
		return store_error(err, &ERR_STORE, s, NULL, "the database's encoding must be UTF8");
	if (exec_on(conn,
		    "SET TIME ZONE 'UTC'; SET lock_timeout = '5s'; SET jit = off; SET client_min_messages = warning;"
		    "SELECT set_config('synchronous_commit', 'on', false)"
		    " WHERE current_setting('synchronous_commit') IN ('off', 'local')",
		    s, err) < 0)
		return -1;
	return mode == DB_READ ? exec_on(conn, "SET default_transaction_read_only = on", s, err) : 0;
}

static bool schema_key(PGconn *conn, int64_t *ret)
{
	uint64_t h = 0xcbf29ce484222325;
	char schema[64];

	if (!ask(conn, "SELECT current_schema()", NULL, schema, sizeof(schema)))
		return false;
	for (const char *p = schema; *p; p++)
		h = (h ^ (unsigned char)*p) * 0x100000001b3;
	*ret = (int64_t)(h & 0x3fffffffffffff00);
	return true;
}

static bool try_lock(PGconn *conn, const char *function, int64_t key)
{
	char text[96], answer[8];

	snprintf(text, sizeof(text), "SELECT %s(%lld)", function, (long long)key);
	return ask(conn, text, NULL, answer, sizeof(answer)) && answer[0] == 't';
}

/* A predecessor's backend lives on for a moment after its client is gone: its locks are waited for, not long. */
#define LOCK_TRIES   40
#define LOCK_WAIT_NS 50000000

static int take_lock(struct pg_store *s, struct err *err)
{
	bool writer = false;

	for (int i = 0; i < LOCK_TRIES; i++) {
		writer = writer || try_lock(s->lock, "pg_try_advisory_lock", s->key + KEY_WRITER);
		if (writer && try_lock(s->lock, "pg_try_advisory_lock", s->key + KEY_CONNECTION)) {
			if (try_lock(s->lock, "pg_advisory_unlock", s->key + KEY_CONNECTION))
				return 0;
			return store_error(err, &ERR_STORE, &s->base, NULL, "the writer's lock failed");
		}
		nanosleep(&(struct timespec){ 0, LOCK_WAIT_NS }, NULL);
	}
	return err_fmt(err, &ERR_STORE_LOCKED, "%s", s->base.label);
}

static bool pg_is_served(const char *url)
{
	PGconn *conn = dial(url, false, NULL);
	char text[320], answer[8];
	bool served = false;
	int64_t key;

	if (conn && PQstatus(conn) == CONNECTION_OK && schema_key(conn, &key)) {
		snprintf(text, sizeof(text),
			 "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
			 " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
			 " AND classid = %u AND objid = %u",
			 (unsigned)((uint64_t)key >> 32), (unsigned)((uint64_t)key & 0xffffffff));
		served = ask(conn, text, NULL, answer, sizeof(answer));
	}
	PQfinish(conn);
	return served;
}

/* Makes the url's database when the server does not have it yet. */
static int make_database(struct pg_store *s, struct err *err)
{
	char name[64] = "", answer[8];
	PGconn *conn = dial(s->url, true, name);
	_cleanup_(buf_finish) struct buf text = { 0 };
	int r = 0;

	if (!conn || PQstatus(conn) != CONNECTION_OK) {
		r = dial_fault(err, conn, &s->base);
	} else if (name[0] &&
		   !ask(conn, "SELECT 1 FROM pg_database WHERE datname = $1", name, answer, sizeof(answer))) {
		buf_cstr(&text, "CREATE DATABASE ");
		quote_name(&text, name);
		buf_cstr(&text, " TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'");
		buf_char(&text, '\0');
		r = text.failed ? err_kind_set(err, &ERR_NO_MEMORY) : exec_on(conn, text.ptr, &s->base, err);
	}
	PQfinish(conn);
	return r;
}

static void pg_close(struct store *base)
{
	struct pg_store *s = (struct pg_store *)base;

	PQfinish(s->lock);
	free(s->url);
	free(base->label);
	free(s);
}

static int open_lock(struct pg_store *s, struct err *err)
{
	s->lock = dial(s->url, false, NULL);
	if (s->lock && PQstatus(s->lock) != CONNECTION_OK && s->base.flags & STORE_CREATE) {
		if (make_database(s, err) < 0)
			return -1;
		PQreset(s->lock);
	}
	if (!s->lock || PQstatus(s->lock) != CONNECTION_OK)
		return dial_fault(err, s->lock, &s->base);
	if (settle_session(s->lock, &s->base, DB_WRITE, err) < 0)
		return -1;
	if (!schema_key(s->lock, &s->key))
		return store_error(err, &ERR_STORE, &s->base, NULL, "the database has no schema to work in");
	return s->base.flags & STORE_EXCLUSIVE ? take_lock(s, err) : 0;
}

static int pg_open(const char *url, unsigned flags, struct store **ret, struct err *err)
{
	struct pg_store *s = calloc(1, sizeof(*s));

	if (!s)
		return err_kind_set(err, &ERR_NO_MEMORY);
	s->base = (struct store){ .impl = &store_postgres, .flags = flags, .label = url_without_password(url) };
	s->url = strdup(url);
	if (!s->base.label || !s->url)
		err_kind_set(err, &ERR_NO_MEMORY);
	else if (open_lock(s, err) == 0) {
		if (!(flags & STORE_EXCLUSIVE)) {
			PQfinish(s->lock);
			s->lock = NULL;
		}
		*ret = &s->base;
		return 0;
	}
	pg_close(&s->base);
	return -1;
}

static bool lock_stands(struct pg_store *s)
{
	char answer[8];

	return s->lock && ask(s->lock, "SELECT 1", NULL, answer, sizeof(answer));
}

/* A writer shares the second lock first and then looks whether the first still stands: so no successor can
 * have come in between, nor can one later while this connection lives. */
static int settle_db(struct pg_db *db, struct err *err)
{
	struct pg_store *s = (struct pg_store *)db->base.store;

	if (settle_session(db->conn, &s->base, db->base.mode, err) < 0)
		return -1;
	if (db->base.mode == DB_READ)
		return 0;
	if (!try_lock(db->conn, "pg_try_advisory_lock_shared", s->key + KEY_CONNECTION) || !lock_stands(s))
		return store_error(err, &ERR_STORE, &s->base, NULL, "the writer's lock was lost: start again");
	return 0;
}

static void pg_disconnect(struct db *base)
{
	struct pg_db *db = (struct pg_db *)base;

	pg_runs_finish(db);
	PQfinish(db->conn);
	free(db);
}

static int pg_connect(struct store *base, enum db_mode mode, struct db **ret, struct err *err)
{
	struct pg_store *s = (struct pg_store *)base;
	struct pg_db *db = calloc(1, sizeof(*db));
	int r;

	if (!db)
		return err_kind_set(err, &ERR_NO_MEMORY);
	db->base = (struct db){ .impl = &store_postgres, .store = base, .mode = mode };
	db->conn = dial(s->url, false, NULL);
	if (!db->conn || PQstatus(db->conn) != CONNECTION_OK)
		r = dial_fault(err, db->conn, base);
	else
		r = settle_db(db, err);
	if (r < 0) {
		pg_disconnect(&db->base);
		return -1;
	}
	*ret = &db->base;
	return 0;
}

int pg_exec(struct pg_db *db, const char *text, struct err *err)
{
	pg_settle(db);
	return exec_on(db->conn, text, db->base.store, err);
}

/* A connection that broke is made again where nothing was under way. */
static int revive(struct pg_db *db, struct err *err)
{
	int r;

	if (PQstatus(db->conn) == CONNECTION_OK)
		return 0;
	PQfinish(db->conn);
	db->conn = dial(((struct pg_store *)db->base.store)->url, false, NULL);
	db->generation++;
	if (PQstatus(db->conn) != CONNECTION_OK)
		return dial_fault(err, db->conn, db->base.store);
	r = settle_db(db, err);
	if (r < 0) {
		/* Not left open: it may share a lock that is a successor's by right. */
		PQfinish(db->conn);
		db->conn = NULL;
	}
	return r;
}

static void pg_rollback(struct db *base)
{
	struct pg_db *db = (struct pg_db *)base;

	pg_settle(db);
	if (PQtransactionStatus(db->conn) != PQTRANS_IDLE)
		pg_exec(db, "ROLLBACK", NULL);
}

static int pg_begin(struct db *base, struct err *err)
{
	struct pg_db *db = (struct pg_db *)base;
	char text[96];

	pg_settle(db);
	if (revive(db, err) < 0)
		return -1;
	if (base->mode == DB_READ)
		snprintf(text, sizeof(text), "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1");
	else
		snprintf(text, sizeof(text), "BEGIN; SELECT pg_advisory_xact_lock(%lld)",
			 (long long)(((struct pg_store *)base->store)->key + KEY_COMMIT));
	if (pg_exec(db, text, err) == 0)
		return 0;
	pg_rollback(base);
	return -1;
}

static int pg_commit(struct db *base, struct err *err)
{
	struct pg_db *db = (struct pg_db *)base;
	PGresult *res;
	int r = 0;

	pg_settle(db);
	res = PQexec(db->conn, "COMMIT");
	if (PQresultStatus(res) != PGRES_COMMAND_OK)
		r = pg_fault(err, db->conn, res, base->store, NULL);
	else if (strcmp(PQcmdStatus(res), "COMMIT"))
		r = store_error(err, &ERR_STORE, base->store, NULL, "the transaction had failed and was rolled back");
	PQclear(res);
	if (r < 0)
		pg_rollback(base);
	return r;
}

static int pg_script(struct db *base, const char *text, struct err *err)
{
	return pg_exec((struct pg_db *)base, text, err);
}

const struct store_impl store_postgres = {
	.version = STORE_IMPL_VERSION,
	.name = "postgresql",
	.open = pg_open,
	.close = pg_close,
	.is_served = pg_is_served,
	.connect = pg_connect,
	.disconnect = pg_disconnect,
	.begin = pg_begin,
	.commit = pg_commit,
	.rollback = pg_rollback,
	.script = pg_script,
	.translate = translate,
	.start = pg_start,
	.step = pg_step,
	.end = pg_end,
	.changed = pg_changed,
	.i64 = pg_i64,
	.text = pg_text,
	.bytes = pg_bytes,
	.backup = store_copy,
	.tables = &tables,
	.columns = &columns,
	.guard = guard,
};
