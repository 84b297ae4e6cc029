/* What the commands share: options already read by the command table, texts in
 * two languages, errors and exit codes, progress, and a store that is opened in
 * process or reached through the server that holds it. A command is one row of
 * the table in commands.c and one function here; it runs once a process. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "app/app.h"

/* ---- exit codes and messages -------------------------------------------------------- */

enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_WRONG = 2 };

enum lang cli_lang(void);                             /* --lang, else LC_ALL, LC_MESSAGES, LANG */
const char *cli_pick(const char *zh, const char *en); /* of two texts, the one in that language */

/* One line on standard error, "lianfang: …"; each returns the exit code, for `return cli_fail(…)`. Both texts take
 * the same arguments in the same order. */
int cli_fail(const char *zh, const char *en, ...) __attribute__((format(printf, 1, 3), format(printf, 2, 3)));
int cli_wrong(const char *zh, const char *en, ...) __attribute__((format(printf, 1, 3), format(printf, 2, 3)));
/* A line on standard error without the program's name: a bad row, a remark. */
void cli_note(const char *zh, const char *en, ...) __attribute__((format(printf, 1, 3), format(printf, 2, 3)));
/* The error's text: CLI_WRONG for ERR_USAGE, else CLI_FAILED. */
int cli_error(const struct err *err);
/* The error's text in the caller's language, terminated, in a static buffer. */
const char *cli_error_text(const struct err *err);
/* One fault of row `line` of a file: "FILE:LINE: text" (or "FILE:LINE:COLUMN: …" with column > 0) on standard error. */
void cli_bad_row(const char *file, long line, long column, const struct err *why);

/* ---- options ------------------------------------------------------------------------- */

/* Options of the command's table row and the common ones, by name without the dashes. */
const char *cli_option(const char *name); /* its value; NULL when not given */
bool cli_switch(const char *name);        /* a switch given */
bool cli_json(void);                      /* --json */
const char *cli_db(void);                 /* --db, or lianfang.db */

/* Index of a name in a NULL-terminated list; -1 when it is none of them. */
int64_t cli_index(const char *const *names, const char *name);
/* The values of a shape's ENUM field. */
const char *const *cli_values(const struct shape *s, const char *field);

/* ---- progress: a bar on standard error when that is a terminal, nothing otherwise ------ */

struct cli_progress {
	const char *zh, *en; /* what is being done */
	int64_t drawn;       /* ticks when last drawn */
	bool shown;
};

/* A progress_fn; `ctx` is a struct cli_progress. */
void cli_progress(void *ctx, int64_t done, int64_t total);
void cli_progress_end(struct cli_progress *p); /* wipes the bar */

/* ---- the store ------------------------------------------------------------------------- */

struct client; /* client.h */

struct cli_store {
	struct app *app;       /* for reading, and for writing unless served */
	struct client *server; /* the connection to the server that holds the store, or NULL */
	bool made;             /* by cli_create, and not yet kept */
	char keys[4096];       /* the key file, when cli_create made it */
};

enum cli_mode {
	CLI_READ,  /* beside a server or not */
	CLI_WRITE, /* through the server when one holds the store, else in process */
	CLI_ALONE, /* needs the store for itself: refused while it is served */
};

/* Opens --db with --keys. Decides once whether the store is served. */
int cli_open(struct cli_store *s, enum cli_mode mode, struct err *err);
/* Closes; a store made and not kept is removed again. NULL members are fine. */
void cli_close(struct cli_store *s);

/* As app_bulk, in process or through the server. Through the server `refused` gets no event (ev NULL: go by the
 * index, which counts over the whole stream from 0) and may come some events later than they were given. */
int cli_bulk(const struct cli_store *s, struct bulk *b, struct err *err);

struct cli_new {
	place_t top;           /* the store's territory */
	const char *divisions; /* CSV */
	int64_t from;          /* day from which they hold and on which the incident begins */
	int64_t kind;          /* of the first incident: index into its enum */
	const char *incident;  /* its name; NULL: by its kind */
};

/* Makes the store at --db with its keys beside it, loads the divisions and opens the incident. Shows progress; lists
 * bad rows on standard error. On failure nothing is left behind. On success the store stays open and is removed again
 * by cli_close unless cli_keep was called: what a command adds to it belongs to the same all-or-nothing. */
int cli_create(struct cli_store *s, const struct cli_new *n, struct err *err);
void cli_keep(struct cli_store *s);
/* Id of the incident that cli_create opened. */
struct uuid cli_incident_id(const struct cli_store *s);

/* ---- commands: `argv` holds the words behind the command's name, `argc` their number (checked by the table) ---- */

int cmd_account_add(int argc, char **argv);
int cmd_account_disable(int argc, char **argv);
int cmd_account_enable(int argc, char **argv);
int cmd_account_grant(int argc, char **argv);
int cmd_account_list(int argc, char **argv);
int cmd_backup(int argc, char **argv);
int cmd_channel_add(int argc, char **argv);
int cmd_channel_disable(int argc, char **argv);
int cmd_channel_enable(int argc, char **argv);
int cmd_channel_list(int argc, char **argv);
int cmd_channel_test(int argc, char **argv);
int cmd_demo(int argc, char **argv); /* argv[0]: the story, "zhenping" */
int cmd_head(int argc, char **argv);
int cmd_help(int argc, char **argv);
int cmd_import(int argc, char **argv); /* argv[0]: kind, argv[1]: file */
int cmd_init(int argc, char **argv);
int cmd_outbox_list(int argc, char **argv);
int cmd_outbox_retry(int argc, char **argv);
int cmd_rebuild(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_restore(int argc, char **argv);
int cmd_serve(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_version(int argc, char **argv);

/* The whole program: reads the words, runs the command, returns the exit code. */
int cli_main(int argc, char **argv);

#endif
