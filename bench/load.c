/* The load generator: options, and what both modes need — reading answers,
 * latencies, the clock. Prints one JSON object. See load_post.c, load_get.c. */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "usage: load --port PORT --token-file FILE [--host 127.0.0.1] --places FILE [--connections N] [--batch B]\n"
    "            [--warm-up S] [--seconds S] [--events N] [--idle N] [--screenings]\n"
    "       load --port PORT --token-file FILE --get FILE [--seconds S] [--rate R]\n"
    "Registers generated households, or with --screenings three people at a time at the checkpoints in FILE; or reads "
    "the\n"
    "paths in FILE. Prints what it measured as JSON.\n";

int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- latencies ------------------------------------------------------------ */

static size_t bucket_of(uint64_t us)
{
	int top;
	size_t i;

	if (us < HIST_FINE)
		return us;
	top = 63 - __builtin_clzll(us); /* ≥ 10 */
	i = HIST_FINE + (size_t)(top - 10) * HIST_STEPS + (us >> (top - 6)) - HIST_STEPS;
	return i < HIST_SIZE ? i : HIST_SIZE - 1;
}

static double bucket_us(size_t i)
{
	size_t step = (i - HIST_FINE) / HIST_STEPS, part = (i - HIST_FINE) % HIST_STEPS;

	if (i < HIST_FINE)
		return (double)i;
	return (double)((uint64_t)(HIST_STEPS + part) << (step + 4)) + (double)(1ull << step) * 8;
}

void hist_add(struct hist *h, int64_t us)
{
	uint64_t v = us < 0 ? 0 : (uint64_t)us;

	h->n++;
	if (v > h->max)
		h->max = v;
	h->buckets[bucket_of(v)]++;
}

double hist_ms(const struct hist *h, double q)
{
	uint64_t want = (uint64_t)((double)h->n * q), seen = 0;

	if (q >= 1)
		return (double)h->max / 1000;
	for (size_t i = 0; h->n && i < HIST_SIZE; i++) {
		seen += h->buckets[i];
		if (seen > want)
			return bucket_us(i) / 1000;
	}
	return 0;
}

/* ---- answers -------------------------------------------------------------- */

void answer_clear(struct answer *a)
{
	a->len = a->body = a->need = 0;
	a->status = 0;
}

static int headers_read(struct answer *a)
{
	char *end = memmem(a->ptr, a->len, "\r\n\r\n", 4), *line;
	size_t length = 0;

	if (!end)
		return a->len > 65536 ? -1 : 0;
	if (a->len < 12 || memcmp(a->ptr, "HTTP/1.1 ", 9) != 0)
		return -1;
	a->status = atoi(a->ptr + 9);
	for (line = a->ptr; line < end; line = memmem(line, (size_t)(end + 2 - line), "\r\n", 2) + 2)
		if (strncasecmp(line, "content-length:", 15) == 0)
			length = strtoul(line + 15, NULL, 10);
	a->body = (size_t)(end + 4 - a->ptr);
	a->need = a->body + length;
	return 1;
}

int answer_read(struct answer *a, int fd)
{
	for (;;) {
		ssize_t n;

		if (a->cap - a->len < 4096) {
			size_t cap = a->cap ? a->cap * 2 : 8192;
			char *ptr = realloc(a->ptr, cap);

			if (!ptr)
				return -1;
			a->ptr = ptr;
			a->cap = cap;
		}
		n = recv(fd, a->ptr + a->len, a->cap - a->len - 1, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		if (n == 0) {
			errno = 0;
			return -1;
		}
		a->len += (size_t)n;
		a->ptr[a->len] = '\0';
		if (!a->body && headers_read(a) < 0)
			return -1;
		if (a->body && a->len >= a->need)
			return 1;
	}
}

int host_connect(const struct options *o)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)o->port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0 || inet_pton(AF_INET, o->host, &to.sin_addr) != 1)
		return -1;
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
		close(fd);
		return -1;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

void put_json_string(const char *s, size_t len)
{
	putchar('"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

/* ---- options -------------------------------------------------------------- */

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "load: %s: %s\n", what, why);
	exit(1);
}

static void read_list(struct options *o, const char *file)
{
	FILE *f = fopen(file, "re");
	char line[1024];

	if (!f)
		fail(file, strerror(errno));
	while (o->n_list < LIST_MAX && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] && !(o->list[o->n_list++] = strdup(line)))
			fail(file, "out of memory");
	}
	fclose(f);
	if (!o->n_list)
		fail(file, "is empty");
}

static void read_token(struct options *o, const char *file)
{
	FILE *f = fopen(file, "re");

	if (!f || !fgets(o->token, sizeof(o->token), f))
		fail(file, f ? "is empty" : strerror(errno));
	o->token[strcspn(o->token, "\r\n")] = '\0';
	fclose(f);
}

static int bounded(const char *name, const char *text, int least, int most)
{
	char *end;
	long v = strtol(text, &end, 10);

	if (*end || v < least || v > most)
		fail(name, "out of range");
	return (int)v;
}

static void files_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < CONNECTIONS_MAX + 64) {
		limit.rlim_cur = CONNECTIONS_MAX + 64;
		if (limit.rlim_max < limit.rlim_cur)
			limit.rlim_max = limit.rlim_cur;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int main(int argc, char **argv)
{
	static const struct option NAMES[] = {
		{ "host", required_argument, NULL, 'h' },       { "port", required_argument, NULL, 'p' },
		{ "token-file", required_argument, NULL, 't' }, { "connections", required_argument, NULL, 'c' },
		{ "idle", required_argument, NULL, 'i' },       { "batch", required_argument, NULL, 'b' },
		{ "warm-up", required_argument, NULL, 'w' },    { "seconds", required_argument, NULL, 's' },
		{ "events", required_argument, NULL, 'e' },     { "places", required_argument, NULL, 'l' },
		{ "screenings", no_argument, NULL, 'n' },       { "get", required_argument, NULL, 'g' },
		{ "rate", required_argument, NULL, 'r' },       { 0 },
	};
	static struct options o = { .host = "127.0.0.1", .connections = 1, .batch = 1, .seconds = 3 };
	bool get = false;
	int c;

	while ((c = getopt_long(argc, argv, "", NAMES, NULL)) != -1) {
		switch (c) {
		case 'h':
			o.host = optarg;
			break;
		case 'p':
			o.port = bounded("--port", optarg, 1, 65535);
			break;
		case 't':
			read_token(&o, optarg);
			break;
		case 'c':
			o.connections = bounded("--connections", optarg, 0, CONNECTIONS_MAX);
			break;
		case 'i':
			o.idle = bounded("--idle", optarg, 0, CONNECTIONS_MAX);
			break;
		case 'b':
			o.batch = bounded("--batch", optarg, 1, BATCH_MAX);
			break;
		case 'w':
			o.warm_up = atof(optarg);
			break;
		case 's':
			o.seconds = atof(optarg);
			break;
		case 'e':
			o.events = atoll(optarg);
			break;
		case 'n':
			o.screenings = true;
			break;
		case 'r':
			o.rate = atof(optarg);
			break;
		case 'g':
			get = true; /* fall through */
		case 'l':
			read_list(&o, optarg);
			break;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (!o.port || !o.token[0] || !o.n_list || optind != argc || o.connections + o.idle > CONNECTIONS_MAX) {
		fputs(usage, stderr);
		return 2;
	}
	files_raise();
	return get ? load_get(&o) : load_post(&o);
}
