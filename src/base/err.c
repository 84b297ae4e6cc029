/* Errors: filling, prefixing and telling them in two languages, and the kinds
 * that any layer may need. Modules' own kinds stand beside their rules. */
#include "base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"

#undef err_set
#undef err_kind_set
#undef err_fmt

#define KIND(name_, code_, status_, zh_, en_) \
	const struct err_kind name_ = { .code = code_, .status = status_, .zh = zh_, .en = en_ }

KIND(ERR_NO_MEMORY, "no_memory", 500, "内存不足，请稍后重试；如反复出现，请减小请求或增加内存。",
     "Out of memory. Try again later; if it keeps happening, send smaller requests or give the machine more memory.");
KIND(ERR_INTERNAL, "internal", 500, "程序内部错误：{0}。请把日志交给管理员。",
     "Internal error: {0}. Please give the log to the administrator.");
KIND(ERR_BUSY, "busy", 503, "系统正忙，请稍后重试；记录没有丢失，重发即可。",
     "The server is busy. Try again in a moment; sending the same records again is safe.");
KIND(ERR_STORE, "store_failed", 500, "数据库出错：{0}。请检查磁盘和数据库，再重试。",
     "The store failed: {0}. Check the disk and the database, then try again.");
KIND(ERR_STORE_FULL, "store_full", 507, "磁盘已满，未能保存。请清理磁盘空间后重试。",
     "The disk is full and nothing was saved. Free some space, then try again.");
KIND(ERR_STORE_READONLY, "store_readonly", 503, "数据库为只读，未能保存。请检查文件权限或磁盘状态。",
     "The store is read-only and nothing was saved. Check the file's permissions and the disk.");
KIND(ERR_STORE_LOCKED, "store_locked", 503, "数据库正被另一个程序使用：{0}。请先停止它再重试。",
     "The store is in use by another program: {0}. Stop that one first, then try again.");
KIND(ERR_STORE_NEWER, "store_newer", 500, "数据库由更新的版本建立：{0}。请使用同样新或更新的程序打开。",
     "The store was made by a newer version: {0}. Open it with a program at least as new.");
KIND(ERR_STORE_CORRUPT, "store_corrupt", 500, "数据库内容损坏：{0}。请运行 verify 查明，并从备份恢复。",
     "The store is damaged: {0}. Run verify to locate it, and restore from a backup.");
KIND(ERR_USAGE, "usage", 400, "用法有误：{0}。请用 --help 查看用法。", "Wrong usage: {0}. See --help.");
KIND(ERR_FILE, "file", 400, "文件出错：{0}。请检查文件名、权限和内容。",
     "File problem: {0}. Check its name, permissions and content.");
KIND(ERR_NOT_FOUND, "not_found", 404, "没有找到：{0}。请核对后重试。", "Not found: {0}. Check it and try again.");
KIND(ERR_FORBIDDEN, "forbidden", 403, "您的角色或管辖范围不允许此操作：{0}。请联系上级授权。",
     "Your role or area does not allow this: {0}. Ask someone above you for the right.");
KIND(ERR_MALFORMED, "malformed", 400, "内容格式有误：{0}。请改正后重发。",
     "Malformed: {0}. Correct it and send it again.");
KIND(ERR_TOO_LARGE, "too_large", 413, "内容过大：{0}。请分成几次发送。",
     "Too large: {0}. Split it and send the parts one by one.");
KIND(ERR_UNAUTHENTICATED, "unauthenticated", 401, "尚未登录或登录已失效，请重新登录。",
     "You are not signed in, or the session has ended. Please sign in again.");

/* Copies, cut at the end of a whole character where it does not fit. */
static void copy_text(char *out, size_t size, const char *text)
{
	size_t len = strlen(text), n = 0, step;

	if (len >= size) {
		while (n < size && (step = utf8_step(text + n, len - n)) && n + step < size)
			n += step;
		len = n;
	}
	memcpy(out, text, len);
	out[len] = '\0';
}

int err_set(struct err *err, const struct err_kind *kind, const char *field, ...)
{
	const char *arg;
	va_list args;

	assert(kind);
	if (!err)
		return -1;
	err->kind = kind;
	copy_text(err->field, sizeof(err->field), field ? field : "");
	memset(err->arg, 0, sizeof(err->arg));
	va_start(args, field);
	for (int i = 0; (arg = va_arg(args, const char *)); i++) {
		assert(i < ERR_ARGS);
		copy_text(err->arg[i], sizeof(err->arg[i]), arg);
	}
	va_end(args);
	return -1;
}

int err_kind_set(struct err *err, const struct err_kind *kind)
{
	return err_set(err, kind, NULL, NULL);
}

int err_fmt(struct err *err, const struct err_kind *kind, const char *fmt, ...)
{
	char text[sizeof(((struct err *)0)->arg[0]) * 2];
	va_list args;

	va_start(args, fmt);
	if (vsnprintf(text, sizeof(text), fmt, args) < 0)
		text[0] = '\0';
	va_end(args);
	return err_set(err, kind, NULL, text, NULL);
}

void err_prefix(struct err *err, const char *outer, long index)
{
	char text[sizeof(err->field) * 3], at[24] = "";

	if (!err)
		return;
	if (index >= 0)
		snprintf(at, sizeof(at), "[%ld]", index);
	snprintf(text, sizeof(text), "%.*s%s%s%s", (int)sizeof(err->field), outer ? outer : "", at,
		 err->field[0] && err->field[0] != '[' && ((outer && outer[0]) || at[0]) ? "." : "", err->field);
	copy_text(err->field, sizeof(err->field), text);
}

void err_text(const struct err *err, enum lang lang, struct buf *out)
{
	const char *p;

	if (!err->kind)
		return;
	for (p = lang == LANG_ZH ? err->kind->zh : err->kind->en; *p; p++) {
		if (p[0] == '{' && p[1] >= '0' && p[1] < '0' + ERR_ARGS && p[2] == '}') {
			buf_cstr(out, err->arg[p[1] - '0']);
			p += 2;
		} else {
			buf_char(out, *p);
		}
	}
}
