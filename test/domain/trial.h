/* A module for tests alone: each of its events makes use of one seam of
 * domain.h, and what it is to do stands in the record itself. It stands
 * last in the list of modules that a program is made with which links trial.c. */
#ifndef TEST_DOMAIN_TRIAL_H
#define TEST_DOMAIN_TRIAL_H

#include "domain/domain.h"

extern const struct module TRIAL_MODULE;

/* trial.made {id, name*, note P, phone P, id_number P, due, noted, followers, bad, household}
 *   id left out is made of the event's; `noted` is filled when there is a note
 *   name "odd"       is recorded with a warning, "very odd" with more than a result holds
 *   name "again N"   is a duplicate of record N
 *   followers N      the server records N trial.followed with it, of which number `bad` is refused
 *   note             its task is an alarm
 *   due              counts in trials_due from that moment on; what lapses unmet is told
 * trial.followed {of*, n*, bad} by the server alone. */

#endif
