/* The outbox as administrators see it: which messages left, wait, or were given
 * up. It posts and sends nothing: that is the application's. */
#ifndef DOMAIN_OUTBOX_OUTBOX_H
#define DOMAIN_OUTBOX_OUTBOX_H

#include "domain/domain.h"

extern const struct module OUTBOX_MODULE;

#endif
