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
	{ "IGNORED", 2, 30, "ignored by hardware; optee-3.4 keeps HIDDEN in bits 2 and 3", NULL },
};
/* clang-format on */

enum { HIDDEN = 0x4, HIDDEN_DIRTY = 0x8, POINTER = 0x1, POINTER_NS = 0x8 };

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
	(void)level;
	return true;
}

static bool table_allowed(int level)
{
	return level == 1;
}

/* The firmware puts all three bits of the memory type into B, C and TEX[0], unchecked. */
static int check(const struct mmp_encoding *encoding, uint32_t attr,
		 struct mmp_error *err)
{
	(void)encoding;
	(void)attr;
	(void)err;
	return 0;
}

static uint64_t encode_section(const struct mmp_encoding *encoding, uint32_t attr)
{
	const struct mmp_field *f = mmp_short_section;
	unsigned kind = mmp_attr_kind(attr);
	uint64_t d = 0;

	d = mmp_field_set(&f[SHORT_SECTION_TYPE], d, 1);
	d = mmp_field_set(&f[SHORT_SECTION_PXN], d,
			  encoding->section_pxn && !(attr & MMP_ATTR_PX));
	d = mmp_field_set(&f[SHORT_SECTION_B], d, kind & 1);
	d = mmp_field_set(&f[SHORT_SECTION_C], d, kind >> 1 & 1);
	d = mmp_field_set(&f[SHORT_SECTION_TEX], d, kind >> 2 & 1);
	d = mmp_field_set(&f[SHORT_SECTION_XN], d, !(attr & (MMP_ATTR_PX | MMP_ATTR_UX)));
	d = mmp_field_set(&f[SHORT_SECTION_AF], d,
			  !!(attr & (MMP_ATTR_PR | MMP_ATTR_UR)));
	d = mmp_field_set(&f[SHORT_SECTION_AP1], d, !!(attr & MMP_ATTR_UR));
	d = mmp_field_set(&f[SHORT_SECTION_AP2], d, !(attr & MMP_ATTR_PW));
	d = mmp_field_set(&f[SHORT_SECTION_S], d, encoding->shared);
	d = mmp_field_set(&f[SHORT_SECTION_NG], d, !(attr & MMP_ATTR_GLOBAL));
	return mmp_field_set(&f[SHORT_SECTION_NS], d, !(attr & MMP_ATTR_SECURE));
}

static uint64_t encode_page(const struct mmp_encoding *encoding, uint32_t attr)
{
	const struct mmp_field *f = mmp_short_page;
	unsigned kind = mmp_attr_kind(attr);
	uint64_t d = 0;

	d = mmp_field_set(&f[SHORT_PAGE_TYPE], d, 1);
	d = mmp_field_set(&f[SHORT_PAGE_B], d, kind & 1);
	d = mmp_field_set(&f[SHORT_PAGE_C], d, kind >> 1 & 1);
	d = mmp_field_set(&f[SHORT_PAGE_TEX], d, kind >> 2 & 1);
	d = mmp_field_set(&f[SHORT_PAGE_XN], d, !(attr & (MMP_ATTR_PX | MMP_ATTR_UX)));
	d = mmp_field_set(&f[SHORT_PAGE_AF], d, !!(attr & (MMP_ATTR_PR | MMP_ATTR_UR)));
	d = mmp_field_set(&f[SHORT_PAGE_AP1], d, !!(attr & MMP_ATTR_UR));
	d = mmp_field_set(&f[SHORT_PAGE_AP2], d, !(attr & MMP_ATTR_PW));
	d = mmp_field_set(&f[SHORT_PAGE_S], d, encoding->shared);
	return mmp_field_set(&f[SHORT_PAGE_NG], d, !(attr & MMP_ATTR_GLOBAL));
}

static uint64_t encode(const struct mmp_encoding *encoding, int level, uint32_t attr)
{
	if (encoding->hidden_blocks && (attr & MMP_ATTR_HIDDEN_BLOCK))
		return HIDDEN;
	if (encoding->hidden_blocks && (attr & MMP_ATTR_HIDDEN_DIRTY_BLOCK))
		return HIDDEN_DIRTY;
	if (level == 1 && (attr & MMP_ATTR_TABLE))
		return POINTER | (attr & MMP_ATTR_SECURE ? 0 : POINTER_NS);
	if (!(attr & MMP_ATTR_VALID_BLOCK))
		return 0;
	attr = mmp_attr_implied(encoding, attr);
	return level == 1 ? encode_section(encoding, attr) : encode_page(encoding, attr);
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

static uint32_t decode_hidden(const struct mmp_encoding *encoding, uint64_t d)
{
	if (!encoding->hidden_blocks || (d & 3))
		return 0;
	if (d & HIDDEN)
		return MMP_ATTR_HIDDEN_BLOCK;
	return d & HIDDEN_DIRTY ? MMP_ATTR_HIDDEN_DIRTY_BLOCK : 0;
}

/* What section and page have in common, as the firmware reads it back: AP[1] is never
 * looked at, and TEX is ORed over C and B. */
struct common {
	bool accessed, read_only, xn, ng;
	uint64_t tex, cb;
};

static uint32_t decode_common(const struct common *c)
{
	uint32_t attr = MMP_ATTR_VALID_BLOCK;

	if (c->accessed)
		attr |= MMP_ATTR_PR | MMP_ATTR_PX | MMP_ATTR_UR | MMP_ATTR_UX;
	if (!c->read_only)
		attr |= MMP_ATTR_PW | MMP_ATTR_UW;
	if (c->xn)
		attr &= ~(MMP_ATTR_PX | MMP_ATTR_UX);
	if (!c->ng)
		attr |= MMP_ATTR_GLOBAL;
	return attr | (uint32_t)(c->tex | c->cb) << MMP_ATTR_KIND_SHIFT;
}

static uint32_t decode_section(uint64_t d)
{
	const struct mmp_field *f = mmp_short_section;
	const struct common c = {
		.accessed = mmp_field_get(&f[SHORT_SECTION_AF], d),
		.read_only = mmp_field_get(&f[SHORT_SECTION_AP2], d),
		.xn = mmp_field_get(&f[SHORT_SECTION_XN], d),
		.ng = mmp_field_get(&f[SHORT_SECTION_NG], d),
		.tex = mmp_field_get(&f[SHORT_SECTION_TEX], d),
		.cb = mmp_field_get(&f[SHORT_SECTION_C], d) << 1 |
		      mmp_field_get(&f[SHORT_SECTION_B], d),
	};
	uint32_t attr = decode_common(&c);

	if (mmp_field_get(&f[SHORT_SECTION_PXN], d))
		attr &= ~MMP_ATTR_PX;
	if (!mmp_field_get(&f[SHORT_SECTION_NS], d))
		attr |= MMP_ATTR_SECURE;
	return attr;
}

static uint32_t decode_page(uint64_t d)
{
	const struct mmp_field *f = mmp_short_page;
	const struct common c = {
		.accessed = mmp_field_get(&f[SHORT_PAGE_AF], d),
		.read_only = mmp_field_get(&f[SHORT_PAGE_AP2], d),
		.xn = mmp_field_get(&f[SHORT_PAGE_XN], d),
		.ng = mmp_field_get(&f[SHORT_PAGE_NG], d),
		.tex = mmp_field_get(&f[SHORT_PAGE_TEX], d),
		.cb = mmp_field_get(&f[SHORT_PAGE_C], d) << 1 |
		      mmp_field_get(&f[SHORT_PAGE_B], d),
	};

	return decode_common(&c);
}

static uint32_t decode(const struct mmp_encoding *encoding, int level, uint64_t d)
{
	switch (kind_of(level, d)) {
	case MMP_ENTRY_TABLE:
		return MMP_ATTR_TABLE |
		       (mmp_field_get(&mmp_short_table[SHORT_TABLE_NS], d)
				? 0
				: MMP_ATTR_SECURE);
	case MMP_ENTRY_LEAF:
		return level == 1 ? decode_section(d) : decode_page(d);
	case MMP_ENTRY_INVALID:
		break;
	}
	return decode_hidden(encoding, d);
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

const struct mmp_format mmp_format_short = {
	.name = "short",
	.source = "Arm ARM, DDI 0487 issue K.a, G5.4",
	.descriptor_bytes = 4,
	.descriptor_digits = 8,
	.first_level = 1,
	.last_level = 2,
	.shift = shift,
	.entries = entries,
	.leaf_allowed = leaf_allowed,
	.table_allowed = table_allowed,
	.check = check,
	.encode = encode,
	.decode = decode,
	.kind = kind_of,
	.address = address,
	.fields = fields,
};
