/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/lpae.h"
#include "arch/regime.h"
#include "rules/tfa/attr.h"
#include "rules/tfa/tfa.h"

/* Conversion between attribute words, leaves and descriptors, for the neutral folders. */

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

enum { WRITE_BACK_INDEX, DEVICE_INDEX, NON_CACHEABLE_INDEX };
enum { NON_SHAREABLE = 0, OUTER = 2, INNER = 3 };

static uint8_t memory_of(uint32_t attr)
{
	switch (attr & TFA_TYPE_MASK) {
	case TFA_DEVICE:
		return DEVICE_INDEX;
	case TFA_MEMORY:
		return WRITE_BACK_INDEX;
	default:
		return NON_CACHEABLE_INDEX;
	}
}

static uint8_t shareability_of(uint32_t attr)
{
	if ((attr & TFA_TYPE_MASK) != TFA_MEMORY)
		return OUTER;
	switch (attr & TFA_SHARE_MASK) {
	case TFA_SHARE_OUTER:
		return OUTER;
	case TFA_SHARE_NONE:
		return NON_SHAREABLE;
	default:
		return INNER;
	}
}

/* With RME, secure memory without FEAT_SEL2 becomes non-secure in a release build. */
static void set_space(const struct tfa_config *c, uint32_t attr, struct mmp_leaf *leaf)
{
	uint32_t space = attr & TFA_SPACE_MASK;
	bool rme = c->rme && c->arch == TFA_ARM64;

	leaf->nonsecure = space == TFA_NS || (rme && space == TFA_REALM) ||
			  (rme && space == TFA_SECURE && !c->cpu.sel2);
	leaf->nse = rme && (space == TFA_ROOT || space == TFA_REALM);
}

/*
 * The rights that a word asks for. They are not taken from its descriptor, as finished
 * tables are compared with them. A word that stops the firmware has none.
 */
void tfa_leaf(const struct mmp_rules *rules, const struct mmp_config *config,
	      const struct mmp_format *format, uint32_t attr, struct mmp_leaf *ret_leaf)
{
	const struct tfa_config *c = tfa_config_of(config);
	bool device = (attr & TFA_TYPE_MASK) == TFA_DEVICE;
	bool never = device || attr & (TFA_RW | TFA_EXECUTE_NEVER);
	uint64_t word;

	*ret_leaf = (struct mmp_leaf){ 0 };
	if (tfa_descriptor(c, attr, format->last_level, &word) != TFA_NO_STOP)
		return;
	*ret_leaf = (struct mmp_leaf){
		.memory = memory_of(attr),
		.shareability = shareability_of(attr),
		.user = c->regime == TFA_EL1 && attr & TFA_USER,
		.read_only = !(attr & TFA_RW),
		.accessed = true,
		.pxn = never,
		.uxn = never,
		.guarded = c->cpu.bti && c->arch == TFA_ARM64 &&
			   (attr & TFA_CODE_MASK) == TFA_CODE,
	};
	set_space(c, attr, ret_leaf);
	if (format != &mmp_format_lpae_el3 && ret_leaf->nse) {
		/* A release build with RME in EL1 or EL2: bit 11 is not NSE there. */
		ret_leaf->nse = false;
		ret_leaf->not_global = true;
	}
}

/* Includes the space and the shareability, which the firmware does not read back. */
uint32_t tfa_attr_of(const struct mmp_rules *rules, const struct mmp_config *config,
		     const struct mmp_leaf *leaf)
{
	static const uint32_t types[] = { TFA_MEMORY, TFA_DEVICE, TFA_NON_CACHEABLE };
	uint32_t attr = types[leaf->memory % 3];

	if (!leaf->read_only)
		attr |= TFA_RW;
	if (leaf->user)
		attr |= TFA_USER;
	if (leaf->uxn)
		attr |= TFA_EXECUTE_NEVER;
	if (leaf->nse)
		attr |= leaf->nonsecure ? TFA_REALM : TFA_ROOT;
	else if (leaf->nonsecure)
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
	const struct mmp_format *own = tfa_regime(rules, config)->format;
	enum tfa_stop stop = tfa_descriptor(tfa_config_of(config), attr, level, ret_word);

	if (format != own)
		return mmp_fail(err, MMP_INVALID,
				"format: %s has no %s descriptors in this regime, but %s",
				rules->name, format->name, own->name);
	if (!format->leaf_allowed(level))
		return mmp_fail(err, MMP_INVALID,
				"level: there are no blocks at level %d", level);
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
