/* The command's end of the local socket of a served store (app/control.h). */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include "app/courier.h"

struct client;

/* ERR_BUSY when nobody listens. */
int client_create(const char *url, const struct uuid *store_id, struct client **ret, struct err *err);
void client_destroy(struct client *c); /* NULL is fine */

int client_account_add(struct client *c, struct str name, struct str password, const struct uuid *person,
		       struct err *err);
int client_account_disable(struct client *c, struct str name, bool disabled, struct err *err);
int client_channel_add(struct client *c, const struct channel *ch, struct err *err);
int client_channel_disable(struct client *c, struct str name, bool disabled, struct err *err);
int client_channel_test(struct client *c, struct str name, struct err *err);
int client_outbox_retry(struct client *c, const struct uuid *message, struct err *err);
/* As app_bulk; `refused` gets no event. After a failure the connection is used up. */
int client_bulk(struct client *c, struct bulk *b, struct err *err);

#endif
