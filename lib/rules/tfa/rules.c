/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/tfa/regions.h"

/* Why a call is refused: the firmware's return value and a text. */

enum { EPERM_ = -1, ENOMEM_ = -12, EINVAL_ = -22, ERANGE_ = -34 };

/* clang-format off */
const struct tfa_rule_info tfa_rules[TFA_RULE_COUNT] = {
	[TFA_ACCEPTED]       = { 0, NULL, "" },
	[TFA_PA_UNALIGNED]   = { EINVAL_, "tfa-alignment", "the PA must be a multiple of 4 KiB" },
	[TFA_VA_UNALIGNED]   = { EINVAL_, "tfa-alignment", "the VA must be a multiple of 4 KiB" },
	[TFA_SIZE_UNALIGNED] = { EINVAL_, "tfa-alignment", "the size must be a multiple of 4 KiB" },
	[TFA_GRANULARITY]    = { EINVAL_, "tfa-granularity", "the granularity must be 0x1000, 0x200000 or 0x40000000" },
	[TFA_PA_WRAPS]       = { ERANGE_, "tfa-wraps", "the PA range must not wrap past 2^64" },
	[TFA_VA_WRAPS]       = { ERANGE_, "tfa-wraps", "the VA range must not wrap past the last address" },
	[TFA_VA_SPACE]       = { ERANGE_, "tfa-va-space", "the VA range must end within PLAT_VIRT_ADDR_SPACE_SIZE" },
	[TFA_PA_SPACE]       = { ERANGE_, "tfa-pa-space", "the PA range must end within PLAT_PHY_ADDR_SPACE_SIZE" },
	[TFA_LIST_FULL]      = { ENOMEM_, "tfa-map-entries", "there are at most MAX_MMAP_REGIONS regions" },
	[TFA_DYNAMIC_NEST]   = { EPERM_, "tfa-overlap-dynamic", "a dynamic region may neither contain another region nor be inside one" },
	[TFA_OTHER_OFFSET]   = { EPERM_, "tfa-overlap-offset", "a region inside another must have the same VA - PA" },
	[TFA_SAME_RANGE]     = { EPERM_, "tfa-overlap-same", "two regions must not have the same VA range" },
	[TFA_VA_PARTIAL]     = { EPERM_, "tfa-overlap-partial", "VA ranges must be apart, or one inside the other" },
	[TFA_PA_SHARED]      = { EPERM_, "tfa-overlap-alias", "memory must not be mapped at two VAs" },
	[TFA_NO_VA]          = { ENOMEM_, "tfa-va-space", "a VA must be left after the last region" },
	[TFA_NO_TABLE]       = { ENOMEM_, "tfa-tables", "MAX_XLAT_TABLES must be large enough for the region" },
	[TFA_NOT_FOUND]      = { EINVAL_, "tfa-remove", "a region with exactly this VA and size must be in the list" },
	[TFA_STATIC]         = { EPERM_, "tfa-remove", "only dynamic regions can be removed" },
	[TFA_NOT_MAPPED]     = { EINVAL_, "tfa-attributes", "every page must be mapped" },
	[TFA_BEYOND_BASE]    = { EINVAL_, "tfa-attributes", "every page must be within the base table's reach" },
	[TFA_CHANGE_VA_UNALIGNED]    = { EINVAL_, "tfa-attributes", "the VA must be a multiple of 4 KiB" },
	[TFA_CHANGE_SIZE_ZERO]       = { EINVAL_, "tfa-attributes", "the size must not be 0" },
	[TFA_CHANGE_SIZE_UNALIGNED]  = { EINVAL_, "tfa-attributes", "the size must be a multiple of 4 KiB" },
	[TFA_CHANGE_WRITE_EXECUTE]   = { EINVAL_, "tfa-attributes", "memory must not be read-write and executable" },
	[TFA_CHANGE_BLOCK]           = { EINVAL_, "tfa-attributes", "the memory must be mapped by pages: blocks are never split" },
	[TFA_CHANGE_DEVICE_EXECUTE]  = { EINVAL_, "tfa-attributes", "device memory must not be executable" },
};
/* clang-format on */

const char *tfa_code_name(enum tfa_rule rule)
{
	switch (tfa_rules[rule].code) {
	case 0:
		return "0";
	case EPERM_:
		return "-EPERM";
	case ENOMEM_:
		return "-ENOMEM";
	case ERANGE_:
		return "-ERANGE";
	default:
		return "-EINVAL";
	}
}
