/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "rules/optee/import.h"

enum { NAME_SIZE = 256, FUNCTION_SIZE = 64 };

/*
 * A message is the text after "D/TC:0 0 function:line ". A physical line may have several
 * messages, and each is read; a message that continues on the next line is joined.
 */
struct log_reading {
	struct mmp_evidence *evidence;
	struct mmp_origin origin;
	unsigned line;  /* of the current message */
	bool map_begun; /* a map was printed */
	bool map_ended; /* something else came after it: later maps are not boot's */
	unsigned boots, cut;
};

/* --- small parts of a message --------------------------------------------------------- */

static bool accept_text(const char **at, const char *text)
{
	size_t length = strlen(text);

	if (strncmp(*at, text, length) != 0)
		return false;
	*at += length;
	return true;
}

/* Hex with or without 0x, at least one digit, at most 16, and no letter after it. */
static bool take_hex(const char **at, uint64_t *ret_value)
{
	const char *from = *at;
	char *end;

	if (from[0] == '0' && (from[1] == 'x' || from[1] == 'X'))
		from += 2;
	if (!isxdigit((unsigned char)*from))
		return false;
	*ret_value = strtoull(from, &end, 16);
	if (end - from > 16 || isalnum((unsigned char)*end))
		return false;
	*at = end;
	return true;
}

static bool take_count(const char **at, uint64_t *ret_value)
{
	char *end;

	if (!isdigit((unsigned char)**at))
		return false;
	*ret_value = strtoull(*at, &end, 10);
	*at = end;
	return true;
}

static void skip_spaces(const char **at)
{
	while (**at == ' ')
		(*at)++;
}

static bool at_end(const char *at)
{
	skip_spaces(&at);
	return !*at;
}

/* "IO_SEC" becomes "MEM_AREA_IO_SEC"; TEE_RAM is printed as TEE_RAM_RWX. */
static bool take_type(const char **at, char type[NAME_SIZE])
{
	size_t length = strspn(*at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	if (!length || length > NAME_SIZE - 16)
		return false;
	snprintf(type, NAME_SIZE, "MEM_AREA_%.*s", (int)length, *at);
	if (strcmp(type, "MEM_AREA_TEE_RAM_RWX") == 0)
		type[strlen("MEM_AREA_TEE_RAM")] = '\0';
	*at += length;
	return true;
}

/* --- one kind of message each ---------------------------------------------------------- */

/*
 * "NAME type TYPE 0xADDR size 0xSIZE"; the name may be any text, even one with " type ".
 */
static bool read_added(const char *at, struct mmp_boot_row *row, char type[NAME_SIZE],
		       char name[NAME_SIZE])
{
	const char *mark = NULL;

	for (const char *next = at; (next = strstr(next, " type ")); next++)
		mark = next;
	if (!mark || mark - at >= NAME_SIZE)
		return false;
	snprintf(name, NAME_SIZE, "%.*s", (int)(mark - at), at);
	at = mark + strlen(" type ");
	row->kind = MMP_BOOT_ADDED;
	row->name = name;
	row->type = type;
	return take_type(&at, type) && accept_text(&at, " ") && take_hex(&at, &row->a) &&
	       accept_text(&at, " size ") && take_hex(&at, &row->b) && at_end(at);
}

static bool read_space(const char *at, struct mmp_boot_row *row, char type[NAME_SIZE],
		       char name[NAME_SIZE])
{
	(void)name;
	row->kind = MMP_BOOT_SPACE;
	row->type = type;
	return accept_text(&at, "type ") && take_type(&at, type) &&
	       accept_text(&at, " size ") && take_hex(&at, &row->b) && at_end(at);
}

static bool read_mapped(const char *at, struct mmp_boot_row *row, char type[NAME_SIZE],
			char name[NAME_SIZE])
{
	uint64_t va_last, pa_last;

	(void)name;
	row->kind = MMP_BOOT_MAPPED;
	row->type = type;
	if (!accept_text(&at, "type ") || !take_type(&at, type))
		return false;
	skip_spaces(&at);
	if (!accept_text(&at, "va ") || !take_hex(&at, &row->a) ||
	    !accept_text(&at, "..") || !take_hex(&at, &va_last) ||
	    !accept_text(&at, " pa ") || !take_hex(&at, &row->b) ||
	    !accept_text(&at, "..") || !take_hex(&at, &pa_last) ||
	    !accept_text(&at, " size ") || !take_hex(&at, &row->c))
		return false;
	skip_spaces(&at);
	row->d = 1; /* find_granules() replaces it with the size of a page directory */
	if (accept_text(&at, "(smallpg)"))
		row->d = 0x1000;
	else if (!accept_text(&at, "(pgdir)"))
		return false;
	return va_last - row->a + 1 == row->c && at_end(at);
}

static bool read_tried(const char *at, struct mmp_boot_row *row, char type[NAME_SIZE],
		       char name[NAME_SIZE])
{
	(void)type, (void)name;
	row->kind = MMP_BOOT_TRIED;
	if (accept_text(&at, "Failed to map core at "))
		return take_hex(&at, &row->a) && at_end(at);
	row->b = 1;
	return accept_text(&at, "Mapping core at ") && take_hex(&at, &row->a) &&
	       accept_text(&at, " offs ") && take_hex(&at, &row->c) && at_end(at);
}

/*
 * "xlat tables used 3", "xlat tables used 3 / 8"; short descriptors: "L2 table used: 1/5",
 * "L2 tables used 3".
 */
static bool read_tables(const char *at, struct mmp_boot_row *row, char type[NAME_SIZE],
			char name[NAME_SIZE])
{
	(void)type, (void)name;
	row->kind = MMP_BOOT_TABLES;
	row->d = accept_text(&at, "L2 table used: ") ||
		 accept_text(&at, "L2 tables used ");
	if (!row->d && !accept_text(&at, "xlat tables used "))
		return false;
	if (!take_count(&at, &row->a))
		return false;
	skip_spaces(&at);
	if (accept_text(&at, "/")) {
		skip_spaces(&at);
		return take_count(&at, &row->b) && at_end(at);
	}
	return at_end(at);
}

static bool read_merge(const char *at, struct mmp_boot_row *row, char type[NAME_SIZE],
		       char name[NAME_SIZE])
{
	(void)type, (void)name;
	row->kind = MMP_BOOT_MERGE;
	return accept_text(&at, "Merging ") && take_hex(&at, &row->a) &&
	       accept_text(&at, "..") && take_hex(&at, &row->b) &&
	       accept_text(&at, " and ") && take_hex(&at, &row->c) &&
	       accept_text(&at, "..") && take_hex(&at, &row->d) && at_end(at);
}

/* "0: pa 0x40000000..0x41ffffff sz 0x2000000" */
static bool read_ddr(const char *at, struct mmp_boot_row *row, char type[NAME_SIZE],
		     char name[NAME_SIZE])
{
	uint64_t number, last;

	(void)type, (void)name;
	row->kind = MMP_BOOT_DDR;
	return take_count(&at, &number) && accept_text(&at, ": pa ") &&
	       take_hex(&at, &row->a) && accept_text(&at, "..") && take_hex(&at, &last) &&
	       accept_text(&at, " sz ") && take_hex(&at, &row->b) && at_end(at);
}

/* "SDP memory [ec00000 f000000]": the end is exclusive. */
static bool read_special(const char *at, struct mmp_boot_row *row, char type[NAME_SIZE],
			 char name[NAME_SIZE])
{
	const char *mark = strstr(at, " memory [");
	uint64_t end;

	(void)type;
	if (!mark || mark - at >= NAME_SIZE)
		return false;
	snprintf(name, NAME_SIZE, "%.*s", (int)(mark - at), at);
	at = mark + strlen(" memory [");
	row->kind = MMP_BOOT_SPECIAL;
	row->name = name;
	if (!take_hex(&at, &row->a) || !accept_text(&at, " ") || !take_hex(&at, &end) ||
	    !accept_text(&at, "]"))
		return false;
	row->b = end - row->a;
	return at_end(at);
}

static bool read_stop(const char *at, struct mmp_boot_row *row, char type[NAME_SIZE],
		      char name[NAME_SIZE])
{
	(void)type;
	row->kind = MMP_BOOT_STOP;
	row->name = name;
	snprintf(name, NAME_SIZE, "%.200s", at);
	return strncmp(at, "Panic", 5) == 0 || strncmp(at, "assertion '", 11) == 0;
}

/* clang-format off */
static const struct message {
	bool (*read)(const char *at, struct mmp_boot_row *row, char type[NAME_SIZE],
		     char name[NAME_SIZE]);
	const char *mark; /* in every message of the kind, even if its end is cut off */
} messages[] = {
	{ read_mapped,  " va 0x" },
	{ read_space,   "VASPACE size" },
	{ read_added,   " type " },
	{ read_tried,   "core at " },
	{ read_tables,  "able" },
	{ read_merge,   "Merging " },
	{ read_ddr,     ": pa " },
	{ read_special, " memory [" },
	{ read_stop,    "a" },
};
/* clang-format on */

/* --- lines ------------------------------------------------------------------------------ */

/* Skip "add_phys_mem:798 ", and remember the source line that printed it. */
static const char *skip_function(struct log_reading *r, const char *at)
{
	size_t length = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789_");
	size_t digits =
		length && at[length] == ':' ? strspn(at + length + 1, "0123456789") : 0;
	char key[FUNCTION_SIZE + 8];

	if (!digits || at[length + 1 + digits] != ' ' || length >= FUNCTION_SIZE)
		return at;
	snprintf(key, sizeof(key), ".line.%.*s", (int)length, at);
	if (!mmp_evidence_best(r->evidence, key) &&
	    (strstr(key, "add_") || strstr(key, "map"))) {
		/*
		 * init_mem_map prints several messages; only the line of "Mapping core
		 * at" is known.
		 */
		const char *message = at + length + 2 + digits;

		if (strcmp(key, ".line.init_mem_map") != 0 ||
		    strncmp(message, "Mapping core at", 15) == 0) {
			r->origin.line = r->line;
			mmp_evidence_count(r->evidence, &r->origin, key,
					   strtoull(at + length + 1, NULL, 10));
		}
	}
	return at + length + 2 + digits;
}

/* Skip what follows "D/TC:": core, thread or guest, function. */
static const char *skip_prefix(struct log_reading *r, const char *at)
{
	size_t ids = strspn(at, "0123456789? ");

	/* A message may begin with a digit: "0: pa ...". */
	while (ids && at[ids - 1] != ' ')
		ids--;
	return skip_function(r, at + ids);
}

/* A new list of ranges after a finished map is another boot. */
static void note_boot(struct log_reading *r, const struct mmp_boot_row *row)
{
	bool begins = row->kind == MMP_BOOT_ADDED && r->map_begun;

	if (begins) {
		mmp_evidence_reboot(r->evidence);
		r->map_begun = r->map_ended = false;
		r->boots++;
	}
	if (row->kind == MMP_BOOT_MAPPED)
		r->map_begun = true;
	else if (r->map_begun)
		r->map_ended = true;
}

/* Returns 1 if it was read, 0 if the message is unknown, -1 if it is truncated. */
static int read_message(struct log_reading *r, const char *text)
{
	char type[NAME_SIZE], name[NAME_SIZE];
	bool known = false;

	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		struct mmp_boot_row row = { .file = r->origin.file, .line = r->line };

		if (!strstr(text, messages[i].mark))
			continue;
		if (messages[i].read(text, &row, type, name)) {
			note_boot(r, &row);
			if (row.kind != MMP_BOOT_MAPPED || !r->map_ended)
				mmp_evidence_boot(r->evidence, &row);
			return 1;
		}
		known |= i < 3 &&
			 (strncmp(text, "type ", 5) == 0 || strstr(text, " type "));
	}
	return known ? -1 : 0;
}

static void read_version(struct log_reading *r, const char *text)
{
	static const char mark[] = "OP-TEE version: ";
	char version[NAME_SIZE];

	if (strncmp(text, mark, strlen(mark)) != 0)
		return;
	snprintf(version, sizeof(version), "%.*s", (int)strcspn(text + strlen(mark), " "),
		 text + strlen(mark));
	mmp_evidence_release(r->evidence, version);
	r->origin.line = r->line;
	r->origin.what = "OP-TEE version";
	if (strstr(text, " aarch64"))
		mmp_evidence_text(r->evidence, &r->origin, "arch", "arm64");
	else if (strlen(text) > 4 && strcmp(text + strlen(text) - 4, " arm") == 0)
		mmp_evidence_text(r->evidence, &r->origin, "arch", "arm32");
	r->origin.what = NULL;
}

/* Find where a message begins: a level, "/TC:". NULL if there are no more. */
static const char *find_marker(const char *at)
{
	for (; (at = strstr(at, "/TC:")); at++)
		if (strchr("EIDF", at[-1]))
			return at - 1;
	return NULL;
}

/*
 * Read one message, text[0 .. length), as far as it is in its line. `rest` is the line
 * after it, if that does not begin with a message, else NULL.
 */
static void read_part(struct log_reading *r, const char *text, size_t length,
		      const char *rest)
{
	char line[2 * MMP_LOG_LINE_MAX + 2];
	const char *message;
	int result;

	snprintf(line, sizeof(line), "%.*s", (int)length, text);
	message = skip_prefix(r, line + strlen("D/TC:"));
	read_version(r, message);
	result = read_message(r, message);
	if (result < 0 && rest) {
		snprintf(line + length, sizeof(line) - length, "%s", rest);
		result = read_message(r, message);
	}
	if (result < 0 && r->cut++ < 10)
		mmp_evidence_remark(r->evidence,
				    "line %u of the log is cut or mixed with another; it "
				    "is left out: \"%.80s\"",
				    r->line, message);
}

static void read_line(struct log_reading *r, const struct mmp_log *log, size_t n)
{
	/* at[-1] is read, so the line begins after a spare byte */
	char line[MMP_LOG_LINE_MAX + 2];
	const char *at, *next, *rest = NULL;

	if (!strstr(log->lines[n].text, "/TC:"))
		return;
	line[0] = ' ';
	snprintf(line + 1, sizeof(line) - 1, "%s", log->lines[n].text);
	r->line = log->lines[n].number;
	if (n + 1 < log->count)
		rest = log->lines[n + 1].text;
	if (rest && strstr(rest, "/TC:"))
		rest = NULL;
	for (at = find_marker(line); at; at = next) {
		next = find_marker(at + strlen("D/TC:"));
		read_part(r, at, next ? (size_t)(next - at) : strlen(at),
			  next ? NULL : rest);
	}
}

/*
 * (pgdir) is 2 MiB with long descriptors and 1 MiB with short ones, which have L2 tables.
 */
static void find_granules(struct mmp_evidence *evidence)
{
	bool is_short = false;

	for (size_t i = 0; i < evidence->boot_count; i++)
		is_short |=
			evidence->boot[i].kind == MMP_BOOT_TABLES && evidence->boot[i].d;
	for (size_t i = 0; i < evidence->boot_count; i++)
		if (evidence->boot[i].kind == MMP_BOOT_MAPPED && evidence->boot[i].d == 1)
			evidence->boot[i].d = is_short ? 0x100000 : 0x200000;
}

size_t optee_owns_log(const struct mmp_log *log)
{
	size_t count = 0;

	for (size_t i = 0; i < log->count; i++)
		count += strstr(log->lines[i].text, "/TC:") != NULL;
	return count;
}

void optee_import_log(struct mmp_evidence *evidence, struct mmp_origin origin,
		      const struct mmp_log *log)
{
	struct log_reading r = { .evidence = evidence, .origin = origin };

	for (size_t i = 0; i < log->count; i++)
		read_line(&r, log, i);
	find_granules(evidence);
	if (r.boots)
		mmp_evidence_remark(evidence,
				    "the log has %u boots; the last of them is taken",
				    r.boots + 1);
}
