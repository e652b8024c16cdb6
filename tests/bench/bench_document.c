/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "bench/platforms.h"
#include "doc/platform.h"
#include "json/number.h"
#include "json/text.h"

/*
 * make bench: a document of 10,000 registrations as text, printed, and read and printed,
 * beside the way by jansson: json_loads, reading the value into the model, building a
 * value of it, json_dumps. Asserts nothing.
 */

enum { REGISTRATIONS = 10000, PAIRS = 40 };

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* --- by jansson, as mmp did it at first ----------------------------------------------- */

static json_t *hex_value(uint64_t number, int digits)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%0*llx", digits, (unsigned long long)number);
	return json_string(text);
}

static json_t *part_value(const struct mmp_rules *rules,
			  const struct mmp_registration *one, enum mmp_part part)
{
	switch (part) {
	case MMP_PART_SECTION:
		return json_string(rules->sections[one->section].name);
	case MMP_PART_TYPE:
		return json_string(rules->types[one->type].name);
	case MMP_PART_NAME:
		return json_string(one->name);
	case MMP_PART_ORIGIN:
		return json_string(one->origin);
	case MMP_PART_ATTR:
		return hex_value(one->attr, 8);
	case MMP_PART_WORDS:
		return mmp_attr_words_write(rules, one->attr);
	case MMP_PART_ADDR:
		return hex_value(one->addr, 1);
	case MMP_PART_VA:
		return hex_value(one->va, 1);
	case MMP_PART_SIZE:
		return hex_value(one->size, 1);
	case MMP_PART_GRANULARITY:
		return hex_value(one->granularity, 1);
	}
	return NULL;
}

static json_t *registration_value(const struct mmp_rules *rules,
				  const struct mmp_registration *one)
{
	unsigned parts = rules->sections[one->section].parts;
	json_t *out = json_object();

	for (const struct mmp_registration_key *k = rules->registration_keys; k->name;
	     k++)
		if (!parts || parts & k->part || k->part == MMP_PART_SECTION ||
		    k->part == MMP_PART_ORIGIN)
			json_object_set_new(out, k->name,
					    part_value(rules, one, k->part));
	return out;
}

static char *print_by_jansson(const struct mmp_platform *p)
{
	json_t *list = json_array(), *document;
	char *text;

	for (size_t i = 0; i < p->count; i++)
		json_array_append_new(list,
				      registration_value(p->rules, &p->registrations[i]));
	document =
		json_pack("{s:s, s:s, s:s, s:o, s:o}", "format", MMP_PLATFORM_FORMAT,
			  "name", p->name, "rules", p->rules->name, "config",
			  mmp_config_write(p->rules, &p->config), "registrations", list);
	text = json_dumps(document, JSON_COMPACT);
	json_decref(document);
	return text;
}

static struct mmp_platform *read_by_jansson(const char *text)
{
	json_t *document = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	struct mmp_platform *platform;
	struct mmp_error err;

	bench_must(mmp_platform_read(document, &platform, &err), &err);
	json_decref(document);
	return platform;
}

/* --- as mmp does it ------------------------------------------------------------------- */

static char *print(const struct mmp_platform *platform)
{
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	struct mmp_writer writer = MMP_WRITER(&text);

	mmp_platform_print(&writer, platform);
	return text.bytes;
}

static struct mmp_platform *read_text(const char *text)
{
	struct mmp_platform *platform;
	struct mmp_error err;
	struct mmp_parsed *document;

	mmp_parsed_use_arenas();
	document = mmp_json_read(text, strlen(text), SIZE_MAX, &err);
	bench_must(!document || mmp_platform_read(document->root, &platform, &err), &err);
	mmp_parsed_unref(document);
	json_set_alloc_funcs(malloc, free); /* for the other way */
	return platform;
}

/* --- each beside the other ------------------------------------------------------------ */

struct way {
	char *(*print)(const struct mmp_platform *platform);
	struct mmp_platform *(*read)(const char *text);
};

/* The time of printing, or of reading and printing where there is a text. */
static double time_of(const struct way *way, const struct mmp_platform *platform,
		      const char *text)
{
	struct mmp_platform *read = NULL;
	double us = -cpu_us();
	char *printed;

	if (text)
		platform = read = way->read(text);
	printed = way->print(platform);
	us += cpu_us();
	free(printed);
	mmp_platform_free(read);
	return us;
}

static int by_value(const void *one, const void *other)
{
	double a = *(const double *)one, b = *(const double *)other;

	return (a > b) - (a < b);
}

static double median(double values[PAIRS])
{
	qsort(values, PAIRS, sizeof(*values), by_value);
	return values[PAIRS / 2];
}

static void tell(const char *what, const struct mmp_platform *platform, const char *text,
		 double target)
{
	static const struct way ours = { print, read_text },
				theirs = { print_by_jansson, read_by_jansson };
	double us[PAIRS], jansson[PAIRS], ratio[PAIRS];

	for (size_t i = 0; i < PAIRS; i++) {
		us[i] = time_of(&ours, platform, text);
		jansson[i] = time_of(&theirs, platform, text);
		ratio[i] = jansson[i] / us[i];
	}
	printf("  %-16s %9.0f us, by jansson %9.0f us, %5.2f times as fast (target "
	       "%.1f)\n",
	       what, median(us), median(jansson), median(ratio), target);
}

/* What nobody who reads with jansson can do without. */
static void tell_parsing(const char *text)
{
	double us[PAIRS];

	for (size_t i = 0; i < PAIRS; i++) {
		us[i] = -cpu_us();
		json_decref(json_loads(text, JSON_REJECT_DUPLICATES, NULL));
		us[i] += cpu_us();
	}
	printf("  %-16s %9.0f us, json_loads and json_decref alone\n", "parsed",
	       median(us));
}

int main(void)
{
	struct mmp_platform *platform = bench_platform("optee-4.10-257", REGISTRATIONS);
	char *text = print(platform), *other = print_by_jansson(platform);

	if (strcmp(text, other) != 0) {
		fprintf(stderr, "bench_document: the texts differ\n");
		return 1;
	}
	printf("A document of %d registrations, %zu bytes\n", REGISTRATIONS,
	       strlen(text));
	tell("printed", platform, NULL, 8);
	tell("read and printed", platform, text, 1.8);
	tell_parsing(text);
	free(text);
	free(other);
	mmp_platform_free(platform);
	return 0;
}
