/* Shared by the two descriptions: what both tell of a type or a view. */
#ifndef APP_DESCRIBE_H
#define APP_DESCRIBE_H

#include "domain/domain.h"

/* An array of role names; the local operator is none that can be granted. */
void describe_roles(struct json_writer *w, unsigned roles);
/* False for what only the server or the local operator records. */
bool describe_is_open(const struct event_type *t);
/* An array of a NULL-terminated list. */
void describe_names(struct json_writer *w, const char *const *names);

#endif
