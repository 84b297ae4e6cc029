/* The one hand-ordered list of modules: by rank, lower first. Its own file, so
 * that a program may be made with another list. */
#include "domain/domain.h"
#include "domain/checkpoints/checkpoints.h"
#include "domain/duty/duty.h"
#include "domain/figures/figures.h"
#include "domain/grid/grid.h"
#include "domain/incident/incident.h"
#include "domain/notices/notices.h"
#include "domain/outbox/outbox.h"
#include "domain/places/places.h"
#include "domain/records/records.h"
#include "domain/sync/sync.h"
#include "domain/tasks/tasks.h"
#include "domain/teams/teams.h"
#include "domain/visits/visits.h"

const struct module *const MODULES[] = { &RECORDS_MODULE, &INCIDENT_MODULE,
					 &PLACES_MODULE,  &TEAMS_MODULE,
					 &GRID_MODULE,    &NOTICES_MODULE,
					 &DUTY_MODULE,    &CHECKPOINTS_MODULE,
					 &VISITS_MODULE,  &TASKS_MODULE,
					 &SYNC_MODULE,    &FIGURES_MODULE,
					 &OUTBOX_MODULE,  NULL };
