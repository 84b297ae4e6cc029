/* Tokens of SQL text and the translation of dialect-free scripts. */
#include "fresh.h"
#include "store/impl.h"

static const struct dialect dialect = {
	.bigint = "INT",
	.text = "TXT",
	.bytea = "BLOB",
	.rowid_bigint = "INTEGER",
	.table_end = " STRICT",
	.clustered_end = " CLUSTERED",
	.remember = " COMMENT ON TABLE ",
};

static void check(const char *in, const char *expected)
{
	struct buf out = { 0 };

	script_translate(&dialect, in, &out);
	buf_char(&out, '\0');
	assert_string_equal(out.ptr, expected);
	buf_finish(&out);
}

static void test_translate(void **state)
{
	(void)state;
	check("", "");
	check("CREATE TABLE a (b BIGINT, c TEXT, d BYTEA);", "CREATE TABLE a (b INT, c TXT, d BLOB) STRICT;");
	check("CREATE TABLE IF NOT EXISTS a (b BIGINT) /* clustered */;",
	      "CREATE TABLE IF NOT EXISTS a (b INT)  CLUSTERED; COMMENT ON TABLE a IS 'clustered';");
	check("CREATE TABLE a (b BIGINT /* rowid */ PRIMARY KEY);",
	      "CREATE TABLE a (b INTEGER PRIMARY KEY) STRICT; COMMENT ON TABLE a IS 'rowid';");
	/* Only the types, only there: not in strings, names, comments or other words. */
	check("-- TEXT;\nCREATE INDEX a ON b (text, TEXTS) /* TEXT */; INSERT INTO c VALUES ('TEXT; '' BIGINT', "
	      "\"TEXT\");",
	      "\nCREATE INDEX a ON b (text, TEXTS) ; INSERT INTO c VALUES ('TEXT; '' BIGINT', \"TEXT\");");
	/* A mark counts for its own statement alone. */
	check("CREATE TABLE a (b BIGINT) /* clustered */; CREATE TABLE c (d BIGINT);",
	      "CREATE TABLE a (b INT)  CLUSTERED; COMMENT ON TABLE a IS 'clustered'; CREATE TABLE c (d INT) STRICT;");
}

static void test_tokens(void **state)
{
	const char *p = "a1 = $12+'it''s $1'--$2\n\"q\"\"x\"/* $3";
	static const struct token expected[] = {
		{ TOKEN_WORD, { "a1", 2 } },
		{ TOKEN_SPACE, { " ", 1 } },
		{ TOKEN_OTHER, { "=", 1 } },
		{ TOKEN_SPACE, { " ", 1 } },
		{ TOKEN_PARAM, { "$12", 3 } },
		{ TOKEN_OTHER, { "+", 1 } },
		{ TOKEN_STRING, { "'it''s $1'", 10 } },
		{ TOKEN_COMMENT, { "--$2", 4 } },
		{ TOKEN_SPACE, { "\n", 1 } },
		{ TOKEN_NAME, { "\"q\"\"x\"", 6 } },
		{ TOKEN_COMMENT, { "/* $3", 5 } },
		{ TOKEN_END, { "", 0 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		struct token t = token_next(&p);

		assert_int_equal(t.kind, expected[i].kind);
		assert_true(str_eq(t.text, expected[i].text));
	}
}

static void test_unfinished(void **state)
{
	static const char *const texts[] = { "'abc", "\"abc", "/*", "--", "$", "'a''" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const char *p = texts[i], *end = p + strlen(p);

		while (token_next(&p).kind != TOKEN_END)
			;
		assert_ptr_equal(p, end);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_translate),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_unfinished),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
