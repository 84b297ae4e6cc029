/* GET of a module's view: the query string is read on the network thread, the
 * view runs on a reader's, where nobody's hang-up can hold it. */
#include "http/server.h"

static int param_refuse(struct exchange *ex, const struct err_kind *kind, struct str name)
{
	char text[64];

	if (!str_is_utf8(name) || memchr(name.ptr, 0, name.len) || !str_copy(name, text, sizeof(text)))
		text[0] = '\0';
	return err_set(&ex->err, kind, text, kind == &ERR_MALFORMED ? "UTF-8" : text, NULL);
}

static enum MHD_Result param_add(void *ctx, enum MHD_ValueKind kind, const char *name, size_t name_len,
				 const char *value, size_t value_len)
{
	struct exchange *ex = ctx;
	struct param p = { { name ? name : "", name ? name_len : 0 }, { value ? value : "", value ? value_len : 0 } };

	(void)kind;
	if (ex->n_params == HTTP_PARAMS_MAX) {
		err_set(&ex->err, &ERR_PARAMS, NULL, "16", NULL);
		return MHD_NO;
	}
	if (!str_is_utf8(p.name) || !str_is_utf8(p.value) || memchr(p.value.ptr, 0, p.value.len)) {
		param_refuse(ex, &ERR_MALFORMED, p.name);
		return MHD_NO;
	}
	for (size_t i = 0; i < ex->n_params; i++) {
		if (str_eq(ex->params[i].name, p.name)) {
			param_refuse(ex, &ERR_FIELD_DOUBLED, p.name);
			return MHD_NO;
		}
	}
	ex->params[ex->n_params++] = p;
	return MHD_YES;
}

static struct str param_named(void *ctx, const char *name)
{
	struct exchange *ex = ctx;

	for (size_t i = 0; i < ex->n_params; i++)
		if (str_is(ex->params[i].name, name))
			return ex->params[i].value;
	return STR_NONE;
}

static struct str param_at(void *ctx, size_t index)
{
	struct exchange *ex = ctx;

	return index < ex->n_params ? ex->params[index].name : STR_NONE;
}

/* On a reader's thread. */
static void views_job(struct reader *r, void *ctx)
{
	struct exchange *ex = ctx;
	struct view_request q = { .view = ex->view,
				  .who = ex->who,
				  .id = ex->view_id,
				  .param = param_named,
				  .param_name = param_at,
				  .param_ctx = ex,
				  .lang = ex->lang };

	ex->abandoned = exchange_left(ex);
	if (!ex->abandoned && reader_view(r, &q, &ex->out, &ex->err) == 0)
		answer_compress(ex);
	exchange_complete(ex);
}

static void views_finish(struct exchange *ex)
{
	if (ex->abandoned)
		return;
	if (ex->err.kind)
		exchange_refuse(ex);
	else
		exchange_answer(ex, 200, "application/json", ex->flags | ANSWER_CACHE_NO);
}

void views_get(struct exchange *ex)
{
	const char *encodings = exchange_header(ex, MHD_HTTP_HEADER_ACCEPT_ENCODING);

	MHD_get_connection_values_n(ex->connection, MHD_GET_ARGUMENT_KIND, param_add, ex);
	if (!ex->err.kind && ex->http->answers > HTTP_ANSWERS_MAX)
		err_kind_set(&ex->err, &ERR_BUSY);
	if (ex->err.kind) {
		exchange_refuse(ex);
		return;
	}
	ex->gzip = answer_takes_gzip(encodings);
	ex->finish = views_finish;
	exchange_suspend(ex);
	if (!app_read(ex->http->app, views_job, ex)) {
		err_kind_set(&ex->err, &ERR_BUSY);
		exchange_complete(ex);
	}
}
