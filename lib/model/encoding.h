/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_ENCODING_H
#define MMP_ENCODING_H

#include <stdbool.h>

enum mmp_format_id {
	MMP_FORMAT_LPAE,  /* 64-bit descriptors, 4 KiB granule, all levels */
	MMP_FORMAT_SHORT, /* 32-bit short descriptors, levels 1 and 2 */
	MMP_FORMAT_COUNT
};

/*
 * Everything besides the attribute word itself that decides which bits a descriptor
 * gets: said by a rule set for a configuration, read by lib/arch.
 */
struct mmp_encoding {
	enum mmp_format_id format;
	unsigned kinds;     /* memory kinds 0 .. kinds-1 are accepted by LPAE */
	bool hidden_blocks; /* HIDDEN_BLOCK and HIDDEN_DIRTY_BLOCK exist */
	bool guarded;       /* GUARDED exists */
	bool px_is_guarded; /* PX implies GUARDED (CFG_CORE_BTI) */
	bool cpu_bti;       /* GP takes effect */
	bool cpu_tags;      /* MAIR says tagged for MMP_KIND_TAGGED */
	bool section_pxn;   /* short: sections have PXN (CFG_HWSUPP_MEM_PERM_PXN) */
	bool shared;        /* short: S is set (not CFG_NO_SMP) */
};

#endif
