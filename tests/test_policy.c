/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "doc/platform.h"
#include "policy/policy.h"
#include "rules/optee/optee.h"
#include "rules/optee/releases.h"

/*
 * Every kind of finding has a platform that shows it, made from one that shows none by
 * the change in its row; or its row says why no platform can.
 */

struct row {
	const char *id;
	const char
		*config;  /* put over the quiet one's, object by object; NULL: as it is */
	const char *more; /* registrations to add: [section, type, name, addr, size] */
	const char *less; /* the name of one that is taken out; NULL: none */
	const char *never; /* why no platform shows it */
	/* Its neighbour: nearly the same change, and the finding is not there. */
	struct {
		const char *config, *more, *less;
	} near;
};

/* clang-format off */
#define AREA(type, name, addr, size) "['phys_mem_map','" type "','" name "','" addr "','" size "']"
#define DDR(name, addr, size)        "['ddr_overall','DDR_OVERALL','" name "','" addr "','" size "']"
#define SHM(name, addr, size)        "['nsec_ddr','RAM_NSEC','" name "','" addr "','" size "']"
#define SDP(name, addr, size)        "['sdp_mem','SDP_MEM','" name "','" addr "','" size "']"
#define CORE "'trusted_dram':{'base':'0xe100000','size':'0xf00000'}," \
	"'tee_ram':{'start':'0xe100000','ph_size':'0x200000','va_size':'0x200000'}," \
	"'reserved_shm':{'start':'0x5fe00000','size':'0x200000'}"
#define SHORT "'arch':'arm32','lpae':false"

static const char *const quiet_4_10[] = {
	"{" CORE ",'mmap_regions':40,'layout':{'unpg_rx':{'start':'0xe100000','size':'0x8d000'},"
	"'unpg_rw':{'start':'0xe18d000','size':'0x52000'},'free':{'start':'0xe1df000','size':'0x121000'},"
	"'identity_map':{'start':'0xe100000','end':'0xe101000'}}}",
	"[" AREA("IO_SEC", "uart", "0x9000000", "0x200000") "," AREA("NSEC_SHM", "shm", "0x5fe00000", "0x200000")
	"," DDR("DRAM", "0x60000000", "0x20000000") "]",
};

static const char *const quiet_3_22[] = {
	"{" CORE ",'mmap_regions':40,'layout':{'unpg_rx':{'start':'0xe100000','size':'0x8d000'},"
	"'unpg_rw':{'start':'0xe18d000','size':'0x173000'},'identity_map':{'start':'0xe100000','end':'0xe101000'}}}",
	"[" AREA("IO_SEC", "uart", "0x9000000", "0x200000") "," AREA("NSEC_SHM", "shm", "0x5fe00000", "0x200000")
	"," DDR("DRAM", "0x60000000", "0x20000000") "]",
};

static const char *const quiet_3_4[] = {
	"{" CORE ",'max_xlat_tables':16}",
	"[" AREA("TEE_RAM_RX", "rx", "0xe100000", "0x8d000") "," AREA("TEE_RAM_RW", "rw", "0xe18d000", "0x173000")
	"," AREA("TA_RAM", "ta", "0xe300000", "0xd00000")
	"," AREA("IO_SEC", "uart", "0x9000000", "0x200000") "," AREA("NSEC_SHM", "shm", "0x5fe00000", "0x200000")
	"," DDR("DRAM", "0x60000000", "0x20000000") "]",
};

static const struct row rows_4_10[] = {
	/* id, config, more, less, never, { config, more, less of the neighbour } */
	{ "load-address-unaligned", "{'phys_relocatable':true,'tee_ram':{'load_addr':'0xe100800'}}", NULL, NULL, NULL,
	  { "{'phys_relocatable':true,'tee_ram':{'load_addr':'0xe100000'}}", NULL, NULL } },
	{ "secure-nsec-overlap", "{'reserved_shm':{'start':'0xe200000'}}", NULL, NULL, NULL,
	  { "{'reserved_shm':{'start':'0xdf00000'}}", AREA("NSEC_SHM", "y", "0xdf00000", "0x200000"), "shm" } },
	{ "load-below-secure", "{'trusted_dram':{'base':'0xe180000'}}", NULL, NULL, NULL,
	  { "{'trusted_dram':{'base':'0xe000000','size':'0x1000000'}}", NULL, NULL } },
	{ "address-zero", NULL, AREA("IO_SEC", "x", "0x0", "0x1000"), NULL, NULL,
	  { NULL, AREA("IO_SEC", "x", "0x1000", "0x1000"), NULL } },
	{ "sdp-overlap", "{'secure_data_path':true}", SDP("a", "0x50000000", "0x2000") "," SDP("b", "0x50001000", "0x2000"), NULL, NULL,
	  { "{'secure_data_path':true}", SDP("a", "0x50000000", "0x2000") "," SDP("b", "0x50002000", "0x2000"), NULL } },
	{ "boot-memory-exhausted", "{'boot_mem_size':'0x1000'}", NULL, NULL, NULL,
	  { "{'boot_mem_size':'0x20000'}", NULL, NULL } },
	{ "unaligned", NULL, AREA("IO_SEC", "x", "0x50000800", "0x1000"), NULL, NULL,
	  { NULL, AREA("IO_SEC", "x", "0x50001000", "0x1000"), NULL } },
	{ "secure-memory-empty", "{'phys_relocatable':true,'trusted_dram':{'size':'0x0'}}", NULL, NULL, NULL,
	  { "{'phys_relocatable':true,'trusted_dram':{'size':'0xf00000'}}", NULL, NULL } },
	{ "region-unaligned", "{'core_debug':false,'pager':true,'tee_ram':{'va_size':'0x400800'},'layout':{'init_rx':{'start':'0xe1df000','size':'0xb000'},'init_ro':{'start':'0xe1ea000','size':'0x3000'}}}", NULL, NULL, NULL,
	  { "{'core_debug':false,'pager':true,'tee_ram':{'va_size':'0x400000'},'layout':{'init_rx':{'start':'0xe1df000','size':'0xb000'},'init_ro':{'start':'0xe1ea000','size':'0x3000'}}}", NULL, NULL } },
	{ "boot-memory-uneven", "{'kasan':true,'va_bits':40,'layout':{'asan_map':{'start':'0xe2e0000','size':'0x20000'}}}", NULL, NULL, NULL,
	  { "{'kasan':true,'va_bits':40,'nb_core':4,'layout':{'free':{'size':'0xc1000'},'asan_map':{'start':'0xe2a0000','size':'0x60000'}}}", NULL, NULL } },
	{ "pager-space-full", "{'pager':true,'layout':{'init_rx':{'start':'0xe1df000','size':'0xb000'},'init_ro':{'start':'0xe1ea000','size':'0x3000'}}}", NULL, NULL, NULL,
	  { "{'pager':true,'tee_ram':{'va_size':'0x201000'},'layout':{'init_rx':{'start':'0xe1df000','size':'0xb000'},'init_ro':{'start':'0xe1ea000','size':'0x3000'}}}", NULL, NULL } },
	{ "va-unaligned", "{'rwdata_noexec':false,'trusted_sram':{'base':'0xe100800','size':'0x0'}}", NULL, NULL, NULL,
	  { "{'rwdata_noexec':false,'trusted_sram':{'base':'0xe100000','size':'0xf00000'},'trusted_dram':{'base':'0x10000000','size':'0x1000000'}}", NULL, NULL } },
	{ "va-size-unaligned", "{'tee_ram':{'ph_size':'0x300000','va_size':'0x300000'},'layout':{'free':{'size':'0x221000'}}}", AREA("PAGER_VASPACE", "x", "0x50000000", "0x1000"), NULL, NULL,
	  { "{'tee_ram':{'ph_size':'0x300000','va_size':'0x300000'},'layout':{'free':{'size':'0x221000'}}}", NULL, NULL } },
	{ "invalid-type", NULL, AREA("SDP_MEM", "x", "0x50000000", "0x1000"), NULL, NULL,
	  { "{'secure_data_path':true}", SDP("x", "0x50000000", "0x1000"), NULL } },
	{ "no-va", NULL, AREA("IO_SEC", "x", "0x50000000", "0x100000000"), NULL, NULL,
	  { NULL, AREA("IO_SEC", "x", "0x50000000", "0x1000000"), NULL } },
	{ "tee-ram-outside-secure", NULL, AREA("TEE_RAM_RW", "x", "0x50000000", "0x1000"), NULL, NULL,
	  { NULL, AREA("TEE_RAM_RW", "x", "0xe800000", "0x1000"), NULL } },
	{ "sec-ram-outside-secure", NULL, AREA("SEC_RAM_OVERALL", "x", "0x50000000", "0x1000"), NULL, NULL,
	  { NULL, AREA("SEC_RAM_OVERALL", "x", "0xe800000", "0x1000"), NULL } },
	{ "nsec-shm-outside-window", NULL, AREA("NSEC_SHM", "x", "0x50000000", "0x1000"), NULL, NULL,
	  { NULL, AREA("NSEC_SHM", "x", "0x5fe00000", "0x1000"), NULL } },
	{ "unhandled-type", NULL, AREA("NEX_NSEC_SHM", "x", "0x50000000", "0x1000"), NULL, NULL,
	  { NULL, AREA("RAM_NSEC", "x", "0x50000000", "0x1000"), NULL } },
	{ "ddr-both-sections", NULL, SHM("x", "0x80000000", "0x1000000"), NULL, NULL,
	  { NULL, SHM("x", "0x80000000", "0x1000000"), "DRAM" } },
	{ "ddr-overlaps-map", NULL, AREA("IO_NSEC", "x", "0x60000000", "0x1000"), NULL, NULL,
	  { NULL, AREA("IO_NSEC", "x", "0x5fdff000", "0x1000"), NULL } },
	{ "ddr-over-pa-width", NULL, DDR("x", "0x100000000", "0x1000000"), NULL, NULL,
	  { NULL, DDR("x", "0xff000000", "0x1000000"), NULL } },
	{ "ddr-all-secure", NULL, DDR("x", "0xe100000", "0xf00000"), "DRAM", NULL,
	  { NULL, DDR("x", "0xe100000", "0xf01000"), "DRAM" } },
	{ "tables-exhausted", "{'dyn_config':false,'max_xlat_tables':1}", NULL, NULL, NULL,
	  { "{'dyn_config':false,'max_xlat_tables':8}", NULL, NULL } },
	{ "va-outside-tables", "{'aslr':true,'aslr_seed':'0x1000000','layout':{'identity_map':{'start':'0x100000000','end':'0x100001000'}}}", NULL, NULL, NULL,
	  { "{'aslr':true,'aslr_seed':'0x1000000','layout':{'identity_map':{'start':'0xe100000','end':'0xe101000'}}}", NULL, NULL } },
	{ "mapped-twice", NULL, NULL, NULL, "each region is placed behind the one before, and the identity map is tested", { 0 } },
	{ "table-security-mix", "{" SHORT ",'aslr':true,'aslr_seed':'0xfc000000','layout':{'identity_map':{'start':'0xe180000','end':'0xe181000'}}}",
		AREA("IO_NSEC", "x", "0x90000000", "0x1000"), NULL, NULL,
	  { "{" SHORT ",'aslr':true,'aslr_seed':'0xfc000000','layout':{'identity_map':{'start':'0xe180000','end':'0xe181000'}}}", AREA("IO_SEC", "x", "0x90000000", "0x1000"), NULL } },
	{ "l1-tables-exhausted", "{'va_bits':48,'nb_core':4,'dyn_config':false,'max_xlat_tables':8}", NULL, NULL, NULL,
	  { "{'va_bits':48,'nb_core':4,'dyn_config':false,'max_xlat_tables':16}", NULL, NULL } },
	{ "no-user-va", "{'pa_bits':36}", AREA("RAM_NSEC", "x", "0x80000000", "0xb0000000"), NULL, NULL,
	  { "{'pa_bits':36}", AREA("RAM_NSEC", "x", "0x80000000", "0x70000000"), NULL } },
	{ "va-too-high", NULL, NULL, NULL, "a region beyond the width is beyond the base table, which stops before", { 0 } },
	{ "pa-width", "{'pa_bits':48,'cpu':{'parange':2}}", NULL, NULL, NULL,
	  { "{'pa_bits':48,'cpu':{'parange':5}}", NULL, NULL } },
	{ "nsec-ddr-deprecated", NULL, SHM("x", "0x80000000", "0x1000000"), "DRAM", NULL,
	  { NULL, DDR("x", "0x80000000", "0x1000000"), "DRAM" } },
	{ "reserved-window-cut", "{'reserved_vaspace_size':'0x40000000'}", NULL, NULL, NULL,
	  { "{'reserved_vaspace_size':'0x800000'}", NULL, NULL } },
	{ "map-grows", "{'mmap_regions':1}", NULL, NULL, NULL,
	  { "{'mmap_regions':13}", NULL, NULL } },
	{ "empty-range", NULL, AREA("IO_SEC", "x", "0x50000000", "0x0"), NULL, NULL,
	  { NULL, AREA("IO_SEC", "x", "0x50000000", "0x1000"), NULL } },
	{ "wrapping-range", NULL, AREA("IO_SEC", "x", "0xfffffffffffff000", "0x2000"), NULL, NULL,
	  { NULL, AREA("IO_SEC", "x", "0xfffffffffffff000", "0x1000"), NULL } },
	{ "covered", NULL, AREA("IO_SEC", "x", "0x9000000", "0x1000"), NULL, NULL,
	  { NULL, AREA("IO_SEC", "x", "0x9200000", "0x1000"), NULL } },
	{ "unused-section", NULL, SDP("x", "0x50000000", "0x1000"), NULL, NULL,
	  { "{'secure_data_path':true}", SDP("x", "0x50000000", "0x1000"), NULL } },
	{ "no-ddr", NULL, NULL, "DRAM", NULL,
	  { NULL, SHM("x", "0x80000000", "0x1000000"), "DRAM" } },
	{ "ddr-overlaps-ddr", NULL, DDR("x", "0x70000000", "0x20000000"), NULL, NULL,
	  { NULL, DDR("x", "0x80000000", "0x20000000"), NULL } },
	{ "pa-bits-over-48", "{'pa_bits':52,'cpu':{'parange':6}}", NULL, NULL, NULL,
	  { "{'pa_bits':48,'cpu':{'parange':6}}", NULL, NULL } },
	{ "not-in-rules", NULL, NULL, NULL, "only a platform seen under other rules than its own has it", { 0 } },
	{ "ignored-key", NULL, NULL, NULL, "these rules know every key", { 0 } },
	{ "secure-not-reserved", NULL, AREA("RAM_SEC", "x", "0x50000000", "0x1000"), NULL, NULL,
	  { NULL, AREA("RAM_SEC", "x", "0xe800000", "0x1000"), NULL } },
	{ "write-execute", NULL, AREA("TEE_COHERENT", "x", "0x50000000", "0x1000"), NULL, NULL,
	  { NULL, AREA("RAM_SEC", "x", "0x50000000", "0x1000"), NULL } },
	{ "secure-and-nonsecure", NULL, AREA("RAM_SEC", "x", "0x50000000", "0x2000") "," AREA("RAM_NSEC", "y", "0x50001000", "0x2000"), NULL, NULL,
	  { NULL, AREA("RAM_SEC", "x", "0x50000000", "0x2000") "," AREA("RAM_NSEC", "y", "0x50002000", "0x2000"), NULL } },
	{ "pa-over-descriptor", "{'pa_bits':48}", AREA("IO_SEC", "x", "0x1000000000000", "0x1000"), NULL, NULL,
	  { "{'pa_bits':48}", AREA("IO_SEC", "x", "0xfffffffff000", "0x1000"), NULL } },
	{ "pa-over-ips", NULL, AREA("IO_SEC", "x", "0x100000000", "0x1000"), NULL, NULL,
	  { NULL, AREA("IO_SEC", "x", "0xfffff000", "0x1000"), NULL } },
	{ "va-wraps", NULL, NULL, NULL, "every sum is tested as regions are placed", { 0 } },
	{ "in-user-va", "{" SHORT ",'aslr':true,'aslr_seed':'0x40000000','layout':{'identity_map':{'start':'0x1000000','end':'0x1001000'}}}", NULL, NULL, NULL,
	  { "{" SHORT "}", NULL, NULL } },
	{ "no-spare-table", "{'dyn_config':false,'max_xlat_tables':4}", NULL, NULL, NULL,
	  { "{'dyn_config':false,'max_xlat_tables':16}", NULL, NULL } },
	{ "pager-alias-space", "{'pager':true,'trusted_sram':{'base':'0xe100000','size':'0xa0000'},'trusted_dram':{'base':'0xe200000','size':'0xe00000'},"
		"'tee_ram':{'ph_size':'0xa0000','va_size':'0x100000'},'layout':{'unpg_rx':{'size':'0x15000'},'unpg_rw':{'start':'0xe115000','size':'0x44000'},"
		"'init_rx':{'start':'0xe159000','size':'0x9000'},'free':null}}", NULL, NULL, NULL,
	  { "{'pager':true,'trusted_sram':{'base':'0xe100000','size':'0x200000'},'trusted_dram':{'base':'0xe300000','size':'0xd00000'},'max_xlat_tables':16,'tee_ram':{'va_size':'0x800000'},'layout':{'init_rx':{'start':'0xe1df000','size':'0xb000'},'init_ro':{'start':'0xe1ea000','size':'0x3000'},'free':null}}", NULL, NULL } },
	{ "secure-memory-unaligned", "{'trusted_sram':{'base':'0xe100000','size':'0xf00000'},'trusted_dram':{'base':'0x0','size':'0x1000000'}}", NULL, NULL, NULL,
	  { "{'trusted_sram':{'base':'0xe100000','size':'0xf00000'},'trusted_dram':{'base':'0x1000','size':'0x1000000'}}", NULL, NULL } },
	{ "core-memory-not-carved", "{'secure_data_path':true,'sdp_test_mem':{'base':'0x50000000','size':'0x100000'}}", NULL, NULL, NULL,
	  { "{'secure_data_path':true,'sdp_test_mem':{'base':'0xef00000','size':'0x100000'}}", NULL, NULL } },
	{ "stack-space-full", "{'tee_dyn_vaspace_size':'0x10000','nb_core':4}", NULL, NULL, NULL,
	  { "{'tee_dyn_vaspace_size':'0x100000','nb_core':4}", NULL, NULL } },
	{ "window-not-mapped", NULL, NULL, "shm", NULL,
	  { "{'reserved_shm':null}", NULL, "shm" } },
	{ "core-not-registered", NULL, NULL, NULL, "from 3.22 on the core adds its own ranges", { 0 } },
	{ "identity-map-missing", "{'aslr':true,'aslr_seed':'0x1000000','layout':{'identity_map':null}}", NULL, NULL, NULL,
	  { "{'aslr':true,'aslr_seed':'0x1000000'}", NULL, NULL } },
	{ "link-range-missing", "{'ns_virtualization':true}", NULL, NULL, NULL,
	  { "{'ns_virtualization':true,'layout':{'unpg_rw':{'size':'0x51000'},'nex_rw':{'start':'0xe1de000','size':'0x1000'}}}", NULL, NULL } },
	{ "link-range-unaligned", "{'layout':{'unpg_rx':{'start':'0xe100100','size':'0x8cf00'}}}", NULL, NULL, NULL,
	  { "{'layout':{'unpg_rx':{'start':'0xe101000','size':'0x8c000'}}}", NULL, NULL } },
	{ "link-range-outside", "{'tee_ram':{'ph_size':'0x100000'}}", NULL, NULL, NULL,
	  { "{'tee_ram':{'ph_size':'0x300000','va_size':'0x300000'}}", NULL, NULL } },
	{ "link-ranges-overlap", "{'layout':{'unpg_rw':{'start':'0xe180000'}}}", NULL, NULL, NULL,
	  { "{'layout':{'unpg_rw':{'start':'0xe18e000','size':'0x51000'}}}", NULL, NULL } },
	{ "link-ranges-order", "{'layout':{'unpg_rw':{'start':'0xe2a0000'}}}", NULL, NULL, NULL,
	  { "{'layout':{'unpg_rw':{'start':'0xe18e000','size':'0x51000'}}}", NULL, NULL } },
	{ "lpae-on-arm64", "{'lpae':false}", NULL, NULL, NULL,
	  { "{'lpae':false,'arch':'arm32'}", NULL, NULL } },
	{ "parange-assumed", "{'auto_max_pa_bits':true}", NULL, NULL, NULL,
	  { "{'auto_max_pa_bits':true,'cpu':{'parange':2}}", NULL, NULL } },
	{ "core-beyond-va", "{'arch':'arm32','large_phys_addr':true,'trusted_dram':{'base':'0x1008000000'},'tee_ram':{'start':'0x1008000000'}}", NULL, NULL, NULL,
	  { "{'arch':'arm32','large_phys_addr':true}", NULL, NULL } },
	{ "address-too-wide", "{'arch':'arm32'}", AREA("IO_SEC", "x", "0x880000000", "0x1000"), NULL, NULL,
	  { "{'arch':'arm32','large_phys_addr':true}", AREA("IO_SEC", "x", "0x880000000", "0x1000"), NULL } },
	{ "kasan-shadow", "{'kasan':true}", NULL, NULL, NULL,
	  { "{'kasan':true,'layout':{'free':{'size':'0xc1000'},'asan_map':{'start':'0xe2a0000','size':'0x60000'}}}", NULL, NULL } },
	{ "looks-like-hex", NULL, AREA("IO_SEC", "x", "0x50000000", "0x30d40"), NULL, NULL,
	  { NULL, AREA("IO_SEC", "x", "0x50000000", "0x200000"), NULL } },
	{ "device-not-rounded", NULL, AREA("IO_SEC", "x", "0x50000000", "0x1000"), NULL, NULL,
	  { NULL, AREA("IO_SEC", "x", "0x50000000", "0x200000"), NULL } },
	{ "vaspace-with-address", NULL, AREA("RES_VASPACE", "x", "0x50000000", "0x1000"), NULL, NULL,
	  { NULL, AREA("IO_SEC", "x", "0x50000000", "0x1000"), NULL } },
	{ "not-executable", NULL, AREA("ROM_SEC", "x", "0x50000000", "0x1000"), NULL, NULL,
	  { NULL, AREA("RAM_SEC", "x", "0x50000000", "0x1000"), NULL } },
	{ "address-and-size-swapped", NULL, AREA("IO_SEC", "x", "0x1000", "0xa000000"), NULL, NULL,
	  { NULL, AREA("IO_SEC", "x", "0xa000000", "0x1000"), NULL } },
	{ "boot-memory-over-free", "{'boot_mem_size':'0x122000'}", NULL, NULL, NULL,
	  { "{'boot_mem_size':'0x121000'}", NULL, NULL } },
	{ "va-size-below-physical", "{'tee_ram':{'ph_size':'0x200000','va_size':'0x100000'}}", NULL, NULL, NULL,
	  { "{'tee_ram':{'ph_size':'0x200000','va_size':'0x300000'}}", NULL, NULL } },
	{ "ta-ram-mismatch", NULL, NULL, NULL, "from 3.22 on the core adds TA_RAM, and from 4.5 on there is none", { 0 } },
	{ "no-ta-memory", "{'trusted_dram':{'size':'0xee000'},'tee_ram':{'ph_size':'0xee000','va_size':'0xee000'},'layout':{'free':{'size':'0xf000'}}}", NULL, NULL, NULL,
	  { "{'trusted_dram':{'size':'0xef000'},'tee_ram':{'ph_size':'0xef000','va_size':'0xef000'},'layout':{'free':{'size':'0x10000'}}}", NULL, NULL } },
	{ "outside-dram", "{'trusted_sram':{'base':'0xe000000','size':'0x10000'},'reserved_shm':null}", NULL, "shm", NULL,
	  { "{'reserved_shm':null}", DDR("y", "0xe100000", "0xf01000"), "shm" } },
	{ "far-from-ddr", "{'reserved_shm':null}", NULL, "shm", NULL,
	  { "{'reserved_shm':null}", DDR("y", "0xf000000", "0x1000000"), "shm" } },
	{ "dram-owners-overlap", NULL, NULL, NULL, "the document's `dram` is none of these columns: see test_cases.py", { 0 } },
	{ "device-over-dram", NULL, AREA("IO_SEC", "x", "0x60000000", "0x200000"), NULL, NULL,
	  { NULL, AREA("IO_SEC", "x", "0x5fc00000", "0x200000"), NULL } },
	{ "shm-window-mismatch", "{'reserved_shm':{'size':'0x400000'}}", NULL, NULL, NULL,
	  { "{'reserved_shm':{'start':'0x5fc00000','size':'0x400000'}}", AREA("NSEC_SHM", "y", "0x5fc00000", "0x400000"), "shm" } },
	{ "no-shared-memory", "{'reserved_shm':null,'dyn_shm':false}", NULL, "shm", NULL,
	  { "{'reserved_shm':null,'dyn_shm':true}", NULL, "shm" } },
	{ "two-owners", NULL, AREA("RAM_SEC", "x", "0xe800000", "0x100000"), NULL, NULL,
	  { NULL, AREA("RAM_SEC", "x", "0x50000000", "0x100000"), NULL } },
	{ "test-memory-missing", "{'secure_data_path':true,'sdp_test_mem':{'base':'0xef00000','size':'0x100000'}}", NULL, NULL, NULL,
	  { "{'secure_data_path':true,'sdp_test_mem':{'base':'0xef00000','size':'0x100000'}}", SDP("x", "0xef00000", "0x100000"), NULL } },
	{ "write-execute-alias", NULL, AREA("RAM_SEC", "x", "0xe100000", "0x100000"), NULL, NULL,
	  { NULL, AREA("RAM_SEC", "x", "0xe18d000", "0x1000"), NULL } },
	{ "cached-and-device", NULL, AREA("IO_SEC", "x", "0xe200000", "0x100000"), NULL, NULL,
	  { NULL, AREA("IO_SEC", "x", "0xf000000", "0x100000"), NULL } },
	{ "tagged-and-untagged", "{'memtag':true,'cpu':{'mte':true}}", AREA("RAM_SEC", "x", "0xe200000", "0x100000"), NULL, NULL,
	  { "{'memtag':true,'cpu':{'mte':true}}", AREA("RAM_SEC", "x", "0x50000000", "0x100000"), NULL } },
	{ "base-tables-empty", NULL, NULL, NULL, "of other releases: test_releases.c", { 0 } },
	{ "mapped-below", NULL, NULL, NULL, "of other releases: test_releases.c", { 0 } },
	{ "va-0-used", NULL, NULL, NULL, "of other releases: test_releases.c", { 0 } },
	{ "va-width-inverted", NULL, NULL, NULL, "of other releases: test_releases.c", { 0 } },
	{ "user-slot-by-seed", NULL, NULL, NULL, "of other releases: test_releases.c", { 0 } },
	{ "core-in-second-range", "{'trusted_sram':{'base':'0x4000000','size':'0x100000'},'layout':{'free':null}}", NULL, NULL, NULL,
	  { "{'trusted_sram':{'base':'0xe100000','size':'0xf00000'},'trusted_dram':{'base':'0x10000000','size':'0x1000000'}}", NULL, NULL } },
	{ "pager-entry", NULL, NULL, NULL, "of other releases: test_releases.c", { 0 } },
	{ "map-last-entry", NULL, NULL, NULL, "of other releases: test_releases.c", { 0 } },
	{ "seed-byte-order", "{'aslr':true,'aslr_seed':'0x1000'}", NULL, NULL, NULL,
	  { "{'aslr':true}", NULL, NULL } },
	{ "does-not-compile", "{'kasan':true,'aslr':true}", NULL, NULL, NULL,
	  { "{'kasan':true}", NULL, NULL } },
	{ 0 },
};

static const struct row rows_3_4[] = {
	/* id, config, more, less, never, { config, more, less of the neighbour } */
	{ "secure-nsec-overlap", "{'reserved_shm':{'start':'0xe200000'}}", NULL, NULL, NULL,
	  { "{'reserved_shm':{'start':'0xdf00000'}}", AREA("NSEC_SHM", "y", "0xdf00000", "0x200000"), "shm" } },
	{ "address-zero", NULL, AREA("IO_SEC", "x", "0x0", "0x1000"), NULL, NULL,
	  { NULL, AREA("IO_SEC", "x", "0x200000", "0x1000"), NULL } },
	{ "map-full", "{'mmap_regions':2}", NULL, NULL, NULL,
	  { "{'mmap_regions':13}", NULL, NULL } },
	{ "map-full-va-space", "{'mmap_regions':6}", NULL, NULL, NULL,
	  { "{'mmap_regions':13}", NULL, NULL } },
	{ "map-full-pager", "{'mmap_regions':7,'pager':true,'tee_ram':{'va_size':'0x300000'}}", NULL, NULL, NULL,
	  { "{'mmap_regions':13,'pager':true,'tee_ram':{'va_size':'0x300000'}}", NULL, NULL } },
	{ "map-overflow", "{'mmap_regions':7}", AREA("PAGER_VASPACE", "x", "0x50000000", "0x1000") "," AREA("PAGER_VASPACE", "y", "0x60000000", "0x1000"), NULL, NULL,
	  { "{'mmap_regions':13}", AREA("PAGER_VASPACE", "x", "0x50000000", "0x1000") "," AREA("PAGER_VASPACE", "y", "0x60000000", "0x1000"), NULL } },
	{ "special-overlap", NULL, SHM("a", "0x50000000", "0x2000") "," SHM("b", "0x50001000", "0x2000"), "DRAM", NULL,
	  { NULL, SHM("a", "0x50000000", "0x2000") "," SHM("b", "0x50002000", "0x2000"), "DRAM" } },
	{ "sdp-over-ddr", "{'secure_data_path':true}", SHM("a", "0x50000000", "0x2000") "," SDP("b", "0x50001000", "0x2000"), "DRAM", NULL,
	  { "{'secure_data_path':true}", SHM("a", "0x50000000", "0x2000") "," SDP("b", "0x50002000", "0x2000"), "DRAM" } },
	{ "unaligned", NULL, AREA("RAM_SEC", "x", "0x50000800", "0x1000"), NULL, NULL,
	  { NULL, AREA("RAM_SEC", "x", "0x50001000", "0x1000"), NULL } },
	{ "invalid-type", NULL, AREA("SDP_MEM", "x", "0x50000000", "0x1000"), NULL, NULL,
	  { "{'secure_data_path':true}", SDP("x", "0x50000000", "0x1000"), NULL } },
	{ "tee-ram-below-start", NULL, AREA("TEE_RAM_RW", "x", "0xe000000", "0x1000"), NULL, NULL,
	  { "{'trusted_dram':{'base':'0xe000000','size':'0x1000000'},'tee_ram':{'start':'0xe000000','va_size':'0x300000'}}", AREA("TEE_RAM_RW", "x", "0xe000000", "0x1000"), NULL } },
	{ "tee-ram-beyond-end", NULL, AREA("TEE_RAM_RW", "x", "0xe400000", "0x1000"), NULL, NULL,
	  { "{'tee_ram':{'va_size':'0x400000'}}", AREA("TEE_RAM_RW", "x", "0xe400000", "0x1000"), NULL } },
	{ "tee-ram-unaligned", "{'tee_ram':{'va_size':'0x200800'}}", NULL, NULL, NULL,
	  { "{'tee_ram':{'va_size':'0x201000'}}", NULL, NULL } },
	{ "region-unaligned", "{'core_debug':false,'tee_ram':{'va_size':'0x200800'}}", NULL, NULL, NULL,
	  { "{'core_debug':false,'tee_ram':{'va_size':'0x201000'}}", NULL, NULL } },
	{ "tee-ram-outside-secure", "{'trusted_dram':{'base':'0xe110000'}}", NULL, NULL, NULL,
	  { "{'trusted_dram':{'base':'0xe000000','size':'0x1000000'}}", NULL, NULL } },
	{ "ta-ram-outside-secure", NULL, AREA("TA_RAM", "x", "0x50000000", "0x1000"), NULL, NULL,
	  { NULL, AREA("TA_RAM", "x", "0xef00000", "0x1000"), NULL } },
	{ "nsec-shm-outside-window", NULL, AREA("NSEC_SHM", "x", "0x50000000", "0x1000"), NULL, NULL,
	  { NULL, AREA("NSEC_SHM", "x", "0x5fe00000", "0x1000"), NULL } },
	{ "ddr-both-sections", NULL, SHM("x", "0x80000000", "0x1000000"), NULL, NULL,
	  { NULL, SHM("x", "0x80000000", "0x1000000"), "DRAM" } },
	{ "ddr-sdp-partial", "{'secure_data_path':true}", SDP("x", "0x7ffff000", "0x2000"), NULL, NULL,
	  { "{'secure_data_path':true}", SDP("x", "0x7fffe000", "0x2000"), NULL } },
	{ "ddr-wraps", NULL, DDR("x", "0xfffffffffffff000", "0x2000"), NULL, NULL,
	  { NULL, DDR("x", "0xff000000", "0x1000000"), NULL } },
	{ "ddr-over-pa-width", NULL, DDR("x", "0x1000000000000", "0x2000"), NULL, NULL,
	  { NULL, DDR("x", "0xfffffffff000", "0x1000"), NULL } },
	{ "ddr-all-secure", "{'secure_data_path':true}", DDR("x", "0x50000000", "0x2000") "," SDP("y", "0x50000000", "0x2000"), "DRAM", NULL,
	  { "{'secure_data_path':true}", DDR("x", "0x50000000", "0x3000") "," SDP("y", "0x50000000", "0x2000"), "DRAM" } },
	{ "tables-exhausted", "{'max_xlat_tables':1}", NULL, NULL, NULL,
	  { "{'max_xlat_tables':5}", NULL, NULL } },
	{ "va-outside-tables", NULL, AREA("RAM_NSEC", "x", "0x80000000", "0x100000000"), NULL, NULL,
	  { NULL, AREA("RAM_NSEC", "x", "0x80000000", "0x10000000"), NULL } },
	{ "mapped-twice", NULL, AREA("TEE_RAM_RO", "x", "0xe100000", "0x1000"), NULL, NULL,
	  { "{'tee_ram':{'va_size':'0x300000'}}", AREA("TEE_RAM_RO", "x", "0xe300000", "0x1000"), NULL } },
	{ "split-not-a-table", "{'core_debug':false,'trusted_dram':{'base':'0x0','size':'0x80000000'},'tee_ram':{'va_size':'0x71f00000'},"
		"'reserved_shm':{'start':'0x82000000'}}",
		AREA("TEE_RAM", "x", "0x40000000", "0x40000000") "," AREA("TEE_RAM_RO", "y", "0x40001000", "0x1000"), "shm", NULL,
	  { "{'core_debug':false,'trusted_dram':{'base':'0x0','size':'0x80000000'},'tee_ram':{'va_size':'0x71f00000'},'reserved_shm':{'start':'0x82000000'}}", AREA("TEE_RAM", "x", "0x40000000", "0x40000000") "," AREA("NSEC_SHM", "y", "0x82000000", "0x200000"), "shm" } },
	{ "table-security-mix", NULL, NULL, NULL, "a region of another security begins at another MiB than the one before", { 0 } },
	{ "no-user-va", NULL, AREA("RAM_NSEC", "x", "0x80000000", "0xb0000000"), NULL, NULL,
	  { NULL, AREA("RAM_NSEC", "x", "0x80000000", "0x70000000"), NULL } },
	{ "va-too-high", NULL, AREA("RAM_NSEC", "x", "0x80000000", "0xf0000000"), NULL, NULL,
	  { NULL, AREA("RAM_NSEC", "x", "0x80000000", "0x70000000"), NULL } },
	{ "pa-width", NULL, AREA("IO_SEC", "x", "0x1000000000000", "0x200000"), NULL, NULL,
	  { NULL, AREA("IO_SEC", "x", "0xffffffe00000", "0x200000"), NULL } },
	{ "ddr-overlaps-map", NULL, NULL, NULL, "only a registered END is looked at: tests/vectors/corners/x13", { 0 } },
	{ "does-not-compile", "{'mmap_regions':12}", NULL, NULL, NULL,
	  { "{'mmap_regions':13}", NULL, NULL } },
	{ "end-registered", NULL, AREA("END", "x", "0x50000000", "0x1000"), NULL, NULL,
	  { NULL, AREA("RAM_NSEC", "x", "0x50000000", "0x1000"), NULL } },
	{ "merged-short", NULL, AREA("RAM_SEC", "x", "0x50000000", "0x2000") "," AREA("RAM_SEC", "y", "0x50001000", "0x2000"), NULL, NULL,
	  { NULL, AREA("RAM_SEC", "x", "0x50000000", "0x2000") "," AREA("RAM_SEC", "y", "0x50002000", "0x2000"), NULL } },
	{ "merged-long", NULL, AREA("RAM_SEC", "x", "0x50001000", "0x2000") "," AREA("RAM_SEC", "y", "0x50000000", "0x4000"), NULL, NULL,
	  { NULL, AREA("RAM_SEC", "x", "0x50000000", "0x2000") "," AREA("RAM_SEC", "y", "0x50000000", "0x4000"), NULL } },
	{ "io-rounded", NULL, AREA("IO_SEC", "x", "0x50000000", "0x1000"), NULL, NULL,
	  { NULL, AREA("IO_SEC", "x", "0x50000000", "0x200000"), NULL } },
	{ "io-rounded-over", NULL, AREA("IO_SEC", "x", "0x50000000", "0x1000") "," AREA("RAM_NSEC", "y", "0x50100000", "0x1000"), NULL, NULL,
	  { NULL, AREA("IO_SEC", "x", "0x50000000", "0x1000") "," AREA("RAM_NSEC", "y", "0x50200000", "0x1000"), NULL } },
	{ "ddr-not-carved", NULL, DDR("x", "0x5f000000", "0x1000000"), NULL, NULL,
	  { NULL, DDR("x", "0x5ee00000", "0x1000000"), NULL } },
	{ "ddr-too-long", "{'secure_data_path':true}", SDP("x", "0x60000000", "0x1000"), NULL, NULL,
	  { "{'secure_data_path':true}", SDP("x", "0x60001000", "0x1000"), NULL } },
	{ "reserved-window-cut", "{'reserved_vaspace_size':'0x40000000'}", NULL, NULL, NULL,
	  { "{'reserved_vaspace_size':'0x800000'}", NULL, NULL } },
	{ "map-full-at-boot", "{'mmap_regions':7}", NULL, NULL, NULL,
	  { "{'mmap_regions':13}", NULL, NULL } },
	{ "empty-range", NULL, AREA("IO_SEC", "x", "0x50000000", "0x0"), NULL, NULL,
	  { NULL, AREA("IO_SEC", "x", "0x50000000", "0x1000"), NULL } },
	{ "wrapping-range", NULL, AREA("RAM_SEC", "x", "0xfffffffffffff000", "0x2000"), NULL, NULL,
	  { NULL, AREA("RAM_SEC", "x", "0xfffffffff000", "0x1000"), NULL } },
	{ "covered", NULL, AREA("IO_SEC", "x", "0x9000000", "0x200000"), NULL, NULL,
	  { NULL, AREA("IO_SEC", "x", "0x9200000", "0x200000"), NULL } },
	{ "unused-section", NULL, SDP("x", "0x50000000", "0x1000"), NULL, NULL,
	  { "{'secure_data_path':true}", SDP("x", "0x50000000", "0x1000"), NULL } },
	{ "no-ddr", NULL, NULL, "DRAM", NULL,
	  { NULL, SHM("x", "0x80000000", "0x1000000"), "DRAM" } },
	{ "ddr-overlaps-ddr", NULL, DDR("x", "0x70000000", "0x20000000"), NULL, NULL,
	  { NULL, DDR("x", "0x80000000", "0x20000000"), NULL } },
	{ "pa-bits-over-48", NULL, NULL, NULL, "these rules take no notice of pa_bits", { 0 } },
	{ "not-in-rules", NULL, NULL, NULL, "only a platform seen under other rules than its own has it", { 0 } },
	{ "ignored-key", "{'pa_bits':36}", NULL, NULL, NULL,
	  { "{'num_threads':4}", NULL, NULL } },
	{ "secure-not-reserved", NULL, AREA("RAM_SEC", "x", "0x50000000", "0x1000"), NULL, NULL,
	  { NULL, AREA("RAM_SEC", "x", "0xe800000", "0x1000"), NULL } },
	{ "write-execute", NULL, AREA("TEE_COHERENT", "x", "0x50000000", "0x1000"), NULL, NULL,
	  { NULL, AREA("RAM_SEC", "x", "0x50000000", "0x1000"), NULL } },
	{ "secure-and-nonsecure", NULL, AREA("RAM_SEC", "x", "0x50000000", "0x2000") "," AREA("RAM_NSEC", "y", "0x50001000", "0x2000"), NULL, NULL,
	  { NULL, AREA("RAM_SEC", "x", "0x50000000", "0x2000") "," AREA("RAM_NSEC", "y", "0x50002000", "0x2000"), NULL } },
	{ "pa-over-descriptor", NULL, AREA("IO_SEC", "x", "0x1000000000000", "0x200000"), NULL, NULL,
	  { NULL, AREA("IO_SEC", "x", "0xffffffe00000", "0x200000"), NULL } },
	{ "pa-over-ips", NULL, NULL, NULL, "TCR_EL1.IPS is taken from the highest address", { 0 } },
	{ "va-wraps", "{'arch':'arm32','reserved_vaspace_size':'0xfe000000'}", NULL, NULL, NULL,
	  { "{'arch':'arm32','reserved_vaspace_size':'0xe000000'}", NULL, NULL } },
	{ "in-user-va", "{" SHORT ",'trusted_dram':{'base':'0x1000000'},'tee_ram':{'start':'0x1000000'}}",
		AREA("TEE_RAM_RX", "x", "0x1000000", "0x1000"), "rx", NULL,
	  { "{" SHORT "}", NULL, NULL } },
	{ "no-spare-table", "{'max_xlat_tables':4}", NULL, NULL, NULL,
	  { "{'max_xlat_tables':8}", NULL, NULL } },
	{ "pager-alias-space", "{'pager':true,'trusted_sram':{'base':'0xe000000','size':'0x100000'},'layout':{'init_rx':{'start':'0xe159000','size':'0xa9000'}}}", NULL, NULL, NULL,
	  { "{'pager':true,'trusted_sram':{'base':'0xe000000','size':'0x100000'},'tee_ram':{'va_size':'0x400000'},'layout':{'init_rx':{'start':'0xe159000','size':'0xa9000'}}}", NULL, NULL } },
	{ "ta-ram-missing", NULL, NULL, "ta", NULL,
	  { NULL, AREA("TA_RAM", "other", "0xe800000", "0x800000"), "ta" } },
	{ "window-not-mapped", NULL, NULL, "shm", NULL,
	  { NULL, AREA("NSEC_SHM", "other", "0x5fe00000", "0x200000"), "shm" } },
	{ "core-not-registered", NULL, NULL, "rx", "the platform of this table has two, of which one can be taken out: see test_cases.py", { 0 } },
	{ "identity-map-missing", NULL, NULL, NULL, "these rules have no ASLR", { 0 } },
	{ "link-range-missing", NULL, NULL, NULL, "the core's ranges are registered", { 0 } },
	{ "link-range-unaligned", NULL, NULL, NULL, "the core's ranges are registered", { 0 } },
	{ "link-range-outside", NULL, NULL, NULL, "the core's ranges are registered", { 0 } },
	{ "link-ranges-overlap", NULL, NULL, NULL, "the core's ranges are registered", { 0 } },
	{ "link-ranges-order", NULL, NULL, NULL, "the core's ranges are registered", { 0 } },
	{ "lpae-on-arm64", "{'lpae':false}", NULL, NULL, NULL,
	  { "{'lpae':false,'arch':'arm32'}", NULL, NULL } },
	{ "parange-assumed", NULL, NULL, NULL, "these rules do not look at the CPU", { 0 } },
	{ "core-beyond-va", "{'arch':'arm32','large_phys_addr':true,'tee_ram':{'start':'0x1008000000'}}", NULL, NULL, NULL,
	  { "{'arch':'arm32','large_phys_addr':true}", NULL, NULL } },
	{ "address-too-wide", "{'arch':'arm32'}", AREA("IO_SEC", "x", "0x880000000", "0x1000"), NULL, NULL,
	  { "{'arch':'arm32','large_phys_addr':true}", AREA("IO_SEC", "x", "0x880000000", "0x1000"), NULL } },
	{ "kasan-shadow", "{'kasan':true,'pager':true}", NULL, NULL, NULL,
	  { "{'kasan':true}", NULL, NULL } },
	{ "looks-like-hex", NULL, AREA("IO_SEC", "x", "0x50000000", "0x30d40"), NULL, NULL,
	  { NULL, AREA("IO_SEC", "x", "0x50000000", "0x200000"), NULL } },
	{ "device-not-rounded", NULL, NULL, NULL, "this release rounds by itself", { 0 } },
	{ "vaspace-with-address", NULL, AREA("RES_VASPACE", "x", "0x50000000", "0x1000"), NULL, NULL,
	  { NULL, AREA("IO_SEC", "x", "0x50000000", "0x1000"), NULL } },
	{ "not-executable", NULL, NULL, NULL, "these rules have no ROM_SEC", { 0 } },
	{ "address-and-size-swapped", NULL, AREA("NSEC_SHM", "x", "0x200000", "0x5fe00000"), "shm", NULL,
	  { NULL, AREA("NSEC_SHM", "x", "0x5fe00000", "0x200000"), "shm" } },
	{ "boot-memory-over-free", NULL, NULL, NULL, "these rules have no boot memory", { 0 } },
	{ "va-size-below-physical", "{'tee_ram':{'ph_size':'0x300000'}}", NULL, NULL, NULL,
	  { "{'tee_ram':{'ph_size':'0x300000','va_size':'0x300000'}}", NULL, NULL } },
	{ "ta-ram-mismatch", "{'ta_ram':{'start':'0xe300000','size':'0xc00000'}}", NULL, NULL, NULL,
	  { "{'ta_ram':{'start':'0xe300000','size':'0xd00000'}}", NULL, NULL } },
	{ "no-ta-memory", NULL, NULL, NULL, "without TA_RAM the boot stops: ta-ram-missing", { 0 } },
	{ "outside-dram", "{'trusted_sram':{'base':'0xe000000','size':'0x10000'},'reserved_shm':null}", NULL, "shm", NULL,
	  { NULL, DDR("y", "0xe100000", "0xf01000"), NULL } },
	{ "far-from-ddr", "{'reserved_shm':null}", NULL, "shm", NULL,
	  { NULL, DDR("y", "0xf000000", "0x1000000"), NULL } },
	{ "dram-owners-overlap", NULL, NULL, NULL, "the document's `dram` is none of these columns: see test_cases.py", { 0 } },
	{ "device-over-dram", NULL, AREA("IO_SEC", "x", "0x60000000", "0x200000"), NULL, NULL,
	  { NULL, AREA("IO_SEC", "x", "0x5fc00000", "0x200000"), NULL } },
	{ "shm-window-mismatch", "{'reserved_shm':{'size':'0x400000'}}", NULL, NULL, NULL,
	  { "{'reserved_shm':{'start':'0x5fc00000','size':'0x400000'}}", AREA("NSEC_SHM", "y", "0x5fc00000", "0x400000"), "shm" } },
	{ "no-shared-memory", NULL, NULL, NULL, "this release always has a window, or stops", { 0 } },
	{ "two-owners", NULL, AREA("TA_RAM", "x", "0xe200000", "0x200000"), NULL, NULL,
	  { NULL, AREA("TA_RAM", "x", "0xe400000", "0x200000"), NULL } },
	{ "test-memory-missing", "{'secure_data_path':true,'sdp_test_mem':{'base':'0xef00000','size':'0x100000'}}", NULL, NULL, NULL,
	  { "{'secure_data_path':true,'sdp_test_mem':{'base':'0x50000000','size':'0x100000'}}", SDP("x", "0x50000000", "0x100000"), NULL } },
	{ "write-execute-alias", NULL, AREA("RAM_SEC", "x", "0xe100000", "0x100000"), NULL, NULL,
	  { NULL, AREA("RAM_SEC", "x", "0xe18d000", "0x1000"), NULL } },
	{ "cached-and-device", NULL, AREA("IO_SEC", "x", "0xe200000", "0x100000"), NULL, NULL,
	  { NULL, AREA("IO_SEC", "x", "0xf000000", "0x100000"), NULL } },
	{ "tagged-and-untagged", NULL, NULL, NULL, "these rules know no tags", { 0 } },
	{ "base-tables-empty", NULL, NULL, NULL, "of other releases: test_releases.c", { 0 } },
	{ "mapped-below", NULL, NULL, NULL, "of other releases: test_releases.c", { 0 } },
	{ "va-0-used", NULL, NULL, NULL, "of other releases: test_releases.c", { 0 } },
	{ "va-width-inverted", NULL, NULL, NULL, "of other releases: test_releases.c", { 0 } },
	{ "user-slot-by-seed", NULL, NULL, NULL, "of other releases: test_releases.c", { 0 } },
	{ "core-in-second-range", NULL, NULL, NULL, "of other releases: test_releases.c", { 0 } },
	{ "pager-entry", NULL, NULL, NULL, "of other releases: test_releases.c", { 0 } },
	{ "map-last-entry", NULL, NULL, NULL, "of other releases: test_releases.c", { 0 } },
	{ "seed-byte-order", NULL, NULL, NULL, "of other releases: test_releases.c", { 0 } },
	{ 0 },
};
/* What neither of these two releases has: each under one that has it. */
static const struct between {
	enum optee_version version;
	struct row row;
} rows_between[] = {
	{ V4_4, { .id = "ta-ram-no-room", .config = "{'trusted_dram':{'size':'0x200000'}}",
	  .near.config = "{'trusted_dram':{'size':'0x300000'}}" } },
	{ V4_4, { .id = "map-full", .config = "{'mmap_regions':3}", .near.config = "{'mmap_regions':13}" } },
	{ V4_4, { .id = "map-full-va-space", .config = "{'mmap_regions':5}", .near.config = "{'mmap_regions':13}" } },
	{ V4_4, { .id = "map-full-identity", .config = "{'mmap_regions':5,'aslr':true,'aslr_seed':'0x1000000'}",
	  .near.config = "{'mmap_regions':13,'aslr':true,'aslr_seed':'0x1000000'}" } },
	{ V3_21, { .id = "map-full-pager", .config = "{'mmap_regions':7,'pager':true,'tee_ram':{'va_size':'0x300000'}}",
	  .near.config = "{'mmap_regions':13,'pager':true,'tee_ram':{'va_size':'0x300000'}}" } },
	{ V4_4, { .id = "ta-ram-outside-secure", .config = "{'ta_ram':{'start':'0x50000000','size':'0x100000'}}",
	  .near.config = "{'ta_ram':{'start':'0xe800000','size':'0x100000'}}" } },
	{ V4_5, { .id = "ddr-partial", .config = "{'secure_data_path':true}", .more = SDP("x", "0x7ffff000", "0x2000"),
	  .near = { "{'secure_data_path':true}", SDP("x", "0x7fffe000", "0x2000"), NULL } } },
	{ V3_11, { .id = "nsec-ddr-over-pa-width", .more = SHM("x", "0x100000000", "0x1000000"), .less = "DRAM",
	  .near = { NULL, SHM("x", "0xff000000", "0x1000000"), "DRAM" } } },
	{ V3_0, { .id = "va-in-user-range", .less = "DRAM", .more = AREA("TEE_RAM_RO", "x", "0x1000000", "0x1000"),
	  .config = "{" SHORT ",'trusted_dram':{'base':'0x1000000','size':'0xe000000'},'tee_ram':{'start':'0x1000000','va_size':'0xe000000'},'max_xlat_tables':64}",
	  .near = { "{" SHORT ",'trusted_dram':{'base':'0x1000000','size':'0xe000000'},'tee_ram':{'start':'0x1000000','va_size':'0xe000000'},'max_xlat_tables':64}",
		    AREA("TEE_RAM_RO", "x", "0x2000000", "0x1000"), "DRAM" } } },
	{ V3_0, { .id = "va-past-tables", .less = "DRAM", .more = AREA("RAM_NSEC", "x", "0x80000000", "0x100000000"),
	  .near = { NULL, AREA("RAM_NSEC", "x", "0x80000000", "0x10000000"), "DRAM" } } },
	{ 0 },
};
/* clang-format on */

static json_t *parse(const char *format, const char *text)
{
	char line[4096];
	json_t *value;

	snprintf(line, sizeof(line), format, text);
	for (char *at = line; *at; at++)
		if (*at == '\'')
			*at = '"';
	value = json_loads(line, 0, NULL);
	if (!value)
		fail_msg("no JSON: %s", line);
	return value;
}

static void put_over(json_t *object, const json_t *other)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)other, key, value) {
		json_t *mine = json_object_get(object, key);

		if (json_is_object(mine) && json_is_object(value))
			put_over(mine, value);
		else
			json_object_set(object, key, value);
	}
}

static void add(json_t *registrations, json_t *take_brief)
{
	const json_t *one;
	size_t i;

	json_array_foreach(take_brief, i, one) {
		const char *section, *type, *name, *addr, *size;
		char area[64];

		assert_int_equal(json_unpack((json_t *)one, "[s, s, s, s, s]", &section,
					     &type, &name, &addr, &size),
				 0);
		snprintf(area, sizeof(area), "MEM_AREA_%s", type);
		json_array_append_new(registrations,
				      json_pack("{s:s, s:s, s:s, s:s, s:s}", "section",
						section, "type", area, "name", name,
						"addr", addr, "size", size));
	}
	json_decref(take_brief);
}

static void take_out(json_t *registrations, const char *name)
{
	const json_t *one;
	size_t i;

	json_array_foreach(registrations, i, one)
		if (!strcmp(json_string_value(json_object_get(one, "name")), name))
			break;
	assert_int_equal(json_array_remove(registrations, i), 0);
}

/* The quiet platform of a rule set, with the change of a row (NULL: none). */
static json_t *document_of(const struct mmp_rules *rules, const struct row *row)
{
	const char *const *quiet = rules < &optee_rules[V3_22]  ? quiet_3_4
				   : rules < &optee_rules[V4_5] ? quiet_3_22
								: quiet_4_10;
	json_t *config = parse("%s", quiet[0]), *registrations = json_array();

	add(registrations, parse("%s", quiet[1]));
	if (row && row->config) {
		json_t *change = parse("%s", row->config);

		put_over(config, change);
		json_decref(change);
	}
	if (row && row->less)
		take_out(registrations, row->less);
	if (row && row->more)
		add(registrations, parse("[%s]", row->more));
	return json_pack("{s:s, s:s, s:s, s:o, s:o}", "format", MMP_PLATFORM_FORMAT,
			 "name", row ? row->id : "quiet", "rules", rules->name, "config",
			 config, "registrations", registrations);
}

static void find_in(struct mmp_findings *findings, struct mmp_platform **ret_platform,
		    json_t *take_document, const char *what)
{
	struct mmp_layout layout;
	struct mmp_error err;

	if (mmp_platform_read(take_document, ret_platform, &err))
		fail_msg("%s: %s", what, err.text);
	json_decref(take_document);
	mmp_layout_init(&layout);
	mmp_layout_make(&layout, *ret_platform, NULL, &err);
	mmp_policy_run(findings, *ret_platform, &layout);
	mmp_layout_done(&layout);
}

static void find(struct mmp_findings *findings, struct mmp_platform **ret_platform,
		 const struct mmp_rules *rules, const struct row *row)
{
	find_in(findings, ret_platform, document_of(rules, row),
		row ? row->id : "the quiet platform");
}

static const struct mmp_finding *finding_of(const struct mmp_findings *findings,
					    const char *id)
{
	for (size_t i = 0; i < findings->count; i++)
		if (!strcmp(findings->items[i].id, id))
			return &findings->items[i];
	return NULL;
}

static const struct row *row_in(const struct row *rows, const char *id)
{
	while (rows->id && strcmp(rows->id, id))
		rows++;
	return rows->id ? rows : NULL;
}

static const struct row *row_of(const struct mmp_rules *rules, const char *id)
{
	const struct row *row = rules == &optee_rules[V3_4] ? rows_3_4 : rows_4_10;

	return row_in(row, id);
}

static void show(const struct mmp_findings *findings, const char *what)
{
	print_error("%s:\n", what);
	for (size_t i = 0; i < findings->count; i++)
		print_error("  %s%s: %s\n", findings->items[i].id,
			    findings->items[i].stops ? " (stops)" : "",
			    findings->items[i].text);
}

static bool shows(const struct mmp_rules *rules, const struct mmp_finding_kind *kind,
		  const struct row *row)
{
	struct mmp_findings findings;
	struct mmp_platform *platform;
	const struct mmp_finding *finding;
	bool good;

	mmp_findings_init(&findings);
	find(&findings, &platform, rules, row);
	finding = finding_of(&findings, kind->id);
	good = finding && finding->severity == kind->severity && *finding->text &&
	       strlen(finding->text) < sizeof(finding->text) - 1 &&
	       (!kind->fix || *finding->fix);
	if (!good)
		show(&findings, kind->id);
	mmp_findings_done(&findings);
	mmp_platform_free(platform);
	return good;
}

/* Something is nearly as it was, so the quiet platform is none; and it does not stop. */
static bool near_is_silent(const struct mmp_rules *rules, const struct row *row)
{
	const struct row near = { .id = row->id,
				  .config = row->near.config,
				  .more = row->near.more,
				  .less = row->near.less };
	struct mmp_findings findings;
	struct mmp_platform *platform;
	bool silent;

	mmp_findings_init(&findings);
	find(&findings, &platform, rules, &near);
	silent = !finding_of(&findings, row->id) &&
		 mmp_verdict_of(&findings, NULL) != MMP_STOPS &&
		 (near.config || near.more || near.less);
	if (!silent) {
		print_error("the neighbour of ");
		show(&findings, row->id);
	}
	mmp_findings_done(&findings);
	mmp_platform_free(platform);
	return silent;
}

static void each_kind_is_shown(const struct mmp_rules *rules)
{
	struct mmp_finding_kind kinds[MMP_FINDING_KINDS_MAX];
	size_t count = mmp_policy_kinds(rules, kinds);
	unsigned missing = 0;

	for (size_t i = 0; i < count; i++) {
		const struct row *row = row_of(rules, kinds[i].id);

		if (!row)
			print_error("%s: %s has no row\n", rules->name, kinds[i].id);
		missing += !row || (!row->never && (!shows(rules, &kinds[i], row) ||
						    !near_is_silent(rules, row)));
	}
	assert_int_equal(missing, 0);
}

static void what_other_releases_find_has_a_platform_that_shows_it(void **state)
{
	unsigned missing = 0;

	(void)state;
	for (const struct between *between = rows_between; between->row.id; between++) {
		const struct row *row = &between->row;
		const struct mmp_rules *rules = &optee_rules[between->version];
		struct mmp_finding_kind kinds[MMP_FINDING_KINDS_MAX];
		size_t i = 0, count = mmp_policy_kinds(rules, kinds);

		while (i < count && strcmp(kinds[i].id, row->id))
			i++;
		assert_true(i < count);
		missing += !shows(rules, &kinds[i], row) || !near_is_silent(rules, row);
	}
	assert_int_equal(missing, 0);
}

/* Ids of any release, as one table of checks serves several. */
static bool is_kind(const char *id, size_t length)
{
	for (unsigned v = 0; v < OPTEE_VERSION_COUNT; v++) {
		struct mmp_finding_kind kinds[MMP_FINDING_KINDS_MAX];
		size_t count = mmp_policy_kinds(&optee_rules[v], kinds);

		for (size_t i = 0; i < count; i++)
			if (strlen(kinds[i].id) == length &&
			    !strncmp(kinds[i].id, id, length))
				return true;
	}
	return false;
}

static void what_a_finding_leads_to_is_a_finding(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (unsigned v = 0; v < OPTEE_VERSION_COUNT; v++) {
		struct mmp_finding_kind kinds[MMP_FINDING_KINDS_MAX];
		size_t count = mmp_policy_kinds(&optee_rules[v], kinds);

		for (size_t i = 0; i < count; i++) {
			const char *at = kinds[i].leads_to;

			for (size_t length; at && *at; at += length + !!at[length]) {
				length = strcspn(at, " ");
				if (is_kind(at, length))
					continue;
				print_error("%s leads to %.*s\n", kinds[i].id,
					    (int)length, at);
				wrong++;
			}
		}
	}
	assert_int_equal(wrong, 0);
}

static bool is_between(const char *id)
{
	for (const struct between *between = rows_between; between->row.id; between++)
		if (!strcmp(between->row.id, id))
			return true;
	return false;
}

static void every_finding_of_every_release_has_a_row(void **state)
{
	unsigned missing = 0;

	(void)state;
	for (unsigned v = 0; v < OPTEE_VERSION_COUNT; v++) {
		struct mmp_finding_kind kinds[MMP_FINDING_KINDS_MAX];
		size_t count = mmp_policy_kinds(&optee_rules[v], kinds);

		for (size_t i = 0; i < count; i++) {
			if (is_between(kinds[i].id) || row_in(rows_4_10, kinds[i].id) ||
			    row_in(rows_3_4, kinds[i].id))
				continue;
			print_error("%s: %s has no row\n", optee_rules[v].name,
				    kinds[i].id);
			missing++;
		}
	}
	assert_int_equal(missing, 0);
}

static void every_finding_of_4_10_has_a_platform_that_shows_it(void **state)
{
	(void)state;
	each_kind_is_shown(&optee_rules[V4_10_257]);
}

static void every_finding_of_3_4_has_a_platform_that_shows_it(void **state)
{
	(void)state;
	each_kind_is_shown(&optee_rules[V3_4]);
}

static void the_quiet_platforms_show_none(void **state)
{
	(void)state;
	/* 3.0 has no section for DDR. */
	for (unsigned v = V3_1; v < OPTEE_VERSION_COUNT; v++) {
		struct mmp_findings findings;
		struct mmp_platform *platform;

		mmp_findings_init(&findings);
		find(&findings, &platform, &optee_rules[v], NULL);
		if (findings.count)
			show(&findings, optee_rules[v].name);
		assert_int_equal(findings.count, 0);
		mmp_findings_done(&findings);
		mmp_platform_free(platform);
	}
}

/* The stop, errors, warnings, info; what a passed test said clings to no other. */
static void the_worst_comes_first_and_is_told_once(void **state)
{
	static const struct row row = {
		"many",
		"{'reserved_shm':{'start':'0xe200000'},'mmap_regions':1}",
		AREA("IO_SEC", "inside", "0x9000000", "0x1000") "," AREA(
			"IO_SEC", "empty", "0x51000000",
			"0x0") "," AREA("IO_SEC", "odd", "0x50000000", "0x10800"),
		"DRAM",
		NULL,
		{ 0 },
	};
	static const char *const ids[] = {
		"secure-nsec-overlap",
		"unaligned",
		"nsec-shm-outside-window",
		"empty-range",
		"device-not-rounded",
		"device-not-rounded",
		"covered",
		"no-ddr",
		"map-grows",
	};
	const size_t count = sizeof(ids) / sizeof(ids[0]);
	struct mmp_findings findings;
	struct mmp_platform *platform;

	(void)state;
	mmp_findings_init(&findings);
	find(&findings, &platform, &optee_rules[V4_10_257], &row);
	if (findings.count != count)
		show(&findings, "many");
	assert_int_equal(findings.count, count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(findings.items[i].id, ids[i]);
	assert_true(findings.items[0].stops);
	assert_int_equal(findings.items[1].region_count, 1);
	assert_string_equal(
		platform->registrations[findings.items[1].regions[0].ordinal].name,
		"odd");
	mmp_findings_done(&findings);
	mmp_platform_free(platform);
}

static void every_row_is_of_a_kind_and_every_kind_has_its_words(void **state)
{
	(void)state;
	for (size_t n = 0; n < 2; n++) {
		const struct mmp_rules *r = &optee_rules[n ? V3_4 : V4_10_257];
		struct mmp_finding_kind kinds[MMP_FINDING_KINDS_MAX];
		size_t count = mmp_policy_kinds(r, kinds), rows = 0;

		for (const struct row *row = r == &optee_rules[V3_4] ? rows_3_4
								     : rows_4_10;
		     row->id; row++)
			rows++;
		assert_int_equal(rows, count);
		for (size_t i = 0; i < count; i++) {
			assert_true(*kinds[i].about);
			assert_non_null(row_of(r, kinds[i].id));
			for (const char *at = kinds[i].id; *at; at++)
				assert_non_null(strchr(
					"abcdefghijklmnopqrstuvwxyz0123456789-", *at));
		}
	}
}

/* More than are kept that are worth knowing, before the check that finds the error runs. */
static void an_error_is_told_where_lesser_findings_fill_the_list(void **state)
{
	json_t *document =
		document_of(&optee_rules[V3_4], row_of(&optee_rules[V3_4], "va-wraps"));
	json_t *registrations = json_object_get(document, "registrations");
	struct mmp_findings findings;
	struct mmp_platform *platform;

	(void)state;
	for (size_t i = 0; i < MMP_FINDINGS_MAX + 100; i++)
		add(registrations,
		    parse("[%s]", AREA("IO_SEC", "x", "0x9000000", "0x200000")));
	mmp_findings_init(&findings);
	find_in(&findings, &platform, document, "va-wraps, and more");
	assert_int_equal(findings.count, MMP_FINDINGS_MAX);
	assert_true(findings.omitted >= 101);
	assert_non_null(finding_of(&findings, "va-wraps"));
	assert_non_null(finding_of(&findings, "covered"));
	mmp_findings_done(&findings);
	mmp_platform_free(platform);
}

static void a_fix_is_tried_where_lesser_findings_fill_the_list(void **state)
{
	const struct mmp_rules *rules = &optee_rules[V4_10_257];
	json_t *document = document_of(rules, row_of(rules, "stack-space-full"));
	json_t *registrations = json_object_get(document, "registrations");
	struct mmp_findings findings;
	struct mmp_platform *platform;

	(void)state;
	for (size_t i = 0; i < MMP_FINDINGS_MAX + 100; i++)
		add(registrations,
		    parse("[%s]", AREA("RAM_NSEC", "x", "0x9000000", "0x200000")));
	mmp_findings_init(&findings);
	find_in(&findings, &platform, document, "stack-space-full, and more");
	assert_true(findings.omitted > 0);
	assert_non_null(finding_of(&findings, "stack-space-full"));
	assert_true(finding_of(&findings, "stack-space-full")->proven >= 0);
	mmp_findings_done(&findings);
	mmp_platform_free(platform);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_of_a_kind_and_every_kind_has_its_words),
		cmocka_unit_test(the_quiet_platforms_show_none),
		cmocka_unit_test(the_worst_comes_first_and_is_told_once),
		cmocka_unit_test(an_error_is_told_where_lesser_findings_fill_the_list),
		cmocka_unit_test(a_fix_is_tried_where_lesser_findings_fill_the_list),
		cmocka_unit_test(every_finding_of_4_10_has_a_platform_that_shows_it),
		cmocka_unit_test(every_finding_of_3_4_has_a_platform_that_shows_it),
		cmocka_unit_test(what_other_releases_find_has_a_platform_that_shows_it),
		cmocka_unit_test(every_finding_of_every_release_has_a_row),
		cmocka_unit_test(what_a_finding_leads_to_is_a_finding),
	};
	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
