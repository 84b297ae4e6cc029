/* lianfang channel …, outbox …: where messages go, and what is on its way, at
 * rest or while served. Secrets are read from a file and never shown. */
#include <sodium.h>
#include <stdio.h>

#include "app/courier.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "cli/divisions.h"

#define SECRET_FILE_MAX ((size_t)4 << 10)
#define LIST_MOST       1000

/* ---- add ----------------------------------------------------------------------------- */

static void wipe(struct buf *b)
{
	if (b->ptr)
		sodium_memzero(b->ptr, b->cap);
	buf_finish(b);
}

/* The first line of the file. */
static int read_secret(struct buf *file, struct str *ret, struct err *err)
{
	const char *name = cli_option("secret-file");
	size_t len;

	if (file_read_whole(name, SECRET_FILE_MAX, file, err) < 0)
		return -1;
	for (len = 0; len < file->len && file->ptr[len] != '\n' && file->ptr[len] != '\r';)
		len++;
	*ret = (struct str){ file->ptr ? file->ptr : "", len };
	if (!str_is_utf8(*ret) || memchr(ret->ptr, 0, len))
		return err_fmt(err, &ERR_FILE, "%s: UTF-8", name);
	return 0;
}

int cmd_channel_add(int argc, char **argv)
{
	_cleanup_(wipe) struct buf file = { 0 };
	const char *place = cli_option("place"), *kinds = cli_option("kinds");
	struct channel c = { .name = str_of(argv[0]), .url = str_of(cli_option("url")), .place = FIELD_ABSENT };
	struct cli_store s;
	struct err err = { 0 };
	int r;

	(void)argc;
	if (place && !place_parse(str_of(place), &c.place))
		return cli_wrong("--place 应为区划代码", "--place takes a division code");
	c.kinds = kinds ? str_of(kinds) : STR_NONE;
	if (read_secret(&file, &c.secret, &err) < 0 || cli_open(&s, CLI_WRITE, &err) < 0)
		return cli_error(&err);
	r = s.server ? client_channel_add(s.server, &c, &err) : channel_add(s.app, &c, &err);
	cli_close(&s);
	return r < 0 ? cli_error(&err) : CLI_DONE;
}

/* ---- disable, enable, test --------------------------------------------------------------- */

static int set_disabled(const char *name, bool disabled)
{
	struct cli_store s;
	struct err err = { 0 };
	int r;

	if (cli_open(&s, CLI_WRITE, &err) < 0)
		return cli_error(&err);
	r = s.server ? client_channel_disable(s.server, str_of(name), disabled, &err)
		     : channel_disable(s.app, str_of(name), disabled, &err);
	cli_close(&s);
	return r < 0 ? cli_error(&err) : CLI_DONE;
}

int cmd_channel_disable(int argc, char **argv)
{
	(void)argc;
	return set_disabled(argv[0], true);
}

int cmd_channel_enable(int argc, char **argv)
{
	(void)argc;
	return set_disabled(argv[0], false);
}

int cmd_channel_test(int argc, char **argv)
{
	struct cli_store s;
	struct err err = { 0 };
	int r;

	(void)argc;
	if (cli_open(&s, CLI_WRITE, &err) < 0)
		return cli_error(&err);
	r = s.server ? client_channel_test(s.server, str_of(argv[0]), &err)
		     : channel_test(s.app, str_of(argv[0]), &err);
	cli_close(&s);
	return r < 0 ? cli_error(&err) : CLI_DONE;
}

/* ---- lists ------------------------------------------------------------------------------- */

struct listing {
	struct buf out;
	struct json_writer w;
	struct work *work;
};

static void put_text(struct listing *l, const char *name, struct str value)
{
	if (!value.ptr)
		return;
	json_key(&l->w, name);
	json_put_str(&l->w, value);
}

static void put_place(struct listing *l, place_t place)
{
	char text[PLACE_TEXT];

	put_text(l, "place", (struct str){ text, place_format(place, text) });
}

static void put_time(struct listing *l, const char *name, int64_t at)
{
	char text[TIME_TEXT_MAX];

	time_format_local(at, text);
	put_text(l, name, str_of(text));
}

/* " a b " without the spaces at its ends. */
static struct str kinds_of(const struct channel *c)
{
	return c->kinds.len > 2 ? (struct str){ c->kinds.ptr + 1, c->kinds.len - 2 } : STR_NONE;
}

static void channel_json(struct listing *l, const struct channel *c)
{
	struct str rest = kinds_of(c);

	json_open(&l->w, '{');
	put_text(l, "name", c->name);
	put_text(l, "url", c->url);
	put_place(l, c->place);
	if (rest.ptr) {
		json_key(&l->w, "kinds");
		json_open(&l->w, '[');
		while (rest.ptr) {
			const char *space = memchr(rest.ptr, ' ', rest.len);
			size_t len = space ? (size_t)(space - rest.ptr) : rest.len;

			json_put_str(&l->w, (struct str){ rest.ptr, len });
			rest = space ? (struct str){ space + 1, rest.len - len - 1 } : STR_NONE;
		}
		json_close(&l->w, ']');
	}
	json_key(&l->w, "disabled");
	json_put_bool(&l->w, c->disabled);
	put_time(l, "created", c->created);
	json_close(&l->w, '}');
}

static int list_channel(void *ctx, const struct channel *c)
{
	struct listing *l = ctx;
	char code[PLACE_TEXT];
	struct str kinds = kinds_of(c), place = place_name(l->work, c->place, INT64_MAX);

	if (cli_json()) {
		channel_json(l, c);
		return 0;
	}
	buf_printf(&l->out, "%-16.*s %s%.*s  %.*s %.*s  %.*s\n", STR_ARG(c->name),
		   c->disabled ? cli_pick("（停用）", "(disabled) ") : "", STR_ARG(c->url),
		   (int)place_format(c->place, code), code, STR_ARG(place), kinds.ptr ? (int)kinds.len : 1,
		   kinds.ptr ? kinds.ptr : "*");
	return 0;
}

static void delivery_json(struct listing *l, const struct delivery *d)
{
	char id[UUID_TEXT];

	uuid_format(&d->message, id);
	json_open(&l->w, '{');
	put_text(l, "id", (struct str){ id, UUID_TEXT });
	put_time(l, "created", d->created);
	put_text(l, "kind", d->kind);
	put_place(l, d->place);
	put_text(l, "channel", d->channel);
	json_key(&l->w, "tries");
	json_put_i64(&l->w, d->tries);
	if (!d->dead)
		put_time(l, "next_try", d->next_try);
	json_key(&l->w, "dead");
	json_put_bool(&l->w, d->dead);
	put_text(l, "answer", d->answer);
	json_close(&l->w, '}');
}

static int list_delivery(void *ctx, const struct delivery *d)
{
	struct listing *l = ctx;
	char id[UUID_TEXT], code[PLACE_TEXT], at[TIME_TEXT_MAX];

	if (cli_json()) {
		delivery_json(l, d);
		return 0;
	}
	uuid_format(&d->message, id);
	time_format_local(d->next_try, at);
	buf_printf(&l->out, "%.*s  %.*s  %.*s  %.*s  ", UUID_TEXT, id, STR_ARG(d->kind),
		   (int)place_format(d->place, code), code, STR_ARG(d->channel));
	if (d->dead)
		buf_printf(&l->out, cli_pick("已放弃，试过 %lld 次", "given up after %lld tries"), (long long)d->tries);
	else
		buf_printf(&l->out, cli_pick("试过 %lld 次，下次 %s", "%lld tries, next %s"), (long long)d->tries, at);
	buf_printf(&l->out, "%s%.*s\n", d->answer.len ? "  " : "", STR_ARG(d->answer));
	return 0;
}

static int read_channels(struct listing *l, struct err *err)
{
	return channel_list(l->work->db, list_channel, l, err);
}

static int read_outbox(struct listing *l, struct err *err)
{
	return outbox_list(l->work->db, cli_switch("dead"), LIST_MOST, list_delivery, l, err);
}

static int print_list(int (*read)(struct listing *l, struct err *err))
{
	struct listing l = { 0 };
	struct cli_store s;
	struct reader *r = NULL;
	struct err err = { 0 };
	int rc;

	if (cli_open(&s, CLI_READ, &err) < 0)
		return cli_error(&err);
	json_write_init(&l.w, &l.out);
	if (cli_json())
		json_open(&l.w, '[');
	rc = reader_create(s.app, &r, &err);
	if (rc == 0)
		rc = reader_begin(r, &err);
	if (rc == 0) {
		l.work = reader_work(r, principal_system(), cli_lang());
		rc = read(&l, &err);
		reader_end(r);
	}
	if (cli_json()) {
		json_close(&l.w, ']');
		buf_char(&l.out, '\n');
	}
	if (rc == 0 && l.out.failed)
		rc = err_kind_set(&err, &ERR_NO_MEMORY);
	if (rc == 0 && l.out.len)
		fwrite(l.out.ptr, 1, l.out.len, stdout);
	reader_destroy(r);
	cli_close(&s);
	buf_finish(&l.out);
	return rc < 0 ? cli_error(&err) : CLI_DONE;
}

int cmd_channel_list(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return print_list(read_channels);
}

int cmd_outbox_list(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return print_list(read_outbox);
}

/* ---- again ------------------------------------------------------------------------------------ */

int cmd_outbox_retry(int argc, char **argv)
{
	struct uuid message = { 0 };
	struct cli_store s;
	struct err err = { 0 };
	int r;

	if ((argc > 0) == cli_switch("all"))
		return cli_wrong("写消息编号，或 --all", "Give a message's id, or --all");
	if (argc > 0 && !uuid_parse(str_of(argv[0]), &message))
		return cli_wrong("“%s”不是消息编号（UUID）", "\"%s\" is no message id, a UUID", argv[0]);
	if (cli_open(&s, CLI_WRITE, &err) < 0)
		return cli_error(&err);
	r = s.server ? client_outbox_retry(s.server, &message, &err) : outbox_retry(s.app, &message, &err);
	cli_close(&s);
	return r < 0 ? cli_error(&err) : CLI_DONE;
}
