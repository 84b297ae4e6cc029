/* A filter for test_json_oracle: documents in, jansson's verdicts out. A
 * program of its own, since jansson and src/base share names. In: length as
 * uint32, then the bytes. Out: 'y' taken, 'n' refused, 'o' a number beyond its range. */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	static char text[1 << 16];
	uint32_t len;

	while (fread(&len, sizeof(len), 1, stdin) == 1) {
		json_error_t error = { 0 };
		json_t *doc;

		if (len > sizeof(text) || fread(text, 1, len, stdin) != len)
			return 1;
		doc = json_loadb(text, len, JSON_DECODE_ANY, &error);
		if (doc)
			putchar('y');
		else
			putchar(json_error_code(&error) == json_error_numeric_overflow ? 'o' : 'n');
		fflush(stdout);
		json_decref(doc);
	}
	return 0;
}
