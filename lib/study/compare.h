/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_COMPARE_H
#define MMP_COMPARE_H

/*
 * Compare finished tables with memory read from a board: which descriptors differ. A dump
 * of a live board also differs where the firmware has changed its tables since boot;
 * known changes (mmp_rules.later) are told apart from all others.
 */

#include "tables/layout.h"

/* Memory as it was read: bytes[0 .. size) are at pa. */
struct mmp_dump {
	uint64_t pa;
	size_t size;
	const uint8_t *bytes; /* borrowed */
};

/* Differences that deserve a name of their own. */
enum mmp_alarm {
	MMP_ALARM_HOLE,      /* something is mapped where the plan has nothing */
	MMP_ALARM_WX,        /* writable and executable, but not both before */
	MMP_ALARM_SECURITY,  /* NS differs */
	MMP_ALARM_USER,      /* user mode has access, but had none */
	MMP_ALARM_WRITABLE,  /* was read-only */
	MMP_ALARM_UNMAPPED,  /* was mapped */
	MMP_ALARM_ELSEWHERE, /* maps another physical address */
	MMP_ALARM_TABLE, /* points to another table, or to a table where there was none */
	MMP_ALARM_RESERVED, /* an encoding or a bit that no firmware writes */
	MMP_ALARM_COUNT
};

struct mmp_alarm_info {
	const char *id, *about;
};

extern const struct mmp_alarm_info mmp_alarms[MMP_ALARM_COUNT];

/* Consecutive differences that are the same, reported as one. */
struct mmp_difference {
	uint32_t table, index;           /* of the first: id, entry */
	uint32_t last_table, last_index; /* of the last */
	uint64_t count;                  /* entries */
	int level;
	uint64_t va, size;        /* the range they cover, bytes */
	int64_t region;           /* of the plan; -1: none */
	uint64_t expected, found; /* of the first */
	uint64_t pointer; /* the entry that points to its table; 0: a base table */
	unsigned alarms;  /* a bit for each mmp_alarm */
	const char *
		later; /* why the firmware itself changes it after boot; NULL: it does not */
};

/* Entries first .. last of a table, which the dump does not contain. */
struct mmp_uncovered {
	uint32_t table, first, last;
};

struct mmp_comparison {
	uint64_t compared, differing, not_covered; /* entries */
	uint64_t later; /* differing entries that the firmware changes after boot */
	bool all_zero, all_ones; /* every byte that was compared is 0x00, or 0xff */
	uint64_t alarms[MMP_ALARM_COUNT]; /* entries */
	size_t count, capacity, omitted;  /* runs; omitted: over the limit */
	struct mmp_difference *differences;
	size_t uncovered_count, uncovered_capacity;
	struct mmp_uncovered *uncovered;
};

/* Free a comparison. */
void mmp_comparison_done(struct mmp_comparison *comparison);

/*
 * Compare every table of the layout with the dumps, which must be ascending and not
 * overlap. The caller frees *ret_comparison with mmp_comparison_done. -1 is MMP_SYSTEM.
 */
int mmp_compare(struct mmp_comparison *ret_comparison, const struct mmp_layout *layout,
		const struct mmp_dump *dumps, size_t count, struct mmp_error *err);

#endif
