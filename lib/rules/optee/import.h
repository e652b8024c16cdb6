/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OPTEE_IMPORT_H
#define OPTEE_IMPORT_H

#include "model/importer.h"

/*
 * What builds, logs and device trees of OP-TEE say about a platform: which CFG_ option is
 * which config key, the symbols of tee.elf, the form of log lines, and how to tell
 * releases apart. Files: import.c (conclusions), import_options.c, import_image.c,
 * import_registrations.c, import_log.c, import_release.c, import_tree.c.
 */
extern const struct mmp_importer optee_importer;

/*
 * Evidence that only the importer uses has keys that begin with '.', unlike config keys:
 * ".major" and ".minor" of the release, ".line.add_phys_mem" and so on.
 */

/* import_options.c */
bool optee_owns_settings(const struct mmp_settings *settings);
void optee_import_settings(struct mmp_evidence *evidence, struct mmp_origin origin,
			   const struct mmp_settings *settings);
/* The same options as macros in the image's debug information; false if it has none. */
bool optee_import_macros(struct mmp_evidence *evidence, struct mmp_origin origin,
			 const struct mmp_linked_image *image);

/* import_image.c */
bool optee_owns_image(const struct mmp_linked_image *image);
void optee_import_image(struct mmp_evidence *evidence, struct mmp_origin origin,
			const struct mmp_linked_image *image);

/* import_registrations.c: what the linked image has in its arrays of registrations. */
void optee_import_registrations(struct mmp_evidence *evidence, struct mmp_origin origin,
				const struct mmp_linked_image *image);

/* import_log.c */
size_t optee_owns_log(const struct mmp_log *log);
void optee_import_log(struct mmp_evidence *evidence, struct mmp_origin origin,
		      const struct mmp_log *log);

/* import_tree.c */
void optee_import_tree(struct mmp_evidence *evidence, struct mmp_origin origin,
		       const struct mmp_tree *tree);

/* import_release.c */
const struct mmp_rules *optee_choose_release(struct mmp_evidence *evidence);
/* The version of a rule set by its name: 4.10 is 410, "-257" sets *ret_commits. */
unsigned optee_version_of(const struct mmp_rules *rules, unsigned *ret_commits);

#define OPTEE_MAP_SOURCE "core_mmu.c" /* the file that makes the memory map */

#endif
