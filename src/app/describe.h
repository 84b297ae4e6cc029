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

/* Members or a value of fixed text, ' standing for ". */
void describe_fixed(struct json_writer *w, const char *text);
void describe_fixed_as(struct json_writer *w, const char *key, const char *text);
void describe_text(struct json_writer *w, const char *key, const char *text);
void describe_number(struct json_writer *w, const char *key, int64_t v);
/* "English · 中文", with more behind it. */
void describe_label(struct json_writer *w, const char *en, const char *zh, const char *more);
/* "$ref" to a schema. */
void describe_ref(struct json_writer *w, const char *name);

#define PLACE_PATTERN "^([0-9]{12}|[0-9]{15})$"
/* The one path that is recorded to and read from: its POST stands in openapi.json. */
#define EVENTS_PATH "/api/v1/events"

/* describe_views.c: a view as a path of its own, or as the `get` of one. */
void describe_path(struct json_writer *w, const struct module *m, const struct view *v);
void describe_get(struct json_writer *w, const struct module *m, const struct view *v);

#endif
