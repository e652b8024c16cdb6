/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "doc/platform.h"
#include "stored_forms.h"

/*
 * The encoded form of a stored configuration is read only where it must: whatever was done
 * to it, the platform is that of the text.
 */

static struct mmp_error err;

static struct mmp_platform *sample;
static struct mmp_stored stored;

static int store_sample(void **state)
{
	(void)state;
	sample = sound_platform(mmp_rules_at(0));
	add_notes(sample, NOTES - 1);
	return mmp_stored_write(sample, &stored, &err);
}

static int free_sample(void **state)
{
	(void)state;
	mmp_stored_done(&stored);
	mmp_platform_free(sample);
	return 0;
}

/* `bytes` in the place of the encoded form, in memory of exactly that size. */
static bool decodes(const void *bytes, size_t length, const struct mmp_rules *rules,
		    struct mmp_platform **ret_platform)
{
	struct mmp_platform *platform = mmp_platform_new("virt", rules);
	char *exact = malloc(length ? length : 1);
	const struct mmp_stored changed = { .text = stored.text,
					    .encoded = { exact, length, length, false } };
	bool decoded;

	if (length)
		memcpy(exact, bytes, length);
	decoded = mmp_stored_decode(&changed, platform);
	if (!decoded) {
		struct mmp_platform *fresh = mmp_platform_new("virt", rules);

		assert_same(platform, fresh);
		mmp_platform_free(fresh);
	}
	free(exact);
	if (ret_platform)
		*ret_platform = platform;
	else
		mmp_platform_free(platform);
	return decoded;
}

static void a_form_that_is_cut_off_or_goes_on_is_not_read(void **state)
{
	size_t length = stored.encoded.length;
	char *longer = calloc(1, length + 1);

	(void)state;
	for (size_t cut = 0; cut < length; cut++)
		assert_false(decodes(stored.encoded.bytes, cut, sample->rules, NULL));
	assert_true(decodes(stored.encoded.bytes, length, sample->rules, NULL));
	memcpy(longer, stored.encoded.bytes, length);
	assert_false(decodes(longer, length + 1, sample->rules, NULL));
	free(longer);
}

static void a_form_with_a_changed_byte_is_not_read(void **state)
{
	char *bytes = malloc(stored.encoded.length);

	(void)state;
	memcpy(bytes, stored.encoded.bytes, stored.encoded.length);
	for (size_t i = 0; i < stored.encoded.length; i++)
		for (unsigned bit = 0; bit < 9; bit++) {
			char flip = (char)(bit < 8 ? 1u << bit : 0xff);

			bytes[i] ^= flip;
			assert_false(decodes(bytes, stored.encoded.length, sample->rules,
					     NULL));
			bytes[i] ^= flip;
		}
	free(bytes);
}

static void set_sum(char *bytes, size_t length)
{
	uint64_t sum = mmp_checksum(0, bytes + 8, length - 8);

	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (char)(sum >> 8 * i);
}

/*
 * The checksum is right again, as of somebody who means harm: what is read, if anything, is
 * a configuration that can be written.
 */
static void a_form_that_was_forged_does_no_harm(void **state)
{
	static const unsigned char values[] = { 0, 1, 2, 8, 9, 0x7f, 0x80, 0xfe, 0xff };
	size_t length = stored.encoded.length;
	char *bytes = malloc(length);

	(void)state;
	for (size_t i = 8; i < length; i++)
		for (size_t v = 0; v < COUNT(values); v++) {
			struct mmp_platform *platform;

			memcpy(bytes, stored.encoded.bytes, length);
			bytes[i] = (char)values[v];
			set_sum(bytes, length);
			if (decodes(bytes, length, sample->rules, &platform))
				json_decref(mmp_config_write(platform->rules,
							     &platform->config));
			mmp_platform_free(platform);
		}
	for (size_t cut = 8; cut < length; cut++) {
		memcpy(bytes, stored.encoded.bytes, cut);
		set_sum(bytes, cut);
		assert_false(decodes(bytes, cut, sample->rules, NULL));
	}
	free(bytes);
}

static void forge(size_t at, const void *bytes, size_t length, bool is_read)
{
	char *forged = malloc(stored.encoded.length);

	memcpy(forged, stored.encoded.bytes, stored.encoded.length);
	memcpy(forged + at, bytes, length);
	set_sum(forged, stored.encoded.length);
	assert_int_equal(decodes(forged, stored.encoded.length, sample->rules, NULL),
			 is_read);
	free(forged);
}

static void a_form_of_another_format_is_not_read(void **state)
{
	(void)state;
	forge(8, (uint8_t[]){ MMP_STORED_FORMAT }, 1, true);
	forge(8, (uint8_t[]){ MMP_STORED_FORMAT + 1 }, 1, false);
	forge(8, (uint8_t[]){ 0 }, 1, false);
}

/* --- of another text, or of another program ------------------------------------------------- */

static void an_edited_text_is_read_in_spite_of_its_form(void **state)
{
	struct mmp_platform *read = mmp_platform_new("virt", sample->rules), *text;
	char *digit = strstr(stored.text.bytes, "\"va_bits\":");

	(void)state;
	assert_non_null(digit);
	digit += strlen("\"va_bits\":");
	assert_true(*digit == '3'); /* of 3x bits */
	*digit = '4';
	assert_false(mmp_stored_decode(&stored, read));
	if (mmp_stored_read(&stored, read, &err))
		fail_msg("%s", err.text);
	assert_int_equal(mmp_platform_value(read, "va_bits"),
			 mmp_platform_value(sample, "va_bits") + 10);
	text = by_text(&stored, sample->rules);
	assert_same(read, text);
	*digit = '3';
	mmp_platform_free(text);
	mmp_platform_free(read);
}

/* Key tables that were made; like all others, each is there until the program ends. */
static struct made_table {
	struct made_table *next;
	struct mmp_config_key keys[];
} * made_tables;

static int free_tables(void **state)
{
	(void)state;
	while (made_tables) {
		struct made_table *next = made_tables->next;

		free(made_tables);
		made_tables = next;
	}
	return 0;
}

static struct mmp_config_key *make_table(const struct mmp_config_key *like)
{
	struct made_table *table;
	size_t count = 1;

	while (like[count - 1].name)
		count++;
	table = malloc(sizeof(*table) + count * sizeof(*like));
	memcpy(table->keys, like, count * sizeof(*like));
	table->next = made_tables;
	made_tables = table;
	return table->keys;
}

/* Whether the form is read under a copy of the rules whose n-th key is `key`. */
static bool decodes_with(size_t n, const struct mmp_config_key *key)
{
	struct mmp_rules rules = *sample->rules;
	struct mmp_config_key *keys = make_table(rules.keys);

	keys[n] = *key;
	rules.keys = keys;
	return decodes(stored.encoded.bytes, stored.encoded.length, &rules, NULL);
}

static void a_form_of_other_keys_is_not_read(void **state)
{
	static const char *const words[] = { "one", "two", "three", NULL };

	(void)state;
	for (size_t n = 0; sample->rules->keys[n].name; n++) {
		struct mmp_config_key key = sample->rules->keys[n];

		assert_true(decodes_with(n, &key));
		key.name = "renamed";
		assert_false(decodes_with(n, &key));
		key = sample->rules->keys[n];
		key.nullable = !key.nullable;
		assert_false(decodes_with(n, &key));
		key = sample->rules->keys[n];
		key.required = !key.required;
		assert_false(decodes_with(n, &key));
		key = sample->rules->keys[n];
		if (key.type == MMP_KEY_CHOICE)
			key.choices = words;
		else
			key.type =
				key.type == MMP_KEY_FLAG ? MMP_KEY_COUNT : MMP_KEY_FLAG;
		assert_false(decodes_with(n, &key));
	}
}

/* Keys have changed places, or one is not there any more. */
static void a_form_of_keys_in_another_order_is_not_read(void **state)
{
	const struct mmp_config_key *keys = sample->rules->keys;

	(void)state;
	for (size_t n = 1; keys[n].name; n++) {
		const struct mmp_config_key end = { 0 };

		assert_false(decodes_with(n, &keys[n - 1]));
		assert_false(decodes_with(n, &end));
	}
}

/* A value that another version of the program took, and this one does not. */
static void a_form_with_a_value_that_the_text_may_not_have_is_not_read(void **state)
{
	(void)state;
	for (size_t n = 0; sample->rules->keys[n].name; n++) {
		struct mmp_config_key key = sample->rules->keys[n];
		uint64_t value = mmp_config_get(&sample->config, &key);

		if (key.type != MMP_KEY_COUNT || (key.nullable && !value))
			continue;
		key.min = value + 1;
		assert_false(decodes_with(n, &key));
		key.min = 0;
		key.max = value - 1;
		if (value)
			assert_false(decodes_with(n, &key));
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, store_sample, free_sample)
	const struct CMUnitTest tests[] = {
		TEST(a_form_that_is_cut_off_or_goes_on_is_not_read),
		TEST(a_form_with_a_changed_byte_is_not_read),
		TEST(a_form_that_was_forged_does_no_harm),
		TEST(a_form_of_another_format_is_not_read),
		TEST(an_edited_text_is_read_in_spite_of_its_form),
		TEST(a_form_of_other_keys_is_not_read),
		TEST(a_form_of_keys_in_another_order_is_not_read),
		TEST(a_form_with_a_value_that_the_text_may_not_have_is_not_read),
	};

	return cmocka_run_group_tests_name("stored_damage", tests, NULL, free_tables);
}
