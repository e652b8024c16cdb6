/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/lpae.h"
#include "arch/regime.h"
#include "rules/tfa/attr.h"
#include "rules/tfa/tfa.h"

/* Between attribute words, leaves and descriptors, for the neutral floors. */

const struct mmp_memory_kind tfa_memory_kinds[TFA_MEMORY_KINDS] = {
	{ "normal-cached", false, true },
	{ "device-nGnRnE", true, false },
	{ "normal-non-cacheable", false, false },
};

const struct mmp_regime *tfa_regime(const struct mmp_rules *rules,
				    const struct mmp_config *config)
{
	const struct tfa_config *c = tfa_config_of(config);
	static const struct mmp_regime *const of[TFA_ARCH_COUNT][TFA_REGIME_COUNT] = {
		[TFA_ARM64] = { &mmp_regime_el1, &mmp_regime_el2, &mmp_regime_el3 },
		[TFA_ARM32] = { &mmp_regime_pl1_long, &mmp_regime_hyp, &mmp_regime_hyp },
	};

	return of[c->arch][c->regime];
}

/* A word that stops the firmware has no rights. */
struct mmp_leaf tfa_leaf(const struct mmp_rules *rules, const struct mmp_config *config,
			 const struct mmp_format *format, uint32_t attr)
{
	struct mmp_leaf leaf = { 0 };
	uint64_t word;

	if (tfa_descriptor(tfa_config_of(config), attr, 3, &word) == TFA_NO_STOP)
		mmp_format_lpae.read_leaf(3, 0, word, &leaf);
	return leaf;
}

/* The space and the shareability too, which the firmware does not read back. */
uint32_t tfa_attr_of(const struct mmp_rules *rules, const struct mmp_config *config,
		     const struct mmp_leaf *leaf)
{
	uint32_t attr =
		tfa_read_back(tfa_config_of(config), mmp_format_lpae.leaf(3, leaf));

	if (leaf->nonsecure)
		attr |= TFA_NS;
	if ((attr & TFA_TYPE_MASK) == TFA_MEMORY && leaf->shareability == 2)
		attr |= TFA_SHARE_OUTER;
	if ((attr & TFA_TYPE_MASK) == TFA_MEMORY && !leaf->shareability)
		attr |= TFA_SHARE_NONE;
	return attr;
}

int tfa_encode(const struct mmp_rules *rules, const struct mmp_config *config,
	       const struct mmp_format *format, int level, uint32_t attr,
	       uint64_t *ret_word, struct mmp_error *err)
{
	enum tfa_stop stop = tfa_descriptor(tfa_config_of(config), attr, level, ret_word);

	if (format != &mmp_format_lpae)
		return mmp_fail(err, MMP_INVALID, "format: %s has no %s descriptors",
				rules->name, format->name);
	if (stop == TFA_NO_STOP)
		return 0;
	return mmp_fail(err, MMP_INVALID, "attr: 0x%08x stops the firmware: %s", attr,
			tfa_stops[stop].about);
}

uint32_t tfa_decode(const struct mmp_rules *rules, const struct mmp_config *config,
		    const struct mmp_format *format, int level, uint64_t word)
{
	if (format->kind(level, word) != MMP_ENTRY_LEAF)
		return 0;
	return tfa_read_back(tfa_config_of(config), word);
}
