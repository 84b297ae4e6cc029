/* The command tree as data. The parser, the help texts and the man page are
 * all made from this table; nothing is said twice. For the cli folder's own files. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/cli.h"

#define COMMAND_OPTIONS_MAX 12
#define COMMAND_WORDS_MAX   16 /* behind the command's name */

struct option_row {
	const char *name;  /* without the dashes */
	const char *value; /* what stands behind it, as named in the help; NULL: a switch */
	bool needed;
	const char *zh, *en;
};

/* Options that several commands share. */
enum command_flag {
	COMMAND_DB = 1 << 0,
	COMMAND_KEYS = 1 << 1,
	COMMAND_JSON = 1 << 2,
};

struct command {
	const char *path; /* "account add" */
	/* Its words: "NAME", "[COMMAND…]" in brackets where they may be left out, with … where more may follow. */
	const char *words;
	unsigned flags;
	struct option_row options[COMMAND_OPTIONS_MAX + 1]; /* ends with a NULL name */
	const char *zh, *en;                                /* one line, no full stop */
	const char *more_zh, *more_en;                      /* what else is to be known; may be NULL */
	int (*run)(int argc, char **argv);
};

extern const struct command COMMANDS[];          /* ends with a NULL path */
extern const struct option_row COMMON_OPTIONS[]; /* db, keys, json, lang, help, in this order */
enum { COMMON_DB, COMMON_KEYS, COMMON_JSON, COMMON_LANG, COMMON_HELP, N_COMMON };

extern const char *const CLI_VERSION;

/* The option of that name which the command takes; NULL when it takes none such. */
const struct option_row *command_option(const struct command *c, struct str name);
void command_words(const struct command *c, int *ret_least, int *ret_most);

/* help.c, all in the caller's language */
void help_all(struct buf *out);
void help_command(const struct command *c, struct buf *out);
bool help_group(const char *prefix, struct buf *out); /* commands below a word ("": all); false when there are none */
void help_man(struct buf *out);

#endif
