/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/registers.h"
#include "base/page.h"
#include "plan/planner.h"
#include "plan/range.h"
#include "rules/optee/boot_memory.h"
#include "rules/optee/checks.h"
#include "rules/optee/types.h"

/* Configuration keys that contradict each other, and numbers that look mistyped. */

enum { SINCE_KASAN_WITHOUT_PAGER = 407 };

/* --- widths ------------------------------------------------------------------------------ */

static void lpae_off(const struct mmp_check *check, const struct mmp_check_input *input,
		     struct mmp_findings *findings)
{
	const struct optee_config *c = optee_config(input->platform);

	if (c->arch != OPTEE_ARM64 || c->lpae)
		return;
	mmp_finding_add(findings, check,
			"lpae is false, but arm64 has 64-bit descriptors only");
	mmp_finding_propose(findings, "set lpae to true");
	mmp_propose_key(findings, "lpae", true);
}

static void parange_assumed(const struct mmp_check *check,
			    const struct mmp_check_input *input,
			    struct mmp_findings *findings)
{
	const struct mmp_rules *rules = input->platform->rules;
	const struct optee_config *c = optee_config(input->platform);
	const struct mmp_config_key *key;

	if (c->arch != OPTEE_ARM64 || !c->auto_max_pa_bits)
		return;
	key = mmp_config_key_find(rules, "cpu.parange");
	if (!key || c->cpu.parange != key->fallback ||
	    mmp_key_use(rules, key) != MMP_KEY_USED)
		return;
	mmp_finding_add(
		findings, check,
		"auto_max_pa_bits takes the width of physical addresses from the CPU, "
		"and cpu.parange is %" PRIu64 " (%u bits), its default",
		c->cpu.parange, mmp_pa_widths[c->cpu.parange < 6 ? c->cpu.parange : 6]);
	mmp_finding_of_key(findings, "cpu.parange", 0, 0);
}

/* While the MMU is switched on, the core runs at its physical address. */
static void beyond_va(const struct mmp_check *check, const struct mmp_check_input *input,
		      struct mmp_findings *findings)
{
	const struct optee_config *c = optee_config(input->platform);
	unsigned bits = c->arch == OPTEE_ARM64 ? (unsigned)c->va_bits : 32;
	uint64_t start =
		c->tee_ram.load_addr_given ? c->tee_ram.load_addr : c->tee_ram.start;
	uint64_t last = start + (c->tee_ram.ph_size ? c->tee_ram.ph_size - 1 : 0);

	if (!(last >> bits) && last >= start)
		return;
	mmp_finding_add(
		findings, check,
		"the core is at 0x%" PRIx64 " to 0x%" PRIx64
		", beyond the %u bits of virtual address: it runs at its physical "
		"address when the MMU goes on, and there is nothing mapped there",
		start, last, bits);
	/* It is not about one range: everything is placed from there. */
	if (c->arch == OPTEE_ARM32) {
		mmp_finding_fix(findings, "load the core below 4 GiB: tee_ram.start, "
					  "trusted_dram and layout.* move with it");
		return;
	}
	mmp_finding_fix(findings, "load the core below 2^%u, or raise va_bits", bits);
	for (unsigned more = 36; more <= 48; more += 4)
		if (more > bits && !(last >> more)) {
			mmp_finding_propose(findings, "set va_bits to %u", more);
			mmp_propose_key(findings, "va_bits", more);
		}
}

/* The part of an address that a 32-bit paddr_t keeps is another address. */
static void too_wide(const struct mmp_check *check, const struct mmp_check_input *input,
		     struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;
	const struct optee_config *c = optee_config(p);

	if (c->arch != OPTEE_ARM32 || c->large_phys_addr)
		return;
	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];

		/* Exactly 4 GiB still fits. */
		if (r->addr <= UINT32_MAX &&
		    (!r->size || r->size - 1 <= UINT32_MAX - r->addr))
			continue;
		mmp_finding_add(
			findings, check,
			"\"%.64s\" (%s at 0x%" PRIx64 " size 0x%" PRIx64
			") is not below 4 GiB, and physical addresses have 32 bits "
			"here: the firmware sees 0x%" PRIx32,
			r->name, mmp_memtype_label(p->rules, (int)r->type), r->addr,
			r->size, (uint32_t)r->addr);
		mmp_finding_registration(findings, i);
		if (!c->lpae)
			continue;
		mmp_finding_propose(findings, "set large_phys_addr to true");
		mmp_propose_key(findings, "large_phys_addr", true);
	}
}

/* --- shadow memory ----------------------------------------------------------------------- */

/* One byte of shadow memory for eight: CFG_ASAN_SHADOW_OFFSET, kern.ld.S. */
static void shadow(const struct mmp_check *check, const struct mmp_check_input *input,
		   struct mmp_findings *findings)
{
	enum { BYTES_A_SHADOW = 8 };
	const struct optee_config *c = optee_config(input->platform);
	const struct mmp_range *map = &c->layout.asan_map;
	const struct mmp_range *last = c->layout.free.given && c->layout.free.size
					       ? &c->layout.free
					       : &c->layout.unpg_rw;
	struct mmp_plan plan = { .platform = input->platform };
	const struct mmp_region entry = { .pa = map->base, .size = map->size };
	uint64_t end = last->base + last->size, shadowed, needed;

	if (!c->kasan ||
	    (optee_release(input->platform->rules) < SINCE_KASAN_WITHOUT_PAGER &&
	     !c->pager))
		return;
	if (!map->given || !map->size) {
		mmp_finding_add(
			findings, check,
			"kasan is on, and layout.asan_map is %s: the first access "
			"that is checked faults",
			map->given ? "empty" : "missing");
		mmp_finding_of_key(findings, "layout.asan_map", map->base, 0);
		return;
	}
	mmp_plan_set_secure(&plan);
	if (!mmp_plan_in_secure(&plan, &entry, input->pa_mask)) {
		mmp_finding_add(findings, check,
				"layout.asan_map at 0x%" PRIx64 " size 0x%" PRIx64
				" is not in secure memory",
				map->base, map->size);
		mmp_finding_of_key(findings, "layout.asan_map", map->base, map->size);
		return;
	}
	if (map->base >= c->tee_ram.start && map->base < end)
		end = map->base;
	shadowed = end > c->tee_ram.start ? end - c->tee_ram.start : 0;
	needed = mmp_page_up(shadowed / BYTES_A_SHADOW);
	if (map->size >= needed)
		return;
	mmp_finding_add(findings, check,
			"layout.asan_map has 0x%" PRIx64 " bytes, the 0x%" PRIx64
			" bytes of the core need 0x%" PRIx64,
			map->size, shadowed, needed);
	mmp_finding_of_key(findings, "layout.asan_map", map->base, map->size);
	mmp_finding_fix(findings, "set layout.asan_map.size to 0x%" PRIx64 " or more",
			needed);
}

/* --- numbers that look mistyped ------------------------------------------------------------ */

/*
 * Read the digits of a decimal number as hex; 0 if the number is not suspicious. It must
 * have few digits before the zeros: 200000 is unlikely to be accidental, 236324000 is
 * not.
 */
static uint64_t other_way(uint64_t value)
{
	enum { DIGITS = 15, ZEROS = 3, BEFORE = 3, THOUSAND = 1000 };
	char digits[24];
	size_t length, zeros = 0;

	if (!(value & MMP_PAGE_MASK) || value % THOUSAND)
		return 0;
	snprintf(digits, sizeof(digits), "%" PRIu64, value);
	length = strlen(digits);
	while (zeros < length && digits[length - 1 - zeros] == '0')
		zeros++;
	if (length > DIGITS || zeros < ZEROS || length - zeros > BEFORE)
		return 0;
	return strtoull(digits, NULL, 16);
}

static void say_other(const struct mmp_check *check, struct mmp_findings *findings,
		      const char *what, const char *name, uint64_t value, uint64_t hex)
{
	mmp_finding_add(findings, check,
			"%s%.64s is 0x%" PRIx64 ", which is %" PRIu64
			" in decimal: 0x%" PRIx64 " would be a round number",
			what, name, value, value, hex);
}

static void look_at_registration(const struct mmp_check *check,
				 struct mmp_findings *findings,
				 const struct mmp_registration *r, size_t ordinal)
{
	const uint64_t values[] = { r->addr, r->size };
	static const enum mmp_edit_kind kinds[] = { MMP_EDIT_ADDR, MMP_EDIT_SIZE };
	static const char *const words[] = { "the address of ", "the size of " };

	for (unsigned i = 0; i < 2; i++) {
		uint64_t hex = other_way(values[i]);

		if (!hex)
			continue;
		say_other(check, findings, words[i], r->name, values[i], hex);
		mmp_finding_registration(findings, ordinal);
		mmp_finding_propose(findings, "write %s\"%.64s\" as 0x%" PRIx64, words[i],
				    r->name, hex);
		mmp_propose_edit(findings, kinds[i], ordinal, hex);
	}
}

static void looks_like_hex(const struct mmp_check *check,
			   const struct mmp_check_input *input,
			   struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;

	for (size_t i = 0; i < p->count && !mmp_findings_full(findings); i++)
		look_at_registration(check, findings, &p->registrations[i], i);
	for (const struct mmp_config_key *k = p->rules->keys; k->name; k++) {
		uint64_t value, hex;

		if (k->type != MMP_KEY_ADDRESS && k->type != MMP_KEY_SIZE)
			continue;
		value = mmp_config_get(&p->config, k);
		hex = other_way(value);
		if (!hex || !strcmp(k->name, "aslr_seed") ||
		    !strncmp(k->name, "layout.identity_map", 19))
			continue;
		say_other(check, findings, "", k->name, value, hex);
		mmp_finding_of_key(findings, k->name, value, 0);
		mmp_finding_propose(findings, "write %s as 0x%" PRIx64, k->name, hex);
		mmp_propose_key(findings, k->name, hex);
	}
}

/* --- devices ------------------------------------------------------------------------------ */

static bool is_io(const struct mmp_registration *r)
{
	return r->section == OPTEE_SECTION_PHYS_MEM_MAP && r->size &&
	       optee_is_io(r->type);
}

/*
 * From 3.5 on only the macro rounds, and a plain register_phys_mem() next to it costs
 * tables.
 */
static void not_rounded(const struct mmp_check *check,
			const struct mmp_check_input *input,
			struct mmp_findings *findings)
{
	enum { SINCE_MACRO_ROUNDS = 305 };
	const struct mmp_platform *p = input->platform;
	uint64_t within = mmp_widths_of(p->rules, &p->config).pgdir - 1;
	size_t rounded = 0, others = 0;

	if (optee_release(p->rules) < SINCE_MACRO_ROUNDS)
		return;
	for (size_t i = 0; i < p->count; i++)
		if (is_io(&p->registrations[i])) {
			const struct mmp_registration *r = &p->registrations[i];

			if ((r->addr | r->size) & within)
				others++;
			else
				rounded++;
		}
	if (!rounded || !others)
		return;
	for (size_t i = 0; i < p->count && !mmp_findings_full(findings); i++) {
		const struct mmp_registration *r = &p->registrations[i];

		if (!is_io(r) || !((r->addr | r->size) & within))
			continue;
		mmp_finding_add(findings, check,
				"\"%.64s\" (%s at 0x%" PRIx64 " size 0x%" PRIx64
				") is not in whole blocks of 0x%" PRIx64
				", as the other devices are",
				r->name, mmp_memtype_label(p->rules, (int)r->type),
				r->addr, r->size, within + 1);
		mmp_finding_registration(findings, i);
	}
}

/* Virtual space has no physical memory: an address given with it is lost. */
static void address_lost(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;
	struct mmp_error err;
	unsigned io;

	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];
		const char *label = mmp_memtype_label(p->rules, (int)r->type);
		size_t length = strlen(label);

		if (r->section != OPTEE_SECTION_PHYS_MEM_MAP || !r->addr || !r->size ||
		    length < 8 || strcmp(label + length - 8, "_VASPACE") != 0)
			continue;
		mmp_finding_add(findings, check,
				"\"%.64s\" is %s at 0x%" PRIx64 " size 0x%" PRIx64
				": that type is virtual space and maps nothing; a device "
				"is IO_SEC or IO_NSEC",
				r->name, label, r->addr, r->size);
		mmp_finding_registration(findings, i);
		if (mmp_memtype_find(p->rules, "MEM_AREA_IO_SEC", &io, &err))
			continue;
		mmp_finding_propose(findings, "register \"%.64s\" as IO_SEC", r->name);
		mmp_propose_edit(findings, MMP_EDIT_TYPE, i, io);
	}
}

/*
 * Memory that people register in order to call or read code that was loaded before the
 * core.
 */
static void not_executable(const struct mmp_check *check,
			   const struct mmp_check_input *input,
			   struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;

	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];

		if (r->section != OPTEE_SECTION_PHYS_MEM_MAP || !r->size ||
		    !optee_is_type(p->rules, r->type, "ROM_SEC"))
			continue;
		mmp_finding_add(
			findings, check,
			"\"%.64s\" (ROM_SEC at 0x%" PRIx64 " size 0x%" PRIx64
			") can be read and not executed; TEE_COHERENT is the only "
			"type that is executable outside the core, and it is "
			"writable and uncached",
			r->name, r->addr, r->size);
		mmp_finding_registration(findings, i);
	}
}

/* clang-format off */
const struct mmp_check optee_checks_document[] = {
	MMP_CHECK("lpae-on-arm64", MMP_WARNING, "lpae is false on arm64, where it has no effect",
	  "set lpae to true, or arch to arm32", MMP_READS_PLATFORM, lpae_off),
	MMP_CHECK("parange-assumed", MMP_INFO, "the width of physical addresses comes from the CPU, and only its default is known",
	  "set cpu.parange to what ID_AA64MMFR0_EL1.PARange of the CPU says", MMP_READS_PLATFORM, parange_assumed),
	{ .id = "core-beyond-va", .severity = MMP_ERROR, .about = "the core cannot run where it is while the MMU goes on",
	  .fix = "load the core where its virtual address can be its physical one", .reads = MMP_READS_PLATFORM, .run = beyond_va,
	  .leads_to = "no-va va-outside-tables va-too-high sec-ram-outside-secure tee-ram-outside-secure" },
	{ .id = "address-too-wide", .severity = MMP_ERROR, .about = "a registration is beyond what the address type holds",
	  .fix = "set lpae and large_phys_addr to true, or register memory below 4 GiB", .reads = MMP_READS_PLATFORM, .run = too_wide,
	  .leads_to = "wrapping-range ddr-overlaps-ddr covered ddr-overlaps-map address-zero empty-range" },
	{ .id = "kasan-shadow", .severity = MMP_ERROR, .about = "the address sanitizer has no shadow memory, or too little, or not in secure memory",
	  .fix = "set layout.asan_map to the range from __asan_map_start to _end of the build, or turn kasan off", .reads = MMP_READS_PLATFORM, .run = shadow,
	  .leads_to = "core-memory-not-carved" },
	{ .id = "looks-like-hex", .severity = MMP_WARNING, .about = "a number is odd in decimal and round if its digits are hex",
	  .fix = "write it with 0x, if that is what was meant", .reads = MMP_READS_PLATFORM, .run = looks_like_hex,
	  .leads_to = "unaligned va-size-unaligned address-too-wide pa-over-ips nsec-shm-outside-window shm-window-mismatch outside-dram" },
	MMP_CHECK("device-not-rounded", MMP_INFO, "a device is not registered in whole blocks, as others are",
	  "register it with register_phys_mem_pgdir()", MMP_READS_PLATFORM, not_rounded),
	{ .id = "vaspace-with-address", .severity = MMP_ERROR, .about = "a virtual space is registered with a physical address, and maps nothing",
	  .fix = "register a device as IO_SEC or IO_NSEC, memory as RAM_SEC or RAM_NSEC", .reads = MMP_READS_PLATFORM, .run = address_lost,
	  .leads_to = "va-size-unaligned unaligned" },
	MMP_CHECK("not-executable", MMP_INFO, "a ROM can be read, and not executed",
	  "copy the code into the core, or call it before the MMU goes on", MMP_READS_PLATFORM, not_executable),
	{ .run = NULL },
};
/* clang-format on */
