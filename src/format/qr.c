/* QR codes as SVG over libqrencode. Owns how the modules are drawn; knows nothing
 * of what the text means. */
#include "format/qr.h"

#include <qrencode.h>

#define QUIET 4

const struct err_kind ERR_QR_LENGTH = { "qr_length", 500, "二维码内容为空或过长",
					"The text of the QR code is empty or too long" };

static bool dark(const QRcode *code, int x, int y)
{
	return code->data[y * code->width + x] & 1;
}

/* Runs of dark modules in a row become one bar each. */
static void put_row(const QRcode *code, int y, struct buf *out)
{
	for (int x = 0; x < code->width; x++) {
		int end = x;
		while (end < code->width && dark(code, end, y))
			end++;
		if (end > x)
			buf_printf(out, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET, end - x, end - x);
		x = end > x ? end : x;
	}
}

int qr_svg(struct str text, struct buf *out, struct err *err)
{
	if (!text.len || text.len > QR_TEXT_MAX)
		return err_kind_set(err, &ERR_QR_LENGTH);
	QRcode *code = QRcode_encodeData((int)text.len, (const unsigned char *)text.ptr, 0, QR_ECLEVEL_M);
	if (!code)
		return err_kind_set(err, &ERR_NO_MEMORY);
	int side = code->width + 2 * QUIET;
	buf_printf(out,
		   "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\">"
		   "<path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path fill=\"#000\" d=\"",
		   side, side, side, side);
	for (int y = 0; y < code->width; y++)
		put_row(code, y, out);
	buf_cstr(out, "\"/></svg>");
	QRcode_free(code);
	return out->failed ? err_kind_set(err, &ERR_NO_MEMORY) : 0;
}
