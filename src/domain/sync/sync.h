/* What a phone carries so that it works without signal: its divisions, sites,
 * groups, households, follow-ups, notices and revocations, page by page the first
 * time, later only what changed. The forms are those of the views, asked through
 * view_within; nothing is stored here. */
#ifndef DOMAIN_SYNC_H
#define DOMAIN_SYNC_H

#include "domain/domain.h"

extern const struct module SYNC_MODULE;

#endif
