/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/optee/attr.h"

#include <stdio.h>
#include <string.h>

#include "arch/lpae.h"
#include "arch/short_desc.h"
#include "rules/optee/optee.h"

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

const struct mmp_memory_kind optee_memory_kinds[MMP_KIND_COUNT] = {
	[MMP_KIND_DEVICE_NGNRE]  = { "device-nGnRE",  true,  false },
	[MMP_KIND_NORMAL]        = { "normal-cached", false, true },
	[MMP_KIND_DEVICE_NGNRNE] = { "device-nGnRnE", true,  false },
	[MMP_KIND_TAGGED]        = { "normal-tagged", false, true },
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

/* Append as much as fits; returns the new length. Each row of a map has such texts. */
static size_t append_text(char text[MMP_WORDS_SIZE], size_t length, const char *more)
{
	size_t count = strlen(more), room = MMP_WORDS_SIZE - 1 - length;

	if (count > room)
		count = room;
	memcpy(text + length, more, count);
	text[length + count] = '\0';
	return length + count;
}

const char *optee_attr_text(const struct mmp_rules *rules, uint32_t attr,
			    char text[MMP_WORDS_SIZE])
{
	char rights[] = " P:rwx U:rwx ";
	unsigned kind = mmp_attr_kind(attr);
	size_t length;

	rights[3] = right(attr, MMP_ATTR_PR, 'r');
	rights[4] = right(attr, MMP_ATTR_PW, 'w');
	rights[5] = right(attr, MMP_ATTR_PX, 'x');
	rights[9] = right(attr, MMP_ATTR_UR, 'r');
	rights[10] = right(attr, MMP_ATTR_UW, 'w');
	rights[11] = right(attr, MMP_ATTR_UX, 'x');
	length = append_text(text, 0, attr & MMP_ATTR_SECURE ? "secure" : "non-secure");
	length = append_text(text, length, rights);
	length = append_text(text, length,
			     kind < MMP_KIND_COUNT ? mmp_kind_names[kind] : "reserved");
	if (attr & MMP_ATTR_GUARDED)
		append_text(text, length, " guarded");
	return text;
}

const char *optee_attr_words(const struct mmp_rules *rules, uint32_t attr,
			     char text[MMP_WORDS_SIZE])
{
	unsigned kind = mmp_attr_kind(attr);
	size_t length = 0;

	for (const struct mmp_attr_bit *b = mmp_attr_bits; b->bit; b++)
		if (attr & b->bit) {
			length = append_text(text, length, b->name);
			length = append_text(text, length, " ");
		}
	if (kind < MMP_KIND_COUNT)
		append_text(text, length, mmp_kind_names[kind]);
	else
		snprintf(text + length, MMP_WORDS_SIZE - length, "kind-%u", kind);
	return text;
}

const char *optee_unmapped(uint32_t attr)
{
	return attr & MMP_ATTR_HIDDEN_BLOCK ? "paged out, clean" : "paged out, dirty";
}

const struct mmp_regime *optee_regime(const struct mmp_rules *rules,
				      const struct mmp_config *config)
{
	const struct optee_config *c = optee_config_of(config);

	if (c->arch == OPTEE_ARM64)
		return &mmp_regime_el1;
	return c->lpae ? &mmp_regime_pl1_long : &mmp_regime_pl1_short;
}

/* Add what a word implies before it is encoded: PX or PW imply PR, and so on. */
static uint32_t with_implied(const struct optee_encoding *encoding, uint32_t attr)
{
	if (attr & (MMP_ATTR_PX | MMP_ATTR_PW))
		attr |= MMP_ATTR_PR;
	if (attr & (MMP_ATTR_UX | MMP_ATTR_UW))
		attr |= MMP_ATTR_UR;
	if (attr & MMP_ATTR_UR)
		attr |= MMP_ATTR_PR;
	if (attr & MMP_ATTR_UW)
		attr |= MMP_ATTR_PW;
	if (encoding->px_is_guarded && (attr & MMP_ATTR_PX))
		attr |= MMP_ATTR_GUARDED;
	return attr;
}

static bool kind_is_device(unsigned kind)
{
	return kind < MMP_KIND_COUNT && optee_memory_kinds[kind].device;
}

/* With short descriptors S applies to all memory, and PXN only to sections. */
void optee_leaf(const struct mmp_rules *rules, const struct mmp_config *config,
		const struct mmp_format *format, uint32_t word, struct mmp_leaf *ret_leaf)
{
	const struct optee_encoding encoding = optee_encoding(rules, config);
	const uint32_t attr = with_implied(&encoding, word);
	const unsigned kind = mmp_attr_kind(attr);
	const bool is_short = format == &mmp_format_short;

	*ret_leaf = (struct mmp_leaf){
		.memory = (uint8_t)kind,
		.shareability = is_short               ? (encoding.shared ? 2 : 0)
				: kind_is_device(kind) ? 2
						       : 3,
		.nonsecure = !(attr & MMP_ATTR_SECURE),
		.user = attr & MMP_ATTR_UR,
		.read_only = !(attr & MMP_ATTR_PW),
		.accessed = attr & (MMP_ATTR_PR | MMP_ATTR_UR),
		.not_global = !(attr & MMP_ATTR_GLOBAL),
		.pxn = !(attr & MMP_ATTR_PX) && (!is_short || encoding.section_pxn),
		.uxn = !(attr & (MMP_ATTR_PX | MMP_ATTR_UX)),
		.guarded =
			encoding.guarded && encoding.cpu_bti && (attr & MMP_ATTR_GUARDED),
	};
}

/* Source: core_mmu_lpae.c and core_mmu_v7.c, desc_to_mattr(). */
uint32_t optee_attr_of(const struct mmp_rules *rules, const struct mmp_config *config,
		       const struct mmp_leaf *leaf)
{
	uint32_t attr = MMP_ATTR_VALID_BLOCK | (uint32_t)leaf->memory
						       << MMP_ATTR_KIND_SHIFT;

	if (leaf->accessed)
		attr |= MMP_ATTR_PR | (leaf->user ? MMP_ATTR_UR : 0);
	if (!leaf->read_only)
		attr |= MMP_ATTR_PW | (leaf->user ? MMP_ATTR_UW : 0);
	if (!leaf->pxn)
		attr |= MMP_ATTR_PX;
	if (!leaf->uxn && leaf->user)
		attr |= MMP_ATTR_UX;
	if (!leaf->not_global)
		attr |= MMP_ATTR_GLOBAL;
	if (!leaf->nonsecure)
		attr |= MMP_ATTR_SECURE;
	return leaf->guarded ? attr | MMP_ATTR_GUARDED : attr;
}

/* --- the firmware's own functions, for any word ------------------------------------- */

enum { HIDDEN = 0x4, HIDDEN_DIRTY = 0x8 };

/*
 * Whether `attr` does not give a leaf at that level; *ret_word is what it gives instead.
 */
static bool is_marker(const struct optee_encoding *encoding,
		      const struct mmp_format *format, int level, uint32_t attr,
		      uint64_t *ret_word)
{
	bool table = format != &mmp_format_short || level == 1;

	if (encoding->hidden_blocks && (attr & MMP_ATTR_HIDDEN_BLOCK))
		*ret_word = HIDDEN;
	else if (encoding->hidden_blocks && (attr & MMP_ATTR_HIDDEN_DIRTY_BLOCK))
		*ret_word = HIDDEN_DIRTY;
	else if (table && (attr & MMP_ATTR_TABLE))
		*ret_word = format->pointer(!(attr & MMP_ATTR_SECURE));
	else if (!(attr & MMP_ATTR_VALID_BLOCK))
		*ret_word = 0;
	else
		return false;
	return true;
}

/* LPAE rejects unknown memory kinds; short descriptors use all three bits unchecked. */
int optee_encode(const struct mmp_rules *rules, const struct mmp_config *config,
		 const struct mmp_format *format, int level, uint32_t attr,
		 uint64_t *ret_word, struct mmp_error *err)
{
	struct optee_encoding encoding = optee_encoding(rules, config);
	struct mmp_leaf leaf;

	if (is_marker(&encoding, format, level, attr, ret_word))
		return 0;
	if (format == &mmp_format_lpae && mmp_attr_kind(attr) >= encoding.kinds)
		return mmp_fail(err, MMP_INVALID,
				"attr: 0x%08x has memory kind %u in bits 14:12; %u to %u "
				"are accepted",
				attr, mmp_attr_kind(attr), 0u, encoding.kinds - 1);
	optee_leaf(rules, config, format, attr, &leaf);
	*ret_word = format->leaf(level, &leaf);
	return 0;
}

static uint32_t decode_hidden(const struct optee_encoding *encoding, uint64_t d)
{
	if (!encoding->hidden_blocks)
		return 0;
	if (d & HIDDEN)
		return MMP_ATTR_HIDDEN_BLOCK;
	return d & HIDDEN_DIRTY ? MMP_ATTR_HIDDEN_DIRTY_BLOCK : 0;
}

/*
 * Decode in the firmware's order: later lines remove what earlier ones set. With short
 * descriptors it never reads AP[1], and a page has neither PXN nor NS.
 */
static uint32_t decode_leaf(const struct optee_encoding *encoding, bool is_short,
			    int level, uint64_t d, const struct mmp_leaf *leaf)
{
	bool page = is_short && level == 2;
	uint32_t attr = MMP_ATTR_VALID_BLOCK;

	if (leaf->accessed)
		attr |= MMP_ATTR_PR | MMP_ATTR_PX | MMP_ATTR_UR | MMP_ATTR_UX;
	if (!leaf->read_only)
		attr |= MMP_ATTR_PW | MMP_ATTR_UW;
	if (!is_short && !leaf->user)
		attr &= ~(MMP_ATTR_UR | MMP_ATTR_UW | MMP_ATTR_UX);
	if (leaf->uxn)
		attr &= ~(MMP_ATTR_PX | MMP_ATTR_UX);
	if (!page && leaf->pxn)
		attr &= ~MMP_ATTR_PX;
	if (!leaf->not_global)
		attr |= MMP_ATTR_GLOBAL;
	if (!page && !leaf->nonsecure)
		attr |= MMP_ATTR_SECURE;
	if (encoding->guarded && leaf->guarded)
		attr |= MMP_ATTR_GUARDED;
	return attr;
}

/* The bits of the memory kind; short descriptors OR all of TEX over C and B. */
static uint32_t decode_kind(bool is_short, int level, uint64_t d,
			    const struct mmp_leaf *leaf)
{
	uint64_t kind = leaf->memory;

	if (is_short) {
		const struct mmp_field *tex =
			level == 1 ? &mmp_short_section[SHORT_SECTION_TEX]
				   : &mmp_short_page[SHORT_PAGE_TEX];

		kind = (kind & 3) | mmp_field_get(tex, d);
	}
	return (uint32_t)kind << MMP_ATTR_KIND_SHIFT;
}

uint32_t optee_decode(const struct mmp_rules *rules, const struct mmp_config *config,
		      const struct mmp_format *format, int level, uint64_t d)
{
	struct optee_encoding encoding = optee_encoding(rules, config);
	bool is_short = format == &mmp_format_short, nonsecure;
	struct mmp_leaf leaf;

	switch (format->kind(level, d)) {
	case MMP_ENTRY_TABLE:
		if (!is_short)
			return MMP_ATTR_TABLE;
		format->read_pointer(level, d, &nonsecure);
		return MMP_ATTR_TABLE | (nonsecure ? 0 : MMP_ATTR_SECURE);
	case MMP_ENTRY_LEAF:
		format->read_leaf(level, 0, d, &leaf);
		return decode_leaf(&encoding, is_short, level, d, &leaf) |
		       decode_kind(is_short, level, d, &leaf);
	case MMP_ENTRY_INVALID:
		break;
	}
	if (d & (is_short ? 3 : 1)) /* a reserved encoding, not a hidden one */
		return 0;
	return decode_hidden(&encoding, d);
}
