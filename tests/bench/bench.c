/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/platforms.h"
#include "doc/platform.h"
#include "policy/policy.h"
#include "study/sweep.h"
#include "tables/layout.h"

/*
 * make bench: what computing costs. Prints a table for people, and with --json one
 * object for scripts; see README.md beside this. Asserts nothing.
 */

enum { PAIRS = 200, BATCHES = 1000, IN_BATCH = 20, COUNTED = 1000 };

static double us_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double now_us(void)
{
	return us_of(CLOCK_MONOTONIC);
}

/* Of this thread alone, whatever else the machine does. */
static double cpu_us(void)
{
	return us_of(CLOCK_THREAD_CPUTIME_ID);
}

static int by_value(const void *one, const void *other)
{
	double a = *(const double *)one, b = *(const double *)other;

	return (a > b) - (a < b);
}

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), by_value);
	return values[count / 2];
}

/* --- tables against memcpy ----------------------------------------------------------- */

/* One copy of the tables' bytes, in the same runs. */
static void copy_tables(const struct mmp_tables *t, uint8_t *to)
{
	size_t base = t->base_count * t->base_bytes;

	memcpy(to, t->base, base);
	memcpy(to + base, t->xlat_bytes, t->used * t->xlat_size);
	__asm__ volatile("" : : "r"(to) : "memory");
}

/* Of TF-A, building is all of its calls: adding the regions, too. */
static json_t *bench_tables(const char *rules, size_t regions, double target)
{
	double ratio[PAIRS], build[PAIRS], copy[PAIRS];
	struct mmp_platform *platform = strcmp(rules, "tfa-2.15")
						? bench_platform(rules, regions)
						: bench_tfa(rules, regions);
	struct mmp_layout layout;
	struct mmp_error err;
	size_t bytes;
	uint8_t *to;

	mmp_layout_init(&layout);
	bench_must(mmp_layout_make(&layout, platform, NULL, &err), &err);
	bytes = layout.tables.base_count * layout.tables.base_bytes +
		layout.tables.used * layout.tables.xlat_size;
	to = malloc(bytes);
	memset(to, 1, bytes);
	for (size_t i = 0; i < PAIRS; i++) {
		double from = now_us();

		bench_must(mmp_tables_make(&layout.tables, &layout.plan, NULL, &err),
			   &err);
		build[i] = now_us() - from;
		from = now_us();
		copy_tables(&layout.tables, to);
		copy[i] = now_us() - from;
		ratio[i] = build[i] / copy[i];
	}
	json_t *row = json_pack(
		"{s:s, s:I, s:I, s:I, s:f, s:f, s:f, s:f}", "rules", rules, "regions",
		(json_int_t)regions, "tables", (json_int_t)layout.tables.used, "bytes",
		(json_int_t)bytes, "build_us", median(build, PAIRS), "memcpy_us",
		median(copy, PAIRS), "ratio", median(ratio, PAIRS), "target", target);

	free(to);
	mmp_layout_done(&layout);
	mmp_platform_free(platform);
	return row;
}

static json_t *bench_all_tables(void)
{
	static const struct {
		const char *rules;
		size_t regions;
		double target;
	} rows[] = {
		{ "optee-4.10-257", 20, 2.5 },  { "optee-4.10-257", 120, 3 },
		{ "optee-4.10-257", 1000, 2 },  { "optee-4.10-257", 10000, 1.3 },
		{ "tfa-2.15", 20, 20.0 / 8 },   { "tfa-2.15", 120, 42.0 / 8 },
		{ "tfa-2.15", 1000, 57.0 / 8 },
	};
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		json_array_append_new(list, bench_tables(rows[i].rules, rows[i].regions,
							 rows[i].target));
	return list;
}

/* --- the whole of the QEMU platform -------------------------------------------------- */

/* What callgrind counts; its name is in the command below. */
__attribute__((noinline)) static void compute_again(struct mmp_layout *layout,
						    const struct mmp_platform *platform,
						    unsigned times)
{
	struct mmp_error err;

	for (unsigned i = 0; i < times; i++)
		bench_must(mmp_layout_make(layout, platform, NULL, &err), &err);
}

/* For a run under callgrind: warm, then COUNTED times. */
static void compute_counted(void)
{
	struct mmp_platform *platform = bench_qemu(0);
	struct mmp_layout layout;
	struct mmp_error err;

	mmp_layout_init(&layout);
	bench_must(mmp_layout_make(&layout, platform, NULL, &err), &err);
	compute_again(&layout, platform, COUNTED);
	mmp_layout_done(&layout);
	mmp_platform_free(platform);
}

/* Instructions of one layout, or null where there is no valgrind. */
static json_t *count_instructions(const char *self)
{
	char command[1024], line[256];
	unsigned long long total = 0;
	FILE *out;

	snprintf(command, sizeof(command),
		 "valgrind --tool=callgrind --callgrind-out-file=/dev/null "
		 "--toggle-collect=compute_again '%s' --counted 2>&1",
		 self);
	out = popen(command, "r");
	while (out && fgets(line, sizeof(line), out)) {
		const char *at = strstr(line, "Collected : ");

		if (at)
			total = strtoull(at + 12, NULL, 10);
	}
	if (out)
		pclose(out);
	return total ? json_integer((json_int_t)(total / COUNTED)) : json_null();
}

static json_t *bench_qemu_compute(const char *self)
{
	struct mmp_platform *platform = bench_qemu(0);
	struct mmp_layout layout;
	double runs[BATCHES], middle;

	mmp_layout_init(&layout);
	compute_again(&layout, platform, IN_BATCH);
	for (size_t i = 0; i < BATCHES; i++) {
		runs[i] = -cpu_us();
		compute_again(&layout, platform, IN_BATCH);
		runs[i] = (runs[i] + cpu_us()) / IN_BATCH;
	}
	mmp_layout_done(&layout);
	mmp_platform_free(platform);
	middle = median(runs, BATCHES); /* and they are sorted */
	return json_pack("{s:f, s:f, s:f, s:o}", "compute_us", middle, "fastest_us",
			 runs[0], "target_us", 5.0, "instructions",
			 count_instructions(self));
}

/* --- a sweep of every seed ----------------------------------------------------------- */

static json_t *bench_sweep(void)
{
	struct mmp_platform *platform = bench_qemu(0);
	struct mmp_seeds seeds;
	struct mmp_sweep sweep;
	struct mmp_error err;
	bool sampled;
	double us;

	seeds = mmp_seeds_all(platform, &sampled);
	mmp_sweep_init(&sweep);
	us = -cpu_us();
	bench_must(mmp_sweep_chunk(&sweep, platform, &seeds, 0, seeds.count, &err), &err);
	us += cpu_us();
	json_t *row = json_pack("{s:I, s:f, s:f, s:f}", "layouts",
				(json_int_t)sweep.count, "cpu_s", us / 1e6, "target_s",
				10.0, "layouts_per_s", 1e6 * (double)sweep.count / us);

	mmp_sweep_done(&sweep);
	mmp_platform_free(platform);
	return row;
}

/* --- growth -------------------------------------------------------------------------- */

struct costs {
	double compute, findings, fixes, document; /* us */
};

static double to_text_and_back(const struct mmp_platform *platform)
{
	struct mmp_platform *again;
	struct mmp_error err;
	double us = -cpu_us();
	json_t *json = mmp_platform_write(platform);
	char *text = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	json = json_loads(text, 0, NULL);
	bench_must(mmp_platform_read(json, &again, &err), &err);
	us += cpu_us();
	json_decref(json);
	free(text);
	mmp_platform_free(again);
	return us;
}

static void keep_least(double *least, double us)
{
	if (*least <= 0 || us < *least)
		*least = us;
}

static double compute_us(struct mmp_layout *layout, const struct mmp_platform *platform)
{
	double us = -cpu_us();
	struct mmp_error err;

	/* A platform on which the firmware stops is computed up to there. */
	if (mmp_layout_make(layout, platform, NULL, &err))
		bench_must(err.code != MMP_FIRMWARE_STOP, &err);
	return us + cpu_us();
}

static double findings_us(struct mmp_findings *findings,
			  const struct mmp_platform *platform,
			  const struct mmp_layout *layout)
{
	double us = -cpu_us();

	mmp_policy_check(findings, platform, layout);
	return us + cpu_us();
}

static double fixes_us(struct mmp_findings *findings)
{
	double us = -cpu_us();

	mmp_policy_prove(findings);
	return us + cpu_us();
}

/*
 * The least of a few runs, each part in a loop of its own: a part that runs just after
 * another one takes up to twice as long, as the processor has to learn its branches again.
 * The first run of each is left out, as it fetches its memory.
 */
static struct costs costs_of(const struct mmp_platform *platform, unsigned runs)
{
	struct mmp_findings findings;
	struct mmp_layout layout;
	struct costs costs = { 0 };

	mmp_layout_init(&layout);
	mmp_findings_init(&findings);
	compute_us(&layout, platform);
	for (unsigned i = 0; i < runs; i++)
		keep_least(&costs.compute, compute_us(&layout, platform));
	findings_us(&findings, platform, &layout);
	for (unsigned i = 0; i < runs; i++)
		keep_least(&costs.findings, findings_us(&findings, platform, &layout));
	for (unsigned i = 0; i <= runs; i++) {
		findings_us(&findings, platform, &layout);
		keep_least(&costs.fixes, fixes_us(&findings));
	}
	for (unsigned i = 0; i <= runs; i++)
		keep_least(&costs.document, to_text_and_back(platform));
	mmp_findings_done(&findings);
	mmp_layout_done(&layout);
	return costs;
}

static const struct kind {
	const char *name, *rules;
	struct mmp_platform *(*make)(const char *rules, size_t count);
} kinds[] = {
	{ "mixed", "optee-4.10-257", bench_platform },
	{ "mixed", "optee-3.4", bench_platform },
	{ "mixed", "tfa-2.15", bench_tfa },
	{ "overlapping", "optee-4.10-257", bench_overlapping },
	{ "overlapping", "optee-3.4", bench_overlapping },
	{ "special", "optee-4.10-257", bench_special },
	{ "special", "optee-3.4", bench_special },
};

static json_t *bench_growth_of(const struct kind *kind, size_t regions)
{
	struct mmp_platform *platform = kind->make(kind->rules, regions);
	struct costs c = costs_of(platform, (unsigned)(2 + 2000 / regions));
	double n_log_n = (double)regions * log2((double)regions);

	mmp_platform_free(platform);
	return json_pack("{s:s, s:s, s:I, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "platform",
			 kind->name, "rules", kind->rules, "regions", (json_int_t)regions,
			 "compute_us", c.compute, "findings_us", c.findings, "fixes_us",
			 c.fixes, "document_us", c.document, "compute_ns_by_n_log_n",
			 1e3 * c.compute / n_log_n, "findings_ns_by_n_log_n",
			 1e3 * c.findings / n_log_n, "document_ns_by_n_log_n",
			 1e3 * c.document / n_log_n);
}

static json_t *bench_growth(void)
{
	static const size_t sizes[] = { 20, 100, 1000, 10000, 100000 };
	json_t *list = json_array();

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
			json_array_append_new(list, bench_growth_of(&kinds[k], sizes[i]));
	return list;
}

/* --- telling ------------------------------------------------------------------------- */

static double number(const json_t *row, const char *key)
{
	return json_number_value(json_object_get(row, key));
}

static const char *word(const json_t *row, const char *key)
{
	return json_string_value(json_object_get(row, key));
}

static void print_tables(const json_t *list)
{
	json_t *row;
	size_t i;

	if (!list)
		return;
	printf("Tables, built into memory that is there, against memcpy of as many "
	       "bytes\n"
	       "%-14s %8s %8s %10s %11s %11s %7s %7s\n",
	       "rules", "regions", "tables", "bytes", "build us", "memcpy us", "ratio",
	       "target");
	json_array_foreach(list, i, row)
		printf("%-14s %8.0f %8.0f %10.0f %11.2f %11.2f %7.2f %7.2f\n",
		       word(row, "rules"), number(row, "regions"), number(row, "tables"),
		       number(row, "bytes"), number(row, "build_us"),
		       number(row, "memcpy_us"), number(row, "ratio"),
		       number(row, "target"));
}

static void print_qemu(const json_t *qemu)
{
	if (!qemu)
		return;
	printf("\nThe QEMU platform, from registrations to registers\n"
	       "%.2f us (the fastest of %d runs %.2f), target %.0f us\n",
	       number(qemu, "compute_us"), BATCHES, number(qemu, "fastest_us"),
	       number(qemu, "target_us"));
	if (number(qemu, "instructions") > 0)
		printf("%.0f instructions, by callgrind\n", number(qemu, "instructions"));
	else
		printf("instructions: not counted, there is no valgrind\n");
}

static void print_sweep(const json_t *sweep)
{
	if (!sweep)
		return;
	printf("\nIts sweep: %.0f layouts in %.2f s of one core (target %.0f s), "
	       "%.0f a second\n",
	       number(sweep, "layouts"), number(sweep, "cpu_s"),
	       number(sweep, "target_s"), number(sweep, "layouts_per_s"));
}

static void print_growth(const json_t *list)
{
	json_t *row;
	size_t i;

	if (!list)
		return;
	printf("\nGrowth: us, and ns divided by n log n\n"
	       "%-11s %-14s %7s %10s %6s %10s %6s %10s %10s %6s\n",
	       "platform", "rules", "regions", "compute", "", "findings", "", "fixes",
	       "document", "");
	json_array_foreach(list, i, row)
		printf("%-11s %-14s %7.0f %10.1f %6.1f %10.1f %6.1f %10.1f %10.1f "
		       "%6.1f\n",
		       word(row, "platform"), word(row, "rules"), number(row, "regions"),
		       number(row, "compute_us"), number(row, "compute_ns_by_n_log_n"),
		       number(row, "findings_us"), number(row, "findings_ns_by_n_log_n"),
		       number(row, "fixes_us"), number(row, "document_us"),
		       number(row, "document_ns_by_n_log_n"));
}

/* "--only tables": one part alone. */
static bool is_wanted(int argc, char **argv, const char *part)
{
	for (int i = 1; i + 1 < argc; i++)
		if (!strcmp(argv[i], "--only"))
			return !strcmp(argv[i + 1], part);
	return true;
}

int main(int argc, char **argv)
{
	bool json = argc > 1 && !strcmp(argv[1], "--json");
	json_t *all = json_object();

	if (argc > 1 && !strcmp(argv[1], "--counted")) {
		compute_counted();
		return 0;
	}
	if (is_wanted(argc, argv, "tables"))
		json_object_set_new(all, "tables", bench_all_tables());
	if (is_wanted(argc, argv, "qemu"))
		json_object_set_new(all, "qemu", bench_qemu_compute(argv[0]));
	if (is_wanted(argc, argv, "sweep"))
		json_object_set_new(all, "sweep", bench_sweep());
	if (is_wanted(argc, argv, "growth"))
		json_object_set_new(all, "growth", bench_growth());
	if (json) {
		json_dumpf(all, stdout, JSON_INDENT(2));
	} else {
		print_tables(json_object_get(all, "tables"));
		print_qemu(json_object_get(all, "qemu"));
		print_sweep(json_object_get(all, "sweep"));
		print_growth(json_object_get(all, "growth"));
	}
	json_decref(all);
	return 0;
}
