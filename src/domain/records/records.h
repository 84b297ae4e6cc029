/* Records about records: voids, views of personal data, erasures; and the
 * ledger itself as callers read it. */
#ifndef DOMAIN_RECORDS_H
#define DOMAIN_RECORDS_H

#include "domain/domain.h"

extern const struct module RECORDS_MODULE;

struct event_voided {
	struct uuid event;
	struct str reason;
};

struct personal_viewed {
	struct uuid subject;
	struct str reason;
};

struct subject_erased {
	struct uuid subject;
	struct str ground;
};

/* The app destroys the key of a recorded subject.erased in the same transaction. */
extern struct shape SUBJECT_ERASED, PERSONAL_VIEWED, EVENT_VOIDED;

#endif
