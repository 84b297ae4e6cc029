/* The program's front: finds the command, reads its words and options by the
 * table, and runs it; texts, errors and exit codes. What commands do is theirs. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"

/* One command runs in a process: what it was given stands here. */
static struct {
	const struct command *command;
	const struct option_row *row[COMMAND_OPTIONS_MAX + N_COMMON];
	const char *value[COMMAND_OPTIONS_MAX + N_COMMON];
	int n;
	enum lang lang;
	char *words[COMMAND_WORDS_MAX + 1];
	int n_words;
} given;

/* ---- texts ------------------------------------------------------------------------- */

enum lang cli_lang(void)
{
	return given.lang;
}

const char *cli_pick(const char *zh, const char *en)
{
	return given.lang == LANG_ZH ? zh : en;
}

/* Control characters from file names and the like must not reach a terminal, and a message stays one line. */
static void put_line(const char *before, const char *text)
{
	fputs(before, stderr);
	for (const char *p = text; *p; p++)
		fputc((unsigned char)*p < 0x20 || *p == 0x7f ? ' ' : *p, stderr);
	fputc('\n', stderr);
}

static void say(const char *before, const char *after, const char *format, va_list args)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	char text[2048];

	if (vsnprintf(text, sizeof(text), format, args) < 0)
		text[0] = '\0';
	buf_cstr(&b, text);
	buf_cstr(&b, after);
	buf_char(&b, '\0');
	put_line(before, b.failed ? text : b.ptr);
}

int cli_fail(const char *zh, const char *en, ...)
{
	va_list args;

	va_start(args, en);
	say("lianfang: ", "", cli_pick(zh, en), args);
	va_end(args);
	return CLI_FAILED;
}

int cli_wrong(const char *zh, const char *en, ...)
{
	char after[160];
	va_list args;

	snprintf(after, sizeof(after), cli_pick("。用法见 lianfang %s%s--help", "; see lianfang %s%s--help"),
		 given.command ? given.command->path : "", given.command ? " " : "");
	va_start(args, en);
	say("lianfang: ", after, cli_pick(zh, en), args);
	va_end(args);
	return CLI_WRONG;
}

void cli_note(const char *zh, const char *en, ...)
{
	va_list args;

	va_start(args, en);
	say("", "", cli_pick(zh, en), args);
	va_end(args);
}

const char *cli_error_text(const struct err *err)
{
	static char text[1024];
	_cleanup_(buf_finish) struct buf b = { 0 };

	err_text(err, given.lang, &b);
	if (!str_copy(buf_view(&b), text, sizeof(text)))
		snprintf(text, sizeof(text), "%s", err->kind ? err->kind->code : "?");
	return text;
}

int cli_error(const struct err *err)
{
	if (err->kind == &ERR_USAGE)
		return cli_wrong("%s", "%s", err->arg[0]);
	return cli_fail("%s", "%s", cli_error_text(err));
}

void cli_bad_row(const char *file, long line, long column, const struct err *why)
{
	char at[64] = "";

	if (column > 0)
		snprintf(at, sizeof(at), ":%ld", column);
	/* Texts of the CSV reader name line and column themselves; then they stand twice, which harms nobody. */
	cli_note("%s:%ld%s: %s", "%s:%ld%s: %s", file, line, at, cli_error_text(why));
}

/* ---- options ------------------------------------------------------------------------ */

const char *cli_option(const char *name)
{
	for (int i = 0; i < given.n; i++)
		if (strcmp(given.row[i]->name, name) == 0)
			return given.value[i];
	/* A name that the table does not have is a slip of the command's. */
	assert(command_option(given.command, str_of(name)));
	return NULL;
}

bool cli_switch(const char *name)
{
	return cli_option(name) != NULL;
}

bool cli_json(void)
{
	return cli_switch("json");
}

const char *cli_db(void)
{
	const char *db = cli_option("db");

	return db ? db : "lianfang.db";
}

int64_t cli_index(const char *const *names, const char *name)
{
	for (int64_t i = 0; names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

const char *const *cli_values(const struct shape *s, const char *field)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->fields[i].name, field) == 0 && s->fields[i].kind == FIELD_ENUM)
			return s->fields[i].values;
	assert(!"no such enum field");
	return NULL;
}

/* ---- reading the words ---------------------------------------------------------------- */

const struct option_row *command_option(const struct command *c, struct str name)
{
	const unsigned flag[N_COMMON] = {
		[COMMON_DB] = COMMAND_DB, [COMMON_KEYS] = COMMAND_KEYS, [COMMON_JSON] = COMMAND_JSON
	};

	for (const struct option_row *o = c->options; o->name; o++)
		if (str_is(name, o->name))
			return o;
	for (int i = 0; i < N_COMMON; i++)
		if (str_is(name, COMMON_OPTIONS[i].name) && (!flag[i] || c->flags & flag[i]))
			return &COMMON_OPTIONS[i];
	return NULL;
}

void command_words(const struct command *c, int *ret_least, int *ret_most)
{
	int least = 0, most = 0;

	for (const char *p = c->words; *p;) {
		size_t len = strcspn(p, " ");

		least += *p != '[';
		most = memmem(p, len, "…", strlen("…")) ? COMMAND_WORDS_MAX : most + 1;
		p += len + strspn(p + len, " ");
	}
	*ret_least = least;
	*ret_most = most;
}

/* The environment's language, as gettext reads it, unless --lang stands anywhere among the words. */
static enum lang find_lang(int argc, char **argv, const char **ret_bad)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
	const char *text = NULL;

	*ret_bad = NULL;
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strncmp(argv[i], "--lang=", 7) == 0)
			text = argv[i] + 7;
		else if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc)
			text = argv[i + 1];
	}
	if (text && strcmp(text, "zh") != 0 && strcmp(text, "en") != 0)
		*ret_bad = text;
	for (size_t i = 0; i < ARRAY_LEN(names) && (!text || *ret_bad); i++) {
		const char *v = getenv(names[i]);

		if (v && *v) {
			text = v;
			break;
		}
	}
	return text && strncmp(text, "zh", 2) == 0 ? LANG_ZH : LANG_EN;
}

/* How many of the leading words make up the command's path; 0 when they don't. */
static int path_match(const char *path, int argc, char **argv)
{
	int n = 0;

	for (const char *p = path; *p; n++) {
		size_t len = strcspn(p, " ");

		if (n >= argc || strlen(argv[n]) != len || memcmp(p, argv[n], len) != 0)
			return 0;
		p += len + strspn(p + len, " ");
	}
	return n;
}

/* One option at argv[i]; moves *i past its value. */
static int take_option(const struct command *c, int argc, char **argv, int *i)
{
	const char *word = argv[*i] + 2, *equals = strchr(word, '='), *value = "";
	struct str name = { word, equals ? (size_t)(equals - word) : strlen(word) };
	const struct option_row *row = command_option(c, name);

	if (!row)
		return cli_wrong("没有选项 --%.*s", "There is no option --%.*s", STR_ARG(name));
	if (!row->value && equals)
		return cli_wrong("选项 --%s 后面不带值", "The option --%s takes no value", row->name);
	if (row->value && equals)
		value = equals + 1;
	else if (row->value && (*i + 1 >= argc || strncmp(argv[*i + 1], "--", 2) == 0))
		return cli_wrong("选项 --%s 后面缺 %s", "The option --%s needs %s behind it", row->name, row->value);
	else if (row->value)
		value = argv[++*i];
	for (int k = 0; k < given.n; k++)
		if (given.row[k] == row)
			return cli_wrong("选项 --%s 写了两次", "The option --%s is given twice", row->name);
	given.row[given.n] = row;
	given.value[given.n++] = value;
	return 0;
}

static int take_all(const struct command *c, int argc, char **argv)
{
	bool words_only = false;
	int r;

	for (int i = 0; i < argc; i++) {
		if (!words_only && strcmp(argv[i], "--") == 0) {
			words_only = true;
		} else if (!words_only && strcmp(argv[i], "-h") == 0) {
			given.row[given.n] = &COMMON_OPTIONS[COMMON_HELP];
			given.value[given.n++] = "";
			return 0;
		} else if (!words_only && strncmp(argv[i], "--", 2) == 0) {
			if ((r = take_option(c, argc, argv, &i)))
				return r;
		} else if (!words_only && argv[i][0] == '-' && argv[i][1]) {
			return cli_wrong("没有选项 %s", "There is no option %s", argv[i]);
		} else if (given.n_words == COMMAND_WORDS_MAX) {
			return cli_wrong("参数太多：%s", "Too many words: %s", argv[i]);
		} else {
			given.words[given.n_words++] = argv[i];
		}
	}
	return 0;
}

static int check_all(const struct command *c)
{
	int least, most;

	command_words(c, &least, &most);
	if (given.n_words < least)
		return cli_wrong("缺少参数，应为 %s", "Words are missing: it takes %s", c->words);
	if (given.n_words > most)
		return cli_wrong("多余的参数 %s", "One word too many: %s", given.words[most]);
	for (const struct option_row *o = c->options; o->name; o++)
		if (o->needed && !cli_option(o->name))
			return cli_wrong("缺少选项 --%s %s", "The option --%s %s is missing", o->name, o->value);
	return 0;
}

static int put_help(void (*write)(struct buf *out))
{
	_cleanup_(buf_finish) struct buf b = { 0 };

	write(&b);
	return fwrite(b.ptr, 1, b.len, stdout) == b.len ? CLI_DONE : CLI_FAILED;
}

static int run_command(const struct command *c, int argc, char **argv)
{
	int r;

	given.command = c;
	if ((r = take_all(c, argc, argv)))
		return r;
	if (cli_switch("help")) {
		_cleanup_(buf_finish) struct buf b = { 0 };

		help_command(c, &b);
		return fwrite(b.ptr, 1, b.len, stdout) == b.len ? CLI_DONE : CLI_FAILED;
	}
	if ((r = check_all(c)))
		return r;
	registry_prepare();
	return c->run(given.n_words, given.words);
}

/* The words name a group ("account") or nothing. */
static int no_command(int argc, char **argv)
{
	_cleanup_(buf_finish) struct buf names = { 0 };
	size_t len = strlen(argv[0]);

	for (const struct command *c = COMMANDS; c->path; c++)
		if (strncmp(c->path, argv[0], len) == 0 && c->path[len] == ' ')
			buf_printf(&names, "%s%s", names.len ? ", " : "", c->path + len + 1);
	if (!names.len)
		return cli_wrong("没有命令“%s”", "There is no command \"%s\"", argv[0]);
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		_cleanup_(buf_finish) struct buf b = { 0 };

		help_group(argv[0], &b);
		return fwrite(b.ptr, 1, b.len, stdout) == b.len ? CLI_DONE : CLI_FAILED;
	}
	buf_char(&names, '\0');
	return cli_wrong("“%s”后面应为其中之一：%s", "\"%s\" must be followed by one of: %s", argv[0], names.ptr);
}

/* Finished only when what was printed has arrived: a full disk behind a pipe is a failure. */
static int finish(int r)
{
	if (fflush(stdout) || ferror(stdout))
		return r ? r : cli_fail("输出没有写完", "The output could not be written");
	return r;
}

int cli_main(int argc, char **argv)
{
	const char *bad;

	given.lang = find_lang(argc, argv, &bad);
	if (bad)
		return cli_wrong("--lang 应为 zh 或 en", "--lang is zh or en");
	argc--;
	argv++;
	while (argc && strncmp(argv[0], "--lang", 6) == 0) {
		int n = argv[0][6] == '=' || argc == 1 ? 1 : 2;

		argc -= n;
		argv += n;
	}
	if (argc == 0)
		return cli_wrong("请写明命令", "Name a command");
	if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0)
		return finish(put_help(help_all));
	if (strcmp(argv[0], "--version") == 0)
		return finish(cmd_version(0, NULL));
	for (const struct command *c = COMMANDS; c->path; c++) {
		int n = path_match(c->path, argc, argv);

		if (n)
			return finish(run_command(c, argc - n, argv + n));
	}
	return finish(no_command(argc, argv));
}
