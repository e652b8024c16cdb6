/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_EXPORT_H
#define MMP_EXPORT_H

/*
 * Finished tables in formats that other tools read. A format is one file with one
 * function, and one row in export.c. The same build gives the same bytes on every
 * machine at any time.
 */

#include "base/buffer.h"
#include "tables/layout.h"
#include "tables/placement.h"

/* What is exported; all borrowed. */
struct mmp_export {
	const struct mmp_layout *layout; /* placed as `runs` say */
	const char *id;                  /* of the build, 64 hex digits */
	const char *manifest;            /* its manifest, JSON */
	uint64_t pa;                     /* of the first byte */
	const uint8_t *bytes;            /* of the pool, as they are in memory */
	size_t length;
};

struct mmp_exporter {
	const char *name;  /* "ihex" */
	const char *about; /* one line, for help and the manual */
	bool text;         /* text for people and compilers; otherwise binary */
	/*
	 * Append to `out`. MMP_INVALID if the format cannot hold the build, naming one
	 * that can; MMP_TOO_LARGE over MMP_EXPORT_MAX; MMP_SYSTEM.
	 */
	int (*write)(const struct mmp_export *export, struct mmp_buffer *out,
		     struct mmp_error *err);
};

extern const struct mmp_exporter mmp_exporters[]; /* ends with a row without a name */
extern const char *const mmp_exporter_names[];    /* the names in order; ends with NULL */

/*
 * Write a build in one format, appending to the buffer. Fails as `write` of the
 * exporter does.
 */
int mmp_export(const struct mmp_exporter *exporter, const struct mmp_export *export,
	       struct mmp_buffer *out, struct mmp_error *err);

#endif
