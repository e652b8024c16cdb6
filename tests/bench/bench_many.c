/* SPDX-License-Identifier: BSD-2-Clause */
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/attacks.h"
#include "bench/bare.h"
#include "bench/load.h"
#include "bench/rows.h"
#include "bench/slow_disk.h"
#include "connections/server.h"
#include "log.h"
#include "peaks.h"
#include "service.h"
#include "json/parsed.h"

/*
 * make bench: what a request costs the daemon when 16 clients ask at once, beside a bare
 * loop of libevent and jansson that parses each request and builds and prints the same
 * answer; the rate of registrations; and what attacks do to others.
 */

enum { CLIENTS = 16, ROUNDS = 5, REQUESTS = 1000 };

static char folder[40] = "/tmp/mmp-bench-XXXXXX"; /* or in TMPDIR */

struct server_of {
	char socket[64];
	pid_t pid;
};

static void serve_daemon(const char *socket, int ready)
{
	struct event_base *base = event_base_new();
	struct listening listening = { 0 };
	char database[64];
	struct service *service;
	struct mmp_error err;

	signal(SIGPIPE, SIG_IGN);
	log_set_level("error", &err);
	snprintf(database, sizeof(database), "%s/database", folder);
	mmp_parsed_use_arenas();
	service = service_new(base, database, NULL, &err);
	if (!service || listen_open(&listening, socket, &err)) {
		fprintf(stderr, "bench: %s\n", err.text);
		_exit(1);
	}
	server_new(base, service->methods, service, &listening);
	if (write(ready, "", 1) == 1)
		loop_run(base);
	_exit(0);
}

static void start(struct server_of *server, const char *name,
		  void (*serve)(const char *socket, int ready))
{
	int ready[2];
	char byte;

	snprintf(server->socket, sizeof(server->socket), "%s/%s", folder, name);
	if (pipe(ready))
		exit(1);
	server->pid = fork();
	if (!server->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(server->socket, ready[1]);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		exit(1);
	close(ready[0]);
}

static void stop(const struct server_of *server)
{
	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
	unlink(server->socket);
}

/* --- the same request from all --- */

static const char *same(void *data, unsigned client, unsigned number)
{
	(void)client, (void)number;
	return data;
}

static double median(double *values, size_t count)
{
	for (size_t i = 1; i < count; i++)
		for (size_t at = i; at && values[at] < values[at - 1]; at--) {
			double moved = values[at];

			values[at] = values[at - 1];
			values[at - 1] = moved;
		}
	return values[count / 2];
}

static struct load_result run_same(const struct server_of *server, const char *request,
				   unsigned clients, unsigned depth, unsigned each)
{
	const struct load load = { server->socket, clients,         depth, each,
				   same,           (void *)request, 0 };
	struct load_result result = load_run(&load, server->pid);

	if (result.errors) {
		fprintf(stderr, "bench: %zu errors: %s", result.errors, request);
		exit(1);
	}
	return result;
}

static void compare(const struct server_of *daemon, const struct server_of *bare,
		    const char *name, const char *request, double target)
{
	double ours[ROUNDS], theirs[ROUNDS], ratios[ROUNDS];
	size_t bytes = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct load_result one =
			run_same(daemon, request, CLIENTS, CLIENTS, REQUESTS);
		struct load_result other =
			run_same(bare, request, CLIENTS, CLIENTS, REQUESTS);

		if (!i && one.bytes != other.bytes)
			fprintf(stderr, "bench: %s: %zu bytes, bare %zu\n", name,
				one.bytes / one.answers, other.bytes / other.answers);
		bytes = one.bytes / one.answers;
		ours[i] = one.cpu_seconds / (double)one.answers * 1e6;
		theirs[i] = other.cpu_seconds / (double)other.answers * 1e6;
		ratios[i] = ours[i] / theirs[i];
	}
	printf("%-20s %6zu bytes  %6.1f us of CPU, bare loop %6.1f us, ratio %5.2f "
	       "(target %.1f)\n",
	       name, bytes, median(ours, ROUNDS), median(theirs, ROUNDS),
	       median(ratios, ROUNDS), target);
}

static void measure_loop(const struct server_of *daemon)
{
	static char whoami[] =
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"service.whoami\"}\n";
	static char decode[] =
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"descriptor.decode\","
		"\"params\":"
		"{\"rules\":\"optee-4.10\",\"format\":\"lpae\",\"level\":3,"
		"\"descriptor\":\"0x006000000e100703\"}}\n";
	struct server_of bare;

	bare_answer_as(daemon->socket, whoami);
	bare_answer_as(daemon->socket, decode);
	start(&bare, "bare", bare_serve);
	printf("16 clients, 16 requests of each under way\n");
	compare(daemon, &bare, "service.whoami", whoami, 1.3);
	compare(daemon, &bare, "descriptor.decode", decode, 3);
	stop(&bare);
}

static void measure_rows(const struct server_of *daemon)
{
	struct rows_bench bench = { .folder = folder,
				    .daemon = daemon->socket,
				    .pid = daemon->pid };
	struct server_of bare;

	rows_prepare(daemon->socket);
	bare_answer_as(daemon->socket, rows_request());
	start(&bare, "bare", bare_serve);
	bench.bare = bare.socket;
	rows_measure(&bench);
	stop(&bare);
}

static struct server_of daemon_of; /* that the attacks have started last */

/* A daemon of its own for each attack, so that what it counts is of that attack. */
static void restart(void)
{
	stop(&daemon_of);
	start(&daemon_of, "socket", serve_daemon);
	chmod(daemon_of.socket, 0666);
}

static void measure_attacks(const struct server_of *daemon)
{
	char database[64];

	snprintf(database, sizeof(database), "%s/database", folder);
	attacks_measure(daemon->socket, database, restart);
}

/* clang-format off */
static const struct {
	const char *name;
	void (*measure)(const struct server_of *daemon);
} parts[] = {
	{ "loop", measure_loop },
	{ "rows", measure_rows },
	{ "attacks", measure_attacks },
};
/* clang-format on */

static void make_folder(void)
{
	const char *in = getenv("TMPDIR");
	int length = in ? snprintf(folder, sizeof(folder), "%s/mmp-bench-XXXXXX", in) : 0;

	if (length >= (int)sizeof(folder)) {
		fprintf(stderr,
			"bench: TMPDIR, \"%s\", has %zu bytes; at most %zu are "
			"possible\n",
			in, strlen(in), sizeof(folder) - sizeof("/mmp-bench-XXXXXX"));
		exit(1);
	}
	if (!mkdtemp(folder)) {
		perror(folder);
		exit(1);
	}
}

/* All parts, or the one that is named. */
int main(int argc, char **argv)
{
	char command[64], database[64];

	make_folder();
	slow_disk_init();
	chmod(folder, 0755);
	snprintf(database, sizeof(database), "%s/database", folder);
	attacks_prepare(database);
	start(&daemon_of, "socket", serve_daemon);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (argc < 2 || !strcmp(argv[1], parts[i].name))
			parts[i].measure(&daemon_of);
	stop(&daemon_of);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command) != 0;
}
