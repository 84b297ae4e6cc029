/* The load generator's parts: options, one connection's answers, latencies, and
 * the two modes. One thread; it talks HTTP/1.1 to a loopback address only. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BATCH_MAX       1000
#define CONNECTIONS_MAX 12000
#define LIST_MAX        4096 /* places or paths */

struct options {
	const char *host; /* "127.0.0.1" */
	int port;
	char token[256];
	int connections; /* that send */
	int idle;        /* that are opened, asked once for /healthz and then held */
	int batch;       /* events a request; 1: one bare event */
	bool screenings; /* of three people at a checkpoint; otherwise households */
	double warm_up, seconds;
	int64_t events;       /* at most; 0: no bound */
	char *list[LIST_MAX]; /* places to register in, checkpoints, or paths to get */
	int n_list;
	double rate; /* requests a second in get mode; 0: one after the other */
};

/* Microseconds, exact below 1,024, then to one part in 64. */
#define HIST_FINE  1024
#define HIST_STEPS 64
#define HIST_SIZE  (HIST_FINE + 40 * HIST_STEPS)

struct hist {
	uint64_t n, max;
	uint64_t buckets[HIST_SIZE];
};

void hist_add(struct hist *h, int64_t us);
/* In milliseconds; `q` from 0 to 1. */
double hist_ms(const struct hist *h, double q);

/* Bytes received of one answer. */
struct answer {
	char *ptr;
	size_t len, cap;
	size_t body; /* where the body begins; 0: headers not complete yet */
	size_t need; /* of the whole answer, once `body` is known */
	int status;
};

/* Reads what is there. 1: the answer is complete; 0: more is to come; -1: closed or malformed (errno 0: closed). */
int answer_read(struct answer *a, int fd);
void answer_clear(struct answer *a);
/* A connected socket, blocking, or -1. */
int host_connect(const struct options *o);
int64_t now_us(void);
/* Writes a string as JSON, whatever is in it. */
void put_json_string(const char *s, size_t len);

int load_post(const struct options *o);
int load_get(const struct options *o);

#endif
