/* Help texts and the manual page, made from the command table. */
#include <stdio.h>

#include "cli/command.h"
#include "base/utf8.h"

const char *const CLI_VERSION = LIANFANG_VERSION;

#define WIDTH 100

/* Columns on a terminal: a Chinese character and full-width punctuation take two. */
static int width_of(const char *p, size_t *ret_step)
{
	size_t step = utf8_step(p, strlen(p));
	unsigned char c = (unsigned char)*p;

	*ret_step = step ? step : 1;
	if (step < 3)
		return 1;
	/* U+2000–U+2FFF: dashes, dots, arrows are narrow. */
	return c == 0xe2 ? 1 : 2;
}

static int text_width(const char *text)
{
	int n = 0;

	for (size_t step; *text; text += step)
		n += width_of(text, &step);
	return n;
}

/* Flows a text from column `at`, following lines indented by `indent`. Breaks at spaces, and anywhere between wide
 * characters but before closing punctuation. */
static void flow(struct buf *out, const char *text, int indent, int at)
{
	static const char closing[] = "。，；：、）”！？";

	while (*text) {
		const char *end = text;
		int width = 0;
		size_t step;

		if (*text == ' ') {
			text++;
			if (at + 1 + (int)strcspn(text, " ") > WIDTH && at > indent) {
				buf_printf(out, "\n%*s", indent, "");
				at = indent;
			} else {
				buf_char(out, ' ');
				at++;
			}
			continue;
		}
		do {
			bool wide = width_of(end, &step) == 2;
			char next[8] = "";

			width += wide ? 2 : 1;
			end += step;
			if (*end) {
				bool next_wide = width_of(end, &step) == 2;

				memcpy(next, end, step);
				if ((wide || next_wide) && !strstr(closing, next))
					break;
			}
		} while (*end && *end != ' ');
		if (at + width > WIDTH && at > indent) {
			buf_printf(out, "\n%*s", indent, "");
			at = indent;
		}
		buf_add(out, text, (size_t)(end - text));
		at += width;
		text = end;
	}
	buf_char(out, '\n');
}

static void put_row(struct buf *out, const char *left, int column, const char *right)
{
	int w = 2 + text_width(left);

	buf_printf(out, "  %s", left);
	if (w + 2 > column) {
		buf_char(out, '\n');
		w = 0;
	}
	buf_printf(out, "%*s", column - w, "");
	flow(out, right, column, column);
}

/* Options that the command takes, one after the other; `i` runs from 0. NULL at the end. */
static const struct option_row *option_at(const struct command *c, int i)
{
	int own = 0;

	while (c->options[own].name)
		own++;
	if (i < own)
		return &c->options[i];
	for (int k = 0; k < N_COMMON; k++)
		if (command_option(c, str_of(COMMON_OPTIONS[k].name)) == &COMMON_OPTIONS[k] && i-- == own)
			return &COMMON_OPTIONS[k];
	return NULL;
}

static void option_name(const struct option_row *o, char *out, size_t size)
{
	snprintf(out, size, "--%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
}

static void usage_line(const struct command *c, struct buf *out)
{
	char name[64];

	buf_printf(out, "lianfang %s%s%s", c->path, *c->words ? " " : "", c->words);
	for (const struct option_row *o = c->options; o->name; o++) {
		option_name(o, name, sizeof(name));
		buf_printf(out, o->needed ? " %s" : " [%s]", name);
	}
}

void help_command(const struct command *c, struct buf *out)
{
	_cleanup_(buf_finish) struct buf line = { 0 };
	const struct option_row *o;
	char name[64];

	usage_line(c, &line);
	buf_char(&line, '\0');
	buf_cstr(out, cli_pick("用法：", "Usage: "));
	flow(out, line.ptr, 8, text_width(cli_pick("用法：", "Usage: ")));
	buf_char(out, '\n');
	flow(out, cli_pick(c->zh, c->en), 0, 0);
	if (c->more_en) {
		buf_char(out, '\n');
		flow(out, cli_pick(c->more_zh, c->more_en), 0, 0);
	}
	buf_char(out, '\n');
	buf_cstr(out, cli_pick("选项：\n", "Options:\n"));
	for (int i = 0; (o = option_at(c, i)); i++) {
		option_name(o, name, sizeof(name));
		put_row(out, name, 26, cli_pick(o->zh, o->en));
	}
}

bool help_group(const char *prefix, struct buf *out)
{
	size_t len = strlen(prefix);
	bool any = false;

	for (const struct command *c = COMMANDS; c->path; c++) {
		if (strncmp(c->path, prefix, len) != 0 || (len && c->path[len] != ' '))
			continue;
		put_row(out, c->path, 20, cli_pick(c->zh, c->en));
		any = true;
	}
	if (!any)
		return false;
	buf_cstr(out, cli_pick("\n每条命令的选项见 lianfang COMMAND --help\n",
			       "\nOptions of a command: lianfang COMMAND --help\n"));
	return true;
}

void help_all(struct buf *out)
{
	buf_printf(
	    out, "lianfang %s — %s\n\n", CLI_VERSION,
	    cli_pick("联防：应急组织与网格化管理", "the organisation of a county in an emergency, on one ledger"));
	buf_cstr(out, cli_pick("用法：lianfang COMMAND [选项]\n\n命令：\n",
			       "Usage: lianfang COMMAND [options]\n\nCommands:\n"));
	help_group("", out);
	buf_cstr(out, cli_pick("退出码：0 完成，1 失败，2 用法有误\n", "Exit: 0 done, 1 failed, 2 wrong usage\n"));
}

/* ---- the manual page ----------------------------------------------------------------- */

static void roff(struct buf *out, const char *text)
{
	bool line_start = true;

	for (; *text; text++) {
		if (line_start && (*text == '.' || *text == '\''))
			buf_cstr(out, "\\&");
		if (*text == '\\')
			buf_cstr(out, "\\e");
		else if (*text == '-')
			buf_cstr(out, "\\-");
		else
			buf_char(out, *text);
		line_start = *text == '\n';
	}
}

static void roff_option(struct buf *out, const struct option_row *o)
{
	buf_cstr(out, ".TP\n.B \\-\\-");
	roff(out, o->name);
	if (o->value) {
		buf_cstr(out, " \\fI");
		roff(out, o->value);
		buf_cstr(out, "\\fP");
	}
	buf_char(out, '\n');
	roff(out, cli_pick(o->zh, o->en));
	buf_char(out, '\n');
}

static void roff_command(struct buf *out, const struct command *c)
{
	buf_cstr(out, ".SS \"");
	roff(out, c->path);
	buf_printf(out, "%s", *c->words ? " " : "");
	roff(out, c->words);
	buf_cstr(out, "\"\n");
	roff(out, cli_pick(c->zh, c->en));
	buf_cstr(out, cli_pick("。\n", ".\n"));
	if (c->more_en) {
		roff(out, cli_pick(c->more_zh, c->more_en));
		buf_char(out, '\n');
	}
	for (const struct option_row *o = c->options; o->name; o++)
		roff_option(out, o);
}

void help_man(struct buf *out)
{
	buf_printf(out, ".TH LIANFANG 1 \"\" \"lianfang %s\"\n.SH %s\nlianfang \\- %s\n", CLI_VERSION,
		   cli_pick("名称", "NAME"),
		   cli_pick("应急组织与网格化管理", "the organisation of a county in an emergency, on one ledger"));
	buf_printf(out, ".SH %s\n.B lianfang\n.I COMMAND\n[%s]\n", cli_pick("用法", "SYNOPSIS"),
		   cli_pick("选项", "options"));
	buf_printf(out, ".SH %s\n", cli_pick("命令", "COMMANDS"));
	for (const struct command *c = COMMANDS; c->path; c++)
		roff_command(out, c);
	buf_printf(out, ".SH %s\n", cli_pick("公用选项", "COMMON OPTIONS"));
	for (int i = 0; i < N_COMMON; i++)
		roff_option(out, &COMMON_OPTIONS[i]);
	buf_printf(out, ".SH %s\n%s\n", cli_pick("退出码", "EXIT STATUS"),
		   cli_pick("0 完成，1 失败，2 用法有误。",
			    "0 done, 1 failed, 2 wrong usage. Errors are one line on standard error."));
	buf_printf(out, ".SH %s\n", cli_pick("文件", "FILES"));
	roff(out, cli_pick("STORE-keys：密钥；STORE-lock：写锁；STORE-socket：服务运行时供命令使用的本地套接字；"
			   "STORE-wal、STORE-shm：SQLite 的日志。\n",
			   "STORE-keys: the keys. STORE-lock: the writer's lock. STORE-socket: where commands reach a "
			   "running server. "
			   "STORE-wal, STORE-shm: SQLite's journal.\n"));
}

/* ---- commands ------------------------------------------------------------------------ */

static int print(const struct buf *b)
{
	return !b->failed && fwrite(b->ptr, 1, b->len, stdout) == b->len ? CLI_DONE : CLI_FAILED;
}

int cmd_help(int argc, char **argv)
{
	_cleanup_(buf_finish) struct buf b = { 0 }, path = { 0 };
	const struct command *found = NULL;

	if (cli_switch("man")) {
		help_man(&b);
		return print(&b);
	}
	for (int i = 0; i < argc; i++)
		buf_printf(&path, "%s%s", i ? " " : "", argv[i]);
	buf_char(&path, '\0');
	for (const struct command *c = COMMANDS; c->path && argc; c++)
		if (strcmp(c->path, path.ptr) == 0)
			found = c;
	if (found)
		help_command(found, &b);
	else if (argc == 0)
		help_all(&b);
	else if (!help_group(path.ptr, &b))
		return cli_wrong("没有命令“%s”", "There is no command \"%s\"", path.ptr);
	return print(&b);
}

int cmd_version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("lianfang %s\n", CLI_VERSION);
	return CLI_DONE;
}
