/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include "base/checksum.h"
#include "doc/platform.h"
#include "random_platform.h"
#include "stored_forms.h"

/* The two forms in which a configuration is stored say the same. */

static struct mmp_error err;

static uint64_t random_value(const struct mmp_rules *rules,
			     const struct mmp_config_key *key)
{
	uint64_t words = 0;

	switch (key->type) {
	case MMP_KEY_OBJECT:
		return 0;
	case MMP_KEY_CHOICE:
		while (key->choices[words])
			words++;
		return random_below(words);
	case MMP_KEY_FLAG:
		return random_below(2) && mmp_key_use(rules, key) != MMP_KEY_OFF;
	case MMP_KEY_COUNT:
		return key->min +
		       random_below(key->max - key->min + (key->max < UINT64_MAX));
	case MMP_KEY_SIZE:
	case MMP_KEY_ADDRESS:
		return random_below(UINT64_MAX) >> random_below(64);
	}
	return 0;
}

/* About one key in `rare`; the more of them, the more often a rule set refuses it. */
static void change_config(struct mmp_platform *platform, uint64_t rare)
{
	const struct mmp_rules *rules = platform->rules;

	for (const struct mmp_config_key *k = rules->keys; k->name; k++) {
		bool *given = mmp_config_given(&platform->config, k);

		if (random_below(rare))
			continue;
		if (given)
			*given = !k->nullable || random_below(2);
		mmp_config_set(&platform->config, k, random_value(rules, k));
	}
	if (rules->complete)
		rules->complete(rules, &platform->config);
}

static struct mmp_platform *any_platform(const struct mmp_rules *rules)
{
	struct mmp_platform *platform = some_platform(rules);
	uint64_t rare = UINT64_C(1) << random_below(9);

	change_config(platform, rare);
	add_notes(platform, random_below(NOTES));
	return platform;
}

/* Both forms are read, each into a platform of its own. Returns whether there are two. */
static bool check_both(const struct mmp_platform *platform)
{
	struct mmp_platform *read = mmp_platform_new("virt", platform->rules), *text;
	struct mmp_stored stored;
	bool decoded;

	assert_int_equal(mmp_stored_write(platform, &stored, &err), 0);
	decoded = mmp_stored_decode(&stored, read);
	text = by_text(&stored, platform->rules);
	if (decoded != !!text)
		fail_msg("%s: the text can%s be read: %s", platform->rules->name,
			 text ? "" : "not", stored.text.bytes);
	if (text)
		assert_same(read, text);
	mmp_platform_free(text);
	mmp_platform_free(read);
	mmp_stored_done(&stored);
	return decoded;
}

static void both_forms_are_read_as_the_same_under_all_rules(void **state)
{
	uint64_t cases = check_setting("MMP_TEST_CASES", 2000), seed;
	const struct mmp_rules *rules;

	(void)state;
	seed = check_setting("MMP_TEST_SEED", DEFAULT_SEED);
	for (size_t n = 0; (rules = mmp_rules_at(n)); n++) {
		uint64_t decoded = 0, each = 1 + cases / 20;

		for (uint64_t i = 0; i < each; i++) {
			struct mmp_platform *platform;

			random_begin(seed, n * each + i);
			platform = any_platform(rules);
			decoded += check_both(platform);
			mmp_platform_free(platform);
		}
		if (decoded < each / 8)
			fail_msg("%s: only %d of %d could be read", rules->name,
				 (int)decoded, (int)each);
	}
}

static void every_kind_of_note_is_encoded(void **state)
{
	const struct mmp_rules *rules;

	(void)state;
	for (size_t n = 0; (rules = mmp_rules_at(n)); n++)
		for (size_t i = 0; i < NOTES; i++) {
			struct mmp_platform *platform = sound_platform(rules);

			add_notes(platform, i);
			if (!check_both(platform))
				fail_msg("%s: is not encoded", rules->name);
			mmp_platform_free(platform);
		}
}

/* Rows may be read on another machine than the one that wrote them. */
static void the_checksum_is_the_same_on_every_machine(void **state)
{
	static const char text[] = "eight bytes, and some more";

	(void)state;
	assert_int_equal(mmp_checksum(0, NULL, 0), 0);
	assert_int_equal(mmp_checksum(0, text, 8), UINT64_C(0x6fb90d6b5cd67115));
	assert_int_equal(mmp_checksum(0, text, sizeof(text)),
			 UINT64_C(0x1576e64cd7af3f4f));
	assert_int_equal(mmp_checksum(1, text, sizeof(text)),
			 UINT64_C(0xc38bfe811f0f48e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_forms_are_read_as_the_same_under_all_rules),
		cmocka_unit_test(every_kind_of_note_is_encoded),
		cmocka_unit_test(the_checksum_is_the_same_on_every_machine),
	};

	return cmocka_run_group_tests_name("stored", tests, NULL, NULL);
}
