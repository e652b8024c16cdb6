/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_MAP_SPACE_H
#define CLIENT_MAP_SPACE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One column of the picture of a map: an address space with its regions. The height of a
 * region grows with the logarithm of its size, and unused space is folded.
 */

enum {
	MAP_TOP = 96, /* where a column begins */
	MAP_GAP = 26, /* height of folded space */
};

struct picture_shape {
	uint64_t at, end; /* end is exclusive; UINT64_MAX for the top */
	size_t n;         /* of regions */
	unsigned lane, lanes;
};

struct picture_space {
	size_t count, marks_count;
	struct picture_shape *shapes; /* by address */
	uint64_t *marks;              /* where something begins or ends, ascending */
	double *y;                    /* of each mark */
	bool *used;                   /* whether it is used from this mark to the next */
	double height;
};

/*
 * The space that the regions have under `key`, "va" or "pa"; those without it are left
 * out. Free it with map_space_done().
 */
struct picture_space map_space_make(const json_t *regions, const char *key);
void map_space_done(struct picture_space *space);

/* Where an address is in the picture: the mark at or below it. */
double map_space_y(const struct picture_space *space, uint64_t at);

#endif
