/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * An image with the symbols by which TF-A's are known, for the tests of the importer: the
 * arrays of tables and regions, and a platform's constant list. Its link symbols come from
 * the command line (-Wl,--defsym).
 */

#define KEEP __attribute__((used))

typedef unsigned long long u64;

struct region {
	u64 pa;
	unsigned long va, size;
	unsigned int attr;
	unsigned long granularity;
};

static KEEP struct region tf_mmap[14];
static KEEP char tf_xlat_tables[6][4096] __attribute__((aligned(4096)));
static KEEP u64 tf_base_xlat_table[4] __attribute__((aligned(32)));
static KEEP struct {
	u64 pa_last;
	unsigned long va_last;
} tf_xlat_ctx = { 0xffffffff, 0xffffffff };

static KEEP const struct region plat_test_mmap[] = {
	{ 0x08000000, 0x08000000, 0x01000000, 0x8, 0x40000000 },
	{ 0x0e100000, 0x0e100000, 0x00f00000, 0xa, 0x40000000 },
	{ 0 },
};

void bl31_main(void);
KEEP void bl31_main(void)
{
}

void _start(void);
KEEP void _start(void)
{
	bl31_main();
}
