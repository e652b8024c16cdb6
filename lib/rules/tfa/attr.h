/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_RULES_TFA_ATTR_H
#define MMP_RULES_TFA_ATTR_H

/*
 * The attribute word of a region (mmap_attr_t). Source: TF-A 2.15,
 * include/lib/xlat_tables/xlat_tables_v2.h.
 */

#include <stdbool.h>
#include <stdint.h>

/* clang-format off */
#define TFA_TYPE_MASK	0x00000007u
#define TFA_DEVICE		0x00000000u
#define TFA_NON_CACHEABLE	0x00000001u
#define TFA_MEMORY		0x00000002u
#define TFA_RW		0x00000008u
#define TFA_SPACE_MASK	0x00000030u
#define TFA_SECURE		0x00000000u
#define TFA_NS		0x00000010u
#define TFA_ROOT		0x00000020u
#define TFA_REALM		0x00000030u
#define TFA_EXECUTE_NEVER	0x00000040u
#define TFA_USER		0x00000080u
#define TFA_SHARE_MASK	0x00000300u
#define TFA_SHARE_INNER	0x00000100u
#define TFA_SHARE_OUTER	0x00000200u
#define TFA_SHARE_NONE	0x00000300u
#define TFA_DYNAMIC		0x80000000u
#define TFA_CODE_MASK	0x0000004fu	/* what makes a page code: type, RW, XN */
#define TFA_CODE		TFA_MEMORY
/* clang-format on */

/*
 * Spell out an attribute word: "memory", "rw", "secure", "execute_never", and whatever
 * else is set. Returns the number of words, which are constants.
 */
#define TFA_ATTR_WORDS_MAX 32
unsigned tfa_attr_words(uint32_t attr, const char *words[TFA_ATTR_WORDS_MAX]);

#endif
