/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/optee/optee.h"
#include "rules/tfa/tfa.h"

/* The only registry: every firmware that mmp knows, a row each. */
const struct mmp_firmware *const mmp_firmwares[] = {
	&mmp_optee,
	&mmp_tfa,
	NULL,
};
