/* /metrics in Prometheus' text form: the server's counters and the application's. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "http/server.h"

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP lianfang_%s %s\n# TYPE lianfang_%s %s\n", name, help, name, type);
}

static void put(struct buf *out, const char *name, const char *type, const char *help, int64_t value)
{
	head(out, name, type, help);
	buf_printf(out, "lianfang_%s %" PRId64 "\n", name, value);
}

static void put_seconds(struct buf *out, const char *name, const char *help, int64_t us, int64_t count)
{
	head(out, name, "summary", help);
	buf_printf(out, "lianfang_%s_sum %" PRId64 ".%06d\nlianfang_%s_count %" PRId64 "\n", name, us / 1000000,
		   (int)(us % 1000000), name, count);
}

/* Resident memory in bytes, 0 when the system does not tell. */
static int64_t resident(void)
{
	char line[128] = "", *second;
	FILE *f = fopen("/proc/self/statm", "re");

	if (!f)
		return 0;
	second = fgets(line, sizeof(line), f) ? strchr(line, ' ') : NULL;
	fclose(f);
	return second ? strtoll(second, NULL, 10) * sysconf(_SC_PAGESIZE) : 0;
}

static void put_http(struct buf *out, const struct http *h)
{
	head(out, "http_requests_total", "counter", "Requests answered, by status.");
	for (size_t i = 0; i < ARRAY_LEN(h->counters.by_status); i++)
		if (h->counters.by_status[i])
			buf_printf(out, "lianfang_http_requests_total{status=\"%zu\"} %" PRId64 "\n", i,
				   h->counters.by_status[i]);
	put_seconds(out, "http_request_seconds", "Time from the headers' end to the answer's.", h->counters.us_sum,
		    h->counters.count);
	put(out, "http_connections", "gauge", "Open connections.", (int64_t)h->connections);
	put(out, "http_connections_total", "counter", "Connections accepted.", h->counters.accepted);
	put(out, "http_requests_waiting", "gauge", "Requests at the writer or the readers.", (int64_t)h->suspended);
	put(out, "http_streams", "gauge", "Live pages open.", (int64_t)h->n_streams);
	put(out, "http_stream_resets_total", "counter", "Live pages told to read anew.", h->counters.resets);
	put(out, "http_body_bytes", "gauge", "Memory held by large bodies.", (int64_t)h->bodies);
	put(out, "http_answer_bytes", "gauge", "Memory held by answers being read.", (int64_t)h->answers);
	put(out, "http_too_slow_total", "counter", "Connections closed for breaking a deadline.", h->counters.dropped);
	put(out, "http_hung_up_total", "counter", "Requests whose client was gone before their turn.",
	    h->counters.hung_up);
	put(out, "http_busy_total", "counter", "Requests answered with 503.", h->counters.over);
	put(out, "client_clocks_total", "counter", "Requests that carried the client's clock.", h->counters.clocks);
	put(out, "client_clocks_off_total", "counter", "Those more than two minutes off.", h->counters.clocks_off);
}

static void put_app(struct buf *out, struct app *app)
{
	struct app_metrics m = { 0 };

	app_metrics(app, &m);
	put(out, "events_recorded_total", "counter", "Events recorded.", m.recorded);
	put(out, "events_duplicate_total", "counter", "Events that were there already.", m.duplicates);
	put(out, "events_refused_total", "counter", "Events refused.", m.refused);
	put_seconds(out, "commit_seconds", "Time of the store's commits.", m.commit_us_sum, m.commits);
	put(out, "queue_depth", "gauge", "Submissions waiting for the writer.", m.queue_depth);
	put(out, "queue_full_total", "counter", "Submissions turned away by a full queue.", m.queue_full);
	put(out, "ledger_size", "gauge", "Entries in the ledger.", m.size);
	put(out, "outbox_waiting", "gauge", "Messages on their way out.", m.outbox_waiting);
	put(out, "outbox_dead", "gauge", "Messages given up.", m.outbox_dead);
	put(out, "outbox_delivered_total", "counter", "Messages delivered.", m.outbox_delivered);
	put(out, "outbox_failed_total", "counter", "Failed tries to deliver one.", m.outbox_failed);
	put_seconds(out, "read_seconds", "Time of views.", m.read_us_sum, m.reads);
}

void metrics_get(struct exchange *ex)
{
	put_http(&ex->out, ex->http);
	put_app(&ex->out, ex->http->app);
	put(&ex->out, "resident_bytes", "gauge", "Resident memory of the process.", resident());
	exchange_answer(ex, 200, "text/plain; version=0.0.4; charset=utf-8", ANSWER_CACHE_NO);
}
