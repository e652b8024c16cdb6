/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * An image with the symbols, sections and records by which OP-TEE's are known, and nothing
 * else of it: what the tests of the importer read, and platforms/sample-build. Compiled
 * for 32 and 64 bits, by gcc and clang, with one of
 *
 *	ERA=4	records are symbols of their own (releases from 3.4 on)
 *	ERA=3	records lie in sections between two symbols (3.0 to 3.3)
 *
 * and optionally LARGE (64-bit addresses on 32 bits), PAGED (the core begins in SRAM).
 * The addresses of the link script are in image.ld. Sources of the shapes: what `readelf`
 * says of builds of the firmware.
 */

#ifndef ERA
#define ERA 4
#endif

#define TEE_RAM_START     0x0e100000
#define TEE_RAM_VA_SIZE   0x00200000
#define TEE_RAM_PH_SIZE   TEE_RAM_VA_SIZE
#define TRUSTED_DRAM_BASE TEE_RAM_START
#define TRUSTED_DRAM_SIZE (0x0f000000 - TEE_RAM_START)

#if __SIZEOF_POINTER__ == 8 || defined(LARGE)
typedef unsigned long long paddr;
#else
typedef unsigned int paddr;
#endif

/* The numbers of two eras (reference: optee-releases, section 2). */
enum teecore_memtypes {
#if ERA == 4
	MEM_AREA_TEE_RAM_RX = 2,
	MEM_AREA_TEE_RAM_RW = 4,
	MEM_AREA_NSEC_SHM = 14,
	MEM_AREA_IO_NSEC = 19,
	MEM_AREA_IO_SEC = 20,
	MEM_AREA_SDP_MEM = 28,
	MEM_AREA_DDR_OVERALL = 29,
	MEM_AREA_MAXTYPE = 31,
#else
	MEM_AREA_TEE_RAM_RX = 2,
	MEM_AREA_TEE_RAM_RW = 4,
	MEM_AREA_TA_RAM = 7,
	MEM_AREA_NSEC_SHM = 8,
	MEM_AREA_RAM_NSEC = 9,
	MEM_AREA_IO_SEC = 12,
	MEM_AREA_SDP_MEM = 17,
	MEM_AREA_MAXTYPE = 19,
#endif
};

/* The align of 8 is what a record of 64-bit addresses has on 32 bits, too. */
struct record {
	const char *name;
	enum teecore_memtypes type;
	paddr addr;
#if __SIZEOF_POINTER__ == 8
	unsigned long size;
#else
	paddr size;
#endif
};

struct range {
	paddr base;
	unsigned long size;
};

#define KEEP __attribute__((used))

#if ERA == 4
#define RECORD(number, array, ...)                                                       \
	static KEEP const struct record __scattered_array_##number##array = {            \
		__VA_ARGS__                                                              \
	}
#else
#define RECORD(number, array, ...)                                                       \
	static KEEP const struct record record_##number##array                           \
		__attribute__((section(#array "_section"))) = { __VA_ARGS__ }
#endif

RECORD(0, phys_mem_map, "GICD_BASE", MEM_AREA_IO_SEC, 0x08000000, 0x00200000);
RECORD(1, phys_mem_map, "GICC_BASE", MEM_AREA_IO_SEC, 0x08000000, 0x00200000);
RECORD(2, phys_mem_map, "CONSOLE_UART_BASE", MEM_AREA_IO_SEC, 0x09000000, 0x00200000);
RECORD(3, phys_mem_map, "TEE_SHMEM_START", MEM_AREA_NSEC_SHM, 0x42000000, 0x00200000);
#if ERA == 3
RECORD(4, phys_mem_map, "CFG_TA_RAM_START", MEM_AREA_TA_RAM, 0x0e300000, 0x00d00000);
RECORD(5, phys_mem_map, "CFG_TEE_RAM_START", MEM_AREA_TEE_RAM_RX, 0x0e100000, 0x0007b000);
RECORD(6, phys_mem_map, "VCORE_UNPG_RW_PA", MEM_AREA_TEE_RAM_RW, 0x0e17b000, 0x00185000);
#endif
#ifdef SDP
RECORD(0, phys_sdp_mem, "TEE_SDP_TEST_MEM_BASE", MEM_AREA_SDP_MEM, 0x0ec00000,
       0x00400000);
#endif
#ifdef LARGE
RECORD(7, phys_mem_map, "HIGH_BASE", MEM_AREA_IO_SEC, 0x880000000, 0x00200000);
#endif
#ifdef STRANGE
/* A type that no release has. */
RECORD(8, phys_mem_map, "STRANGE", (enum teecore_memtypes)77, 0x1000, 0x1000);
#endif

KEEP struct range secure_only[] = {
	{ TRUSTED_DRAM_BASE, TRUSTED_DRAM_SIZE },
};

KEEP struct range nsec_shared[] = {
	{ 0x42000000, 0x00200000 },
};

#ifndef VERSION
#define VERSION "4.10.0-257-gd5001fe0a"
#endif
KEEP const char core_v_str[] = VERSION " (a compiler) #1 aarch64";

/* Static tables: MAX_XLAT_TABLES of 4 KiB. */
#ifdef TABLES
KEEP char xlat_tables[TABLES][4096];
#endif

/* What keeps the enum in the debug information, and says where functions are declared. */
#ifdef LINES
#line LINES
#endif
KEEP enum teecore_memtypes init_mem_map(enum teecore_memtypes type)
{
	return type;
}

KEEP void core_init_mmu_map(void)
{
}

void _start(void);
KEEP void _start(void)
{
	init_mem_map(MEM_AREA_IO_SEC);
}
