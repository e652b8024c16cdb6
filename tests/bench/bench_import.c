/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/*
 * make bench: what reading foreign files costs. An image of 4 MB with debug information,
 * made here of the tests' own source and many functions next to it, next to `readelf -s`;
 * a log of 20,000 lines next to `grep -c`; programs and all, on the same files, in turns.
 * Asserts nothing.
 */

enum { FUNCTIONS = 12000, LINES = 20000, RUNS = 15 };

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_value(const void *one, const void *other)
{
	double a = *(const double *)one, b = *(const double *)other;

	return (a > b) - (a < b);
}

static double run_ms(const char *command)
{
	double from = now_ms();

	if (system(command) != 0)
		return -1;
	return now_ms() - from;
}

/* Functions with locals and types of their own: names, lines and locations for each. */
static int make_image(const char *folder, const char *top)
{
	char path[512], command[2048];
	FILE *file;

	snprintf(path, sizeof(path), "%s/many.c", folder);
	file = fopen(path, "w");
	if (!file)
		return -1;
	for (int i = 0; i < FUNCTIONS; i++)
		fprintf(file,
			"struct s%d { int number_%d, other_%d; };\n"
			"__attribute__((used)) int function_number_%d(struct s%d *s, int "
			"by)\n"
			"{ int sum_%d = s->number_%d * by + s->other_%d; return sum_%d ^ "
			"%d; }\n",
			i, i, i, i, i, i, i, i, i, i);
	fclose(file);
	snprintf(command, sizeof(command),
		 "clang --target=aarch64-linux-gnu -fuse-ld=lld -g -O1 -ffreestanding "
		 "-nostdlib -no-pie -DLINES=1509 -Wl,-T,%s/tests/import/image/image.ld "
		 "-o %s/tee.elf %s/tests/import/image/core_mmu.c %s/many.c 2>/dev/null",
		 top, folder, top, folder);
	return system(command);
}

static int make_log(const char *folder, const char *top)
{
	char path[512], line[512];
	FILE *log, *from;
	int count = 0;

	snprintf(path, sizeof(path), "%s/boot.log", folder);
	log = fopen(path, "w");
	while (log && count < LINES) {
		snprintf(path, sizeof(path), "%s/tests/import/logs/aslr.log", top);
		from = fopen(path, "r");
		while (from && count < LINES && fgets(line, sizeof(line), from)) {
			fprintf(log, "[%6d.%06d] %s", count / 100, count, line);
			fprintf(log, "[%6d.%06d] systemd[1]: Started unit %d.\r\n",
				count / 100, count, count);
			count += 2;
		}
		if (!from)
			break;
		fclose(from);
	}
	if (log)
		fclose(log);
	return count < LINES ? -1 : 0;
}

static long size_of(const char *path)
{
	struct stat stat_of;

	return stat(path, &stat_of) ? -1 : (long)stat_of.st_size;
}

static void compare(const char *what, const char *path, const char *ours,
		    const char *theirs, double target)
{
	double us[RUNS], them[RUNS];

	for (int i = 0; i < RUNS; i++) {
		us[i] = run_ms(ours);
		them[i] = run_ms(theirs);
	}
	qsort(us, RUNS, sizeof(*us), by_value);
	qsort(them, RUNS, sizeof(*them), by_value);
	printf("%-8s %9ld bytes  import %7.1f ms (target %.0f)  beside %7.1f ms\n", what,
	       size_of(path), us[RUNS / 2], target, them[RUNS / 2]);
}

int main(void)
{
	const char *top = getenv("top_srcdir");
	char folder[] = "/tmp/mmp-bench-XXXXXX", ours[1024], theirs[1024], path[512];

	top = top ? top : ".";
	if (!mkdtemp(folder))
		return 1;
	puts("Foreign files: mmpctl platform import, and a common tool on the same file");
	snprintf(path, sizeof(path), "%s/tee.elf", folder);
	if (make_image(folder, top)) {
		puts("image: no clang and ld.lld here");
	} else {
		snprintf(ours, sizeof(ours),
			 "./mmpctl platform import %s >/dev/null 2>&1", path);
		snprintf(theirs, sizeof(theirs), "readelf -s %s >/dev/null 2>&1", path);
		compare("image", path, ours, theirs, 150);
	}
	snprintf(path, sizeof(path), "%s/boot.log", folder);
	if (!make_log(folder, top)) {
		snprintf(ours, sizeof(ours),
			 "./mmpctl platform import %s >/dev/null 2>&1", path);
		snprintf(theirs, sizeof(theirs), "grep -c TC: %s >/dev/null 2>&1", path);
		compare("log", path, ours, theirs, 50);
	}
	snprintf(ours, sizeof(ours), "rm -rf %s", folder);
	return system(ours) != 0;
}
