/* Notices: orders and appeals going down, and who has acknowledged them. */
#ifndef DOMAIN_NOTICES_H
#define DOMAIN_NOTICES_H

#include "domain/domain.h"

extern const struct module NOTICES_MODULE;

#endif
