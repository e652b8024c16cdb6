/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/tfa/attr.h"

#include <stddef.h>
#include <string.h>

/* clang-format off */
static const char *const types[8] = { "device", "non_cacheable", "memory", "type_3", "type_4", "type_5", "type_6", "type_7" };
static const char *const spaces[4] = { "secure", "ns", "root", "realm" };
static const char *const shares[4] = { NULL, "shareable_inner", "shareable_outer", "shareable_none" };
static const char *const kept[21] = {
	"bit_10", "bit_11", "bit_12", "bit_13", "bit_14", "bit_15", "bit_16", "bit_17", "bit_18", "bit_19", "bit_20",
	"bit_21", "bit_22", "bit_23", "bit_24", "bit_25", "bit_26", "bit_27", "bit_28", "bit_29", "bit_30" };
/* clang-format on */

enum { SPACE_SHIFT = 4, SHARE_SHIFT = 8, KEPT_SHIFT = 10 };

unsigned tfa_attr_words(uint32_t attr, const char *words[TFA_ATTR_WORDS_MAX])
{
	unsigned count = 0;
	const char *share = shares[(attr & TFA_SHARE_MASK) >> SHARE_SHIFT];

	words[count++] = types[attr & TFA_TYPE_MASK];
	words[count++] = attr & TFA_RW ? "rw" : "ro";
	words[count++] = spaces[(attr & TFA_SPACE_MASK) >> SPACE_SHIFT];
	words[count++] = attr & TFA_EXECUTE_NEVER ? "execute_never" : "execute";
	if (attr & TFA_USER)
		words[count++] = "user";
	if (share)
		words[count++] = share;
	if (attr & TFA_DYNAMIC)
		words[count++] = "dynamic";
	for (unsigned bit = 0; bit < sizeof(kept) / sizeof(kept[0]); bit++)
		if (attr >> (KEPT_SHIFT + bit) & 1)
			words[count++] = kept[bit];
	return count;
}
