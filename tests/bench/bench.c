#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/platforms.h"
#include "doc/platform.h"
#include "tables/layout.h"

/*
 * make bench: what computing costs, each as a ratio to a baseline in the same run.
 * Prints a table for people, and with --json one object for scripts. Asserts nothing.
 */

#define PAIRS 200

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
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

static void must(int failed, const struct mmp_error *err)
{
	if (!failed)
		return;
	fprintf(stderr, "bench: %s\n", err->text);
	exit(1);
}

/* One copy of the tables' bytes, in the same runs. */
static void copy_tables(const struct mmp_tables *t, uint8_t *to)
{
	size_t base = t->base_count * t->base_bytes;

	memcpy(to, t->base, base);
	memcpy(to + base, t->xlat_bytes, t->used * t->xlat_size);
	__asm__ volatile("" : : "r"(to) : "memory");
}

static json_t *bench_tables(size_t regions, double target)
{
	double ratio[PAIRS], build[PAIRS], copy[PAIRS];
	struct mmp_platform *platform = bench_platform(regions);
	struct mmp_layout layout;
	struct mmp_error err;
	size_t bytes;
	uint8_t *to;

	mmp_layout_init(&layout);
	must(mmp_layout_make(&layout, platform, NULL, &err), &err);
	bytes = layout.tables.base_count * layout.tables.base_bytes +
		layout.tables.used * layout.tables.xlat_size;
	to = malloc(bytes);
	memset(to, 1, bytes);
	for (size_t i = 0; i < PAIRS; i++) {
		double from = now_us();

		must(mmp_tables_make(&layout.tables, &layout.plan, NULL, &err), &err);
		build[i] = now_us() - from;
		from = now_us();
		copy_tables(&layout.tables, to);
		copy[i] = now_us() - from;
		ratio[i] = build[i] / copy[i];
	}
	json_t *row = json_pack(
		"{s:I, s:I, s:I, s:f, s:f, s:f, s:f}", "regions", (json_int_t)regions,
		"tables", (json_int_t)layout.tables.used, "bytes", (json_int_t)bytes,
		"build_us", median(build, PAIRS), "memcpy_us", median(copy, PAIRS),
		"ratio", median(ratio, PAIRS), "target", target);

	free(to);
	mmp_layout_done(&layout);
	mmp_platform_free(platform);
	return row;
}

/* The whole of it, again and again: microseconds for one. */
static double compute_us(const struct mmp_platform *platform, unsigned times)
{
	struct mmp_layout layout;
	struct mmp_error err;
	double from;

	mmp_layout_init(&layout);
	must(mmp_layout_make(&layout, platform, NULL, &err), &err);
	from = now_us();
	for (unsigned i = 0; i < times; i++)
		must(mmp_layout_make(&layout, platform, NULL, &err), &err);
	from = now_us() - from;
	mmp_layout_done(&layout);
	return from / times;
}

static json_t *bench_qemu_compute(void)
{
	struct mmp_platform *platform = bench_qemu(0);
	double runs[21];

	for (size_t i = 0; i < 21; i++)
		runs[i] = compute_us(platform, 5000);
	mmp_platform_free(platform);
	return json_pack("{s:f, s:f}", "compute_us", median(runs, 21), "target_us", 5.0);
}

static json_t *bench_growth(size_t regions)
{
	struct mmp_platform *platform = bench_platform(regions);
	unsigned times = (unsigned)(2000000 / (regions + 1000));
	double us = compute_us(platform, times ? times : 1);

	mmp_platform_free(platform);
	return json_pack("{s:I, s:f, s:f}", "regions", (json_int_t)regions, "compute_us",
			 us, "ns_per_region", 1e3 * us / (double)regions);
}

static json_t *run(void)
{
	static const struct {
		size_t regions;
		double target;
	} tables[] = { { 20, 2.5 }, { 120, 3 }, { 1000, 2 }, { 10000, 1.3 } };
	static const size_t growth[] = { 20, 100, 1000, 10000, 50000 };
	json_t *out = json_object(), *list = json_array();

	for (size_t i = 0; i < 4; i++)
		json_array_append_new(list,
				      bench_tables(tables[i].regions, tables[i].target));
	json_object_set_new(out, "tables", list);
	json_object_set_new(out, "qemu", bench_qemu_compute());
	list = json_array();
	for (size_t i = 0; i < 5; i++)
		json_array_append_new(list, bench_growth(growth[i]));
	json_object_set_new(out, "growth", list);
	return out;
}

static double number(const json_t *row, const char *key)
{
	return json_number_value(json_object_get(row, key));
}

static void print(const json_t *out)
{
	const json_t *qemu = json_object_get(out, "qemu");
	json_t *row;
	size_t i;

	printf("%8s %8s %10s %11s %11s %7s %7s\n", "regions", "tables", "bytes",
	       "build us", "memcpy us", "ratio", "target");
	json_array_foreach(json_object_get(out, "tables"), i, row) printf(
		"%8.0f %8.0f %10.0f %11.2f %11.2f %7.2f %7.2f\n", number(row, "regions"),
		number(row, "tables"), number(row, "bytes"), number(row, "build_us"),
		number(row, "memcpy_us"), number(row, "ratio"), number(row, "target"));
	printf("\nwhole compute of the QEMU platform: %.2f us (target %.0f)\n\n",
	       number(qemu, "compute_us"), number(qemu, "target_us"));
	printf("%8s %12s %14s\n", "regions", "compute us", "ns a region");
	json_array_foreach(json_object_get(out, "growth"), i, row)
		printf("%8.0f %12.1f %14.1f\n", number(row, "regions"),
		       number(row, "compute_us"), number(row, "ns_per_region"));
}

int main(int argc, char **argv)
{
	json_t *out = run();

	if (argc > 1 && !strcmp(argv[1], "--json"))
		json_dumpf(out, stdout, JSON_INDENT(2));
	else
		print(out);
	json_decref(out);
	return 0;
}
