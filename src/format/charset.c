/* Telling UTF-8 from GB18030 and converting between them. The tables are iconv's. */
#include "format/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <strings.h>

#include "base/utf8.h"

/* Well-formed multi-byte sequences before the first bad byte that make a text
 * broken UTF-8. In GB18030 text a pair of bytes passes for UTF-8 about one
 * time in four, so this many in a row do not come by chance. */
#define UTF8_CERTAIN 8

#define UTF8_BOM STR("\xef\xbb\xbf")

const struct err_kind ERR_CHARSET = {
	.code = "charset",
	.status = 400,
	.zh = "第{0}行（第{1}字节处）的文字编码无法识别。请在表格软件中另存为“CSV UTF-8”后重试。",
	.en = "The text at line {0} (byte {1}) is neither UTF-8 nor GB18030. Save the file as \"CSV UTF-8\" and try "
	      "again.",
};
const struct err_kind ERR_CHARSET_BINARY = {
	.code = "charset_binary",
	.status = 400,
	.zh = "这不是文本文件（第{0}行，第{1}字节处）。请在表格软件中另存为“CSV UTF-8”后重试。",
	.en = "This is not a text file (line {0}, byte {1}). Save it as \"CSV UTF-8\" and try again.",
};

static int fail_at(struct err *err, const struct err_kind *kind, struct str bytes, size_t at)
{
	char line[24], offset[24];
	size_t lines = 1;

	for (size_t i = 0; i < at; i++) /* line ends as the CSV reader counts them */
		lines +=
		    bytes.ptr[i] == '\n' || (bytes.ptr[i] == '\r' && (i + 1 == bytes.len || bytes.ptr[i + 1] != '\n'));
	snprintf(line, sizeof(line), "%zu", lines);
	snprintf(offset, sizeof(offset), "%zu", at);
	return err_set(err, kind, NULL, line, offset, NULL);
}

/* Offset of the first ill-formed byte, or the length; counts the multi-byte sequences before it. */
static size_t utf8_prefix(struct str s, size_t *ret_wide)
{
	size_t i = 0, wide = 0;

	while (i < s.len) {
		size_t n = utf8_step(s.ptr + i, s.len - i);

		if (!n)
			break;
		wide += n > 1;
		i += n;
	}
	*ret_wide = wide;
	return i;
}

enum { CONVERTED, ILL_FORMED, OUT_OF_MEMORY, NO_TABLE };

/* Appends `in`, converted; `*ret_at` is the offset of the first byte that could not be. */
static int convert(const char *to, const char *from, struct str in, struct buf *out, size_t *ret_at)
{
	iconv_t cd = iconv_open(to, from);
	char *p = (char *)in.ptr; /* iconv does not write there */
	size_t left = in.len;
	int rc = CONVERTED;

	if (cd == (iconv_t)-1)
		return errno == EINVAL ? NO_TABLE : OUT_OF_MEMORY;
	while (left && rc == CONVERTED) {
		char *q;
		size_t room, want = left + left / 2 + 16;

		if (out->max && out->max > out->len && want > out->max - out->len)
			want = out->max - out->len;
		if (!buf_reserve(out, want)) {
			rc = OUT_OF_MEMORY;
			break;
		}
		q = out->ptr + out->len;
		room = want;
		if (iconv(cd, &p, &left, &q, &room) == (size_t)-1 && (errno != E2BIG || room == want))
			rc = errno == E2BIG ? OUT_OF_MEMORY : ILL_FORMED;
		out->len += want - room;
	}
	iconv_close(cd);
	*ret_at = in.len - left;
	return rc;
}

/* The error for what convert() returned. */
static int convert_failed(int rc, struct str in, size_t at, struct err *err)
{
	if (rc == ILL_FORMED)
		return fail_at(err, &ERR_CHARSET, in, at);
	if (rc == NO_TABLE)
		return err_fmt(err, &ERR_INTERNAL, "the C library's GB18030 table (gconv) is not installed");
	return err_kind_set(err, &ERR_NO_MEMORY);
}

static int decode_gb18030(struct str bytes, struct buf *scratch, struct str *ret, struct err *err)
{
	size_t at = 0, first = scratch->len;
	int rc = convert("UTF-8", "GB18030", bytes, scratch, &at);
	struct str text;

	if (rc != CONVERTED)
		return convert_failed(rc, bytes, at, err);
	text = (struct str){ scratch->ptr + first, scratch->len - first };
	if (text.len >= UTF8_BOM.len && memcmp(text.ptr, UTF8_BOM.ptr, UTF8_BOM.len) == 0)
		text = (struct str){ text.ptr + UTF8_BOM.len, text.len - UTF8_BOM.len };
	*ret = text;
	return 0;
}

int charset_decode(struct str bytes, struct buf *scratch, struct str *ret, enum charset *ret_from, struct err *err)
{
	struct str text = { bytes.ptr ? bytes.ptr : "", bytes.len };
	const char *nul = memchr(text.ptr, '\0', text.len);
	bool bom = text.len >= UTF8_BOM.len && memcmp(text.ptr, UTF8_BOM.ptr, UTF8_BOM.len) == 0;
	enum charset from = CHARSET_UTF8;
	size_t good, wide;

	if (nul) /* a workbook, UTF-16, or worse */
		return fail_at(err, &ERR_CHARSET_BINARY, text, (size_t)(nul - text.ptr));
	good = utf8_prefix(text, &wide);
	if (good < text.len && (bom || wide >= UTF8_CERTAIN))
		return fail_at(err, &ERR_CHARSET, text, good);
	if (good < text.len) {
		from = CHARSET_GB18030;
		if (decode_gb18030(text, scratch, &text, err))
			return -1;
	} else if (bom) {
		text = (struct str){ text.ptr + UTF8_BOM.len, text.len - UTF8_BOM.len };
	}
	*ret = text;
	if (ret_from)
		*ret_from = from;
	return 0;
}

int charset_encode(struct str utf8, enum charset to, struct buf *out, struct err *err)
{
	size_t at = 0, before = out->len;
	int rc;

	if (to == CHARSET_UTF8) {
		buf_str(out, utf8);
		return out->failed ? err_kind_set(err, &ERR_NO_MEMORY) : 0;
	}
	rc = convert("GB18030", "UTF-8", utf8, out, &at);
	if (rc == CONVERTED)
		return 0;
	out->len = before;
	return convert_failed(rc, utf8, at, err);
}

bool charset_parse(struct str name, enum charset *ret)
{
	if (name.len == 5 && strncasecmp(name.ptr, "utf-8", 5) == 0)
		*ret = CHARSET_UTF8;
	else if (name.len == 7 && strncasecmp(name.ptr, "gb18030", 7) == 0)
		*ret = CHARSET_GB18030;
	else
		return false;
	return true;
}
