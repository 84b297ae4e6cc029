/* lianfang demo zhenping: a fresh store, fed the county's story through the
 * same pipeline as everything else. The clock follows the story, so that the
 * ledger knows what had arrived on each of its days. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/demo.h"
#include "cli/divisions.h"
#include "domain/incident/incident.h"
#include "zhenping.csv.h" /* ZHENPING_CSV */

#define DEMO_PASSWORD "lianfang-demo-2020"
#define FIRST_DAY     "2020-01-20"

/* ---- the story's clock ------------------------------------------------------------------- */

static int64_t story_now;

static int64_t story_clock(void)
{
	return story_now;
}

/* ---- feeding ------------------------------------------------------------------------------- */

#define BATCH_SPAN_MS (20LL * 60 * 1000) /* what happened within 20 minutes arrives together */

struct feed {
	struct story *s;
	size_t i;
	struct cli_progress progress;
	bool told;
};

static size_t batch_end(const struct feed *f, size_t from, size_t max)
{
	size_t end = from;
	while (end < f->s->n && end - from < max && f->s->events[end].at - f->s->events[from].at <= BATCH_SPAN_MS)
		end++;
	return end;
}

/* The clock is read before a batch is asked for: it is set for the next one when this one is given. */
static void set_clock(struct feed *f, size_t from, size_t max)
{
	size_t end = batch_end(f, from, max);
	if (end > from)
		story_now = f->s->events[end - 1].at + 60000;
}

static int feed_next(void *ctx, struct arena *arena, struct event *events, size_t max, struct err *err)
{
	struct feed *f = ctx;
	size_t end = batch_end(f, f->i, max), n = end - f->i;
	(void)arena;
	(void)err;
	if (n)
		memcpy(events, f->s->events + f->i, n * sizeof *events);
	f->i = end;
	set_clock(f, f->i, max);
	cli_progress(&f->progress, (int64_t)f->i, (int64_t)f->s->n);
	return (int)n;
}

static int feed_refused(void *ctx, size_t index, const struct event *ev, const struct err *why)
{
	struct feed *f = ctx;
	cli_progress_end(&f->progress);
	cli_note("第 %zu 条（%s）被拒绝：%s", "record %zu (%s) refused: %s", index, ev ? ev->form->type : "?",
		 cli_error_text(why));
	return -1; /* the story is wrong: nothing is kept */
}

static int feed_story(const struct cli_store *store, struct story *s, struct err *err)
{
	struct feed f = { .s = s, .progress = { .zh = "载入镇坪的故事", .en = "telling the story of Zhenping" } };
	struct bulk b = { .who = principal_system(), .next = feed_next, .refused = feed_refused, .ctx = &f };
	set_clock(&f, 0, SUBMIT_EVENTS_MAX);
	int rc = cli_bulk(store, &b, err);
	cli_progress_end(&f.progress);
	return rc;
}

/* ---- accounts -------------------------------------------------------------------------------- */

struct demo_account {
	char name[33];
	const char *role;
	place_t place;
	const char *person; /* id, or NULL */
	const char *zh, *en;
};

#define ACCOUNTS_MAX 20

static size_t list_accounts(const struct story *s, struct demo_account a[ACCOUNTS_MAX])
{
	const struct story_village *first = &s->villages[0];
	size_t n = 0;
	for (size_t i = 0; i < s->n_villages; i++) {
		if (!s->villages[i].community && first->community)
			first = &s->villages[i];
	}
	a[n++] = (struct demo_account){ "commander", "commander", s->county, NULL, "指挥长", "commander" };
	a[n++] = (struct demo_account){ "county", "officer", s->county, NULL, "县值班", "county duty officer" };
	for (size_t i = 0; i < s->n_towns; i++) {
		struct demo_account *t = &a[n++];
		*t = (struct demo_account){
			"", "officer", s->towns[i].code, NULL, s->towns[i].name, "town duty officer"
		};
		snprintf(t->name, sizeof t->name, "town%03d", (int)(s->towns[i].code / 1000000 % 1000));
	}
	a[n++] = (struct demo_account){ "village", "officer", first->code, NULL, first->name, "village officer" };
	a[n++] = (struct demo_account){ "grid", "grid", s->grid_place, s->grid_worker, "网格员", "grid worker" };
	a[n++] =
	    (struct demo_account){ "community", "officer", 610927100005000LL, NULL, "竹溪河社区", "community officer" };
	a[n++] =
	    (struct demo_account){ "checkpoint", "checkpoint", s->towns[1].code, NULL, "检查点", "checkpoint shift" };
	a[n++] = (struct demo_account){ "organisation", "organisation", s->county, NULL, "组织", "organisation desk" };
	a[n++] = (struct demo_account){ "auditor", "auditor", s->county, NULL, "审计", "auditor" };
	a[n++] = (struct demo_account){ "admin", "admin", s->county, NULL, "系统管理", "admin" };
	return n;
}

struct grants {
	const struct demo_account *accounts;
	size_t n, i;
};

static int grants_next(void *ctx, struct arena *arena, struct event *events, size_t max, struct err *err)
{
	struct grants *g = ctx;
	size_t n = 0;
	for (; n < max && g->i < g->n; g->i++, n++) {
		const struct demo_account *a = &g->accounts[g->i];
		struct role_granted *d = arena_alloc(arena, sizeof *d);
		if (!d)
			return err_kind_set(err, &ERR_NO_MEMORY);
		*d = (struct role_granted){ str_of(a->name), cli_index(ROLE_NAMES, a->role), a->place, FIELD_ABSENT };
		events[n] = (struct event){ .id = uuid_v7(story_now),
					    .form = registry_form(STR("role.granted")),
					    .at = story_now,
					    .place = FIELD_ABSENT,
					    .area = FIELD_ABSENT,
					    .data = d };
	}
	return (int)n;
}

static int grants_refused(void *ctx, size_t index, const struct event *ev, const struct err *why)
{
	(void)ctx;
	(void)index;
	(void)ev;
	cli_note("授权被拒绝：%s", "a grant was refused: %s", cli_error_text(why));
	return -1;
}

static int make_accounts(const struct cli_store *store, const struct demo_account *a, size_t n, struct str password,
			 struct err *err)
{
	struct grants g = { a, n, 0 };
	struct bulk b = {
		.who = principal_system(), .atomic = true, .next = grants_next, .refused = grants_refused, .ctx = &g
	};
	for (size_t i = 0; i < n; i++) {
		struct uuid person = { 0 };
		if (a[i].person)
			uuid_parse(str_of(a[i].person), &person);
		if (account_add(store->app, str_of(a[i].name), password, a[i].person ? &person : NULL, err) < 0)
			return -1;
	}
	return cli_bulk(store, &b, err);
}

/* ---- the command ------------------------------------------------------------------------------- */

/* The divisions are read from a file like any other; this one lives in memory. */
static int divisions_in_memory(char path[64], struct err *err)
{
	int fd = memfd_create("zhenping", MFD_CLOEXEC);
	size_t len = strlen(ZHENPING_CSV);
	if (fd < 0 || write(fd, ZHENPING_CSV, len) != (ssize_t)len) {
		if (fd >= 0)
			close(fd);
		return err_fmt(err, &ERR_FILE, "memfd");
	}
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

static int create(struct cli_store *store, const struct story *s, struct err *err)
{
	char path[64];
	struct cli_new n = { .top = s->county, .divisions = path, .kind = 0, .incident = "新冠肺炎疫情防控（演示）" };
	day_parse(STR(FIRST_DAY), &n.from);
	story_now = day_start(n.from) + 9 * 3600000LL;
	int fd = divisions_in_memory(path, err);
	if (fd < 0)
		return -1;
	lseek(fd, 0, SEEK_SET);
	int rc = cli_create(store, &n, err);
	close(fd);
	return rc;
}

/* First line of the file, or the demo's own. */
static int read_password(struct buf *secret, struct str *ret, struct err *err)
{
	const char *file = cli_option("password-file");
	*ret = STR(DEMO_PASSWORD);
	if (!file)
		return 0;
	if (file_read_whole(file, 4096, secret, err) < 0)
		return -1;
	*ret = (struct str){ secret->ptr ? secret->ptr : "", secret->len };
	for (size_t i = 0; i < ret->len; i++) {
		if (ret->ptr[i] == '\n' || ret->ptr[i] == '\r')
			ret->len = i;
	}
	return 0;
}

static void tell(const struct story *s, const struct demo_account *a, size_t n, bool own_password)
{
	printf(cli_pick("镇坪县演示库：%s\n  %zu 个镇，%zu 个村（社区），%lld 名人员，%lld 户，%lld 个责任组\n",
			"The demo county of Zhenping: %s\n  %zu towns, %zu villages, %lld people, %lld households, "
			"%lld groups\n"),
	       cli_db(), s->n_towns, s->n_villages, (long long)s->people, (long long)s->households,
	       (long long)s->groups);
	if (s->gaps)
		printf(cli_pick("  留出的缺口：%lld 个责任组缺一个角色，%lld 户未编入责任组\n",
				"  gaps left: %lld groups short of one role, %lld households without a group\n"),
		       (long long)s->groups_short, (long long)s->households_unassigned);
	printf("%s\n", cli_pick("  住户、人员、电话均为生成，标有“演示”，没有真人。",
				"  Households, people and phones are made up and marked 演示; none is real."));
	printf("%s\n", cli_pick("账号：", "Accounts:"));
	for (size_t i = 0; i < n; i++) {
		char code[PLACE_TEXT + 1];
		code[place_format(a[i].place, code)] = 0;
		printf("  %-14s %-14s %s  %s\n", a[i].name, a[i].role, code, cli_pick(a[i].zh, a[i].en));
	}
	if (own_password)
		printf("%s\n", cli_pick("密码：所给文件中的密码，各账号相同。",
					"Password: the one in the file given, the same for all."));
	else
		printf(cli_pick("密码：%s（各账号相同）。人人知道的演示密码：不要用于真实数据，不要对外开放。\n",
				"Password: %s, the same for all. Everybody knows it: never for real data, never on an "
				"open network.\n"),
		       DEMO_PASSWORD);
}

int cmd_demo(int argc, char **argv)
{
	_cleanup_(story_finish) struct story s = { .gaps = cli_switch("with-gaps") };
	_cleanup_(buf_finish) struct buf secret = { 0 };
	struct demo_account accounts[ACCOUNTS_MAX];
	struct cli_store store = { 0 };
	struct err err = { 0 };
	struct str password;
	(void)argc;
	if (strcmp(argv[0], "zhenping") != 0)
		return cli_wrong("没有演示“%s”；现有 zhenping", "there is no story \"%s\"; there is zhenping", argv[0]);
	if (read_password(&secret, &password, &err) < 0)
		return cli_error(&err);
	registry_prepare();
	clock_inject(story_clock);
	int rc = story_make(&s, ZHENPING_CSV, &err);
	if (rc == 0)
		rc = create(&store, &s, &err);
	size_t n = list_accounts(&s, accounts);
	if (rc == 0)
		rc = feed_story(&store, &s, &err);
	if (rc == 0)
		rc = make_accounts(&store, accounts, n, password, &err);
	if (rc == 0)
		cli_keep(&store);
	cli_close(&store);
	clock_inject(NULL);
	if (rc < 0)
		return cli_error(&err);
	tell(&s, accounts, n, cli_option("password-file") != NULL);
	return CLI_DONE;
}
