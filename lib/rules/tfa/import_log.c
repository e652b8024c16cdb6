/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/tfa/import.h"
#include "rules/tfa/tfa.h"

/*
 * A log has a list for each image that sets up its tables: "mmap:", one line per region,
 * and then the state of the tables with "VERBOSE: Xlat regime: ..." and so on.
 */
struct tfa_log_reading {
	struct mmp_evidence *evidence;
	struct mmp_origin origin;
	unsigned context; /* of the current list, from 1; 0: before the first */
	bool in_list;
	char image[16]; /* "bl31", from the lines before the list */
};

static bool number_behind(const char *line, const char *mark, uint64_t *ret_value)
{
	const char *at = strstr(line, mark);
	char *end;

	if (!at)
		return false;
	at += strlen(mark);
	*ret_value = strtoull(at, &end, 0);
	return end != at;
}

static bool is_wanted(const struct tfa_log_reading *r)
{
	return r->context == r->evidence->context + 1;
}

/* " VA:0x8000000  PA:0x8000000  size:0x1000000  attr:0x8  granularity:0x40000000" */
static bool read_region(struct tfa_log_reading *r, const char *line)
{
	uint64_t va, pa, size, attr, granularity;
	struct mmp_boot_row row;

	if (!number_behind(line, " VA:", &va) || !number_behind(line, " PA:", &pa) ||
	    !number_behind(line, " size:", &size) ||
	    !number_behind(line, " attr:", &attr) ||
	    !number_behind(line, " granularity:", &granularity))
		return false;
	if (!is_wanted(r))
		return true;
	r->origin.what = "mmap:";
	tfa_import_region(r->evidence, &r->origin, "", pa, va, size, (uint32_t)attr,
			  granularity);
	row = (struct mmp_boot_row){
		.kind = MMP_BOOT_MAPPED,
		.type = (char *)(uintptr_t)tfa_types[tfa_type(&tfa_2_15, (uint32_t)attr)]
				.name,
		.a = va,
		.b = pa,
		.c = size,
		.d = granularity,
		.file = r->origin.file,
		.line = r->origin.line,
	};
	mmp_evidence_boot(r->evidence, &row);
	return true;
}

/* "NOTICE:  BL31: v2.15" */
static void note_image(struct tfa_log_reading *r, const char *line)
{
	const char *at = strstr(line, "BL");
	size_t length = 2;

	if (!at || (at > line && isalnum((unsigned char)at[-1])))
		return;
	while (isdigit((unsigned char)at[length]) && length < 5)
		length++;
	if (length == 2 || at[length] != ':')
		return;
	for (size_t i = 0; i < length; i++)
		r->image[i] = (char)tolower((unsigned char)at[i]);
	r->image[length] = '\0';
}

static void read_state(struct tfa_log_reading *r, const char *line)
{
	uint64_t value;

	if (number_behind(line, "Max allowed PA:", &value))
		mmp_evidence_hex(r->evidence, &r->origin, "pa_space", value + 1);
	else if (number_behind(line, "Max allowed VA:", &value))
		mmp_evidence_hex(r->evidence, &r->origin, "va_space", value + 1);
	else if (number_behind(line, "sub-tables out of ", &value))
		mmp_evidence_count(r->evidence, &r->origin, "max_xlat_tables", value);
	else if (strstr(line, "Xlat regime:"))
		mmp_evidence_text(r->evidence, &r->origin, "regime",
				  strstr(line, "EL3")   ? "el3"
				  : strstr(line, "EL2") ? "el2"
							: "el1");
}

static void begin_list(struct tfa_log_reading *r)
{
	r->in_list = true;
	r->context++;
	if (is_wanted(r) && r->image[0])
		mmp_evidence_text(r->evidence, &r->origin, ".name", r->image);
}

static void read_line(struct tfa_log_reading *r, const char *line)
{
	const char *list = strstr(line, "mmap:");

	r->origin.what = NULL;
	note_image(r, line);
	if (list && !list[5]) {
		begin_list(r);
		return;
	}
	if (r->in_list && read_region(r, line))
		return;
	if (r->in_list && *line) {
		r->in_list = false;
		if (is_wanted(r))
			tfa_import_init(r->evidence, &r->origin);
	}
	if (is_wanted(r))
		read_state(r, line);
}

/*
 * Count the lines of its lists. A log with lines of both firmwares belongs to the one
 * that has more.
 */
size_t tfa_owns_log(const struct mmp_log *log)
{
	size_t count = 0;

	for (size_t i = 0; i < log->count; i++)
		count += strstr(log->lines[i].text, "  granularity:0x") != NULL;
	return count;
}

void tfa_import_log(struct mmp_evidence *evidence, struct mmp_origin origin,
		    const struct mmp_log *log)
{
	struct tfa_log_reading r = { .evidence = evidence, .origin = origin };

	for (size_t i = 0; i < log->count; i++) {
		r.origin.line = log->lines[i].number;
		read_line(&r, log->lines[i].text);
	}
	if (r.in_list && is_wanted(&r))
		tfa_import_init(evidence, &r.origin);
	evidence->contexts = r.context;
	if (r.context)
		mmp_evidence_remark(evidence,
				    "a log does not say MAX_MMAP_REGIONS, where the "
				    "tables are, or what the CPU has");
}
