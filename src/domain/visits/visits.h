/* Visits to households and the follow-up of people under observation. */
#ifndef DOMAIN_VISITS_H
#define DOMAIN_VISITS_H

#include "domain/domain.h"

extern const struct module VISITS_MODULE;

enum visit_method { METHOD_ON_SITE, METHOD_PHONE, METHOD_CHAT, METHOD_VIDEO };
enum visit_result { VISIT_MET, VISIT_ABSENT, VISIT_REFUSED };
enum followup_category { FOLLOWUP_RETURNEE, FOLLOWUP_CLOSE_CONTACT, FOLLOWUP_SUSPECTED, FOLLOWUP_OTHER };
enum followup_reason {
	FOLLOWUP_COMPLETED,
	FOLLOWUP_REFERRED,
	FOLLOWUP_MOVED,
	FOLLOWUP_REFUSED,
	FOLLOWUP_LOST,
	FOLLOWUP_ERROR
};
extern const char *const VISIT_METHODS[],
    *const VISIT_METHODS_ZH[], *const VISIT_PURPOSES[], *const VISIT_PURPOSES_ZH[],
							    *const VISIT_RESULTS[],
								*const VISIT_RESULTS_ZH[],
								    *const FOLLOWUP_CATEGORIES[],
									*const FOLLOWUP_CATEGORIES_ZH[],
									    *const FOLLOWUP_REASONS[],
										*const FOLLOWUP_REASONS_ZH[];

struct visit_made {
	struct uuid household;
	int64_t method;
	struct list purposes; /* of int64_t */
	int64_t result;
	struct str needs, note; /* personal, the household's */
};

/* All of it personal data of the subject. */
struct followup_person {
	struct str name, id_number, phone, address;
};

struct followup_opened {
	struct uuid id, subject;
	struct followup_person *person;
	int64_t category;
	struct uuid household; /* nil: not known yet */
	int64_t last_exposure, starts;
	int64_t days, per_day; /* FIELD_ABSENT: the county's parameters on the day it starts */
	struct uuid screening; /* the passage that it follows from; by the server */
};

struct followup_observed {
	struct uuid followup;
	int64_t present, temperature;
	struct list symptoms; /* personal; of int64_t, enum symptom */
	int64_t unwell;       /* filled: 1 when there are symptoms */
	int64_t method;
	struct uuid household; /* where they were found to stay; nil: as known */
	struct str note;       /* personal */
};

struct followup_closed {
	struct uuid followup;
	int64_t reason;
	struct str note;
};

struct contact_linked {
	struct uuid from, to;
	struct str relation; /* personal, of `from` */
	int64_t on;
};

extern struct shape VISIT_MADE, FOLLOWUP_OPENED, FOLLOWUP_OBSERVED, FOLLOWUP_CLOSED, CONTACT_LINKED;

#endif
