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

static bool find_word(const char *word, const char *const *words, unsigned count,
		      uint32_t *ret_n)
{
	for (uint32_t n = 0; n < count; n++)
		if (words[n] && !strcmp(words[n], word)) {
			*ret_n = n;
			return true;
		}
	return false;
}

bool tfa_attr_add_word(uint32_t *attr, const char *word)
{
	/* clang-format off */
	static const struct {
		const char *word;
		uint32_t bits;
	} plain[] = {
		{ "rw", TFA_RW }, { "ro", 0 }, { "execute", 0 }, { "execute_never", TFA_EXECUTE_NEVER },
		{ "user", TFA_USER }, { "dynamic", TFA_DYNAMIC },
	};
	/* clang-format on */
	uint32_t n;

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (!strcmp(plain[i].word, word)) {
			*attr |= plain[i].bits;
			return true;
		}
	if (find_word(word, types, 8, &n))
		*attr |= n;
	else if (find_word(word, spaces, 4, &n))
		*attr |= n << SPACE_SHIFT;
	else if (find_word(word, shares, 4, &n))
		*attr |= n << SHARE_SHIFT;
	else if (find_word(word, kept, sizeof(kept) / sizeof(kept[0]), &n))
		*attr |= UINT32_C(1) << (KEPT_SHIFT + n);
	else
		return false;
	return true;
}
