/* Roles and grants: a grant reaches its place and all below it. */
#include "domain/domain.h"

const char *const ROLE_NAMES[] = { "commander",    "officer",    "grid",    "checkpoint", "supply", "publicity",
				   "organisation", "inspection", "auditor", "admin",      NULL };
const char *const ROLE_NAMES_ZH[] = { "指挥长", "值班干部", "网格员", "卡点人员",   "物资", "宣传",
				      "组织",   "督查",     "审计",   "系统管理员", NULL };

static bool in_force(const struct grant *g, unsigned roles, int64_t now)
{
	return (g->role & roles) && (g->until == FIELD_ABSENT || g->until > now);
}

bool principal_may(const struct principal *p, unsigned roles, place_t area, int64_t now)
{
	if (p->local)
		return true;
	for (size_t i = 0; i < p->n_grants; i++) {
		if (in_force(&p->grants[i], roles, now) && place_within(area, p->grants[i].place))
			return true;
	}
	return false;
}

bool principal_home(const struct principal *p, unsigned roles, int64_t now, place_t *ret)
{
	bool found = false;
	for (size_t i = 0; i < p->n_grants; i++) {
		const struct grant *g = &p->grants[i];
		if (in_force(g, roles, now) && (!found || place_span(g->place) > place_span(*ret))) {
			*ret = g->place;
			found = true;
		}
	}
	return found;
}
