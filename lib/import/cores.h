/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_IMPORT_CORES_H
#define MMP_IMPORT_CORES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * CPU properties that the core reports and no build states. Source: the technical
 * reference manual of each core, ID_AA64MMFR0_EL1, ID_AA64PFR1_EL1.
 */
struct mmp_core {
	const char *name; /* "cortex-a57" */
	unsigned parange; /* ID_AA64MMFR0_EL1.PARange: 2 is 40 bits, 4 is 44, 5 is 48 */
	bool bti, mte;
};

extern const struct mmp_core mmp_cores[]; /* ends with a row without a name */

/* Find a core by name, ignoring case. MMP_INVALID suggests the nearest name. */
int mmp_core_find(const char *name, const struct mmp_core **ret_core,
		  struct mmp_error *err);

#endif
