/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/attr.h"

#include <stdio.h>

/* clang-format off */
const struct mmp_attr_bit mmp_attr_bits[] = {
	{ MMP_ATTR_VALID_BLOCK,        "VALID_BLOCK",        "the entry maps memory" },
	{ MMP_ATTR_HIDDEN_BLOCK,       "HIDDEN_BLOCK",       "paged out, clean (optee-3.4)" },
	{ MMP_ATTR_HIDDEN_DIRTY_BLOCK, "HIDDEN_DIRTY_BLOCK", "paged out, dirty (optee-3.4)" },
	{ MMP_ATTR_TABLE,              "TABLE",              "the entry points to the next table" },
	{ MMP_ATTR_PR,                 "PR",                 "privileged read" },
	{ MMP_ATTR_PW,                 "PW",                 "privileged write" },
	{ MMP_ATTR_PX,                 "PX",                 "privileged execute" },
	{ MMP_ATTR_UR,                 "UR",                 "user read" },
	{ MMP_ATTR_UW,                 "UW",                 "user write" },
	{ MMP_ATTR_UX,                 "UX",                 "user execute" },
	{ MMP_ATTR_GLOBAL,             "GLOBAL",             "in every address space" },
	{ MMP_ATTR_SECURE,             "SECURE",             "secure physical address space" },
	{ MMP_ATTR_GUARDED,            "GUARDED",            "branch targets are checked (BTI)" },
	{ 0, NULL, NULL },
};

const char *const mmp_kind_names[MMP_KIND_COUNT] = {
	[MMP_KIND_DEVICE_NGNRE]  = "device-nGnRE",
	[MMP_KIND_NORMAL]        = "normal-cached",
	[MMP_KIND_DEVICE_NGNRNE] = "device-nGnRnE",
	[MMP_KIND_TAGGED]        = "normal-tagged",
};
/* clang-format on */

static char right(uint32_t attr, uint32_t bit, char letter)
{
	return attr & bit ? letter : '-';
}

const char *mmp_attr_print(uint32_t attr, char text[MMP_ATTR_TEXT_SIZE])
{
	unsigned kind = mmp_attr_kind(attr);

	snprintf(text, MMP_ATTR_TEXT_SIZE, "%s P:%c%c%c U:%c%c%c %s%s",
		 attr & MMP_ATTR_SECURE ? "secure" : "non-secure",
		 right(attr, MMP_ATTR_PR, 'r'), right(attr, MMP_ATTR_PW, 'w'),
		 right(attr, MMP_ATTR_PX, 'x'), right(attr, MMP_ATTR_UR, 'r'),
		 right(attr, MMP_ATTR_UW, 'w'), right(attr, MMP_ATTR_UX, 'x'),
		 kind < MMP_KIND_COUNT ? mmp_kind_names[kind] : "reserved",
		 attr & MMP_ATTR_GUARDED ? " guarded" : "");
	return text;
}
