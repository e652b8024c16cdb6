/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

const struct mmp_rules *mmp_rules_at(size_t n)
{
	for (const struct mmp_firmware *const *f = mmp_firmwares; *f; f++)
		for (const struct mmp_rules *const *r = (*f)->rules; *r; r++)
			if (!n--)
				return *r;
	return NULL;
}

enum { NAMES_MAX = 64 };

int mmp_rules_find(const char *name, const struct mmp_rules **ret_rules,
		   struct mmp_error *err)
{
	const struct mmp_rules *r;
	char known[128] = "";

	for (size_t n = 0; (r = mmp_rules_at(n)); n++) {
		if (!strcmp(r->name, name)) {
			*ret_rules = r;
			return 0;
		}
		if (*known)
			strncat(known, ", ", sizeof(known) - strlen(known) - 1);
		strncat(known, r->name, sizeof(known) - strlen(known) - 1);
	}
	return mmp_fail(err, MMP_INVALID, "rules: \"%.64s\" is no rule set; known: %s",
			name, known);
}

void mmp_rules_defaults(const struct mmp_rules *rules, struct mmp_config *config)
{
	mmp_config_init(config);
	for (const struct mmp_key_rule *r = rules->key_rules; r->key; r++) {
		const struct mmp_config_key *key = mmp_config_key_find(r->key);

		if (r->use == MMP_KEY_FALLBACK)
			mmp_config_set(config, key, r->fallback);
		if (r->use == MMP_KEY_IGNORED || r->use == MMP_KEY_MUST_BE_OFF)
			mmp_config_leave_out(config, key, true);
	}
}

/* The seed and the size of boot memory are not addresses of the target. */
static bool is_of_target(const struct mmp_config_key *key)
{
	return (key->type == MMP_KEY_ADDRESS || key->type == MMP_KEY_SIZE) &&
	       strcmp(key->name, "aslr_seed") != 0 &&
	       strcmp(key->name, "boot_mem_size") != 0;
}

int mmp_config_check(const struct mmp_config *config, struct mmp_error *err)
{
	bool narrow = config->arch == MMP_ARM32 && !config->large_phys_addr;

	if (config->boot_core_pos >= config->nb_core)
		return mmp_fail(err, MMP_INVALID,
				"config.boot_core_pos: %" PRIu64
				", but there are %" PRIu64 " cores, counted from 0",
				config->boot_core_pos, config->nb_core);
	for (const struct mmp_config_key *k = mmp_config_keys; narrow && k->name; k++)
		if (is_of_target(k) && mmp_config_get(config, k) > UINT32_MAX)
			return mmp_fail(err, MMP_INVALID,
					"config.%s: 0x%" PRIx64
					" is over the 32 bits of arm32 without "
					"large_phys_addr",
					k->name, mmp_config_get(config, k));
	return 0;
}

int mmp_memtype_find(const struct mmp_rules *rules, const char *name, unsigned *ret_type,
		     struct mmp_error *err)
{
	const char *names[NAMES_MAX], *nearest;
	char full[64];
	size_t count = 0;

	for (unsigned type = 0; type < rules->type_count; type++) {
		if (!rules->types[type].name)
			continue;
		if (!strcmp(rules->types[type].name, name)) {
			*ret_type = type;
			return 0;
		}
		if (count < NAMES_MAX)
			names[count++] = rules->types[type].name;
	}
	/* Short names are what the firmware's own messages have. */
	snprintf(full, sizeof(full), "%s%.48s",
		 strncmp(name, "MEM_AREA_", 9) == 0 ? "" : "MEM_AREA_", name);
	nearest = mmp_nearest(full, names, count);
	return mmp_fail(err, MMP_INVALID, "type: %s has no memory type \"%.64s\"%s%s%s",
			rules->name, name, nearest ? "; nearest: \"" : "",
			nearest ? nearest : "", nearest ? "\"" : "");
}

const struct mmp_key_rule *mmp_key_rule_find(const struct mmp_rules *rules,
					     const char *key, enum mmp_key_use use)
{
	for (const struct mmp_key_rule *r = rules->key_rules; r->key; r++)
		if (r->use == use && !strcmp(r->key, key))
			return r;
	return NULL;
}

const char *mmp_memtype_label(const struct mmp_rules *rules, int type)
{
	if (type < 0 || (unsigned)type >= rules->type_count || !rules->types[type].label)
		return "unknown type";
	return rules->types[type].label;
}
