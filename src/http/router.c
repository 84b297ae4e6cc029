/* The one table of routes. Paths that are no row of it are a module's view, or
 * belong to the web app. */
#include <stdio.h>
#include <stdlib.h>

#include "http/server.h"

static const struct route ROUTES[] = {
	{ "POST", "/api/v1/events", ROUTE_SIGNED_IN, HTTP_BODY_MAX, events_post },
	{ "POST", "/api/v1/session", 0, HTTP_BODY_SIGN_IN, session_post },
	{ "GET", "/api/v1/session", ROUTE_SIGNED_IN, 0, session_get },
	{ "DELETE", "/api/v1/session", ROUTE_SIGNED_IN, 0, session_delete },
	{ "GET", "/api/v1/stream", ROUTE_SIGNED_IN | ROUTE_UNMARKED, 0, stream_get },
	{ "GET", "/api/v1/catalogue", 0, 0, describe_get_catalogue },
	{ "GET", "/openapi.json", 0, 0, describe_get_openapi },
	{ "GET", "/healthz", ROUTE_INSIDE, 0, health_get },
	{ "GET", "/readyz", ROUTE_INSIDE, 0, ready_get },
	{ "GET", "/metrics", ROUTE_SIGNED_IN | ROUTE_INSIDE, 0, metrics_get },
};

static const struct route VIEW = { "GET", NULL, ROUTE_SIGNED_IN, 0, views_get };
static const struct route FEED = { "GET", NULL, 0, 0, feed_get };
static const struct route STATIC = { "GET", NULL, 0, 0, static_get };
static void options(struct exchange *ex);
static const struct route OPTIONS = { "OPTIONS", NULL, ROUTE_INSIDE, 0, options };

/* Sets of methods that a path knows, as Allow texts. */
enum { CAN_GET = 1, CAN_POST = 2, CAN_DELETE = 4 };
static const char *const ALLOW[] = {
	[CAN_GET] = "GET, HEAD, OPTIONS",
	[CAN_POST] = "POST, OPTIONS",
	[CAN_GET | CAN_POST] = "GET, HEAD, POST, OPTIONS",
	[CAN_GET | CAN_POST | CAN_DELETE] = "GET, HEAD, POST, DELETE, OPTIONS",
};

/* Same origin only: no CORS headers, so a browser's preflight fails. */
static void options(struct exchange *ex)
{
	exchange_answer(ex, 204, NULL, 0);
}

static unsigned method_bit(const char *method)
{
	if (!strcmp(method, "GET"))
		return CAN_GET;
	return !strcmp(method, "POST") ? CAN_POST : CAN_DELETE;
}

/* The row for the method; what else the path can do in *can. */
static const struct route *row_of(const struct exchange *ex, const char *method, unsigned *can)
{
	for (size_t i = 0; i < ARRAY_LEN(ROUTES); i++) {
		const struct route *r = &ROUTES[i];

		if (!str_is(ex->path, r->path) || (ex->inside && !(r->flags & ROUTE_INSIDE)))
			continue;
		if (!strcmp(r->method, method))
			return r;
		*can |= method_bit(r->method);
	}
	return NULL;
}

/* Views, and outside /api the web app: both are only read. */
static const struct route *row_beyond(struct exchange *ex, const char *method, unsigned *can)
{
	if (str_starts(ex->path, "/api/")) {
		ex->view = app_find_view(ex->path, &ex->view_id);
		if (!ex->view)
			return NULL;
	} else if (*can) {
		return NULL;
	}
	*can |= CAN_GET;
	if (strcmp(method, "GET"))
		return NULL;
	if (feed_is(ex->path))
		return &FEED;
	return ex->view ? &VIEW : &STATIC;
}

int router_find(struct exchange *ex, const char *method)
{
	const char *as = !strcmp(method, "HEAD") ? "GET" : method;
	const struct route *r;
	unsigned can = 0;

	ex->route = NULL;
	r = row_of(ex, as, &can);
	if (!r && !ex->inside)
		r = row_beyond(ex, as, &can);
	if (r) {
		ex->route = r;
		return 0;
	}
	if (!can)
		return err_set(&ex->err, &ERR_NOT_FOUND, NULL, "URL", NULL);
	ex->allow = ALLOW[can];
	if (!strcmp(method, "OPTIONS")) {
		ex->route = &OPTIONS;
		return 0;
	}
	return err_set(&ex->err, &ERR_METHOD, NULL, str_is_utf8(str_of(method)) ? method : "?", ex->allow, NULL);
}
