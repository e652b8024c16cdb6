/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/optee/optee.h"
#include "rules/tfa/tfa.h"

/* The only registry: one row for each firmware that mmp knows. */
const struct mmp_firmware *const mmp_firmwares[] = {
	&mmp_optee,
	&mmp_tfa,
	NULL,
};
