/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/optee/optee.h"

static const struct mmp_rules *const releases[] = {
	&mmp_optee_4_10,
	&mmp_optee_3_4,
	NULL,
};

const struct mmp_firmware mmp_optee = {
	.name = "OP-TEE",
	.rules = releases,
};
