/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/tfa/import.h"

#include "rules/tfa/tfa.h"

void tfa_import_region(struct mmp_evidence *evidence, const struct mmp_origin *origin,
		       const char *name, uint64_t pa, uint64_t va, uint64_t size,
		       uint32_t attr, uint64_t granularity)
{
	const struct mmp_claim one = { .section = (char *)"add",
				       .type = (char *)"",
				       .name = (char *)(uintptr_t)name,
				       .addr = pa,
				       .va = va,
				       .size = size,
				       .attr = attr,
				       .granularity = granularity,
				       .origin = *origin };

	mmp_evidence_claim_all(evidence, &one);
}

void tfa_import_init(struct mmp_evidence *evidence, const struct mmp_origin *origin)
{
	const struct mmp_claim one = { .section = (char *)"init",
				       .type = (char *)"",
				       .name = (char *)"",
				       .origin = *origin };

	mmp_evidence_claim_all(evidence, &one);
}

/* There is only one release. */
static const struct mmp_rules *choose(struct mmp_evidence *evidence)
{
	return evidence->rules ? evidence->rules : &tfa_2_15;
}

static const char *const reserved_names[] = {
	"tfa", "atf", "tf-a", "bl31", "secmon", NULL
};

const struct mmp_importer tfa_importer = {
	.reserved_names = reserved_names,
	.owns_image = tfa_owns_image,
	.owns_log = tfa_owns_log,
	.image = tfa_import_image,
	.log = tfa_import_log,
	.choose = choose,
};
