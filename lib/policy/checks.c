#include <inttypes.h>

#include "policy/policy.h"

static void empty_ranges(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;

	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];

		if (r->size)
			continue;
		mmp_finding_registration(
			mmp_finding_add(
				findings, check,
				"\"%.80s\" (%s at 0x%" PRIx64
				") has size 0: the firmware drops it without a word",
				r->name, mmp_memtype_label(p->rules, (int)r->type),
				r->addr),
			findings, i);
	}
}

static void wrapping_ranges(const struct mmp_check *check,
			    const struct mmp_check_input *input,
			    struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;

	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];

		if (!r->size || r->addr + (r->size - 1) >= r->addr)
			continue;
		mmp_finding_registration(
			mmp_finding_add(findings, check,
					"\"%.80s\" (%s at 0x%" PRIx64 " size 0x%" PRIx64
					") goes past 2^64 and wraps",
					r->name,
					mmp_memtype_label(p->rules, (int)r->type),
					r->addr, r->size),
			findings, i);
	}
}

static void ignored_keys(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	const struct mmp_rules *rules = input->platform->rules;

	for (const struct mmp_key_rule *k = rules->key_rules; k->key; k++) {
		const struct mmp_config_key *key = mmp_config_key_find(k->key);

		if (k->use == MMP_KEY_IGNORED && key &&
		    mmp_config_get(&input->platform->config, key) != key->fallback)
			mmp_finding_add(findings, check,
					"config.%s has no effect: %s has no %s", k->key,
					rules->name, key->option ? key->option : k->key);
	}
}

/* clang-format off */
const struct mmp_check mmp_checks[] = {
	{ "empty-range", MMP_WARNING, "a registration has size 0",
	  "take it out, or give it its real size", empty_ranges },
	{ "wrapping-range", MMP_WARNING, "a registration goes past the end of the address space",
	  "give it its real size", wrapping_ranges },
	{ "ignored-key", MMP_INFO, "a configuration key has no effect under these rules",
	  NULL, ignored_keys },
	{ 0 },
};
/* clang-format on */
