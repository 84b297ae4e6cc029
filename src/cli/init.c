/* lianfang init: a fresh store. */
#include <stdio.h>

#include "cli/cli.h"
#include "domain/incident/incident.h"

/* 6 digits of a county, 4 of a city, 2 of a province, 000000 for the nation. */
static bool read_top(const char *text, place_t *ret)
{
	struct str s = str_of(text);

	if (s.len != 2 && s.len != 4 && s.len != 6)
		return false;
	if (!place_parse(s, ret))
		return false;
	return *ret != PLACE_NATION || s.len == 6;
}

int cmd_init(int argc, char **argv)
{
	const char *from = cli_option("from"), *kind = cli_option("kind");
	struct cli_new n = { .divisions = cli_option("divisions"),
			     .from = day_of(clock_now()),
			     .incident = cli_option("name") };
	struct cli_store s = { 0 };
	struct err err = { 0 };

	(void)argc;
	(void)argv;
	if (!read_top(cli_option("county"), &n.top))
		return cli_wrong("--county 应为 6 位县代码、4 位市代码、2 位省代码，或 000000",
				 "--county takes 6 digits of a county, 4 of a city, 2 of a province, or 000000");
	if (from && !day_parse(str_of(from), &n.from))
		return cli_wrong("--from 应为 YYYY-MM-DD", "--from takes a day as YYYY-MM-DD");
	n.kind = kind ? cli_index(cli_values(&INCIDENT_OPENED, "kind"), kind) : 0;
	if (n.kind < 0)
		return cli_wrong("没有应急种类“%s”", "There is no kind \"%s\"", kind);
	if (n.incident &&
	    (!*n.incident || !str_is_utf8(str_of(n.incident)) || str_codepoints(str_of(n.incident)) > EVENT_TEXT_MAX))
		return cli_wrong("--name 应为 1–200 个字符", "--name has 1 to 200 characters");
	if (cli_create(&s, &n, &err) < 0)
		return cli_error(&err);
	cli_keep(&s);
	printf(cli_pick("已建立 %s，密钥在 %s，请另行妥善保管\n", "made %s; its keys are in %s: keep a copy apart\n"),
	       store_url(app_store(s.app)), s.keys);
	cli_close(&s);
	return CLI_DONE;
}
