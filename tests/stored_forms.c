/* SPDX-License-Identifier: BSD-2-Clause */
#include "stored_forms.h"

#include <string.h>

#include "check.h"
#include "doc/platform.h"
#include "random_platform.h"
#include "rules/optee/optee.h"

static struct mmp_error err;

static const char *const notes[NOTES] = {
	"{}",
	"{\"dram\":[]}",
	"{\"dram\":[{\"base\":\"0x80000000\",\"size\":\"0x40000000\"},"
	"{\"base\":\"0xffffffffffff0000\",\"size\":65536,\"note\":\"its "
	"\\\"d\\u00e4mon\\\"\"}]}",
	"{\"sources\":{\"files\":[{\"file\":\"a.log\",\"kind\":\"log\",\"sha256\":"
	"\"0000000000000000000000000000000000000000000000000000000000000000\"}],"
	"\"values\":[]},"
	"\"waivers\":[{\"finding\":\"overlap\",\"reason\":\"it is so\",\"who\":\"eva\"}],"
	"\"dram\":[{\"base\":0,\"size\":\"0x1000\",\"note\":\"\"}]}",
};

void add_notes(struct mmp_platform *platform, uint64_t kind)
{
	json_t *document = json_loads(notes[kind], 0, NULL);

	assert_non_null(document);
	if (mmp_notes_read(document, platform, &err))
		fail_msg("%s", err.text);
	json_decref(document);
}

struct mmp_platform *some_platform(const struct mmp_rules *rules)
{
	return rules->keys == mmp_optee_keys ? random_platform(rules)
					     : mmp_platform_new("virt", rules);
}

struct mmp_platform *sound_platform(const struct mmp_rules *rules)
{
	for (uint64_t n = 0;; n++) {
		struct mmp_platform *platform;

		random_begin(DEFAULT_SEED, n);
		platform = some_platform(rules);
		if (!rules->check || !rules->check(rules, &platform->config, &err))
			return platform;
		mmp_platform_free(platform);
	}
}

struct mmp_platform *by_text(const struct mmp_stored *stored,
			     const struct mmp_rules *rules)
{
	const struct mmp_stored alone = { .text = stored->text };
	struct mmp_platform *platform = mmp_platform_new("virt", rules);

	if (!mmp_stored_read(&alone, platform, &err))
		return platform;
	mmp_platform_free(platform);
	return NULL;
}

void assert_same(const struct mmp_platform *one, const struct mmp_platform *other)
{
	assert_memory_equal(&one->config, &other->config, sizeof(one->config));
	assert_int_equal(!one->notes, !other->notes);
	if (one->notes)
		assert_string_equal(one->notes, other->notes);
	assert_int_equal(one->dram_count, other->dram_count);
	for (size_t i = 0; i < one->dram_count; i++) {
		assert_int_equal(one->dram[i].base, other->dram[i].base);
		assert_int_equal(one->dram[i].size, other->dram[i].size);
		assert_string_equal(one->dram[i].note, other->dram[i].note);
	}
}
