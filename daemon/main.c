/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/limits.h"
#include "connections/http.h"
#include "connections/listen.h"
#include "connections/server.h"
#include "log.h"
#include "peaks.h"
#include "person.h"
#include "service.h"
#include "settings.h"
#include "watchdog.h"
#include "json/parsed.h"

struct daemon_options {
	const char *socket, *database, *level;
	const char *lines[MMP_LINES_MAX]; /* patterns of lines to boards */
	size_t line_count;
	const char *keys;    /* NULL: next to the database */
	const char *config;  /* NULL: the default path */
	const char *host;    /* NULL: the machine's name */
	const char *metrics; /* address for GET /metrics; NULL: off */
	const char *client;  /* number of an open descriptor; NULL: listen */
};

/* clang-format off */
static const struct {
	struct option option;
	const char *value, *about;
} table[] = {
	{ { "socket",    required_argument, NULL, 's' }, "PATH",
	  "listen on this socket; ignored if systemd passes one" },
	{ { "database",  required_argument, NULL, 'd' }, "PATH", "the database; created if it does not exist; or postgresql://USER@HOST/NAME" },
	{ { "line",      required_argument, NULL, 'n' }, "PATTERN",
	  "allow lines to boards that match it, such as \"serial:/dev/serial/by-id/*\"; may be repeated" },
	{ { "keys",      required_argument, NULL, 'k' }, "FOLDER",
	  "keep the keys that sign builds there; by default next to the database" },
	{ { "host",      required_argument, NULL, 'o' }, "NAME",
	  "name of this mmpd if several share a database postgresql://...; by default that of the machine" },
	{ { "config",    required_argument, NULL, 'f' }, "PATH",
	  "roles and limits; by default " SETTINGS_PATH ", if it exists" },
	{ { "metrics",   required_argument, NULL, 'm' }, "ADDRESS",
	  "answer GET /metrics over HTTP at unix:/path, 127.0.0.1:PORT or [::1]:PORT; off by default" },
	{ { "log-level", required_argument, NULL, 'l' }, "LEVEL", "error, warning, info or debug" },
	{ { "client",    required_argument, NULL, 'c' }, "FD",
	  "serve one client on this open socket, with the database in memory, and exit with it" },
	{ { "version",   no_argument,       NULL, 'V' }, NULL, "print the version and exit" },
	{ { "help",      no_argument,       NULL, 'h' }, NULL, "print this and exit" },
};
/* clang-format on */

enum { OPTIONS = sizeof(table) / sizeof(table[0]) };

static void print_help(const struct daemon_options *defaults)
{
	printf("Usage: mmpd [OPTION...]\n"
	       "The memory map policy service, in the foreground.\n\n");
	for (size_t i = 0; i < OPTIONS; i++) {
		char words[40];

		snprintf(words, sizeof(words), "--%s %s", table[i].option.name,
			 table[i].value ? table[i].value : "");
		printf("  %-20s %s\n", words, table[i].about);
	}
	printf("\nWithout options: --socket %s --database %s --log-level %s,\n"
	       "and any serial line and unix socket, but TCP only to this machine.\n"
	       "SIGTERM and SIGINT end it. The exit status is 0, or that of the error, "
	       "as\n"
	       "mmpctl --help lists them.\n",
	       defaults->socket, defaults->database, defaults->level);
}

/* 1: go on; 0: done; -1: wrong usage, already reported by getopt. */
static int parse_options(int argc, char **argv, struct daemon_options *options)
{
	const struct daemon_options defaults = *options;
	struct option rows[OPTIONS + 1] = { 0 };
	int letter;

	for (size_t i = 0; i < OPTIONS; i++)
		rows[i] = table[i].option;
	while ((letter = getopt_long(argc, argv, "", rows, NULL)) != -1) {
		if (letter == 's')
			options->socket = optarg;
		else if (letter == 'd')
			options->database = optarg;
		else if (letter == 'o')
			options->host = optarg;
		else if (letter == 'f')
			options->config = optarg;
		else if (letter == 'l')
			options->level = optarg;
		else if (letter == 'n' && options->line_count < MMP_LINES_MAX)
			options->lines[options->line_count++] = optarg;
		else if (letter == 'n')
			return fprintf(stderr, "mmpd: more than %d --line\n",
				       MMP_LINES_MAX),
			       -1;
		else if (letter == 'k')
			options->keys = optarg;
		else if (letter == 'm')
			options->metrics = optarg;
		else if (letter == 'c')
			options->client = optarg;
		else if (letter == 'V')
			return puts("mmpd " PACKAGE_VERSION), 0;
		else if (letter == 'h')
			return print_help(&defaults), 0;
		else
			return -1;
	}
	if (optind == argc)
		return 1;
	fprintf(stderr, "mmpd: \"%s\": mmpd takes options, but no arguments\n",
		argv[optind]);
	return -1;
}

static void on_end(evutil_socket_t number, short what, void *data)
{
	(void)what;
	log_info("signal %d: ending", (int)number);
	event_base_loopexit(data, NULL);
}

static void feed_watchdog(void *data, bool is_alive)
{
	(void)data;
	if (is_alive)
		sd_notify(0, "WATCHDOG=1");
}

/*
 * SIGHUP is read instead of handled: of a storm of them, one waits, and the others cost
 * nothing. Returns the descriptor, or -1 with *err.
 */
static int open_hang_ups(struct mmp_error *err)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		mmp_fail(err, MMP_SYSTEM, "a descriptor for SIGHUP: %s", strerror(errno));
	return fd;
}

static void on_hang_up(evutil_socket_t fd, short what, void *data)
{
	struct signalfd_siginfo info;

	(void)what;
	if (read(fd, &info, sizeof(info)) == sizeof(info))
		service_reload(data);
}

static void run_loop(struct event_base *base, struct service *service, int hang_ups)
{
	struct event *on_hup =
		event_new(base, hang_ups, EV_READ | EV_PERSIST, on_hang_up, service);
	struct event *on_term = evsignal_new(base, SIGTERM, on_end, base);
	struct event *on_int = evsignal_new(base, SIGINT, on_end, base);
	struct watchdog *watchdog = NULL;
	uint64_t watchdog_us;

	event_add(on_term, NULL);
	event_add(on_int, NULL);
	event_add(on_hup, NULL);
	if (sd_watchdog_enabled(1, &watchdog_us) > 0)
		watchdog = watchdog_new(service, watchdog_us, feed_watchdog, NULL);
	sd_notify(0, "READY=1");
	loop_run(base);
	sd_notify(0, "STOPPING=1");
	event_free(on_term);
	event_free(on_int);
	event_free(on_hup);
	watchdog_free(watchdog);
}

/* A private daemon, started by mmpctl --local with a socket pair. */
static int serve_client(const struct daemon_options *options, int hang_ups,
			struct mmp_error *err)
{
	struct listening none = { 0 };
	struct event_base *base = event_base_new();
	struct service *service = service_new(base, MMP_STORE_MEMORY, NULL, err);
	int fd = !service ? -1 : listen_client(options->client, err);
	struct server *server = NULL;

	if (fd >= 0) {
		server = server_new(base, service->methods, service, &none);
		server_serve_one(server, fd);
		run_loop(base, service, hang_ups);
	}
	server_free(server);
	service_free(service);
	event_base_free(base);
	return fd < 0 ? -1 : 0;
}

static int read_settings(struct service *service, const struct daemon_options *options,
			 struct mmp_error *err)
{
	service->settings_path = options->config;
	return service_settings(service, err);
}

/*
 * Set up the parts of the daemon in order of dependency, and tear them down in reverse.
 */
static int serve(const struct daemon_options *options, int hang_ups,
		 struct mmp_error *err)
{
	struct listening listening = { 0 };
	struct event_base *base = event_base_new();
	struct service *service =
		service_new(base, options->database, options->host, err);
	int failed = service ? read_settings(service, options, err) ||
				       listen_open(&listening, options->socket, err)
			     : -1;
	bool own_socket = listening.path;
	struct http *http = NULL;
	struct server *server = NULL;

	if (!failed && options->metrics)
		failed = http_new(service, options->metrics, &http, err);
	if (!failed)
		server = server_new(base, service->methods, service, &listening);
	else
		listen_close(&listening);

	if (server && options->keys)
		service_keys_in(service, options->keys);
	if (server && options->line_count) {
		service->lines = options->lines;
		service->line_count = options->line_count;
	}
	if (server) {
		log_info("version %s: database %s, socket %s", PACKAGE_VERSION,
			 mmp_store_path(service->store),
			 own_socket ? options->socket : "of systemd");
		run_loop(base, service, hang_ups);
	}
	server_free(server);
	http_free(http);
	service_free(service);
	event_base_free(base);
	return failed;
}

/* Writing to a closed line or a full disk shall fail instead of ending the process. */
static void ignore_signals(void)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

int main(int argc, char **argv)
{
	struct daemon_options options = {
		.socket = person_socket(),
		.database = person_database("/var/lib/mmpd/mmpd.db"),
		.level = "info",
	};
	int more = parse_options(argc, argv, &options), hang_ups;
	struct mmp_error err = { 0 };

	mmp_parsed_use_arenas();
	if (more <= 0)
		return more ? mmp_code_info(MMP_INVALID)->exit : 0;
	ignore_signals();
	umask(umask(S_IRWXO) | S_IRWXO); /* other users may not use its files */
	hang_ups = open_hang_ups(&err);
	if (hang_ups < 0 || log_set_level(options.level, &err) ||
	    (options.client ? serve_client : serve)(&options, hang_ups, &err)) {
		log_error("%s", err.text);
		return mmp_code_info(err.code)->exit;
	}
	close(hang_ups);
	peaks_log();
	log_info("ended");
	return 0;
}
