/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/evidence.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"

/* clang-format off */
const char *const mmp_rank_names[MMP_RANK_COUNT] = {
	[MMP_RANK_DEFAULT]  = "default",
	[MMP_RANK_CORE]     = "table of cores",
	[MMP_RANK_DOCUMENT] = "platform document",
	[MMP_RANK_TREE]     = "device tree",
	[MMP_RANK_SETTINGS] = "configuration",
	[MMP_RANK_IMAGE]    = "linked image",
	[MMP_RANK_BOARD]    = "board",
};
/* clang-format on */

void mmp_evidence_init(struct mmp_evidence *evidence)
{
	memset(evidence, 0, sizeof(*evidence));
}

void mmp_evidence_done(struct mmp_evidence *e)
{
	for (size_t i = 0; i < e->file_count; i++)
		free(e->files[i].name);
	for (size_t i = 0; i < e->fact_count; i++) {
		free(e->facts[i].key);
		free(e->facts[i].text);
		free((char *)(uintptr_t)e->facts[i].origin.what);
	}
	for (size_t i = 0; i < e->claim_count; i++) {
		free(e->claims[i].section);
		free(e->claims[i].type);
		free(e->claims[i].name);
		free((char *)(uintptr_t)e->claims[i].origin.what);
	}
	mmp_evidence_reboot(e);
	for (size_t i = 0; i < e->dram_count; i++) {
		free(e->dram[i].note);
		free((char *)(uintptr_t)e->dram[i].origin.what);
	}
	for (size_t i = 0; i < e->remark_count; i++)
		free(e->remarks[i].text);
	free(e->files);
	free(e->facts);
	free(e->claims);
	free(e->boot);
	free(e->dram);
	free(e->remarks);
	free(e->release);
	mmp_evidence_init(e);
}

/* Copy a text. NULL if memory runs out, or if `text` is NULL. */
static char *copy(struct mmp_evidence *e, const char *text)
{
	char *made = text ? strdup(text) : NULL;

	e->failed |= text && !made;
	return made;
}

/*
 * Make room for one more element of `size` bytes, zeroed. On failure it sets `failed` and
 * returns NULL.
 */
static void *one_more(struct mmp_evidence *e, void *list, size_t *count, size_t *capacity,
		      size_t size, size_t max)
{
	void **all = list;
	size_t more = *capacity ? 2 * *capacity : 16;
	void *grown;

	if (e->failed || *count >= max) {
		e->failed = true;
		return NULL;
	}
	if (*count == *capacity) {
		grown = realloc(*all, more * size);
		if (!grown) {
			e->failed = true;
			return NULL;
		}
		*all = grown;
		*capacity = more;
	}
	memset((char *)*all + *count * size, 0, size);
	return (char *)*all + (*count)++ * size;
}

#define ONE_MORE(e, list, count, capacity, max)                                          \
	one_more(e, &(e)->list, &(e)->count, &(e)->capacity, sizeof(*(e)->list), max)

static struct mmp_origin kept(struct mmp_evidence *e, const struct mmp_origin *origin)
{
	struct mmp_origin made = *origin;

	made.what = copy(e, origin->what);
	return made;
}

unsigned mmp_evidence_file(struct mmp_evidence *e, const char *name, const char *kind,
			   struct mmp_digest digest)
{
	struct mmp_file *one =
		ONE_MORE(e, files, file_count, file_capacity, MMP_IMPORT_FILES_MAX);

	if (!one)
		return 0;
	one->name = copy(e, name);
	one->kind = kind;
	one->digest = digest;
	return (unsigned)(one - e->files);
}

static struct mmp_fact *state(struct mmp_evidence *e, const struct mmp_origin *origin,
			      const char *key, enum mmp_fact_form form, uint64_t value)
{
	struct mmp_fact *one =
		ONE_MORE(e, facts, fact_count, fact_capacity, MMP_IMPORT_VALUES_MAX);

	if (!one)
		return NULL;
	one->key = copy(e, key);
	one->form = form;
	one->value = value;
	one->origin = kept(e, origin);
	return one;
}

void mmp_evidence_flag(struct mmp_evidence *e, const struct mmp_origin *origin,
		       const char *key, bool on)
{
	state(e, origin, key, MMP_FACT_FLAG, on);
}

void mmp_evidence_count(struct mmp_evidence *e, const struct mmp_origin *origin,
			const char *key, uint64_t value)
{
	state(e, origin, key, MMP_FACT_COUNT, value);
}

void mmp_evidence_hex(struct mmp_evidence *e, const struct mmp_origin *origin,
		      const char *key, uint64_t value)
{
	state(e, origin, key, MMP_FACT_HEX, value);
}

void mmp_evidence_text(struct mmp_evidence *e, const struct mmp_origin *origin,
		       const char *key, const char *text)
{
	struct mmp_fact *one = state(e, origin, key, MMP_FACT_TEXT, 0);

	if (one)
		one->text = copy(e, text);
}

void mmp_evidence_null(struct mmp_evidence *e, const struct mmp_origin *origin,
		       const char *key)
{
	state(e, origin, key, MMP_FACT_NULL, 0);
}

void mmp_evidence_range(struct mmp_evidence *e, const struct mmp_origin *origin,
			const char *object, const char *first, uint64_t one,
			const char *second, uint64_t other)
{
	char key[128];

	snprintf(key, sizeof(key), "%s.%s", object, first);
	mmp_evidence_hex(e, origin, key, one);
	snprintf(key, sizeof(key), "%s.%s", object, second);
	mmp_evidence_hex(e, origin, key, other);
}

void mmp_evidence_claim_all(struct mmp_evidence *e, const struct mmp_claim *given)
{
	struct mmp_claim *one =
		ONE_MORE(e, claims, claim_count, claim_capacity, MMP_REGISTRATIONS_MAX);

	if (!one)
		return;
	*one = *given;
	one->section = copy(e, given->section);
	one->type = copy(e, given->type);
	one->name = copy(e, given->name);
	one->origin = kept(e, &given->origin);
}

void mmp_evidence_claim(struct mmp_evidence *e, const struct mmp_origin *origin,
			const char *section, const char *type, const char *name,
			uint64_t addr, uint64_t size)
{
	const struct mmp_claim one = { .section = (char *)(uintptr_t)section,
				       .type = (char *)(uintptr_t)type,
				       .name = (char *)(uintptr_t)name,
				       .addr = addr,
				       .size = size,
				       .origin = *origin };

	mmp_evidence_claim_all(e, &one);
}

void mmp_evidence_boot(struct mmp_evidence *e, const struct mmp_boot_row *row)
{
	struct mmp_boot_row *one =
		ONE_MORE(e, boot, boot_count, boot_capacity, MMP_LOG_LINES_MAX);

	if (!one)
		return;
	*one = *row;
	one->type = copy(e, row->type);
	one->name = copy(e, row->name);
}

void mmp_evidence_reboot(struct mmp_evidence *e)
{
	for (size_t i = 0; i < e->boot_count; i++) {
		free(e->boot[i].type);
		free(e->boot[i].name);
	}
	e->boot_count = 0;
}

void mmp_evidence_dram(struct mmp_evidence *e, const struct mmp_origin *origin,
		       uint64_t base, uint64_t size, const char *note)
{
	struct mmp_dram *one =
		ONE_MORE(e, dram, dram_count, dram_capacity, MMP_IMPORT_VALUES_MAX);

	if (!one)
		return;
	one->base = base;
	one->size = size;
	one->note = copy(e, note);
	one->origin = kept(e, origin);
}

/*
 * A remark with the same words, as from two files, is added only once. Remarks over the
 * limit are dropped.
 */
void mmp_evidence_remark(struct mmp_evidence *e, const char *format, ...)
{
	struct mmp_remark *one;
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	mmp_text_vprint(text, sizeof(text), format, arguments);
	va_end(arguments);
	for (size_t i = 0; i < e->remark_count; i++)
		if (e->remarks[i].text && strcmp(e->remarks[i].text, text) == 0)
			return;
	if (e->remark_count >= MMP_REMARKS_MAX)
		return;
	one = ONE_MORE(e, remarks, remark_count, remark_capacity, MMP_REMARKS_MAX);
	if (one)
		one->text = copy(e, text);
}

void mmp_evidence_release(struct mmp_evidence *e, const char *release)
{
	if (!e->release)
		e->release = copy(e, release);
}

const struct mmp_fact *mmp_evidence_best(const struct mmp_evidence *e, const char *key)
{
	const struct mmp_fact *best = NULL;

	for (size_t i = 0; i < e->fact_count; i++) {
		const struct mmp_fact *one = &e->facts[i];

		if (strcmp(one->key, key) == 0 &&
		    (!best || one->origin.rank > best->origin.rank))
			best = one;
	}
	return best;
}

uint64_t mmp_evidence_value(const struct mmp_evidence *e, const char *key,
			    uint64_t fallback)
{
	const struct mmp_fact *best = mmp_evidence_best(e, key);

	return best && best->form != MMP_FACT_NULL ? best->value : fallback;
}
