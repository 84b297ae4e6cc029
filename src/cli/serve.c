/* lianfang serve: the store, the local socket and the HTTP server, from start
 * to a clean stop. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "app/control.h"
#include "app/courier.h"
#include "base/log.h"
#include "cli/cli.h"
#include "http/http.h"

#define LISTEN_OTHERWISE "127.0.0.1:8080"

static struct http *running; /* for the signal handler */

static void on_stop(int sig)
{
	(void)sig;
	http_stop(running);
}

static void watch_stop(struct http *h)
{
	const struct sigaction act = { .sa_handler = on_stop };

	running = h;
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
}

/* The host as one would type it into a browser: an empty or all-hearing one is this machine. */
static void print_address(const struct http_options *o, const struct http *h)
{
	const char *colon = strrchr(o->listen, ':');
	int len = colon ? (int)(colon - o->listen) : 0;
	const char *host = o->listen;

	if (len == 0 || strncmp(o->listen, "0.0.0.0:", 8) == 0 || strncmp(o->listen, "[::]:", 5) == 0) {
		host = "127.0.0.1";
		len = (int)strlen(host);
	}
	printf("%s://%.*s:%d\n", o->tls_cert ? "https" : "http", len, host, http_port(h));
	fflush(stdout);
}

static int run(struct app *a, const struct http_options *o, struct err *err)
{
	struct control *control = NULL;
	struct courier *courier = NULL;
	struct http *h = NULL;
	int r;

	if (app_start(a, err) < 0 || http_create(a, o, &h, err) < 0)
		return -1;
	r = control_start(a, cli_db(), &control, err);
	if (r == 0)
		r = courier_start(a, &courier, err);
	if (r == 0) {
		watch_stop(h);
		log_info("event=serving store=%s port=%d", store_url(app_store(a)), http_port(h));
		print_address(o, h);
		r = http_run(h, err);
		log_info("event=stopping");
	}
	courier_stop(courier);
	control_stop(control);
	/* A second signal from now on ends the process at once. */
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	http_destroy(h);
	return r;
}

/* HOST:PORT with a port there is; whether the host is one shows when it is opened. */
static bool is_address(const char *text)
{
	const char *colon = strrchr(text, ':');
	int64_t port;

	return colon && str_to_i64(str_of(colon + 1), &port) && port >= 0 && port <= 65535;
}

int cmd_serve(int argc, char **argv)
{
	const char *listen = cli_option("listen");
	const struct http_options o = { .listen = listen ? listen : LISTEN_OTHERWISE,
					.metrics = cli_option("metrics"),
					.tls_cert = cli_option("tls-cert"),
					.tls_key = cli_option("tls-key"),
					.log_requests = cli_switch("log-requests") };
	struct cli_store s;
	struct err err = { 0 };
	int r;

	(void)argc;
	(void)argv;
	if (!o.tls_cert != !o.tls_key)
		return cli_wrong("--tls-cert 与 --tls-key 要一起写", "--tls-cert and --tls-key go together");
	if (!is_address(o.listen))
		return cli_wrong("--listen 应为 HOST:PORT", "--listen takes HOST:PORT");
	if (o.metrics && !is_address(o.metrics))
		return cli_wrong("--metrics 应为 HOST:PORT", "--metrics takes HOST:PORT");
	if (cli_open(&s, CLI_ALONE, &err) < 0)
		return cli_error(&err);
	r = run(s.app, &o, &err);
	cli_close(&s);
	return r < 0 ? cli_error(&err) : CLI_DONE;
}
