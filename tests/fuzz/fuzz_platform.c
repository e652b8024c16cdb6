#include <stdlib.h>
#include <string.h>

#include "doc/findings.h"
#include "doc/layout.h"
#include "doc/platform.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * A platform of an unknown author, all the way: text as a platform document, other
 * bytes as numbers from which one is made, so that the fuzzer need not learn JSON to
 * reach the planners. What is computed must agree with the walker.
 */

enum { REGISTRATIONS_MAX = 40, TABLES_MAX = 4096 };

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

/* An address or a size: small shifts of few bits, or any 64 bits. */
static uint64_t length(struct bytes *bytes)
{
	unsigned shape = (unsigned)number(bytes, 1);

	if (shape == 255)
		return number(bytes, 8);
	return number(bytes, 2) << (shape & 31);
}

static void fill_config(struct mmp_config *config, struct bytes *bytes)
{
	for (const struct mmp_config_key *k = mmp_config_keys; k->name; k++) {
		bool *given = mmp_config_given(config, k);

		if (given)
			*given = !k->nullable || number(bytes, 1) & 1;
		if (k->type == MMP_KEY_SIZE || k->type == MMP_KEY_ADDRESS)
			mmp_config_set(config, k, length(bytes));
		else if (k->type == MMP_KEY_COUNT)
			mmp_config_set(config, k,
				       k->min + number(bytes, 1) % (k->max - k->min + 1));
		else if (k->type != MMP_KEY_OBJECT)
			mmp_config_set(config, k, number(bytes, 1) & 1);
	}
	config->trusted_dram.given = true;
}

static struct mmp_platform *platform_of(struct bytes bytes)
{
	const struct mmp_rules *rules = mmp_rules_all[0];
	struct mmp_platform *platform;
	struct mmp_error err;

	if (number(&bytes, 1) & 1 && mmp_rules_all[1])
		rules = mmp_rules_all[1];
	platform = mmp_platform_new("fuzz", rules);
	fill_config(&platform->config, &bytes);
	rules->complete(&platform->config);
	for (unsigned i = 0; bytes.left && i < REGISTRATIONS_MAX; i++) {
		const struct mmp_registration one = {
			.section =
				(enum mmp_section)(number(&bytes, 1) % MMP_SECTION_COUNT),
			.type = (unsigned)(number(&bytes, 1) % rules->type_count),
			.addr = length(&bytes),
			.size = length(&bytes),
			.name = "",
			.origin = "platform"
		};

		if (rules->types[one.type].name)
			mmp_platform_add(platform, &one, &err);
	}
	if (rules->check(&platform->config, &err)) {
		mmp_platform_free(platform);
		return NULL;
	}
	return platform;
}

/* Nothing that takes a fuzzer's patience: so many tables are a matter of memory. */
static bool is_modest(const struct mmp_plan *plan)
{
	uint64_t pages = 0;

	for (size_t n = 0; n < plan->count; n++)
		pages += plan->regions[n].size >> 21;
	return pages < TABLES_MAX;
}

static bool has_wide_address(const struct mmp_plan *plan)
{
	for (size_t n = 0; n < plan->count; n++)
		if ((plan->regions[n].pa + plan->regions[n].size) >> 48 ||
		    plan->regions[n].pa >> 48)
			return true;
	return false;
}

static void compute(const struct mmp_platform *platform)
{
	struct mmp_layout layout;
	struct mmp_error err;
	json_t *answer = json_object();

	mmp_layout_init(&layout);
	if (mmp_plan_make(&layout.plan, platform, &err) || is_modest(&layout.plan)) {
		bool stands = !mmp_layout_make(&layout, platform, NULL, &err);

		if (stands && platform->config.arch == MMP_ARM64 &&
		    !has_wide_address(&layout.plan) && mmp_layout_verify(&layout, &err))
			abort();
		if (stands)
			json_decref(mmp_layout_write(&layout, MMP_DETAIL_MAP));
		if (stands || err.code == MMP_FIRMWARE_STOP)
			mmp_policy_write(answer, platform, &layout);
	}
	json_decref(answer);
	mmp_layout_done(&layout);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mmp_platform *platform = NULL;
	struct mmp_error err;

	if (size && data[0] == '{') {
		json_t *document = json_loadb((const char *)data, size, 0, NULL);

		if (document && mmp_platform_read(document, &platform, &err))
			platform = NULL;
		json_decref(document);
	} else {
		platform = platform_of((struct bytes){ data, size });
	}
	if (platform)
		compute(platform);
	mmp_platform_free(platform);
	return 0;
}
