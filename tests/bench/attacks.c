/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/attacks.h"

#include <jansson.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/load.h"
#include "bench/platforms.h"
#include "doc/platform.h"
#include "store/store.h"

enum {
	SAMPLES = 300,
	SECONDS = 20, /* of one attack */
	SHARE_SECONDS = 8,
	MANY = 100000,
	NOBODY = 65534,
	REPORT_BYTES = 50000,
	JOBS = 1000,
	ATTACKERS = 30,
};

/* --- requests --- */

/* A request line with a document of so many registrations; every line is the caller's. */
static char *document_line(const char *method, const char *key, struct mmp_platform *take,
			   const char *name)
{
	json_t *document = mmp_platform_write(take), *params = json_object(), *request;
	char *text, *line;

	if (name)
		json_object_set_new(document, "name", json_string(name));
	json_object_set_new(params, key, document);
	request = json_pack("{s:s, s:i, s:s, s:o}", "jsonrpc", "2.0", "id", 1, "method",
			    method, "params", params);
	text = json_dumps(request, JSON_COMPACT);
	if (asprintf(&line, "%s\n", text) < 0)
		exit(1);
	free(text);
	json_decref(request);
	mmp_platform_free(take);
	return line;
}

static void send_line(int fd, const char *line)
{
	size_t left = strlen(line);

	while (left) {
		ssize_t sent = write(fd, line, left);

		if (sent <= 0)
			_exit(0);
		line += sent;
		left -= (size_t)sent;
	}
}

static char *answer; /* the last one */

static void read_line(FILE *in)
{
	static size_t room;

	if (getline(&answer, &room, in) <= 0)
		_exit(0);
}

static void ask_once(const char *socket, const char *line)
{
	int fd = load_connect(socket);
	FILE *in = fdopen(fd, "r");

	send_line(fd, line);
	read_line(in);
	fclose(in);
}

/* --- attacks: each runs in a process of its own until it is killed --- */

static const char *get_many(void *data, unsigned client, unsigned number)
{
	(void)client, (void)number;
	return data;
}

static void attack_get(const char *socket)
{
	static char line[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"platform.get\","
			     "\"params\":{\"name\":\"many\"}}\n";
	const struct load load = { socket, ATTACKERS, 4, 1000, get_many, line, 0 };

	load_run(&load, 0);
}

static void attack_list(const char *socket)
{
	static char line[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"job.list\"}\n";
	const struct load load = { socket, ATTACKERS, 4, 100000, get_many, line, 0 };

	load_run(&load, 0);
}

/* Computations whose client leaves at once. */
static void abandon(const char *socket, const char *line)
{
	for (;;) {
		int fds[ATTACKERS];

		for (int i = 0; i < ATTACKERS; i++) {
			fds[i] = load_connect(socket);
			send_line(fds[i], line);
		}
		for (int i = 0; i < ATTACKERS; i++)
			close(fds[i]);
	}
}

static void attack_abandon(const char *socket)
{
	abandon(socket, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"layout.compute\","
			"\"params\":{\"platform\":\"many\",\"detail\":\"map\"}}\n");
}

static void attack_budget(const char *socket)
{
	abandon(socket, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"layout.budget\","
			"\"params\":{\"platform\":\"nested\"}}\n");
}

static void attack_sweep(const char *socket)
{
	static char line[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"layout.sweep\","
			     "\"params\":{\"platform\":\"real_aslr\"}}\n";
	const struct load load = { socket, 16, 4, 100000, get_many, line, 0 };

	load_run(&load, 0);
}

/* The end of a job that is watched 3,200 times, again and again. */
static void attack_watch(const char *socket)
{
	static const char sweep[] =
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"layout.sweep\",\"params\":"
		"{\"platform\":\"real_aslr\"}}\n";
	int fds[100];

	for (int i = 0; i < 100; i++)
		fds[i] = load_connect(socket);
	for (unsigned job = JOBS + 1;; job++) {
		char line[128], bytes[65536];

		ask_once(socket, sweep);
		snprintf(line, sizeof(line),
			 "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"job.watch\","
			 "\"params\":{\"job\":%u}}\n",
			 job);
		for (int i = 0; i < 3200; i++)
			send_line(fds[i % 100], line);
		snprintf(line, sizeof(line),
			 "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"job.cancel\","
			 "\"params\":{\"job\":%u}}\n",
			 job);
		ask_once(socket, line);
		for (int i = 0; i < 100; i++)
			while (recv(fds[i], bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
				continue;
	}
}

static const char *locked; /* the database */

/* Another program that keeps the database locked for 1.5 s at a time. */
static void attack_lock(const char *socket)
{
	sqlite3 *db;

	(void)socket;
	if (sqlite3_open(locked, &db) != SQLITE_OK)
		_exit(1);
	for (;;) {
		sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
		usleep(1500000);
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	}
}

/* clang-format off */
static const struct {
	const char *name;
	void (*run)(const char *socket); /* NULL: nothing */
	bool as_us; /* it opens files of ours */
} attacks[] = {
	{ "idle",                                     NULL,           false },
	{ "30 clients x platform.get of 100,000",     attack_get,     false },
	{ "job.list with 1,000 large reports",        attack_list,    false },
	{ "the end of a job watched 3,200 times",     attack_watch,   false },
	{ "a lock on the database from outside",      attack_lock,    true },
	{ "abandoned layout.budget of 100,000",       attack_budget,  false },
	{ "abandoned layout.compute of 100,000",      attack_abandon, false },
	{ "64 sweeps",                                attack_sweep,   false },
};
/* clang-format on */

static pid_t start_attack(size_t number, const char *socket)
{
	pid_t pid = attacks[number].run ? fork() : -1;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!attacks[number].as_us && !geteuid() && setuid(NOBODY))
		_exit(1);
	attacks[number].run(socket);
	_exit(0);
}

/* --- the other user --- */

static int by_size(const void *one, const void *other)
{
	double a = *(const double *)one, b = *(const double *)other;

	return (a > b) - (a < b);
}

static void print_times(double times[SAMPLES], size_t count)
{
	qsort(times, count, sizeof(double), by_size);
	printf(" %8.2f %8.2f %8.2f", times[count / 2] * 1e3,
	       times[count * 99 / 100] * 1e3, times[count - 1] * 1e3);
}

static double time_of(int fd, FILE *in, const char *line)
{
	double from = load_now();

	send_line(fd, line);
	read_line(in);
	return load_now() - from;
}

/* A gauge of the daemon, in ms. */
static double longest_of(int fd, FILE *in, const char *what)
{
	static const char metrics[] =
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"service.metrics\"}\n";
	char wanted[80];
	const char *found;

	send_line(fd, metrics);
	read_line(in);
	snprintf(wanted, sizeof(wanted), "mmpd_longest_seconds{of=\\\"%s\\\"} ", what);
	found = strstr(answer, wanted);
	return found ? strtod(found + strlen(wanted), NULL) * 1e3 : -1;
}

static void end_of(pid_t attacker)
{
	if (attacker <= 0)
		return;
	kill(attacker, SIGKILL);
	waitpid(attacker, NULL, 0);
}

static void measure_attack(size_t number, const char *socket, const char *compute)
{
	static const char info[] =
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"service.info\"}\n";
	double infos[SAMPLES], computes[SAMPLES], until;
	pid_t attacker = start_attack(number, socket);
	int fd = load_connect(socket);
	FILE *in = fdopen(fd, "r");
	size_t count = 0;

	usleep(300000); /* it has begun */
	for (until = load_now() + SECONDS; count < SAMPLES && load_now() < until;) {
		infos[count] = time_of(fd, in, info);
		computes[count++] = time_of(fd, in, compute);
	}
	end_of(attacker);
	printf("%-40s", attacks[number].name);
	print_times(infos, count);
	print_times(computes, count);
	printf(" %8.2f %8.2f %6zu\n", longest_of(fd, in, "turn"),
	       longest_of(fd, in, "store_step"), count);
	fflush(stdout);
	fclose(in);
}

/* --- the share of each of several users --- */

/* clang-format off */
static const struct {
	uid_t uid;
	unsigned clients, depth;
} sharers[] = {
	{ NOBODY,     30, 4 },
	{ NOBODY - 1,  4, 4 },
	{ NOBODY - 2,  1, 4 },
};
/* clang-format on */

enum { SHARERS = sizeof(sharers) / sizeof(sharers[0]) };

static void ask_as(size_t number, const char *socket, const char *line, int result)
{
	const struct load load = { .socket = socket,
				   .clients = sharers[number].clients,
				   .depth = sharers[number].depth,
				   .each = 1000000,
				   .request = get_many,
				   .data = (void *)line,
				   .seconds = SHARE_SECONDS };
	struct load_result done;

	if (!geteuid() && setuid(sharers[number].uid))
		_exit(1);
	done = load_run(&load, 0);
	_exit(write(result, &done.answers, sizeof(done.answers)) < 0);
}

static void measure_shares(const char *socket, const char *what, const char *line)
{
	size_t answers[SHARERS], all = 0;
	int results[SHARERS][2];

	for (size_t i = 0; i < SHARERS; i++) {
		if (pipe(results[i]))
			exit(1);
		if (!fork())
			ask_as(i, socket, line, results[i][1]);
		close(results[i][1]);
	}
	for (size_t i = 0; i < SHARERS; i++) {
		if (read(results[i][0], &answers[i], sizeof(answers[i])) < 0)
			exit(1);
		close(results[i][0]);
		wait(NULL);
		all += answers[i];
	}
	printf("%-40s", what);
	for (size_t i = 0; i < SHARERS; i++)
		printf("  %2u x %u: %6zu, %4.2f of fair", sharers[i].clients,
		       sharers[i].depth, answers[i],
		       (double)(answers[i] * SHARERS) / (double)all);
	printf("\n");
}

void attacks_prepare(const char *database)
{
	char *report = malloc(REPORT_BYTES + 1);
	struct mmp_store *store;
	struct mmp_error err;
	struct mmp_job_row row = {
		.kind = "sweep",
		.state = MMP_JOB_RUNNING,
		.build = "",
		.board = "",
		.by = { .user = "eva", .time = "2026-01-01T00:00:00.000Z" },
		.host = "",
	};

	memset(report, 'x', REPORT_BYTES);
	report[0] = report[REPORT_BYTES - 1] = '"';
	report[REPORT_BYTES] = '\0';
	bench_must(mmp_store_open(database, &store, &err), &err);
	mmp_store_group_begin(store);
	for (int i = 0; i < JOBS; i++) {
		struct mmp_job_row end = { .state = MMP_JOB_DONE,
					   .ended = row.by.time,
					   .report = report };

		bench_must(mmp_store_job_new(store, &row, &end.id, &err), &err);
		bench_must(mmp_store_job_end(store, &end, MMP_OUTCOME_UNKNOWN, &err),
			   &err);
	}
	bench_must(mmp_store_group_end(store, &err), &err);
	mmp_store_close(store);
	free(report);
}

void attacks_measure(const char *socket, const char *database, void (*restart)(void))
{
	char *compute = document_line("layout.compute", "platform",
				      bench_platform("optee-4.10", 501), NULL);
	char *put = document_line("platform.put", "document",
				  bench_platform("optee-4.10", MANY), "many");

	locked = database;
	chmod(socket, 0666);
	ask_once(socket, put);
	free(put);
	put = document_line("platform.put", "document",
			    bench_overlapping("optee-4.10", MANY), "nested");
	ask_once(socket, put);
	free(put);
	put = document_line("platform.put", "document",
			    bench_platform("optee-4.10", 10000), "ten");
	ask_once(socket, put);
	free(put);
	put = document_line("platform.put", "document", bench_qemu(0), NULL);
	ask_once(socket, put);
	free(put);
	printf("Another user's calls, ms                   service.info               "
	       "layout.compute of 501 regions   of a processor\n"
	       "%-40s %8s %8s %8s %8s %8s %8s %8s %8s %6s\n",
	       "while", "p50", "p99", "worst", "p50", "p99", "worst", "loop", "store",
	       "calls");
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		restart();
		measure_attack(i, socket, compute);
	}
	restart();
	printf("Three users at once: clients x requests under way, answers, share\n");
	measure_shares(socket, "layout.compute of 501 regions", compute);
	measure_shares(socket, "layout.compute of 10,000, kept",
		       "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"layout.compute\","
		       "\"params\":{\"platform\":\"ten\",\"detail\":\"map\"}}\n");
	measure_shares(socket, "service.info",
		       "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"service.info\"}\n");
	free(compute);
}
