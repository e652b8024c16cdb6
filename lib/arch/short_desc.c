/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/short_desc.h"

/* clang-format off */
static const char *const xn_values[] = { "may be executed", "may not be executed" };
static const char *const pxn_values[] = { "PL1 may execute", "PL1 may not execute" };
static const char *const af_values[] = { "the first access faults", "accessed" };
static const char *const ap1_values[] = { "PL1 only", "PL0 too" };
static const char *const ap2_values[] = { "read and write", "read only" };
static const char *const s_values[] = { "not shareable", "shareable" };
static const char *const ng_values[] = { "global", "of this ASID" };
static const char *const ns_values[] = { "secure physical address", "non-secure physical address" };

const struct mmp_field mmp_short_section[SHORT_SECTION_FIELD_COUNT] = {
	[SHORT_SECTION_PXN]    = { "PXN",        0,  1,  "privileged execute never", pxn_values },
	[SHORT_SECTION_TYPE]   = { "Type[1]",    1,  1,  "1: section or supersection", NULL },
	[SHORT_SECTION_B]      = { "B",          2,  1,  "memory type, bit 0 (index of PRRR)", NULL },
	[SHORT_SECTION_C]      = { "C",          3,  1,  "memory type, bit 1", NULL },
	[SHORT_SECTION_XN]     = { "XN",         4,  1,  "execute never", xn_values },
	[SHORT_SECTION_DOMAIN] = { "Domain",     5,  4,  "domain of DACR", NULL },
	[SHORT_SECTION_IMP]    = { "IMP",        9,  1,  "implementation defined", NULL },
	[SHORT_SECTION_AF]     = { "AF",         10, 1,  "access flag", af_values },
	[SHORT_SECTION_AP1]    = { "AP[1]",      11, 1,  "access from PL0", ap1_values },
	[SHORT_SECTION_TEX]    = { "TEX",        12, 3,  "memory type; bit 0 is bit 2 of the index of PRRR", NULL },
	[SHORT_SECTION_AP2]    = { "AP[2]",      15, 1,  "write access", ap2_values },
	[SHORT_SECTION_S]      = { "S",          16, 1,  "shareable", s_values },
	[SHORT_SECTION_NG]     = { "nG",         17, 1,  "not global", ng_values },
	[SHORT_SECTION_SUPER]  = { "Super",      18, 1,  "1: supersection", NULL },
	[SHORT_SECTION_NS]     = { "NS",         19, 1,  "security of the output address", ns_values },
	[SHORT_SECTION_BASE]   = { "Base",       20, 12, "output address, in MiB", NULL },
};

const struct mmp_field mmp_short_page[SHORT_PAGE_FIELD_COUNT] = {
	[SHORT_PAGE_XN]   = { "XN",      0,  1,  "execute never", xn_values },
	[SHORT_PAGE_TYPE] = { "Type[1]", 1,  1,  "1: small page", NULL },
	[SHORT_PAGE_B]    = { "B",       2,  1,  "memory type, bit 0 (index of PRRR)", NULL },
	[SHORT_PAGE_C]    = { "C",       3,  1,  "memory type, bit 1", NULL },
	[SHORT_PAGE_AF]   = { "AF",      4,  1,  "access flag", af_values },
	[SHORT_PAGE_AP1]  = { "AP[1]",   5,  1,  "access from PL0", ap1_values },
	[SHORT_PAGE_TEX]  = { "TEX",     6,  3,  "memory type; bit 0 is bit 2 of the index of PRRR", NULL },
	[SHORT_PAGE_AP2]  = { "AP[2]",   9,  1,  "write access", ap2_values },
	[SHORT_PAGE_S]    = { "S",       10, 1,  "shareable", s_values },
	[SHORT_PAGE_NG]   = { "nG",      11, 1,  "not global", ng_values },
	[SHORT_PAGE_BASE] = { "Base",    12, 20, "output address, in 4 KiB", NULL },
};

const struct mmp_field mmp_short_table[SHORT_TABLE_FIELD_COUNT] = {
	[SHORT_TABLE_TYPE]   = { "Type",   0,  2,  "1: pointer to a level 2 table", NULL },
	[SHORT_TABLE_PXN]    = { "PXN",    2,  1,  "PXN for everything below", NULL },
	[SHORT_TABLE_NS]     = { "NS",     3,  1,  "security of everything below", ns_values },
	[SHORT_TABLE_SBZ]    = { "SBZ",    4,  1,  "should be zero", NULL },
	[SHORT_TABLE_DOMAIN] = { "Domain", 5,  4,  "domain of DACR", NULL },
	[SHORT_TABLE_IMP]    = { "IMP",    9,  1,  "implementation defined", NULL },
	[SHORT_TABLE_BASE]   = { "Base",   10, 22, "address of the level 2 table, in KiB", NULL },
};

static const struct mmp_field invalid_fields[] = {
	{ "Type",    0, 2,  "0: no translation; 1 at level 2: large page, not used", NULL },
	{ "IGNORED", 2, 30, "ignored by hardware; firmware may keep marks of its own there", NULL },
};
/* clang-format on */

enum { POINTER = 0x1, POINTER_NS = 0x8 };

static unsigned shift(int level)
{
	return level == 1 ? 20 : 12;
}

static unsigned entries(int level)
{
	return level == 1 ? 4096 : 256;
}

static bool leaf_allowed(int level)
{
	return true;
}

static bool table_allowed(int level)
{
	return level == 1;
}

static uint64_t section(const struct mmp_leaf *leaf)
{
	const struct mmp_field *f = mmp_short_section;
	uint64_t d = 0;

	d = mmp_field_set(&f[SHORT_SECTION_TYPE], d, 1);
	d = mmp_field_set(&f[SHORT_SECTION_PXN], d, leaf->pxn);
	d = mmp_field_set(&f[SHORT_SECTION_B], d, leaf->memory & 1);
	d = mmp_field_set(&f[SHORT_SECTION_C], d, leaf->memory >> 1 & 1);
	d = mmp_field_set(&f[SHORT_SECTION_TEX], d, leaf->memory >> 2 & 1);
	d = mmp_field_set(&f[SHORT_SECTION_XN], d, leaf->uxn);
	d = mmp_field_set(&f[SHORT_SECTION_AF], d, leaf->accessed);
	d = mmp_field_set(&f[SHORT_SECTION_AP1], d, leaf->user);
	d = mmp_field_set(&f[SHORT_SECTION_AP2], d, leaf->read_only);
	d = mmp_field_set(&f[SHORT_SECTION_S], d, leaf->shareability >> 1 & 1);
	d = mmp_field_set(&f[SHORT_SECTION_NG], d, leaf->not_global);
	return mmp_field_set(&f[SHORT_SECTION_NS], d, leaf->nonsecure);
}

static uint64_t page(const struct mmp_leaf *leaf)
{
	const struct mmp_field *f = mmp_short_page;
	uint64_t d = 0;

	d = mmp_field_set(&f[SHORT_PAGE_TYPE], d, 1);
	d = mmp_field_set(&f[SHORT_PAGE_B], d, leaf->memory & 1);
	d = mmp_field_set(&f[SHORT_PAGE_C], d, leaf->memory >> 1 & 1);
	d = mmp_field_set(&f[SHORT_PAGE_TEX], d, leaf->memory >> 2 & 1);
	d = mmp_field_set(&f[SHORT_PAGE_XN], d, leaf->uxn);
	d = mmp_field_set(&f[SHORT_PAGE_AF], d, leaf->accessed);
	d = mmp_field_set(&f[SHORT_PAGE_AP1], d, leaf->user);
	d = mmp_field_set(&f[SHORT_PAGE_AP2], d, leaf->read_only);
	d = mmp_field_set(&f[SHORT_PAGE_S], d, leaf->shareability >> 1 & 1);
	return mmp_field_set(&f[SHORT_PAGE_NG], d, leaf->not_global);
}

static uint64_t leaf(int level, const struct mmp_leaf *leaf)
{
	return level == 1 ? section(leaf) : page(leaf);
}

static uint64_t pointer(bool nonsecure)
{
	return POINTER | (nonsecure ? POINTER_NS : 0);
}

static enum mmp_entry kind_of(int level, uint64_t d)
{
	if (level == 1 && (d & 3) == POINTER)
		return MMP_ENTRY_TABLE;
	if (!(d & 2))
		return MMP_ENTRY_INVALID;
	if (level == 1 && mmp_field_get(&mmp_short_section[SHORT_SECTION_SUPER], d))
		return MMP_ENTRY_INVALID;
	return MMP_ENTRY_LEAF;
}

static void read_section(uint64_t d, struct mmp_leaf *leaf)
{
	const struct mmp_field *f = mmp_short_section;
	bool xn = mmp_field_get(&f[SHORT_SECTION_XN], d);

	*leaf = (struct mmp_leaf){
		.memory = (uint8_t)(mmp_field_get(&f[SHORT_SECTION_B], d) |
				    mmp_field_get(&f[SHORT_SECTION_C], d) << 1 |
				    (mmp_field_get(&f[SHORT_SECTION_TEX], d) & 1) << 2),
		.shareability = mmp_field_get(&f[SHORT_SECTION_S], d) ? 2 : 0,
		.nonsecure = mmp_field_get(&f[SHORT_SECTION_NS], d),
		.user = mmp_field_get(&f[SHORT_SECTION_AP1], d),
		.read_only = mmp_field_get(&f[SHORT_SECTION_AP2], d),
		.accessed = mmp_field_get(&f[SHORT_SECTION_AF], d),
		.not_global = mmp_field_get(&f[SHORT_SECTION_NG], d),
		.uxn = xn,
		.pxn = xn || mmp_field_get(&f[SHORT_SECTION_PXN], d),
	};
}

static void read_page(uint64_t pointer, uint64_t d, struct mmp_leaf *leaf)
{
	const struct mmp_field *f = mmp_short_page;
	bool xn = mmp_field_get(&f[SHORT_PAGE_XN], d);

	*leaf = (struct mmp_leaf){
		.memory = (uint8_t)(mmp_field_get(&f[SHORT_PAGE_B], d) |
				    mmp_field_get(&f[SHORT_PAGE_C], d) << 1 |
				    (mmp_field_get(&f[SHORT_PAGE_TEX], d) & 1) << 2),
		.shareability = mmp_field_get(&f[SHORT_PAGE_S], d) ? 2 : 0,
		.nonsecure = mmp_field_get(&mmp_short_table[SHORT_TABLE_NS], pointer),
		.user = mmp_field_get(&f[SHORT_PAGE_AP1], d),
		.read_only = mmp_field_get(&f[SHORT_PAGE_AP2], d),
		.accessed = mmp_field_get(&f[SHORT_PAGE_AF], d),
		.not_global = mmp_field_get(&f[SHORT_PAGE_NG], d),
		.uxn = xn,
		.pxn = xn || mmp_field_get(&mmp_short_table[SHORT_TABLE_PXN], pointer),
	};
}

/*
 * Bits that none of our leaves has: IMP; a domain other than 0, whose rights are in DACR;
 * and the upper bits of TEX, which are free for software with TEX remap.
 */
static bool read_leaf(int level, uint64_t pointer, uint64_t d, struct mmp_leaf *leaf)
{
	if (level == 1) {
		read_section(d, leaf);
		return mmp_field_get(&mmp_short_section[SHORT_SECTION_IMP], d) ||
		       mmp_field_get(&mmp_short_section[SHORT_SECTION_DOMAIN], d) ||
		       mmp_field_get(&mmp_short_section[SHORT_SECTION_TEX], d) >> 1;
	}
	read_page(pointer, d, leaf);
	return mmp_field_get(&mmp_short_page[SHORT_PAGE_TEX], d) >> 1;
}

/* A page has no PXN of its own, and the format has no GP bit. */
static void reduce(int level, struct mmp_leaf *leaf)
{
	leaf->pxn = leaf->uxn || (level == 1 && leaf->pxn);
	leaf->guarded = false;
}

static const struct mmp_field *fields(int level, uint64_t d, size_t *ret_count)
{
	switch (kind_of(level, d)) {
	case MMP_ENTRY_TABLE:
		*ret_count = SHORT_TABLE_FIELD_COUNT;
		return mmp_short_table;
	case MMP_ENTRY_LEAF:
		*ret_count =
			level == 1 ? SHORT_SECTION_FIELD_COUNT : SHORT_PAGE_FIELD_COUNT;
		return level == 1 ? mmp_short_section : mmp_short_page;
	case MMP_ENTRY_INVALID:
		break;
	}
	*ret_count = sizeof(invalid_fields) / sizeof(invalid_fields[0]);
	return invalid_fields;
}

static uint64_t address(int level, uint64_t d)
{
	const struct mmp_field *f = kind_of(level, d) == MMP_ENTRY_TABLE
					    ? &mmp_short_table[SHORT_TABLE_BASE]
				    : level == 1 ? &mmp_short_section[SHORT_SECTION_BASE]
						 : &mmp_short_page[SHORT_PAGE_BASE];

	return mmp_field_get(f, d) << f->lsb;
}

static bool read_pointer(int level, uint64_t d, bool *ret_nonsecure)
{
	*ret_nonsecure = mmp_field_get(&mmp_short_table[SHORT_TABLE_NS], d);
	return d & ~(address(level, d) | POINTER | POINTER_NS);
}

const struct mmp_format mmp_format_short = {
	.name = "short",
	.source = "Arm ARM, DDI 0487 issue K.a, G5.4",
	.descriptor_bytes = 4,
	.descriptor_digits = 8,
	.address_bits = 32,
	.security_in_pointer = true,
	.first_level = 1,
	.last_level = 2,
	.shift = shift,
	.entries = entries,
	.leaf_allowed = leaf_allowed,
	.table_allowed = table_allowed,
	.leaf = leaf,
	.pointer = pointer,
	.read_leaf = read_leaf,
	.read_pointer = read_pointer,
	.reduce = reduce,
	.kind = kind_of,
	.address = address,
	.fields = fields,
};
