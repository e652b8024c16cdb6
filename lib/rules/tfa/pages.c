/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/page.h"
#include "rules/tfa/attr.h"
#include "rules/tfa/context.h"

/*
 * xlat_get_mem_attributes() and xlat_change_mem_attributes(): read the attributes of a
 * mapped page, and change those of mapped pages.
 *
 * Source: TF-A 2.15, lib/xlat_tables_v2/xlat_tables_utils.c.
 */

enum { LAST_LEVEL = 3, NO_LEVEL = -1 };

#define OUTPUT_ADDRESS UINT64_C(0x0000fffffffff000)
#define SPACE_BITS     (UINT64_C(1) << 5)
#define NSE_BIT        (UINT64_C(1) << 11)
#define INDEX_OF(word) ((word) >> 2 & 7)
#define DEVICE_INDEX   1
#define CHANGED        (TFA_RW | TFA_EXECUTE_NEVER | TFA_USER)

/* find_xlat_table_entry(). NULL with *ret_rule if there is no entry. */
static uint64_t *find_entry(struct tfa_context *context, uint64_t va, int *ret_level,
			    enum tfa_rule *ret_rule)
{
	struct tfa_tables *t = &context->tables;
	uint64_t *words = t->base;
	uint32_t entries = t->base_entries, next;

	for (int level = t->base_level; level <= LAST_LEVEL; level++) {
		uint32_t n = (va >> tfa_shift(level)) & (TFA_ENTRIES - 1);

		t->work++;
		*ret_rule = TFA_BEYOND_BASE;
		if (n >= entries)
			return NULL;
		*ret_rule = TFA_NOT_MAPPED;
		if (!words[n])
			return NULL;
		if (!tfa_points(t, level, words[n], &next)) {
			*ret_level = level;
			return &words[n];
		}
		words = t->words + (size_t)next * TFA_ENTRIES;
		entries = TFA_ENTRIES;
	}
	return NULL;
}

static int stop_pages(struct tfa_context *context, enum tfa_stop which)
{
	context->stop = which;
	return -1;
}

int tfa_get_attributes(struct tfa_context *context, uint64_t va,
		       struct tfa_result *result)
{
	const struct tfa_config *c = context->config;
	int level = NO_LEVEL;
	uint64_t *entry;

	if (c->debug && !context->initialized)
		return stop_pages(context, TFA_STOP_GET_EARLY);
	result->va = va;
	if (!context->initialized) {
		/* a base table of zeros */
		result->rule = TFA_NOT_MAPPED;
		return 0;
	}
	entry = find_entry(context, va, &level, &result->rule);
	if (!entry)
		return 0;
	result->rule = TFA_ACCEPTED;
	result->attr = tfa_read_back(c, *entry);
	result->level = (int8_t)level;
	return 0;
}

static enum tfa_rule check_words(const struct tfa_op *op)
{
	if (op->va % MMP_PAGE)
		return TFA_CHANGE_VA_UNALIGNED;
	if (!op->size)
		return TFA_CHANGE_SIZE_ZERO;
	if (op->size % MMP_PAGE)
		return TFA_CHANGE_SIZE_UNALIGNED;
	if ((op->attr & TFA_RW) && !(op->attr & TFA_EXECUTE_NEVER))
		return TFA_CHANGE_WRITE_EXECUTE;
	return TFA_ACCEPTED;
}

/*
 * The number of pages to visit. Past the reach of 512 entries of the base level, the
 * firmware's indices start again and find the same pages.
 */
static uint64_t pages_of(const struct tfa_tables *t, const struct tfa_op *op)
{
	uint64_t most = UINT64_C(1) << (tfa_shift(t->base_level) + 9);

	return (op->size < most ? op->size : most) / MMP_PAGE;
}

static enum tfa_rule check_page(struct tfa_context *context, const struct tfa_op *op,
				uint64_t va, int8_t *ret_level)
{
	enum tfa_rule rule;
	int level = NO_LEVEL;
	const uint64_t *entry = find_entry(context, va, &level, &rule);

	*ret_level = (int8_t)level;
	if (!entry)
		return rule;
	if (level != LAST_LEVEL)
		return TFA_CHANGE_BLOCK;
	if (INDEX_OF(*entry) == DEVICE_INDEX && !(op->attr & TFA_EXECUTE_NEVER))
		return TFA_CHANGE_DEVICE_EXECUTE;
	return TFA_ACCEPTED;
}

static int change_page(struct tfa_context *context, const struct tfa_op *op, uint64_t va)
{
	const struct tfa_config *c = context->config;
	enum tfa_rule rule;
	int level = NO_LEVEL;
	uint64_t *entry = find_entry(context, va, &level, &rule), word;
	uint32_t attr = tfa_read_back(c, *entry);
	enum tfa_stop which;

	attr = (attr & ~CHANGED) | (op->attr & CHANGED);
	which = tfa_descriptor(c, attr, level, &word);
	if (which != TFA_NO_STOP)
		return stop_pages(context, which);
	*entry = word | (*entry & (OUTPUT_ADDRESS | SPACE_BITS)) |
		 (c->rme && c->regime == TFA_EL3 ? *entry & NSE_BIT : 0);
	return 0;
}

int tfa_change_attributes(struct tfa_context *context, const struct tfa_op *op,
			  struct tfa_result *result)
{
	uint64_t pages = pages_of(&context->tables, op);

	if (context->config->debug && !context->initialized)
		return stop_pages(context, TFA_STOP_CHANGE_EARLY);
	result->va = op->va;
	result->rule = check_words(op);
	if (result->rule == TFA_ACCEPTED && !context->initialized)
		result->rule = TFA_NOT_MAPPED;
	for (uint64_t n = 0; result->rule == TFA_ACCEPTED && n < pages; n++) {
		result->va = op->va + n * MMP_PAGE;
		result->rule = check_page(context, op, result->va, &result->level);
	}
	for (uint64_t n = 0; result->rule == TFA_ACCEPTED && n < pages; n++)
		if (change_page(context, op, op->va + n * MMP_PAGE))
			return -1;
	return 0;
}
