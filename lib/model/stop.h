/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_STOP_H
#define MMP_STOP_H

/*
 * A place where the firmware does not continue: a panic, a failed assertion, or a step
 * whose behaviour C leaves undefined. Each place is a row of its rule set's table; a stop
 * is that row plus the ranges it is about.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mmp_stop_kind { MMP_STOP_PANIC, MMP_STOP_ASSERT, MMP_STOP_UNDEFINED };

extern const char *const mmp_stop_kind_names[]; /* as in vectors */

struct mmp_stop_info {
	const char *id; /* stable; also the id of the finding */
	enum mmp_stop_kind kind;
	const char
		*message; /* the panic's text or the asserted expression; "" for none */
	const char *func, *file; /* in the firmware's source */
	uint16_t line;
	const char *stage; /* "init_mmu_map", "discover_nsec_memory", ... */
	const char *about; /* why it happens, one line */
	const char *fix;   /* what to do; NULL if there is no single answer */
};

#define MMP_STOP_SUBJECTS 2

/* A range that a stop is about. */
struct mmp_subject {
	int type; /* index in the rule set, or -1 */
	uint64_t base, size;
};

struct mmp_stop {
	const struct mmp_stop_info *info; /* NULL: the firmware does not stop */
	char message[160]; /* replaces the row's, if that contains numbers; else empty */
	const char *stage; /* replaces the row's, or NULL */
	bool has_call;     /* registrations are calls, and */
	int64_t call;      /* this call stops, or -1: none of them */
	char detail[224];  /* one line: the range, its numbers, and what would be right */
	char trace[192]; /* what the firmware prints first, "func: text"; may be empty */
	char undefined_before[96]; /* undefined behaviour before the stop; may be empty */
	struct mmp_subject subjects[MMP_STOP_SUBJECTS];
	unsigned subject_count;
	int64_t ordinals[MMP_STOP_SUBJECTS]; /* has_call: of subjects; else not known */
	uint64_t tables_used;                /* translation tables taken so far */
};

/* The panic's text or the asserted expression. Borrowed. */
static inline const char *mmp_stop_message(const struct mmp_stop *stop)
{
	return *stop->message ? stop->message : stop->info->message;
}

/* Whether two lists have the same ranges. */
bool mmp_same_subjects(const struct mmp_subject *a, unsigned a_count,
		       const struct mmp_subject *b, unsigned b_count);

/* Reset to "no stop". The texts are not wiped, only terminated. */
void mmp_stop_clear(struct mmp_stop *stop);

/*
 * Set the stop and return -1, so that a stopping path is one line. An earlier stop is
 * dropped, including its ranges.
 */
int mmp_stop_at(struct mmp_stop *stop, const struct mmp_stop_info *info,
		const char *detail, ...) __attribute__((format(printf, 3, 4)));

/*
 * Add a range that the stop is about, before mmp_stop_at. Does nothing once there are
 * MMP_STOP_SUBJECTS of them. Returns -1.
 */
int mmp_stop_about(struct mmp_stop *stop, int type, uint64_t base, uint64_t size);

/* Set what the firmware prints before it stops. Returns -1. */
int mmp_stop_trace(struct mmp_stop *stop, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
