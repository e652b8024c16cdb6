/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/host/walker.h"

/* Fault status codes without their level, as PAR_EL1.FST has them. */
enum {
	FAULT_ADDRESS_SIZE = 0x00,
	FAULT_TRANSLATION = 0x04,
	FAULT_ACCESS_FLAG = 0x08,
	FAULT_PERMISSION = 0x0c,
	FAULT_EXTERNAL = 0x14
};

enum { LAST_LEVEL = 3, LEVEL_BITS = 9, PAGE_BITS = 12, T0SZ_LEAST = 16, T0SZ_MOST = 39 };

#define BIT(n) (UINT64_C(1) << (n))

/* TCR_EL1 */
#define TCR_EPD0 BIT(7)
#define TCR_TBI0 BIT(37)

/* Descriptors: bits 1:0, then leaf attributes, then attributes of table descriptors. */
#define DESC_VALID       BIT(0)
#define DESC_TABLE       BIT(1) /* or page, at the last level */
#define DESC_NS          BIT(5)
#define DESC_USER        BIT(6) /* AP[1] */
#define DESC_READONLY    BIT(7) /* AP[2] */
#define DESC_AF          BIT(10)
#define TABLE_PRIVILEGED BIT(61) /* APTable[0] */
#define TABLE_READONLY   BIT(62) /* APTable[1] */
#define TABLE_NS         BIT(63)

#define PAR_FAULT BIT(0)
#define PAR_NS    BIT(9)
#define PAR_RES1  BIT(11)

/* The attributes accumulated over the levels so far. */
struct host_walk {
	uint64_t table; /* table of the next level */
	int level;
	unsigned int oa_bits; /* size of output addresses */
	bool read_only, privileged, nonsecure;
};

static uint64_t bits(uint64_t value, unsigned int low, unsigned int width)
{
	return value >> low & (BIT(width) - 1);
}

static uint64_t fault(int status, int level)
{
	return PAR_FAULT | PAR_RES1 | (uint64_t)(status | level) << 1;
}

static unsigned int level_shift(int level)
{
	return PAGE_BITS + LEVEL_BITS * (unsigned int)(LAST_LEVEL - level);
}

/* TCR_EL1.IPS, limited to what is implemented. The table is not the library's, see walker.h. */
static unsigned int output_bits(const struct walker *walker)
{
	static const uint8_t sizes[] = { 32, 36, 40, 42, 44, 48, 48, 48 };
	unsigned int ips = sizes[bits(walker->tcr, 32, 3)];

	return ips < walker->pa_bits ? ips : walker->pa_bits;
}

static bool too_large(uint64_t address, unsigned int oa_bits)
{
	return address >> oa_bits != 0;
}

/*
 * Start a walk. False: *par is a fault that comes before any table is read; it is always
 * reported for level 0.
 */
static bool start_walk(const struct walker *walker, uint64_t va, struct host_walk *walk,
		       uint64_t *par)
{
	unsigned int t0sz = (unsigned int)bits(walker->tcr, 0, 6);
	unsigned int va_bits = 64 - t0sz, top = va_bits;
	unsigned int checked = walker->tcr & TCR_TBI0 ? 56 : 64;

	*par = fault(FAULT_TRANSLATION, 0);
	if (t0sz < T0SZ_LEAST || t0sz > T0SZ_MOST || walker->tcr & TCR_EPD0 ||
	    bits(walker->tcr, 14, 2) != 0)
		return false;
	if (top < checked && bits(va, top, checked - top) != 0)
		return false; /* walks of TTBR1 are disabled, see loader/guard.c */
	*walk = (struct host_walk){ .oa_bits = output_bits(walker) };
	while (va_bits <= level_shift(walk->level))
		walk->level++;
	walk->table = bits(walker->ttbr0, 1, 47) << 1;
	walk->table &= ~(BIT(va_bits - level_shift(walk->level) + 3) - 1);
	*par = fault(FAULT_ADDRESS_SIZE, 0);
	return !too_large(walk->table, walk->oa_bits);
}

static bool read_descriptor(const struct walker *walker, const struct host_walk *walk,
			    uint64_t va, uint64_t *ret_descriptor)
{
	uint64_t va_used = bits(va, 0, 64 - (unsigned int)bits(walker->tcr, 0, 6));
	uint64_t index = bits(va_used, level_shift(walk->level), LEVEL_BITS);

	/*
	 * Non-secure memory is a separate address space, which this board does not
	 * have.
	 */
	return !walk->nonsecure &&
	       walker->read(walker->context, walk->table + 8 * index, ret_descriptor);
}

static bool is_leaf(uint64_t descriptor, int level)
{
	return level == LAST_LEVEL ? descriptor & DESC_TABLE
				   : level > 0 && !(descriptor & DESC_TABLE);
}

static bool is_table(uint64_t descriptor, int level)
{
	return level < LAST_LEVEL && descriptor & DESC_TABLE;
}

static uint64_t par_of_leaf(const struct walker *walker, const struct host_walk *walk,
			    uint64_t descriptor, uint64_t va, enum wire_access access)
{
	bool write = access == WIRE_WRITE_ACCESS || access == WIRE_USER_WRITE;
	bool user = access == WIRE_USER_READ || access == WIRE_USER_WRITE;
	unsigned int shift = level_shift(walk->level);
	uint64_t pa = bits(descriptor, shift, 48 - shift) << shift;
	uint64_t memory = walker->mair >> 8 * bits(descriptor, 2, 3) & 0xff;
	uint64_t shareability = bits(descriptor, 8, 2);

	if (too_large(pa, walk->oa_bits))
		return fault(FAULT_ADDRESS_SIZE, walk->level);
	if (!(descriptor & DESC_AF))
		return fault(FAULT_ACCESS_FLAG, walk->level);
	if (write && (descriptor & DESC_READONLY || walk->read_only))
		return fault(FAULT_PERMISSION, walk->level);
	if (user && (!(descriptor & DESC_USER) || walk->privileged))
		return fault(FAULT_PERMISSION, walk->level);
	if (memory >> 4 == 0 || memory == 0x44)
		shareability = 2; /* Device and Non-cacheable: always outer shareable */
	pa |= bits(va, PAGE_BITS, shift - PAGE_BITS) << PAGE_BITS;
	return memory << 56 | pa | PAR_RES1 | shareability << 7 |
	       (descriptor & DESC_NS || walk->nonsecure ? PAR_NS : 0);
}

/* Descend one level. False: *par is the fault. */
static bool descend(struct host_walk *walk, uint64_t descriptor, uint64_t *par)
{
	walk->table = bits(descriptor, PAGE_BITS, 48 - PAGE_BITS) << PAGE_BITS;
	*par = fault(FAULT_ADDRESS_SIZE, walk->level);
	walk->privileged |= (descriptor & TABLE_PRIVILEGED) != 0;
	walk->read_only |= (descriptor & TABLE_READONLY) != 0;
	walk->nonsecure |= (descriptor & TABLE_NS) != 0;
	walk->level++;
	return !too_large(walk->table, walk->oa_bits);
}

uint64_t walker_translate(const struct walker *walker, uint64_t va,
			  enum wire_access access)
{
	uint64_t par, descriptor;
	struct host_walk walk;

	if (!start_walk(walker, va, &walk, &par))
		return par;
	for (;;) {
		if (!read_descriptor(walker, &walk, va, &descriptor))
			return fault(FAULT_EXTERNAL, walk.level);
		if (!(descriptor & DESC_VALID))
			return fault(FAULT_TRANSLATION, walk.level);
		if (is_leaf(descriptor, walk.level))
			return par_of_leaf(walker, &walk, descriptor, va, access);
		if (!is_table(descriptor, walk.level))
			return fault(FAULT_TRANSLATION, walk.level);
		if (!descend(&walk, descriptor, &par))
			return par;
	}
}
