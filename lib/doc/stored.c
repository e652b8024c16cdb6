/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/stored.h"

#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "doc/platform.h"
#include "wire/cursor.h"
#include "json/text.h"

enum { SUM_BYTES = 8, NOT_GIVEN = 255 };

/* --- the text ------------------------------------------------------------------------ */

/* What the text says. `given`: see mmp_config_read_given. */
static int read_kept(const json_t *kept, struct mmp_platform *platform, bool given[],
		     struct mmp_error *err)
{
	const json_t *config = json_object_get(kept, "config");

	if (mmp_config_read_given(platform->rules, config ? config : kept,
				  &platform->config, given, err))
		return -1;
	return config ? mmp_notes_read(kept, platform, err) : 0;
}

static json_t *kept_of(const struct mmp_platform *platform)
{
	json_t *config = mmp_config_write(platform->rules, &platform->config), *notes;

	if (!platform->notes)
		return config;
	notes = mmp_notes_write(platform);
	json_object_set_new(notes, "config", config);
	return notes;
}

static int read_text(const struct mmp_buffer *text, struct mmp_platform *platform,
		     struct mmp_error *err)
{
	struct mmp_parsed *parsed = mmp_json_read_own(text->bytes, text->length, err);
	int failed = !parsed || read_kept(parsed->root, platform, NULL, err);

	mmp_parsed_unref(parsed);
	return failed ? -1 : 0;
}

/* --- the key table --------------------------------------------------------------------- */

static uint64_t add_text(uint64_t digest, const char *text)
{
	return mmp_checksum(digest, text, strlen(text));
}

static uint64_t make_digest(const struct mmp_config_key *keys)
{
	uint64_t digest = 0;

	for (const struct mmp_config_key *k = keys; k->name; k++) {
		uint64_t kind = (uint64_t)k->type << 2 | k->nullable << 1 | k->required;

		digest = add_text(digest ^ kind, k->name);
		for (const char *const *c = k->choices; c && *c; c++)
			digest = add_text(digest, *c);
	}
	return digest;
}

/* Key tables are constant, and mostly the same one is asked for again. */
static uint64_t digest_of(const struct mmp_config_key *keys)
{
	static _Thread_local const struct mmp_config_key *last;
	static _Thread_local uint64_t digest;

	if (keys != last)
		digest = make_digest(keys);
	last = keys;
	return digest;
}

/* Whether the text could say so, by this program's rules. */
static bool may_be(const struct mmp_rules *rules, const struct mmp_config_key *key,
		   uint64_t value)
{
	uint64_t words = 0;

	switch (key->type) {
	case MMP_KEY_OBJECT:
		return !value;
	case MMP_KEY_CHOICE:
		while (words <= value && key->choices[words])
			words++;
		return value < words;
	case MMP_KEY_FLAG:
		return !value || (value == 1 && mmp_key_use(rules, key) != MMP_KEY_OFF);
	case MMP_KEY_COUNT:
		return key->min <= value && value <= key->max;
	case MMP_KEY_SIZE:
	case MMP_KEY_ADDRESS:
		return true;
	}
	return false;
}

/* --- encoding ---------------------------------------------------------------------------- */

static void put(struct mmp_buffer *out, uint64_t value, unsigned width)
{
	uint8_t bytes[8];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	wire_put(&w, value, width);
	mmp_buffer_add(out, bytes, width);
}

static void put_keys(struct mmp_buffer *out, const struct mmp_platform *platform,
		     const bool given[])
{
	const struct mmp_config_key *keys = platform->rules->keys;

	for (size_t i = 0; keys[i].name; i++) {
		uint64_t value = mmp_config_get(&platform->config, &keys[i]);
		unsigned width = 0;

		while (width < 8 && value >> 8 * width)
			width++;
		put(out, given[i] ? width : NOT_GIVEN, 1);
		if (given[i])
			put(out, value, width);
	}
}

static void put_dram(struct mmp_buffer *out, const struct mmp_platform *platform)
{
	for (size_t i = 0; i < platform->dram_count; i++) {
		const struct mmp_dram_range *range = &platform->dram[i];

		put(out, range->base, 8);
		put(out, range->size, 8);
		put(out, strlen(range->note), 4);
		mmp_buffer_text(out, range->note);
	}
}

static void put_form(const struct mmp_platform *platform, const bool given[],
		     const struct mmp_buffer *text, struct mmp_buffer *out)
{
	const char *notes = platform->notes ? platform->notes : "";
	uint64_t sum;

	put(out, 0, SUM_BYTES);
	put(out, MMP_STORED_FORMAT, 4);
	put(out, text->length, 4);
	put(out, mmp_checksum(0, text->bytes, text->length), 8);
	put(out, digest_of(platform->rules->keys), 8);
	put(out, strlen(notes), 4);
	put(out, platform->dram_count, 4);
	put_keys(out, platform, given);
	put_dram(out, platform);
	mmp_buffer_text(out, notes);
	if (out->failed)
		return;
	sum = mmp_checksum(0, out->bytes + SUM_BYTES, out->length - SUM_BYTES);
	for (unsigned i = 0; i < SUM_BYTES; i++)
		out->bytes[i] = (char)(sum >> 8 * i);
}

/* Encode what a reader of the text gets. One that cannot be read is not encoded. */
static void encode_kept(const struct mmp_rules *rules, const json_t *kept,
			struct mmp_stored *stored)
{
	struct mmp_platform *read = mmp_platform_new("", rules);
	struct mmp_error ignored;
	size_t count = 0;
	bool *given;

	while (rules->keys[count].name)
		count++;
	given = calloc(count + 1, sizeof(*given));
	if (read && given && !read_kept(kept, read, given, &ignored))
		put_form(read, given, &stored->text, &stored->encoded);
	free(given);
	mmp_platform_free(read);
}

int mmp_stored_write(const struct mmp_platform *platform, struct mmp_stored *ret_stored,
		     struct mmp_error *err)
{
	struct mmp_stored stored = MMP_STORED_EMPTY;
	json_t *kept = kept_of(platform);
	int failed = mmp_json_print(kept, MMP_JSON_ANY_SIZE, &stored.text, err);

	if (!failed)
		encode_kept(platform->rules, kept, &stored);
	json_decref(kept);
	if (!failed && stored.encoded.failed)
		failed = mmp_fail(err, MMP_SYSTEM, "out of memory");
	if (failed)
		mmp_stored_done(&stored);
	else
		*ret_stored = stored;
	return failed;
}

void mmp_stored_done(struct mmp_stored *stored)
{
	mmp_buffer_done(&stored->text);
	mmp_buffer_done(&stored->encoded);
}

/* --- decoding ---------------------------------------------------------------------------- */

static bool take_keys(struct wire_reader *r, const struct mmp_rules *rules,
		      struct mmp_config *config)
{
	for (const struct mmp_config_key *k = rules->keys; k->name; k++) {
		bool *given = mmp_config_given(config, k);
		unsigned width = wire_get8(r);
		uint64_t value;

		if (width == NOT_GIVEN)
			continue;
		value = width <= 8 ? wire_get(r, width) : 0;
		if (r->failed || width > 8 || !may_be(rules, k, value))
			return false;
		if (given)
			*given = true;
		mmp_config_set(config, k, value);
	}
	return true;
}

/* A copy of the next bytes; NULL: there are not as many, or memory ran out. */
static char *copy_text(struct wire_reader *r, size_t length)
{
	const uint8_t *bytes = wire_take(r, length);

	return bytes ? strndup((const char *)bytes, length) : NULL;
}

static bool take_range(struct wire_reader *r, struct mmp_platform *platform)
{
	struct mmp_dram_range range;
	struct mmp_error ignored;
	bool taken;
	char *note;

	range.base = wire_get64(r);
	range.size = wire_get64(r);
	note = copy_text(r, wire_get32(r));
	range.note = note;
	taken = note && !mmp_platform_add_dram(platform, &range, &ignored);
	free(note);
	return taken;
}

static bool take_notes(struct wire_reader *r, struct mmp_platform *platform,
		       size_t notes_length, uint32_t ranges)
{
	for (; ranges; ranges--)
		if (!take_range(r, platform))
			return false;
	if (notes_length && !(platform->notes = copy_text(r, notes_length)))
		return false;
	return wire_read_whole(r);
}

static void drop_notes(struct mmp_platform *platform)
{
	while (platform->dram_count)
		free((void *)(uintptr_t)platform->dram[--platform->dram_count].note);
	free(platform->notes);
	platform->notes = NULL;
}

/* Read the head up to the digest. */
static bool fits(struct wire_reader *r, const struct mmp_buffer *text,
		 const struct mmp_rules *rules)
{
	uint64_t sum = wire_get64(r);

	return !r->failed &&
	       sum == mmp_checksum(0, r->bytes + r->at, r->length - r->at) &&
	       wire_get32(r) == MMP_STORED_FORMAT && wire_get32(r) == text->length &&
	       wire_get64(r) == mmp_checksum(0, text->bytes, text->length) &&
	       wire_get64(r) == digest_of(rules->keys);
}

bool mmp_stored_decode(const struct mmp_stored *stored, struct mmp_platform *platform)
{
	const struct mmp_rules *rules = platform->rules;
	struct wire_reader r = wire_reader((const uint8_t *)stored->encoded.bytes,
					   stored->encoded.length);
	struct mmp_config config = platform->config;
	struct mmp_error ignored;
	size_t notes_length;
	uint32_t ranges;

	if (!stored->encoded.length || !fits(&r, &stored->text, rules))
		return false;
	notes_length = wire_get32(&r);
	ranges = wire_get32(&r);
	if (!take_keys(&r, rules, &config))
		return false;
	if (rules->complete)
		rules->complete(rules, &config);
	if ((rules->check && rules->check(rules, &config, &ignored)) ||
	    !take_notes(&r, platform, notes_length, ranges)) {
		drop_notes(platform);
		return false;
	}
	platform->config = config;
	return true;
}

int mmp_stored_read(const struct mmp_stored *stored, struct mmp_platform *platform,
		    struct mmp_error *err)
{
	return mmp_stored_decode(stored, platform)
		       ? 0
		       : read_text(&stored->text, platform, err);
}
