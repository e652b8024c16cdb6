/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_COMPARE_H
#define MMP_COMPARE_H

/*
 * Finished tables against memory read out of a board: which descriptors differ. A dump
 * of a live board differs where the firmware has gone on since boot: what its rule set
 * knows it to change then (mmp_rules.later) is told apart from all else.
 */

#include "tables/layout.h"

/* Memory as it was read: bytes[0 .. size) lay at pa. */
struct mmp_dump {
	uint64_t pa;
	size_t size;
	const uint8_t *bytes; /* borrowed */
};

/* What is worth a word of its own in a difference. */
enum mmp_alarm {
	MMP_ALARM_HOLE,      /* something is mapped where the plan has nothing */
	MMP_ALARM_WX,        /* writable and executable, and was not */
	MMP_ALARM_SECURITY,  /* NS has flipped */
	MMP_ALARM_USER,      /* user mode may, and might not */
	MMP_ALARM_WRITABLE,  /* was read-only */
	MMP_ALARM_UNMAPPED,  /* was mapped */
	MMP_ALARM_ELSEWHERE, /* maps another physical address */
	MMP_ALARM_TABLE,     /* leads to another table, or to one where none was */
	MMP_ALARM_RESERVED,  /* an encoding or a bit that no firmware writes */
	MMP_ALARM_COUNT
};

struct mmp_alarm_info {
	const char *id, *about;
};

extern const struct mmp_alarm_info mmp_alarms[MMP_ALARM_COUNT];

/* Differences in a row that are the same: one line. */
struct mmp_difference {
	uint32_t table, index;           /* of the first: id, entry */
	uint32_t last_table, last_index; /* of the last */
	uint64_t count;                  /* entries */
	int level;
	uint64_t va, size;        /* that they cover, bytes */
	int64_t region;           /* of the plan; -1: none */
	uint64_t expected, found; /* of the first */
	uint64_t pointer; /* what leads to its table in the build; 0: a base table */
	unsigned alarms;  /* a bit for each mmp_alarm */
	const char *
		later; /* why the firmware itself changes it after boot; NULL: it does not */
};

/* Entries first .. last of a table, of which the dump says nothing. */
struct mmp_uncovered {
	uint32_t table, first, last;
};

struct mmp_comparison {
	uint64_t compared, differing, not_covered; /* entries */
	uint64_t later; /* of those that differ: by the firmware's own work after boot */
	bool all_zero, all_ones; /* every byte that was compared is 0x00, or 0xff */
	uint64_t alarms[MMP_ALARM_COUNT]; /* entries */
	size_t count, capacity, omitted;  /* runs; omitted: over the limit */
	struct mmp_difference *differences;
	size_t uncovered_count, uncovered_capacity;
	struct mmp_uncovered *uncovered;
};

/* Free what a comparison holds. */
void mmp_comparison_done(struct mmp_comparison *comparison);

/*
 * Compare every table of the layout with the dumps, which are ascending and do not
 * overlap. *ret_comparison is to be freed with mmp_comparison_done. -1 is MMP_SYSTEM.
 */
int mmp_compare(struct mmp_comparison *ret_comparison, const struct mmp_layout *layout,
		const struct mmp_dump *dumps, size_t count, struct mmp_error *err);

#endif
