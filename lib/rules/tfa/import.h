/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TFA_IMPORT_H
#define TFA_IMPORT_H

#include "model/importer.h"

/*
 * What TF-A's images and logs say: import_image.c reads the symbols of bl31.elf and
 * similar images, import_log.c the "mmap:" lists of a boot, one context for each image.
 */
extern const struct mmp_importer tfa_importer;

/* Whether an image is of this firmware. */
bool tfa_owns_image(const struct mmp_linked_image *image);
/* Add what an image says to the evidence. */
void tfa_import_image(struct mmp_evidence *evidence, struct mmp_origin origin,
		      const struct mmp_linked_image *image);

/*
 * Read the list with number evidence->context, and set evidence->contexts to the number
 * of lists in the log.
 */
size_t tfa_owns_log(const struct mmp_log *log);
void tfa_import_log(struct mmp_evidence *evidence, struct mmp_origin origin,
		    const struct mmp_log *log);

/* Add a region as a call of mmap_add_region(), or init_xlat_tables() at the end. */
void tfa_import_region(struct mmp_evidence *evidence, const struct mmp_origin *origin,
		       const char *name, uint64_t pa, uint64_t va, uint64_t size,
		       uint32_t attr, uint64_t granularity);
void tfa_import_init(struct mmp_evidence *evidence, const struct mmp_origin *origin);

#endif
