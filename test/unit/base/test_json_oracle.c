/* The JSON reader beside jansson: 20,000 mutated documents, each taken by both
 * or refused by both. Jansson's own limits — numbers beyond its range, our
 * depth limit — are the only differences let through; \u0000 both refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/json.h"
#include "json_walk.h"

enum { ROUNDS = 20000, MOST = 512 };

static const char *const seeds[] = {
	"{\"id\":\"0188a3f2-7c1b-7abc-8def-0123456789ab\",\"type\":\"group.formed\",\"place\":\"610927101201\"}",
	"{\"at\":\"2020-02-08T09:30:00+08:00\",\"data\":{\"name\":\"张三\",\"people\":[{\"t\":36.5},{\"n\":-0.1e-3}]}}",
	"[true,false,null,0,-1,1.5,1e10,\"é😀\",[],{},[[]],{\"\":{}}]",
	"[\"\\u4e2d\\ud83d\\ude00\\\"\\\\\\/\\b\\f\\n\\r\\t\"]",
	"{\"a\":{\"b\":{\"c\":{\"d\":[1,[2,[3,[4]]]]}}},\"a\":2}",
	"  \"only a string\\u0020with \\u00e9\"  ",
	"[[[[[[[[[[[[[[[[\"sixteen\"]]]]]]]]]]]]]]]]",
	"-12.75e+3",
};

static uint32_t state_ = 20200208;
static const char *filter; /* path of the program that asks jansson */
static FILE *to_filter, *from_filter;
static pid_t filter_pid;

static int filter_start(void **state)
{
	int in[2], out[2];

	(void)state;
	if (pipe(in) || pipe(out))
		return -1;
	filter_pid = fork();
	if (filter_pid == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		close(in[1]);
		close(out[0]);
		execl(filter, filter, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	to_filter = fdopen(in[1], "w");
	from_filter = fdopen(out[0], "r");
	signal(SIGPIPE, SIG_IGN);
	return filter_pid > 0 && to_filter && from_filter ? 0 : -1;
}

static int filter_stop(void **state)
{
	int status = -1;

	(void)state;
	fclose(to_filter);
	fclose(from_filter);
	return waitpid(filter_pid, &status, 0) == filter_pid && status == 0 ? 0 : -1;
}

/* Jansson's verdict: 'y', 'n' or 'o', a number beyond its range. */
static int ask(struct str s)
{
	uint32_t len = (uint32_t)s.len;
	int verdict;

	fwrite(&len, sizeof(len), 1, to_filter);
	fwrite(s.ptr, 1, s.len, to_filter);
	fflush(to_filter);
	verdict = fgetc(from_filter);
	if (verdict != 'y' && verdict != 'n' && verdict != 'o')
		fail_msg("the jansson filter %s is gone", filter);
	return verdict;
}

static uint32_t dice(uint32_t n)
{
	state_ = state_ * 1664525 + 1013904223;
	return (state_ >> 8) % n;
}

/* One to four edits: a byte replaced, inserted or dropped, or a run copied elsewhere. */
static size_t mutate(char *text, size_t len)
{
	static const char bytes[] = "{}[]\",:\\u0123456789abcdefDdE+-. tfn/\n\t\x80\xbf\xc3\xed\xa0\xf0\xff\x01";

	for (uint32_t edits = 1 + dice(4); edits; edits--) {
		size_t at = dice((uint32_t)len + 1), n;
		char c = dice(4) ? bytes[dice(sizeof(bytes) - 1)] : (char)dice(256);

		switch (dice(4)) {
		case 0:
			if (at < len)
				text[at] = c;
			break;
		case 1:
			if (len + 1 > MOST)
				break;
			memmove(text + at + 1, text + at, len - at);
			text[at] = c;
			len++;
			break;
		case 2:
			if (at == len)
				break;
			memmove(text + at, text + at + 1, len - at - 1);
			len--;
			break;
		default:
			n = dice(8);
			if (at + n > len || len + n > MOST)
				break;
			memmove(text + at + n, text + at, len - at);
			len += n;
		}
	}
	return len;
}

static void judge(struct str s, int *taken, int *excused)
{
	bool walked = walk_takes(s), skipped = skip_takes(s);
	int verdict = ask(s);
	struct json_reader r;

	if (walked != skipped)
		fail_msg("pulling and skipping disagree on: %.*s", STR_ARG(s));
	*taken += walked;
	if (walked == (verdict == 'y'))
		return;
	json_read_init(&r, s, NULL);
	json_skip(&r, NULL);
	if (!(walked ? verdict == 'o' : r.what && strcmp(r.what, "nested too deep") == 0))
		fail_msg("we %s, jansson says '%c': %.*s", walked ? "take" : r.what, verdict, STR_ARG(s));
	++*excused;
}

static void agrees_with_jansson(void **state)
{
	int taken = 0, excused = 0;
	char text[MOST];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(seeds); i++)
		judge(str_of(seeds[i]), &taken, &excused);
	assert_int_equal(taken, ARRAY_LEN(seeds));
	for (int i = 0; i < ROUNDS; i++) {
		const char *seed = seeds[dice(ARRAY_LEN(seeds))];
		size_t len = strlen(seed);

		memcpy(text, seed, len);
		judge((struct str){ text, mutate(text, len) }, &taken, &excused);
	}
	print_message("%d documents: %d taken by both, %d excused\n", ROUNDS, taken, excused);
	assert_in_range(taken, ROUNDS / 20, ROUNDS - ROUNDS / 20); /* the mutations must try both sides */
	assert_in_range(excused, 0, ROUNDS / 100);
}

static void both_refuse_nul(void **state)
{
	static const char *const texts[] = { "\"\\u0000\"", "{\"\\u0000\":1}", "[\"a\\u0000b\"]" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		assert_int_equal(ask(str_of(texts[i])), 'n');
		assert_false(walk_takes(str_of(texts[i])));
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_jansson),
		cmocka_unit_test(both_refuse_nul),
	};
	if (argc < 2)
		return 2;
	filter = argv[1];
	return cmocka_run_group_tests(tests, filter_start, filter_stop);
}
