/* What the server says about itself: the OpenAPI document and the catalogue,
 * made once at the start, and its health. */
#include <stdio.h>
#include <stdlib.h>

#include "http/server.h"

/* FNV-1a: a tag tells versions apart, it proves nothing. */
static uint64_t hash_of(struct str s)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.ptr[i]) * 1099511628211u;
	return h;
}

static int document_create(struct document *d, void (*write)(struct buf *out), struct err *err)
{
	write(&d->plain);
	if (d->plain.failed || !answer_gzip(buf_view(&d->plain), 9, &d->gzip))
		return err_kind_set(err, &ERR_NO_MEMORY);
	snprintf(d->etag, sizeof(d->etag), "\"%016llx\"", (unsigned long long)hash_of(buf_view(&d->plain)));
	return 0;
}

int describe_create(struct http *h, struct err *err)
{
	if (document_create(&h->openapi, describe_openapi, err) < 0)
		return -1;
	return document_create(&h->catalogue, describe_catalogue, err);
}

void describe_destroy(struct http *h)
{
	buf_finish(&h->openapi.plain);
	buf_finish(&h->openapi.gzip);
	buf_finish(&h->catalogue.plain);
	buf_finish(&h->catalogue.gzip);
}

static void document_get(struct exchange *ex, const struct document *d)
{
	unsigned flags = ANSWER_CACHE_CHECK | ANSWER_VARIES;

	ex->etag = d->etag;
	if (answer_is_known(ex, d->etag)) {
		exchange_answer(ex, 304, NULL, flags);
		return;
	}
	ex->fixed = buf_view(&d->plain);
	if (answer_takes_gzip(exchange_header(ex, MHD_HTTP_HEADER_ACCEPT_ENCODING))) {
		ex->fixed = buf_view(&d->gzip);
		flags |= ANSWER_COMPRESSED;
	}
	exchange_answer(ex, 200, "application/json", flags);
}

void describe_get_openapi(struct exchange *ex)
{
	document_get(ex, &ex->http->openapi);
}

void describe_get_catalogue(struct exchange *ex)
{
	document_get(ex, &ex->http->catalogue);
}

/* The process runs and its loop turns. */
void health_get(struct exchange *ex)
{
	ex->fixed = STR("{\"status\":\"ok\"}");
	exchange_answer(ex, 200, "application/json", ANSWER_CACHE_NO);
}

/* New work is welcome: not so once the end has begun. */
void ready_get(struct exchange *ex)
{
	if (ex->http->draining) {
		exchange_refuse_as(ex, &ERR_BUSY);
		return;
	}
	ex->fixed = STR("{\"status\":\"ready\"}");
	exchange_answer(ex, 200, "application/json", ANSWER_CACHE_NO);
}
