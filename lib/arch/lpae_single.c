/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/lpae.h"

/*
 * The descriptors of regimes with one privilege level: EL2, Hyp and EL3. There is no user
 * mode, so AP[1] must be 1, bit 53 must be 0, and XN alone controls execution. With RME,
 * EL3 has the bit NSE for root and realm. Source: Arm ARM, DDI 0487 issue K.a, D8.3.1 and
 * D8.4.1.
 */

static uint64_t leaf(int level, const struct mmp_leaf *leaf)
{
	struct mmp_leaf word = *leaf;

	word.user = true;
	word.uxn = leaf->uxn || leaf->pxn;
	word.pxn = false;
	return mmp_lpae_leaf_word(level, &word);
}

static bool read_leaf(int level, uint64_t pointer, uint64_t descriptor,
		      struct mmp_leaf *leaf)
{
	bool stray = mmp_lpae_read_leaf(level, pointer, descriptor, leaf);

	stray = stray || !leaf->user || leaf->pxn;
	leaf->user = false;
	leaf->pxn = leaf->uxn;
	return stray;
}

static bool read_el3(int level, uint64_t pointer, uint64_t descriptor,
		     struct mmp_leaf *leaf)
{
	bool stray = read_leaf(level, pointer, descriptor, leaf);

	leaf->nse = leaf->not_global;
	leaf->not_global = false;
	return stray;
}

static const struct mmp_field *el2_fields(int level, uint64_t d, size_t *ret_count)
{
	if (mmp_lpae_kind(level, d) != MMP_ENTRY_LEAF)
		return mmp_format_lpae.fields(level, d, ret_count);
	*ret_count = LPAE_LEAF_FIELD_COUNT;
	return mmp_lpae_el2_leaf[level ? level : 1];
}

static const struct mmp_field *el3_fields(int level, uint64_t d, size_t *ret_count)
{
	if (mmp_lpae_kind(level, d) != MMP_ENTRY_LEAF)
		return mmp_format_lpae.fields(level, d, ret_count);
	*ret_count = LPAE_LEAF_FIELD_COUNT;
	return mmp_lpae_el3_leaf[level ? level : 1];
}

/* clang-format off */
#define SHARED                                                                            \
	.source = "Arm ARM, DDI 0487 issue K.a, D8.3", .descriptor_bytes = 8,             \
	.descriptor_digits = 16, .address_bits = 48, .first_level = 0, .last_level = 3,   \
	.shift = mmp_lpae_shift, .entries = mmp_lpae_entries,                             \
	.leaf_allowed = mmp_lpae_leaf_allowed, .table_allowed = mmp_lpae_table_allowed,   \
	.leaf = leaf, .pointer = mmp_lpae_pointer,                                        \
	.read_pointer = mmp_lpae_read_pointer, .reduce = mmp_lpae_reduce,                 \
	.kind = mmp_lpae_kind, .address = mmp_lpae_address

const struct mmp_format mmp_format_lpae_el2 = {
	.name = "lpae-el2", SHARED, .read_leaf = read_leaf, .fields = el2_fields,
};

const struct mmp_format mmp_format_lpae_el3 = {
	.name = "lpae-el3", SHARED, .read_leaf = read_el3, .fields = el3_fields,
};
/* clang-format on */
