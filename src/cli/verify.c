/* lianfang verify and head: the ledger proves itself, and against a head that
 * was published before. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/divisions.h"

#define HEAD_FILE_MAX ((size_t)64 << 10)

/* ---- the head, as the HTTP call gives it ------------------------------------------------ */

static struct str no_param(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return STR_NONE;
}

static struct str no_param_name(void *ctx, size_t index)
{
	(void)ctx;
	(void)index;
	return STR_NONE;
}

int cmd_head(int argc, char **argv)
{
	_cleanup_(buf_finish) struct buf out = { 0 };
	struct view_request q = {
		.who = principal_system(), .param = no_param, .param_name = no_param_name, .lang = cli_lang()
	};
	struct reader *r = NULL;
	struct cli_store s;
	struct err err = { 0 };
	int rc;

	(void)argc;
	(void)argv;
	q.view = app_find_view(STR("/api/v1/ledger/head"), &q.id);
	if (cli_open(&s, CLI_READ, &err) < 0)
		return cli_error(&err);
	rc = reader_create(s.app, &r, &err);
	if (rc == 0)
		rc = reader_view(r, &q, &out, &err);
	reader_destroy(r);
	cli_close(&s);
	if (rc < 0)
		return cli_error(&err);
	printf("%.*s\n", (int)out.len, out.ptr);
	return CLI_DONE;
}

/* ---- a published head -------------------------------------------------------------------------- */

struct published {
	struct ledger_head head;
	uint8_t key[32];
	struct uuid store;
	unsigned seen;
};

static bool read_hex(struct str s, void *out, size_t size)
{
	return hex_decode(s, out, size) == (int)size;
}

/* True when the member was understood; those it does not know are passed over. */
static bool take_member(struct published *p, struct str name, struct str s)
{
	static const char *const names[] = { "size", "root", "at", "signature", "public_key", "store" };
	bool ok = true;

	for (unsigned i = 0; i < ARRAY_LEN(names); i++)
		if (str_is(name, names[i]))
			p->seen |= 1u << i;
	if (str_is(name, "size"))
		ok = str_to_i64(s, &p->head.size) && p->head.size > 0;
	else if (str_is(name, "root"))
		ok = read_hex(s, p->head.root.b, HASH_SIZE);
	else if (str_is(name, "at"))
		ok = time_parse(s, &p->head.at);
	else if (str_is(name, "signature"))
		ok = read_hex(s, p->head.signature, SIGNATURE_SIZE);
	else if (str_is(name, "public_key"))
		ok = read_hex(s, p->key, sizeof(p->key));
	else if (str_is(name, "store"))
		ok = uuid_parse(s, &p->store);
	return ok;
}

static int read_published(const char *file, struct published *ret, struct err *err)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	_cleanup_(arena_finish) struct arena arena = { 0 };
	struct json_reader r;
	struct str name, s;
	int more, kind;

	*ret = (struct published){ 0 };
	if (file_read_whole(file, HEAD_FILE_MAX, &b, err) < 0)
		return -1;
	json_read_init(&r, buf_view(&b), &arena);
	if (json_object_begin(&r) < 0)
		return err_fmt(err, &ERR_FILE, "%s: not a head as `lianfang head` prints it", file);
	while ((more = json_member(&r, &name)) == 1) {
		kind = json_peek(&r);
		if ((kind == JSON_STRING   ? json_string(&r, &s)
		     : kind == JSON_NUMBER ? json_number(&r, &s)
					   : json_skip(&r, &s)) < 0 ||
		    !take_member(ret, name, s))
			break;
	}
	if (more != 0 || json_end(&r) < 0 || ret->seen != 0x3f)
		return err_fmt(err, &ERR_FILE, "%s: not a head as `lianfang head` prints it", file);
	return 0;
}

/* 0 it fits; 1 a difference told in `ret`; -1. Runs after the ledger itself proved sound, so a kept head is a true one.
 */
static int check_published(struct app *a, const struct published *p, struct buf *ret, struct err *err)
{
	struct ledger_head kept;
	struct reader *r = NULL;
	int rc;

	if (!uuid_eq(&p->store, app_store_id(a)))
		buf_cstr(ret, cli_pick("公布的树头属于另一个数据库", "the published head is of another store"));
	else if (keyring_has_secrets(app_keys(a)) && memcmp(p->key, keyring_public(app_keys(a)), sizeof(p->key)) != 0)
		buf_cstr(ret, cli_pick("公布的树头由另一把钥匙签名", "the published head is signed with another key"));
	else if (!ledger_head_signed_by(&p->store, &p->head, p->key))
		buf_cstr(ret, cli_pick("公布的树头签名不对", "the published head's signature is not valid"));
	if (ret->len)
		return 1;
	if (reader_create(a, &r, err) < 0)
		return -1;
	rc = reader_begin(r, err);
	if (rc == 0)
		rc = ledger_head_at(reader_work(r, principal_system(), cli_lang())->ledger, p->head.size, &kept, err);
	reader_end(r);
	reader_destroy(r);
	if (rc < 0)
		return -1;
	if (rc == 0)
		buf_printf(ret,
			   cli_pick("账本没有第 %lld 条时的树头，而它公布过",
				    "the ledger has no head at %lld entries, yet one was published"),
			   (long long)p->head.size);
	else if (memcmp(kept.root.b, p->head.root.b, HASH_SIZE) != 0)
		buf_printf(ret,
			   cli_pick("前 %lld 条与公布的树头不符：历史被改过",
				    "the first %lld entries are not those of the published head: history was changed"),
			   (long long)p->head.size);
	return ret->len ? 1 : 0;
}

/* ---- verify ------------------------------------------------------------------------------------------ */

static int tell_difference(struct buf *text)
{
	_cleanup_(buf_finish) struct buf out = { 0 };
	struct json_writer w;

	if (cli_json()) {
		json_write_init(&w, &out);
		json_open(&w, '{');
		json_key(&w, "sound");
		json_put_bool(&w, false);
		json_key(&w, "difference");
		json_put_str(&w, buf_view(text));
		json_close(&w, '}');
		printf("%.*s\n", (int)out.len, out.ptr);
		return CLI_FAILED;
	}
	buf_char(text, '\0');
	return cli_fail("发现差异：%s", "there is a difference: %s", text->ptr);
}

int cmd_verify(int argc, char **argv)
{
	_cleanup_(buf_finish) struct buf text = { 0 };
	struct cli_progress progress = { "校验", "Verifying" };
	const char *file = cli_option("head");
	struct published published;
	struct cli_store s;
	struct err err = { 0 };
	int64_t events = 0;
	int rc;

	(void)argc;
	(void)argv;
	if (file && read_published(file, &published, &err) < 0)
		return cli_error(&err);
	if (cli_open(&s, CLI_READ, &err) < 0)
		return cli_error(&err);
	if (!keyring_has_secrets(app_keys(s.app)))
		cli_note("没有密钥文件：签名没有核对", "There is no key file: the signatures are not checked");
	rc = app_verify(s.app, cli_progress, &progress, &events, &text, &err);
	if (rc == 0 && file)
		rc = check_published(s.app, &published, &text, &err);
	cli_progress_end(&progress);
	cli_close(&s);
	if (rc < 0)
		return cli_error(&err);
	if (rc > 0)
		return tell_difference(&text);
	/* The contract's own words, whatever the language. */
	printf(cli_json() ? "{\"sound\":true,\"events\":%lld}\n" : "verified %lld events\n", (long long)events);
	return CLI_DONE;
}
