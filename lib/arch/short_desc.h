/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SHORT_DESC_H
#define MMP_SHORT_DESC_H

#include "arch/format.h"

/*
 * VMSAv8-32 short descriptors: level 1 sections of 1 MiB and pointers to level 2, level 2
 * small pages of 4 KiB. SCTLR.TRE and AFE are set, as in the firmware. Source: Arm ARM,
 * DDI 0487 issue K.a, G5.4 (short-descriptor format).
 */
/* clang-format off */
enum short_section_field {
	SHORT_SECTION_PXN, SHORT_SECTION_TYPE, SHORT_SECTION_B, SHORT_SECTION_C,
	SHORT_SECTION_XN, SHORT_SECTION_DOMAIN, SHORT_SECTION_IMP, SHORT_SECTION_AF,
	SHORT_SECTION_AP1, SHORT_SECTION_TEX, SHORT_SECTION_AP2, SHORT_SECTION_S,
	SHORT_SECTION_NG, SHORT_SECTION_SUPER, SHORT_SECTION_NS, SHORT_SECTION_BASE,
	SHORT_SECTION_FIELD_COUNT
};

enum short_page_field {
	SHORT_PAGE_XN, SHORT_PAGE_TYPE, SHORT_PAGE_B, SHORT_PAGE_C, SHORT_PAGE_AF,
	SHORT_PAGE_AP1, SHORT_PAGE_TEX, SHORT_PAGE_AP2, SHORT_PAGE_S, SHORT_PAGE_NG,
	SHORT_PAGE_BASE, SHORT_PAGE_FIELD_COUNT
};

enum short_table_field {
	SHORT_TABLE_TYPE, SHORT_TABLE_PXN, SHORT_TABLE_NS, SHORT_TABLE_SBZ,
	SHORT_TABLE_DOMAIN, SHORT_TABLE_IMP, SHORT_TABLE_BASE, SHORT_TABLE_FIELD_COUNT
};
/* clang-format on */

extern const struct mmp_field mmp_short_section[SHORT_SECTION_FIELD_COUNT];
extern const struct mmp_field mmp_short_page[SHORT_PAGE_FIELD_COUNT];
extern const struct mmp_field mmp_short_table[SHORT_TABLE_FIELD_COUNT];

extern const struct mmp_format mmp_format_short;

#endif
