/* The web app, out of the program itself. Unknown paths get its page, since the
 * app has its own addresses; missing assets and things with a file's name do not. */
#include "http/static.h"

#include <stdlib.h>

#include "http/server.h"

static const struct asset *asset_find(struct str path)
{
	size_t low = 0, high = ASSETS_N;

	while (low < high) {
		size_t mid = (low + high) / 2;
		int c = str_cmp(path, str_of(ASSETS[mid].path));

		if (c == 0)
			return &ASSETS[mid];
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

/* "/groups/12" is a page of the app; "/assets/x.js", "/robots.txt" would be files. */
static bool is_page(struct str path)
{
	const char *slash = memrchr(path.ptr, '/', path.len);

	return !str_starts(path, "/assets/") && slash && !memchr(slash, '.', (size_t)(path.ptr + path.len - slash));
}

void static_get(struct exchange *ex)
{
	const struct asset *a = asset_find(ex->path);
	unsigned flags = ANSWER_PAGE | ANSWER_VARIES;

	if (!a && is_page(ex->path))
		a = asset_find(STR("/index.html"));
	if (!a) {
		err_set(&ex->err, &ERR_NOT_FOUND, NULL, "URL", NULL);
		exchange_refuse(ex);
		return;
	}
	flags |= a->forever ? ANSWER_CACHE_FOREVER : ANSWER_CACHE_CHECK;
	ex->etag = a->etag;
	if (answer_is_known(ex, a->etag)) {
		exchange_answer(ex, 304, NULL, flags);
		return;
	}
	ex->fixed = (struct str){ a->data, a->size };
	if (a->gzip && answer_takes_gzip(exchange_header(ex, MHD_HTTP_HEADER_ACCEPT_ENCODING))) {
		ex->fixed = (struct str){ a->gzip, a->gzip_size };
		flags |= ANSWER_COMPRESSED;
	}
	exchange_answer(ex, 200, a->type, flags);
}
