/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_OPTEE_ATTR_H
#define MMP_OPTEE_ATTR_H

/*
 * The firmware's attribute word (TEE_MATTR_*): what a mapping allows, before a table
 * format converts it to descriptor bits. The bit positions are the firmware's;
 * `mmp_attr_bits` has a name for each.
 *
 * Source: OP-TEE 4.10 and 3.4, core/include/mm/tee_mmu_types.h.
 */

#include <stddef.h>
#include <stdint.h>

#include "arch/regime.h"
#include "model/rules.h"
#include "rules/optee/config.h"
#include "rules/optee/releases.h"

/* clang-format off */
#define MMP_ATTR_VALID_BLOCK		0x00000001u
#define MMP_ATTR_HIDDEN_BLOCK		0x00000002u	/* optee-3.4 */
#define MMP_ATTR_HIDDEN_DIRTY_BLOCK	0x00000004u	/* optee-3.4 */
#define MMP_ATTR_TABLE			0x00000008u
#define MMP_ATTR_PR			0x00000010u
#define MMP_ATTR_PW			0x00000020u
#define MMP_ATTR_PX			0x00000040u
#define MMP_ATTR_UR			0x00000080u
#define MMP_ATTR_UW			0x00000100u
#define MMP_ATTR_UX			0x00000200u
#define MMP_ATTR_GLOBAL			0x00000400u
#define MMP_ATTR_SECURE			0x00000800u
#define MMP_ATTR_GUARDED		0x00008000u	/* optee-4.10; LOCKED in optee-3.4 */
/* clang-format on */

#define MMP_ATTR_KIND_SHIFT 12
#define MMP_ATTR_KIND_MASK  7u

/* Bits 14:12: the kind of memory. The number is the AttrIndx of the firmware's MAIR. */
enum mmp_kind {
	MMP_KIND_DEVICE_NGNRE,
	MMP_KIND_NORMAL, /* inner and outer write-back, read and write allocate */
	MMP_KIND_DEVICE_NGNRNE,
	MMP_KIND_TAGGED, /* normal, with allocation tags if the CPU has them */
	MMP_KIND_COUNT
};

/* The kind of memory in a word. */
static inline unsigned mmp_attr_kind(uint32_t attr)
{
	return attr >> MMP_ATTR_KIND_SHIFT & MMP_ATTR_KIND_MASK;
}

struct mmp_attr_bit {
	uint32_t bit;
	const char *name; /* the firmware's, without TEE_MATTR_ */
	const char *about;
};

extern const struct mmp_attr_bit mmp_attr_bits[]; /* ends with bit 0 */
extern const char *const mmp_kind_names[MMP_KIND_COUNT];

/*
 * Everything besides the attribute word that determines the bits of a descriptor:
 * features of the release and of the configuration.
 */
struct optee_encoding {
	unsigned kinds;     /* memory kinds 0 .. kinds-1 are accepted by LPAE */
	bool hidden_blocks; /* HIDDEN_BLOCK and HIDDEN_DIRTY_BLOCK exist */
	bool guarded;       /* GUARDED exists */
	bool px_is_guarded; /* PX implies GUARDED (CFG_CORE_BTI) */
	bool cpu_bti;       /* GP takes effect */
	bool cpu_tags;      /* MAIR has the tagged attribute for MMP_KIND_TAGGED */
	bool section_pxn;   /* short: sections have PXN (CFG_HWSUPP_MEM_PERM_PXN) */
	bool shared;        /* short: S is set (not CFG_NO_SMP) */
};

/*
 * The encoding of a release under a configuration. Inline, as it is called for each
 * attribute word.
 */
static inline struct optee_encoding optee_encoding(const struct mmp_rules *rules,
						   const struct mmp_config *config)
{
	const struct optee_release *release = optee_release_of(rules);
	const struct optee_config *c = optee_config_of(config);
	bool arm64 = c->arch == OPTEE_ARM64;

	return (struct optee_encoding){
		.kinds = release->kinds,
		.hidden_blocks = release->hidden_blocks,
		.guarded = release->guarded,
		.px_is_guarded = arm64 && c->bti,
		.cpu_bti = arm64 && c->cpu.bti && release->guarded,
		.cpu_tags = arm64 && c->memtag && c->cpu.mte,
		.section_pxn = c->hwsupp_mem_perm_pxn,
		.shared = !c->no_smp,
	};
}

/* Print "secure P:rw- U:--- normal-cached" and the like, for people. Returns `text`. */
const char *optee_attr_text(const struct mmp_rules *rules, uint32_t attr,
			    char text[MMP_WORDS_SIZE]);
/*
 * Print the firmware's names of the bits: "VALID_BLOCK PR PW normal-cached". Returns
 * `text`.
 */
const char *optee_attr_words(const struct mmp_rules *rules, uint32_t attr,
			     char text[MMP_WORDS_SIZE]);

/* The other attribute hooks of struct mmp_rules, for every release. */
const char *optee_unmapped(uint32_t attr);
const struct mmp_regime *optee_regime(const struct mmp_rules *rules,
				      const struct mmp_config *config);
void optee_leaf(const struct mmp_rules *rules, const struct mmp_config *config,
		const struct mmp_format *format, uint32_t attr,
		struct mmp_leaf *ret_leaf);
uint32_t optee_attr_of(const struct mmp_rules *rules, const struct mmp_config *config,
		       const struct mmp_leaf *leaf);
int optee_encode(const struct mmp_rules *rules, const struct mmp_config *config,
		 const struct mmp_format *format, int level, uint32_t attr,
		 uint64_t *ret_word, struct mmp_error *err);
uint32_t optee_decode(const struct mmp_rules *rules, const struct mmp_config *config,
		      const struct mmp_format *format, int level, uint64_t word);

/* The registers hook of struct mmp_rules. */
unsigned optee_facts(const struct mmp_plan *plan, const struct mmp_ddr *ddr,
		     struct mmp_register *facts);
unsigned optee_registers(const struct mmp_plan *plan, const struct mmp_tables *tables,
			 struct mmp_register *registers);

extern const struct mmp_memory_kind optee_memory_kinds[MMP_KIND_COUNT];

#endif
