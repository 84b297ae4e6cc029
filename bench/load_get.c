/* Reading: the given paths in turn over one kept-alive connection, each with
 * its own latencies. Every answer must be a 200. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

struct path {
	struct hist hist;
	size_t bytes; /* of the largest body */
};

static int get_one(const struct options *o, int fd, const char *path, struct answer *a)
{
	char request[2048];
	int n = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: %s:%d\r\nAuthorization: Bearer %s\r\n\r\n",
			 path, o->host, o->port, o->token),
	    rc;

	if (n >= (int)sizeof(request) || send(fd, request, (size_t)n, MSG_NOSIGNAL) != n)
		return -1;
	answer_clear(a);
	do
		rc = answer_read(a, fd);
	while (rc == 0);
	return rc;
}

static void wait_until(int64_t us)
{
	struct timespec t = { us / 1000000, us % 1000000 * 1000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

static void report(const struct options *o, const struct path *paths)
{
	printf("{\"paths\":[");
	for (int i = 0; i < o->n_list; i++) {
		const struct hist *h = &paths[i].hist;

		printf("%s{\"path\":", i ? "," : "");
		put_json_string(o->list[i], strlen(o->list[i]));
		printf(",\"n\":%llu,\"bytes\":%zu,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f}",
		       (unsigned long long)h->n, paths[i].bytes, hist_ms(h, 0.5), hist_ms(h, 0.99), hist_ms(h, 1));
	}
	printf("]}\n");
}

int load_get(const struct options *o)
{
	struct path *paths = calloc((size_t)o->n_list, sizeof(*paths));
	struct answer a = { 0 };
	int fd = host_connect(o);
	int64_t start = now_us(), end = start + (int64_t)(o->seconds * 1e6), n = 0;

	if (!paths || fd < 0) {
		fprintf(stderr, "load: cannot connect: %s\n", strerror(errno));
		return 1;
	}
	for (; now_us() < end; n++) {
		int i = (int)(n % o->n_list);
		int64_t sent;

		if (o->rate > 0)
			wait_until(start + (int64_t)((double)n / o->rate * 1e6));
		sent = now_us();
		if (get_one(o, fd, o->list[i], &a) < 0 || a.status != 200) {
			fprintf(stderr, "load: GET %s: status %d: %.300s\n", o->list[i], a.status,
				a.body ? a.ptr + a.body : "no answer");
			return 1;
		}
		hist_add(&paths[i].hist, now_us() - sent);
		if (a.need - a.body > paths[i].bytes)
			paths[i].bytes = a.need - a.body;
	}
	close(fd);
	report(o, paths);
	free(a.ptr);
	free(paths);
	return 0;
}
