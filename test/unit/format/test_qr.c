/* QR codes: the path drawn is the code's modules, and a reader gets the text back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <qrencode.h>

#include "format/qr.h"

#define SIDE_MAX 200
#define QUIET    4

/* The picture drawn anew from the path's bars. */
struct picture {
	int side;
	bool dark[SIDE_MAX][SIDE_MAX];
};

static void draw(struct str svg, struct picture *ret)
{
	static char text[200000];
	memset(ret, 0, sizeof *ret);
	assert_true(str_copy(svg, text, sizeof text));
	const char *box = strstr(text, "viewBox=\"0 0 ");
	assert_non_null(box);
	int tall;
	assert_int_equal(sscanf(box, "viewBox=\"0 0 %d %d\"", &ret->side, &tall), 2);
	assert_int_equal(ret->side, tall);
	assert_in_range(ret->side, 21 + 2 * QUIET, SIDE_MAX - 1);
	const char *p = strstr(text, "fill=\"#000\" d=\"");
	assert_non_null(p);
	p += strlen("fill=\"#000\" d=\"");
	while (*p == 'M') {
		int x, y, n, back, used;
		assert_int_equal(sscanf(p, "M%d %dh%dv1h-%dz%n", &x, &y, &n, &back, &used), 4);
		assert_int_equal(n, back);
		assert_in_range(x, QUIET, ret->side - QUIET - n);
		assert_in_range(y, QUIET, ret->side - QUIET - 1);
		for (int i = 0; i < n; i++) {
			assert_false(ret->dark[y][x + i]); /* no module twice */
			ret->dark[y][x + i] = true;
		}
		p += used;
	}
	assert_string_equal(p, "\"/></svg>");
}

static void assert_modules(struct str text, const struct picture *p)
{
	QRcode *code = QRcode_encodeData((int)text.len, (const unsigned char *)text.ptr, 0, QR_ECLEVEL_M);
	assert_non_null(code);
	assert_int_equal(p->side, code->width + 2 * QUIET);
	for (int y = 0; y < code->width; y++) {
		for (int x = 0; x < code->width; x++)
			assert_int_equal(p->dark[y + QUIET][x + QUIET], code->data[y * code->width + x] & 1);
	}
	QRcode_free(code);
}

/* By another program, where there is one. */
static void assert_read_back(struct str text, const struct picture *p)
{
	char file[] = "/tmp/lianfang-qr-XXXXXX.pgm", command[200], out[1000] = "";
	const int scale = 4;
	if (system("command -v zbarimg >/dev/null 2>&1") != 0) {
		print_message("zbarimg is not installed: the code is not read back\n");
		return;
	}
	int fd = mkstemps(file, 4);
	assert_true(fd >= 0);
	FILE *f = fdopen(fd, "w");
	fprintf(f, "P5 %d %d 255\n", p->side * scale, p->side * scale);
	for (int y = 0; y < p->side * scale; y++) {
		for (int x = 0; x < p->side * scale; x++)
			fputc(p->dark[y / scale][x / scale] ? 0 : 255, f);
	}
	assert_int_equal(fclose(f), 0);
	snprintf(command, sizeof command, "zbarimg --quiet --raw -Sdisable -Sqrcode.enable '%s' 2>/dev/null", file);
	f = popen(command, "r");
	size_t n = fread(out, 1, sizeof out - 1, f);
	pclose(f);
	unlink(file);
	while (n && out[n - 1] == '\n')
		n--;
	assert_int_equal(n, text.len);
	assert_memory_equal(out, text.ptr, n);
}

static void check(const char *text)
{
	static struct picture p;
	struct buf out = { 0 };
	struct err err = { 0 };
	assert_int_equal(qr_svg(str_of(text), &out, &err), 0);
	draw(buf_view(&out), &p);
	assert_modules(str_of(text), &p);
	assert_read_back(str_of(text), &p);
	buf_finish(&out);
}

static void test_texts(void **state)
{
	char most[QR_TEXT_MAX + 1];
	(void)state;
	check("1");
	check("LF1.AQGTby57HH06j0UsnmobDTcJUXMBkYgAAZGInQQwMDFYBOW8oCrpgIHoj5w");
	memset(most, 'x', sizeof most - 1);
	most[sizeof most - 1] = 0;
	check(most);
}

static void test_refused(void **state)
{
	char over[QR_TEXT_MAX + 2];
	struct buf out = { 0 };
	struct err err = { 0 };
	(void)state;
	memset(over, 'x', sizeof over - 1);
	over[sizeof over - 1] = 0;
	assert_int_equal(qr_svg(STR(""), &out, &err), -1);
	assert_ptr_equal(err.kind, &ERR_QR_LENGTH);
	err = (struct err){ 0 };
	assert_int_equal(qr_svg(str_of(over), &out, &err), -1);
	assert_ptr_equal(err.kind, &ERR_QR_LENGTH);
	assert_int_equal(out.len, 0);
	/* A buffer that is too small. */
	out.max = 100;
	err = (struct err){ 0 };
	assert_int_equal(qr_svg(STR("text"), &out, &err), -1);
	assert_ptr_equal(err.kind, &ERR_NO_MEMORY);
	buf_finish(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_texts), cmocka_unit_test(test_refused) };
	return cmocka_run_group_tests_name("format/qr", tests, NULL, NULL);
}
