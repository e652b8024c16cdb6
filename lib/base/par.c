/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/par.h"

#include <inttypes.h>
#include <stdio.h>

/* Fields of PAR_EL1, 64-bit format. Source: Arm ARM, DDI 0487, register PAR_EL1. */
enum {
	PAR_F = 0,
	PAR_FST_LSB = 1,
	PAR_FST_MASK = 0x3f,
	PAR_SH_LSB = 7,
	PAR_SH_MASK = 3,
	PAR_NS = 9,
	PAR_ATTR_LSB = 56
};

#define PAR_PA UINT64_C(0x0000fffffffff000)

const char *mmp_probe_access_name(enum mmp_probe_access access)
{
	static const char *const names[] = {
		[MMP_PROBE_READ] = "read",
		[MMP_PROBE_WRITE] = "write",
		[MMP_PROBE_USER_READ] = "user read",
		[MMP_PROBE_USER_WRITE] = "user write",
	};

	return names[access];
}

struct mmp_par mmp_par_of(uint64_t par)
{
	if (par >> PAR_F & 1)
		return (struct mmp_par){
			.fault = true,
			.fault_status = (uint8_t)(par >> PAR_FST_LSB & PAR_FST_MASK),
		};
	return (struct mmp_par){
		.pa = par & PAR_PA,
		.memory = (uint8_t)(par >> PAR_ATTR_LSB),
		.shareability = (uint8_t)(par >> PAR_SH_LSB & PAR_SH_MASK),
		.nonsecure = par >> PAR_NS & 1,
	};
}

/* Fault status codes with a level in bits 1:0. */
static const char *fault_name(uint8_t status)
{
	switch (status >> 2) {
	case 0:
		return "address size fault";
	case 1:
		return "translation fault";
	case 2:
		return "access flag fault";
	case 3:
		return "permission fault";
	case 5:
		return "external abort on the walk";
	default:
		return "fault";
	}
}

const char *mmp_par_print(const struct mmp_par *translation, char text[MMP_PAR_TEXT_SIZE])
{
	const struct mmp_par *t = translation;

	if (t->fault)
		snprintf(text, MMP_PAR_TEXT_SIZE, "%s, level %d (status 0x%02x)",
			 fault_name(t->fault_status), t->fault_status & 3,
			 t->fault_status);
	else
		snprintf(text, MMP_PAR_TEXT_SIZE,
			 "pa 0x%" PRIx64 ", memory 0x%02x, sharing %d, %s", t->pa,
			 t->memory, t->shareability,
			 t->nonsecure ? "non-secure" : "secure");
	return text;
}

/* Device memory, or Normal memory that is non-cacheable at both levels. */
static bool always_outer_shareable(uint8_t memory)
{
	return memory >> 4 == 0 || memory == 0x44;
}

bool mmp_par_same(const struct mmp_par *a, const struct mmp_par *b)
{
	if (a->fault || b->fault)
		return a->fault == b->fault && a->fault_status == b->fault_status;
	return a->pa == b->pa && a->memory == b->memory && a->nonsecure == b->nonsecure &&
	       (a->shareability == b->shareability || always_outer_shareable(a->memory));
}
