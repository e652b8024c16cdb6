/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/rows.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bare_rows.h"
#include "bench/load.h"
#include "bench/platforms.h"
#include "bench/slow_disk.h"
#include "doc/platform.h"

enum { CLIENTS = 16, ROWS = 64, ROUNDS_MAX = 5, SYNCS_MIN = 20 };

#define SYNC_SECONDS 0.1 /* for which fdatasync is measured at least */

/* --- fdatasync --- */

/* Each time in the same way: a new file, to which pages are appended. */
static double sync_rate(const char *folder)
{
	static const char page[4096];
	char path[96];
	unsigned count = 0;
	double from, took;
	int fd;

	snprintf(path, sizeof(path), "%s/synced", folder);
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	from = load_now();
	do {
		if (write(fd, page, sizeof(page)) < 0 || fdatasync(fd)) {
			perror("bench: fdatasync");
			exit(1);
		}
		took = load_now() - from;
	} while (++count < SYNCS_MIN || took < SYNC_SECONDS);
	close(fd);
	return count / took;
}

/* --- requests --- */

static const char *same(void *data, unsigned client, unsigned number)
{
	(void)client, (void)number;
	return data;
}

static void put_platform(const char *daemon, struct mmp_platform *platform, int number)
{
	json_t *document = mmp_platform_write(platform), *request;
	char name[32], *line, *with_end;
	struct load load = { daemon, 1, 1, 1, same, NULL, 0 };

	snprintf(name, sizeof(name), "desk-%d", number);
	json_object_set_new(document, "name", json_string(name));
	request = json_pack("{s:s, s:i, s:s, s:{s:o}}", "jsonrpc", "2.0", "id", 1,
			    "method", "platform.put", "params", "document", document);
	line = json_dumps(request, JSON_COMPACT);
	if (asprintf(&with_end, "%s\n", line) < 0)
		exit(1);
	load.data = with_end;
	if (load_run(&load, 0).errors) {
		fprintf(stderr, "bench: platform.put was refused\n");
		exit(1);
	}
	free(with_end);
	free(line);
	json_decref(request);
}

void rows_prepare(const char *daemon)
{
	struct mmp_platform *platform = bench_qemu(0);

	for (int i = 0; i < CLIENTS; i++)
		put_platform(daemon, platform, i);
	mmp_platform_free(platform);
}

/* Pages of their own, so that the platform goes on booting as far as it can. */
static const char *register_one(void *data, unsigned client, unsigned number)
{
	static unsigned registered;
	static char line[256];
	const unsigned *platforms = data;

	(void)number;
	snprintf(
		line, sizeof(line),
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"region.register\",\"params\":"
		"{\"platform\":\"desk-%u\",\"type\":\"MEM_AREA_IO_SEC\",\"name\":"
		"\"D%u\",\"addr\":\"0x%x\",\"size\":\"0x1000\"}}\n",
		client % *platforms, registered, 0x10000000 + 0x1000 * registered);
	registered++;
	return line;
}

const char *rows_request(void)
{
	unsigned platforms = 1;

	return register_one(&platforms, 0, 0);
}

/* --- the rows of a table --- */

struct outcome {
	double rate; /* registrations a second */
	double a_sync; /* registrations for each fdatasync of SQLite; 0: it was not called */
	double cpu_us; /* of the server for one; 0: not known */
};

struct row {
	const char *name;
	struct outcome (*once)(const struct rows_bench *bench, const struct row *row);
	unsigned platforms; /* of the requests */
	unsigned depth;     /* unanswered requests of each client */
	double target;      /* times fdatasync; 0: none */
};

static struct outcome run_load(const char *socket, pid_t pid, const struct row *row)
{
	unsigned platforms = row->platforms;
	const struct load load = { socket,       CLIENTS,    row->depth, ROWS,
				   register_one, &platforms, 0 };
	struct load_result result = load_run(&load, pid);

	if (result.errors) {
		fprintf(stderr, "bench: region.register: %zu errors\n", result.errors);
		exit(1);
	}
	return (struct outcome){ .rate = (double)result.answers / result.seconds,
				 .cpu_us = result.cpu_seconds / (double)result.answers *
					   1e6 };
}

/* SQLite must have called our fdatasync, or a slower disk would have no effect. */
static double rows_a_sync(unsigned long calls_before)
{
	unsigned long calls = slow_disk_calls() - calls_before;

	if (calls)
		return (double)(ROWS * CLIENTS) / (double)calls;
	fprintf(stderr, "bench: SQLite does not call the fdatasync of this program\n");
	exit(1);
}

static struct outcome answer_only(const struct rows_bench *bench, const struct row *row)
{
	return run_load(bench->bare, 0, row);
}

static struct outcome write_only(const struct rows_bench *bench, const struct row *row)
{
	unsigned long calls = slow_disk_calls();
	double rate = bare_rows_rate(bench->folder, ROWS * CLIENTS, CLIENTS * row->depth);

	return (struct outcome){ .rate = rate, .a_sync = rows_a_sync(calls) };
}

/* The platforms are put anew each time, so that they do not grow. */
static struct outcome register_rows(const struct rows_bench *bench, const struct row *row)
{
	struct outcome outcome;
	unsigned long calls;

	rows_prepare(bench->daemon);
	calls = slow_disk_calls();
	outcome = run_load(bench->daemon, bench->pid, row);
	outcome.a_sync = rows_a_sync(calls);
	return outcome;
}

/* clang-format off */
static const struct row rows[] = {
	{ "answered, nothing stored, 16 x  1",         answer_only,   16,  1,  0 },
	{ "answered, nothing stored, 16 x 16",         answer_only,   16, 16,  0 },
	{ "bare SQLite,  16 in a transaction",         write_only,     0,  1,  0 },
	{ "bare SQLite, 256 in a transaction",         write_only,     0, 16,  0 },
	{ "region.register 16 x  1 into 16 platforms", register_rows, 16,  1,  4 },
	{ "region.register 16 x 16 into 16 platforms", register_rows, 16, 16, 50 },
	{ "region.register 16 x  1 into  1 platform",  register_rows,  1,  1,  4 },
	{ "region.register 16 x 16 into  1 platform",  register_rows,  1, 16, 50 },
};
/* clang-format on */

enum { COUNT = sizeof(rows) / sizeof(rows[0]) };

/* --- tables --- */

struct table {
	unsigned rounds;
	double syncs[ROUNDS_MAX *
		     COUNT]; /* the rates of fdatasync, one before each row */
	double rates[COUNT][ROUNDS_MAX], cpu_us[COUNT][ROUNDS_MAX];
	double a_sync[COUNT][ROUNDS_MAX];
};

static int compare(const void *one, const void *other)
{
	const double *a = one, *b = other;

	return (*a > *b) - (*a < *b);
}

static double median(double *values, unsigned count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 2];
}

/* The rows take turns, so that each has its share of what else happens on the machine. */
static void fill_table(const struct rows_bench *bench, struct table *table)
{
	for (unsigned round = 0; round < table->rounds; round++) {
		for (unsigned i = 0; i < COUNT; i++) {
			struct outcome outcome;

			table->syncs[round * COUNT + i] = sync_rate(bench->folder);
			outcome = rows[i].once(bench, &rows[i]);
			table->rates[i][round] = outcome.rate;
			table->cpu_us[i][round] = outcome.cpu_us;
			table->a_sync[i][round] = outcome.a_sync;
		}
	}
}

static void print_row(const struct row *row, double rate, double syncs, double a_sync,
		      double cpu_us)
{
	printf("  %-42s %8.0f %7.1f", row->name, rate, rate / syncs);
	if (row->target > 0)
		printf(" %7.0f  %-3s", row->target,
		       rate / syncs >= row->target ? "yes" : "no");
	else
		printf(" %7s  %-3s", "-", "-");
	if (a_sync > 0)
		printf(" %9.1f", a_sync);
	if (cpu_us > 0)
		printf(" %8.1f", cpu_us);
	printf("\n");
}

/* The rate of fdatasync, and the range of eight in ten. */
static double print_syncs(const char *name, double *syncs, unsigned count)
{
	double middle = median(syncs, count), low = syncs[count / 10],
	       high = syncs[count - 1 - count / 10];

	printf("%s: fdatasync of 4 KiB %.0f a second (median of %u, mostly %.0f to "
	       "%.0f)\n",
	       name, middle, count, low, high);
	if (high > 2 * low)
		printf("  The disk is busy with other work: its rate changes too much to "
		       "compare with.\n");
	return middle;
}

/* Returns the rate of fdatasync. */
static double print_table(const char *name, struct table *table)
{
	double syncs = print_syncs(name, table->syncs, table->rounds * COUNT);

	printf("  %-42s %8s %7s %7s  %-3s %9s %8s\n", "", "a second", "times", "target",
	       "met", "for each", "us CPU");
	for (unsigned i = 0; i < COUNT; i++)
		print_row(&rows[i], median(table->rates[i], table->rounds), syncs,
			  median(table->a_sync[i], table->rounds),
			  median(table->cpu_us[i], table->rounds));
	fflush(stdout);
	return syncs;
}

/* A disk of that many fdatasync a second, or this one as it is (0). */
static double measure_disk(const struct rows_bench *bench, unsigned syncs)
{
	struct table table = { .rounds = syncs ? ROUNDS_MAX - 2 : ROUNDS_MAX };
	char name[80] = "This disk as it is";

	if (syncs)
		snprintf(name, sizeof(name),
			 "Delayed, as on a disk of %u fdatasync a second", syncs);
	slow_disk_set(syncs);
	fill_table(bench, &table);
	slow_disk_set(0);
	return print_table(name, &table);
}

void rows_measure(const struct rows_bench *bench)
{
	static const unsigned slower[] = { 3000, 1000, 300 };
	double fastest;

	printf("Registrations, as times the rate of fdatasync, and for each fdatasync of "
	       "SQLite\n");
	fastest = measure_disk(bench, 0);
	for (size_t i = 0; i < sizeof(slower) / sizeof(slower[0]); i++) {
		if (slower[i] < fastest)
			measure_disk(bench, slower[i]);
		else
			printf("Not as on a disk of %u: this one is not faster\n",
			       slower[i]);
	}
}
