/* Turns a ready exchange into libmicrohttpd's response: headers by its flags,
 * and compression. The body stays in the exchange and is not copied. */
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "http/server.h"

#define COMPRESS_FROM ((size_t)1 << 10)

/* What a page may do: nothing but talk to this server, decode with WebAssembly (QR codes) and show images that it
 * made itself. */
#define PAGE_POLICY                                                                                                 \
	"default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data: blob:; object-src 'none'; " \
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/* ---- compression ------------------------------------------------------------- */

bool answer_gzip(struct str in, int level, struct buf *out)
{
	z_stream z = { 0 };
	size_t bound;
	int rc;

	if (in.len > UINT32_MAX || deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	bound = deflateBound(&z, in.len);
	if (!buf_reserve(out, bound)) {
		deflateEnd(&z);
		return false;
	}
	z.next_in = (Bytef *)(uintptr_t)in.ptr;
	z.avail_in = (uInt)in.len;
	z.next_out = (Bytef *)out->ptr + out->len;
	z.avail_out = (uInt)bound;
	rc = deflate(&z, Z_FINISH);
	out->len += z.total_out;
	deflateEnd(&z);
	return rc == Z_STREAM_END;
}

bool answer_takes_gzip(const char *accept_encoding)
{
	return accept_encoding && problem_weight(accept_encoding, "gzip") > 0;
}

bool answer_is_known(const struct exchange *ex, const char *etag)
{
	const char *known = exchange_header(ex, MHD_HTTP_HEADER_IF_NONE_MATCH);

	return known && (!strcmp(known, "*") || strstr(known, etag));
}

void answer_compress(struct exchange *ex)
{
	struct buf packed = { 0 };

	if (!ex->gzip || ex->out.len < COMPRESS_FROM || ex->out.failed)
		return;
	if (!answer_gzip(buf_view(&ex->out), 1, &packed)) {
		buf_finish(&packed);
		return;
	}
	buf_finish(&ex->out);
	ex->out = packed;
	ex->flags |= ANSWER_COMPRESSED;
}

/* ---- headers ------------------------------------------------------------------ */

static void add(struct MHD_Response *r, const char *name, const char *value)
{
	MHD_add_response_header(r, name, value); /* fails for want of memory only: the answer is still right */
}

/* 429: as long as the account is locked; 503: a moment. */
static void add_retry_after(struct MHD_Response *r, const struct exchange *ex)
{
	if (ex->status == 429)
		add(r, MHD_HTTP_HEADER_RETRY_AFTER, ex->err.arg[0][0] ? ex->err.arg[0] : "60");
	else if (ex->status == 503)
		add(r, MHD_HTTP_HEADER_RETRY_AFTER, ex->http->draining ? "5" : "1");
}

static void add_page_headers(struct MHD_Response *r)
{
	add(r, "Content-Security-Policy", PAGE_POLICY);
	add(r, "X-Frame-Options", "DENY");
	add(r, "Referrer-Policy", "no-referrer");
	add(r, "Cross-Origin-Opener-Policy", "same-origin");
	add(r, "Permissions-Policy", "camera=(self), geolocation=(self), microphone=()");
}

static void add_cache_headers(struct MHD_Response *r, const struct exchange *ex)
{
	if (ex->flags & ANSWER_CACHE_NO)
		add(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	else if (ex->flags & ANSWER_CACHE_CHECK)
		add(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
	else if (ex->flags & ANSWER_CACHE_FOREVER)
		add(r, MHD_HTTP_HEADER_CACHE_CONTROL, "public, max-age=31536000, immutable");
	if (ex->etag)
		add(r, MHD_HTTP_HEADER_ETAG, ex->etag);
	if (ex->flags & ANSWER_VARIES)
		add(r, MHD_HTTP_HEADER_VARY, "Accept-Encoding");
}

static void add_headers(struct MHD_Response *r, const struct exchange *ex)
{
	if (ex->type)
		add(r, MHD_HTTP_HEADER_CONTENT_TYPE, ex->type);
	add_cache_headers(r, ex);
	if (ex->flags & ANSWER_COMPRESSED)
		add(r, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
	if (ex->flags || ex->status >= 400)
		add(r, "X-Content-Type-Options", "nosniff");
	if (ex->flags & ANSWER_PAGE)
		add_page_headers(r);
	if (ex->status == 401)
		add(r, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer realm=\"lianfang\"");
	if (ex->allow)
		add(r, MHD_HTTP_HEADER_ALLOW, ex->allow);
	if (ex->cookie[0])
		add(r, MHD_HTTP_HEADER_SET_COOKIE, ex->cookie);
	if (ex->stream)
		add(r, "X-Accel-Buffering", "no"); /* a proxy in front must pass it on as it comes */
	if (ex->http->draining || ex->stream)
		add(r, MHD_HTTP_HEADER_CONNECTION, "close");
	add_retry_after(r, ex);
}

enum MHD_Result answer_send(struct exchange *ex)
{
	struct str body = ex->fixed.ptr ? ex->fixed : buf_view(&ex->out);
	struct MHD_Response *r;
	enum MHD_Result ok;

	/* The exchange outlives the sending: libmicrohttpd tells its end (exchange_ended) after the last byte. */
	r = ex->stream ? stream_response(ex)
		       : MHD_create_response_from_buffer(body.len, (void *)(uintptr_t)body.ptr, MHD_RESPMEM_PERSISTENT);
	if (!r)
		return MHD_NO;
	add_headers(r, ex);
	ex->state = EXCHANGE_SENDING;
	listener_phase(ex->http, ex->slot, ex->stream ? PHASE_STREAM : PHASE_ANSWER);
	ex->slot->bytes = body.len;
	ex->held = ex->fixed.ptr ? 0 : ex->out.cap;
	ex->http->answers += ex->held;
	ok = MHD_queue_response(ex->connection, (unsigned)ex->status, r);
	MHD_destroy_response(r);
	return ok;
}
