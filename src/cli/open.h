/* Between open.c and create.c. */
#ifndef CLI_OPEN_H
#define CLI_OPEN_H

#include "cli/cli.h"

bool cli_is_postgres(const char *url);
/* Where the key file of the store at `url` stands: --keys, else as the app names it. */
void cli_keys_name(const char *url, char *out, size_t size);
/* From now on a signal to end stops the stream of cli_bulk instead of the process. */
void cli_watch_signals(void);
/* Closes and removes what cli_create made. */
void cli_discard(struct cli_store *s);

#endif
