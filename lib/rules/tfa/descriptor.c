/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/tfa/attr.h"
#include "rules/tfa/context.h"

/*
 * xlat_desc() and xlat_arch_get_pas() convert an attribute word to a descriptor;
 * xlat_get_mem_attributes_internal() converts it back.
 */

/* clang-format off */
#define PAGE_DESCRIPTOR		UINT64_C(3)
#define BLOCK_DESCRIPTOR	UINT64_C(1)
#define INDEX(n)		((uint64_t)(n) << 2)
#define NS			(UINT64_C(1) << 5)
#define AP1			(UINT64_C(1) << 6)
#define AP2			(UINT64_C(1) << 7)
#define SH(n)			((uint64_t)(n) << 8)
#define AF			(UINT64_C(1) << 10)
#define NSE			(UINT64_C(1) << 11)
#define GP			(UINT64_C(1) << 50)
#define PXN			(UINT64_C(1) << 53)
#define XN			(UINT64_C(1) << 54)
/* clang-format on */

enum { WRITE_BACK_INDEX, DEVICE_INDEX, NON_CACHEABLE_INDEX };
enum { NON_SHAREABLE = 0, OUTER = 2, INNER = 3 };

static enum tfa_stop space_with_rme(const struct tfa_config *c, uint32_t attr,
				    uint64_t *ret_bits)
{
	if (c->debug && c->regime != TFA_EL3)
		return TFA_STOP_RME_REGIME;
	switch (attr & TFA_SPACE_MASK) {
	case TFA_ROOT:
		*ret_bits = NSE;
		break;
	case TFA_REALM:
		if (!c->rmm)
			return TFA_STOP_NO_RMM;
		*ret_bits = NSE | NS;
		break;
	case TFA_NS:
		*ret_bits = NS;
		break;
	default:
		if (!c->cpu.sel2 && c->debug)
			return TFA_STOP_NO_SEL2;
		*ret_bits = c->cpu.sel2 ? 0 : NS;
	}
	return TFA_NO_STOP;
}

static enum tfa_stop space_bits(const struct tfa_config *c, uint32_t attr,
				uint64_t *ret_bits)
{
	uint32_t space = attr & TFA_SPACE_MASK;

	*ret_bits = space == TFA_NS ? NS : 0;
	if (c->arch == TFA_ARM32)
		return TFA_NO_STOP;
	if (c->rme)
		return space_with_rme(c, attr, ret_bits);
	if (c->regime == TFA_EL3 && space == TFA_ROOT)
		space = TFA_SECURE;
	if (c->debug && space != TFA_SECURE && space != TFA_NS)
		return TFA_STOP_SPACE;
	return TFA_NO_STOP;
}

static uint64_t memory_bits(uint32_t attr)
{
	switch (attr & TFA_SHARE_MASK) {
	case TFA_SHARE_OUTER:
		return INDEX(WRITE_BACK_INDEX) | SH(OUTER);
	case TFA_SHARE_NONE:
		return INDEX(WRITE_BACK_INDEX) | SH(NON_SHAREABLE);
	default:
		return INDEX(WRITE_BACK_INDEX) | SH(INNER);
	}
}

static uint64_t execute_never(const struct tfa_config *c)
{
	return c->regime == TFA_EL1 ? XN | PXN : XN;
}

enum tfa_stop tfa_descriptor(const struct tfa_config *c, uint32_t attr, int level,
			     uint64_t *ret_word)
{
	uint32_t type = attr & TFA_TYPE_MASK;
	uint64_t word = (level == 3 ? PAGE_DESCRIPTOR : BLOCK_DESCRIPTOR) | AF, space;
	enum tfa_stop stop = space_bits(c, attr, &space);

	if (stop != TFA_NO_STOP)
		return stop;
	if (c->debug && type > TFA_MEMORY)
		return TFA_STOP_TYPE;
	word |= space;
	if (c->regime != TFA_EL1 || (attr & TFA_USER))
		word |= AP1;
	if (!(attr & TFA_RW))
		word |= AP2;
	if (type == TFA_DEVICE || (attr & (TFA_RW | TFA_EXECUTE_NEVER)))
		word |= execute_never(c);
	if (type == TFA_DEVICE)
		word |= INDEX(DEVICE_INDEX) | SH(OUTER);
	else if (type == TFA_MEMORY)
		word |= memory_bits(attr);
	else
		word |= INDEX(NON_CACHEABLE_INDEX) | SH(OUTER);
	if (c->cpu.bti && c->arch == TFA_ARM64 && (attr & TFA_CODE_MASK) == TFA_CODE)
		word |= GP;
	*ret_word = word;
	return TFA_NO_STOP;
}

uint32_t tfa_read_back(const struct tfa_config *c, uint64_t word)
{
	static const uint32_t types[] = { TFA_MEMORY, TFA_DEVICE, TFA_NON_CACHEABLE };
	uint32_t attr = types[(word >> 2 & 7) % 3];

	if (!(word & AP2))
		attr |= TFA_RW;
	if (c->regime == TFA_EL1 && (word & AP1))
		attr |= TFA_USER;
	if (word & execute_never(c))
		attr |= TFA_EXECUTE_NEVER;
	return attr;
}
