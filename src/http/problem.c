/* Problem documents (RFC 9457) from errors, and the language a client reads.
 * Knows no connection. */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/json.h"
#include "base/log.h"
#include "http/server.h"

const struct err_kind ERR_METHOD = { "method_not_allowed", 405, "此地址不支持 {0} 方法，可用：{1}。",
				     "{0} is not possible here. Possible: {1}." };
const struct err_kind ERR_HEADER_NEEDED = { "header_needed", 403, "使用 Cookie 登录的请求须带请求头 {0}。",
					    "A call with the cookie must carry the header {0}." };
const struct err_kind ERR_CROSS_SITE = { "cross_site", 403, "不接受来自其他网站的登录请求。",
					 "Signing in from another site is refused." };
const struct err_kind ERR_PARAMS = { "too_many_params", 400, "查询参数过多，最多 {0} 个。",
				     "Too many query parameters; at most {0}." };

static const struct title {
	int status;
	const char *zh, *en;
} TITLES[] = {
	{ 400, "请求有误", "Bad request" },
	{ 401, "需要登录", "Sign-in needed" },
	{ 403, "不允许", "Not allowed" },
	{ 404, "没有找到", "Not found" },
	{ 405, "方法不支持", "Method not allowed" },
	{ 408, "请求超时", "Request timed out" },
	{ 409, "与现有记录冲突", "Conflict" },
	{ 413, "内容过大", "Too large" },
	{ 422, "内容不合规则", "Refused" },
	{ 429, "尝试过多", "Too many attempts" },
	{ 500, "服务器出错", "Server error" },
	{ 503, "暂时不可用", "Not available now" },
	{ 507, "存储空间不足", "Out of storage" },
};

static const char *title_of(int status, enum lang lang)
{
	for (size_t i = 0; i < ARRAY_LEN(TITLES); i++)
		if (TITLES[i].status == status)
			return lang == LANG_ZH ? TITLES[i].zh : TITLES[i].en;
	return lang == LANG_ZH ? "请求失败" : "Request failed";
}

void problem_open(const struct err *err, int status, enum lang lang, struct buf *out)
{
	_cleanup_(buf_finish) struct buf text = { 0 };
	struct json_writer w;

	err_text(err, lang, &text);
	json_write_init(&w, out);
	buf_cstr(out, "{\"type\":\"urn:lianfang:problem:");
	buf_cstr(out, err->kind->code);
	buf_cstr(out, "\",\"title\":");
	json_put_cstr(&w, title_of(status, lang));
	buf_printf(out, ",\"status\":%d,\"code\":\"%s\",\"detail\":", status, err->kind->code);
	json_write_init(&w, out);
	json_put_str(&w, buf_view(&text));
	if (err->field[0]) {
		buf_cstr(out, ",\"field\":");
		json_write_init(&w, out);
		json_put_cstr(&w, err->field);
	}
}

void problem_hide_cause(struct err *err, bool tell)
{
	uint32_t number;

	if (err->kind->status < 500 || !err->arg[0][0])
		return;
	random_bytes(&number, sizeof(number));
	if (tell)
		log_error("request failed code=%s ref=%08x cause=\"%s %s %s\"", err->kind->code, number, err->arg[0],
			  err->arg[1], err->arg[2]);
	memset(err->arg, 0, sizeof(err->arg));
	snprintf(err->arg[0], sizeof(err->arg[0]), "#%08x", number);
}

/* The weight of one item of a list header, in thousandths. */
static int item_weight(const char *item, size_t len)
{
	const char *q = memmem(item, len, ";q=", 3);
	double v;

	if (!q)
		q = memmem(item, len, "; q=", 4);
	if (!q)
		return 1000;
	v = strtod(strchr(q, '=') + 1, NULL);
	return v <= 0 ? 0 : v >= 1 ? 1000 : (int)(v * 1000);
}

int problem_weight(const char *list, const char *name)
{
	while (*list) {
		size_t len;

		list += strspn(list, " \t,");
		len = strcspn(list, ",");
		if (!strncasecmp(list, name, strlen(name)))
			return item_weight(list, len);
		list += len;
	}
	return -1;
}

enum lang problem_language(const char *accept)
{
	int zh, en;

	if (!accept)
		return LANG_ZH;
	zh = problem_weight(accept, "zh");
	en = problem_weight(accept, "en");
	if (zh == en && en > 0) /* equally liked: the first named */
		return strcasestr(accept, "en") < strcasestr(accept, "zh") ? LANG_EN : LANG_ZH;
	return en > 0 && en > zh ? LANG_EN : LANG_ZH;
}
