/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TFA_MODEL_H
#define TFA_MODEL_H

#include "rules/tfa/context.h"

/*
 * A second, plain telling of what TF-A's library does with regions and tables: one entry
 * at a time, every region compared with every other. Slow, and easy to compare with the
 * firmware's sources by eye. Descriptors are those of lib/rules/tfa.
 */

enum { MODEL_REGIONS = 64, MODEL_TABLES = 16, MODEL_BASE = 512 };

struct tfa_model {
	const struct tfa_config *config;
	struct tfa_region list[MODEL_REGIONS];
	unsigned count;
	uint64_t max_pa, max_va;
	int base_level;
	unsigned base_entries, next_table;
	uint64_t base[MODEL_BASE], tables[MODEL_TABLES][512];
	int counts[MODEL_TABLES];
	bool initialized, stopped;
	uint64_t va; /* of the last alloc_va */
};

void tfa_model_start(struct tfa_model *m, const struct tfa_config *config);

/* One call (get and change excepted). Returns its code; `stopped` if the firmware stops. */
int tfa_model_call(struct tfa_model *m, const struct tfa_op *op);

#endif
