/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "doc/findings.h"
#include "doc/layout.h"
#include "doc/mistakes.h"
#include "doc/platform.h"
#include "rules/optee/optee.h"
#include "tests/walkable.h"
#include "json/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * A platform of an unknown author, all the way: text as a platform document, other
 * bytes as numbers from which one is made, so that the fuzzer need not learn JSON to
 * reach the planners. What is computed must agree with the walker, and what is written
 * of a platform must read back as the same.
 */

enum { REGISTRATIONS_MAX = 200, FULL_TABLES_MAX = 64 };

/* Of ranges: their tables are a matter of memory, and of a fuzzer's patience. */
#define BYTES_MAX (UINT64_C(1) << 28)
#define PAGE      UINT64_C(0x1000)

/* Bytes as numbers; 0 where there are no more. */
struct bytes {
	const uint8_t *at;
	size_t left;
};

static uint64_t number(struct bytes *bytes, unsigned width)
{
	uint64_t value = 0;

	while (width-- && bytes->left) {
		value = value << 8 | *bytes->at++;
		bytes->left--;
	}
	return value;
}

/* Few bits, shifted; or any 64. */
static uint64_t address(struct bytes *bytes)
{
	unsigned shape = (unsigned)number(bytes, 1);

	if (shape == 255)
		return number(bytes, 8);
	return number(bytes, 2) << (shape & 31);
}

/* Mostly some pages or blocks, as vast ones are over soon. */
static uint64_t length(struct bytes *bytes)
{
	unsigned shape = (unsigned)number(bytes, 1);

	if (shape >= 250)
		return address(bytes);
	return number(bytes, 1) << (shape % 3 ? 12 : 21) | (shape >= 240);
}

static void fill_config(struct mmp_config *config, struct bytes *bytes)
{
	for (const struct mmp_config_key *k = mmp_optee_keys; k->name; k++) {
		bool *given = mmp_config_given(config, k);

		if (given)
			*given = !k->nullable || number(bytes, 1) & 1;
		if (k->type == MMP_KEY_SIZE)
			mmp_config_set(config, k, length(bytes));
		else if (k->type == MMP_KEY_ADDRESS)
			mmp_config_set(config, k, address(bytes));
		else if (k->type == MMP_KEY_COUNT)
			mmp_config_set(config, k,
				       k->min + number(bytes, 1) % (k->max - k->min + 1));
		else if (k->type != MMP_KEY_OBJECT)
			mmp_config_set(config, k, number(bytes, 1) & 1);
	}
	optee_edit(config)->trusted_dram.given = true;
}

static uint64_t lay(struct mmp_range *range, uint64_t at, struct bytes *bytes)
{
	range->base = at;
	range->size = number(bytes, 1) % 64 * PAGE;
	range->given = true;
	return at + range->size;
}

/* The core as a link script lays it, so that much more than the first check is reached. */
static void line_up(struct optee_config *c, struct bytes *bytes)
{
	uint64_t base = c->trusted_dram.base & ~(PAGE - 1), at = base;

	c->trusted_dram.base = base;
	c->trusted_dram.size = (number(bytes, 1) + 1) << 20;
	c->trusted_sram.given = c->pager;
	c->trusted_sram.base = base;
	c->trusted_sram.size = c->trusted_dram.size;
	c->tee_ram.start = base;
	c->tee_ram.va_size = c->trusted_dram.size;
	c->tee_ram.ph_size = c->trusted_dram.size;
	at = lay(&c->layout.unpg_rx, at, bytes);
	at = lay(&c->layout.unpg_ro, at, bytes);
	at = lay(&c->layout.unpg_rw, at, bytes);
	at = lay(&c->layout.nex_rw, at, bytes);
	at = lay(&c->layout.init_rx, at, bytes);
	at = lay(&c->layout.init_ro, at, bytes);
	c->layout.free.base = at;
	c->layout.free.size = base + c->tee_ram.ph_size - at;
	c->layout.free.given = true;
	c->layout.identity_map.start = base;
	c->layout.identity_map.end = base + 0x1456;
}

/* What rules refuse to hear of is off. */
static void obey(struct mmp_config *config, const struct mmp_rules *rules)
{
	for (const struct mmp_config_key *k = mmp_optee_keys; k->name; k++)
		if (mmp_key_use(rules, k) == MMP_KEY_OFF)
			mmp_config_set(config, k, 0);
}

static struct mmp_platform *platform_of(struct bytes bytes)
{
	unsigned shape = (unsigned)number(&bytes, 1);
	const struct mmp_rules *rules = mmp_rules_at(shape & 1);
	struct mmp_platform *platform = mmp_platform_new("fuzz", rules);
	struct mmp_error err;

	fill_config(&platform->config, &bytes);
	if (shape & 2)
		line_up(optee_edit(&platform->config), &bytes);
	obey(&platform->config, rules);
	if (rules->complete)
		rules->complete(rules, &platform->config);
	for (unsigned i = 0; bytes.left && i < REGISTRATIONS_MAX; i++) {
		const struct mmp_registration one = {
			.section = (number(&bytes, 1) % OPTEE_SECTION_COUNT),
			.type = (unsigned)(number(&bytes, 1) % rules->type_count),
			.addr = address(&bytes),
			.size = length(&bytes),
			.name = "",
			.origin = "platform"
		};

		if (rules->types[one.type].name)
			mmp_platform_add(platform, &one, &err);
	}
	if (rules->check(rules, &platform->config, &err)) {
		mmp_platform_free(platform);
		return NULL;
	}
	return platform;
}

/* Every core's tables are walked. */
static bool can_be_walked_soon(const struct mmp_layout *layout)
{
	const struct mmp_platform *p = layout->platform;

	return can_be_walked(&layout->plan) &&
	       mmp_platform_bytes(p) <= BYTES_MAX / optee_config(p)->nb_core;
}

static void compute(const struct mmp_platform *platform)
{
	struct mmp_layout layout;
	struct mmp_error err;
	json_t *answer = NULL;

	mmp_layout_init(&layout);
	if (!mmp_layout_make(&layout, platform, NULL, &err)) {
		if (can_be_walked_soon(&layout) && mmp_layout_verify(&layout, &err))
			abort();
		answer = mmp_layout_write(&layout, layout.tables.used > FULL_TABLES_MAX
							   ? MMP_DETAIL_MAP
							   : MMP_DETAIL_FULL);
	} else if (err.code == MMP_FIRMWARE_STOP) {
		answer = mmp_layout_stop_write(&layout);
	}
	if (answer)
		mmp_policy_write(answer, platform, &layout);
	json_decref(answer);
	mmp_layout_done(&layout);
}

/* The map alone. */
static void plan(const struct mmp_platform *platform)
{
	struct mmp_plan plan;
	struct mmp_error err;

	mmp_plan_init(&plan);
	mmp_plan_make(&plan, platform, &err);
	mmp_plan_done(&plan);
}

/* Whether its tables are a matter of a moment; optee-3.4 has but one level for 48 bits. */
static bool is_modest(const struct mmp_platform *platform)
{
	const struct optee_config *c = optee_config(platform);

	return mmp_platform_bytes(platform) <= BYTES_MAX &&
	       (c->va_bits <= 40 || c->nb_core <= 2);
}

static void write_and_read(const struct mmp_platform *platform)
{
	json_t *written = mmp_platform_write(platform), *again;
	struct mmp_platform *read;
	struct mmp_error err;

	if (mmp_platform_read(written, &read, &err))
		abort();
	again = mmp_platform_write(read);
	if (!json_equal(written, again))
		abort();
	json_decref(written);
	json_decref(again);
	mmp_platform_free(read);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mmp_platform *platform = NULL;
	struct mmp_error err;

	mmp_parsed_use_arenas();
	if (size && data[0] == '{') {
		struct mmp_parsed *document =
			mmp_json_read((const char *)data, size, SIZE_MAX, &err);

		if (document && mmp_platform_read(document->root, &platform, &err)) {
			size_t omitted;

			json_decref(mmp_platform_mistakes(document->root, &omitted));
			platform = NULL;
		}
		mmp_parsed_unref(document);
	} else {
		platform = platform_of((struct bytes){ data, size });
	}
	if (platform) {
		write_and_read(platform);
		if (is_modest(platform))
			compute(platform);
		else
			plan(platform);
	}
	mmp_platform_free(platform);
	return 0;
}
