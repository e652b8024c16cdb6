/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/platform.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"

struct mmp_platform *mmp_platform_new(const char *name, const struct mmp_rules *rules)
{
	struct mmp_platform *platform = calloc(1, sizeof(*platform));

	if (!platform)
		return NULL;
	platform->rules = rules;
	mmp_rules_defaults(rules, &platform->config);
	platform->name = strdup(name);
	if (!platform->name) {
		mmp_platform_free(platform);
		return NULL;
	}
	return platform;
}

/* Name and origin of a registration share one allocation, which `name` points to. */
static char *texts_of(const struct mmp_registration *one)
{
	size_t name = strlen(one->name) + 1, origin = strlen(one->origin) + 1;
	char *texts = malloc(name + origin);

	if (!texts)
		return NULL;
	memcpy(texts, one->name, name);
	memcpy(texts + name, one->origin, origin);
	return texts;
}

void mmp_platform_free(struct mmp_platform *platform)
{
	if (!platform)
		return;
	for (size_t i = 0; i < platform->count; i++)
		free((void *)(uintptr_t)platform->registrations[i].name);
	for (size_t i = 0; i < platform->dram_count; i++)
		free((void *)(uintptr_t)platform->dram[i].note);
	for (size_t i = 0; i < platform->lack_count; i++)
		free(platform->lacks[i]);
	free(platform->lacks);
	free(platform->dram);
	free(platform->registrations);
	free(platform->notes);
	free(platform->name);
	free(platform);
}

int mmp_platform_add_dram(struct mmp_platform *platform, const struct mmp_dram_range *one,
			  struct mmp_error *err)
{
	size_t count = platform->dram_count;
	struct mmp_dram_range *more;
	char *note;

	if (count >= MMP_DRAM_MAX)
		return mmp_fail(err, MMP_TOO_LARGE, "dram: more than %u ranges",
				MMP_DRAM_MAX);
	more = realloc(platform->dram, (count + 1) * sizeof(*more));
	if (!more)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	platform->dram = more;
	note = strdup(one->note);
	if (!note)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	more[count] = *one;
	more[count].note = note;
	platform->dram_count++;
	return 0;
}

static int grow(struct mmp_platform *platform)
{
	size_t capacity = platform->capacity ? 2 * platform->capacity : 16;
	struct mmp_registration *more =
		realloc(platform->registrations, capacity * sizeof(*more));

	if (!more)
		return -1;
	platform->registrations = more;
	platform->capacity = capacity;
	return 0;
}

int mmp_platform_add(struct mmp_platform *platform, const struct mmp_registration *one,
		     struct mmp_error *err)
{
	struct mmp_registration *at;
	char *texts;

	if (platform->count >= MMP_REGISTRATIONS_MAX)
		return mmp_fail(err, MMP_TOO_LARGE,
				"platform %s: more than %u registrations", platform->name,
				MMP_REGISTRATIONS_MAX);
	if (platform->count == platform->capacity && grow(platform))
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	texts = texts_of(one);
	if (!texts)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	at = &platform->registrations[platform->count++];
	*at = *one;
	if (platform->rules->type_of)
		at->type = platform->rules->type_of(platform->rules, one->attr);
	at->name = texts;
	at->origin = texts + strlen(texts) + 1;
	return 0;
}

int mmp_platform_lacks(struct mmp_platform *platform, struct mmp_error *err,
		       const char *format, ...)
{
	size_t bytes = (platform->lack_count + 1) * sizeof(*platform->lacks);
	char **more = realloc(platform->lacks, bytes), line[256];
	va_list args;

	va_start(args, format);
	mmp_text_vprint(line, sizeof(line), format, args);
	va_end(args);
	if (more)
		platform->lacks = more;
	if (!more || !(more[platform->lack_count] = strdup(line)))
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	platform->lack_count++;
	return 0;
}

/* Copy what does not depend on the rule set: DRAM, and the document's notes. */
static int take_rest(struct mmp_platform *to, const struct mmp_platform *from,
		     struct mmp_error *err)
{
	if (from->notes && !(to->notes = strdup(from->notes)))
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	for (size_t i = 0; i < from->dram_count; i++)
		if (mmp_platform_add_dram(to, &from->dram[i], err))
			return -1;
	return 0;
}

int mmp_platform_under(const struct mmp_platform *platform, const struct mmp_rules *rules,
		       struct mmp_platform **ret_platform, struct mmp_error *err)
{
	struct mmp_platform *made;

	if (rules->firmware != platform->rules->firmware || !rules->adopt)
		return mmp_fail(err, MMP_INVALID,
				"rules %s: platform %.60s has rules %s, of another "
				"firmware",
				rules->name, platform->name, platform->rules->name);
	made = mmp_platform_new(platform->name, rules);
	if (!made)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	if (take_rest(made, platform, err) || rules->adopt(made, platform, err)) {
		mmp_platform_free(made);
		return mmp_while(err, "rules %s", rules->name);
	}
	*ret_platform = made;
	return 0;
}

int mmp_platform_remove(struct mmp_platform *platform, size_t ordinal,
			struct mmp_error *err)
{
	struct mmp_registration *at = platform->registrations + ordinal;

	if (ordinal >= platform->count)
		return mmp_fail(
			err, MMP_NOT_FOUND,
			"platform %s: no registration %zu; it has %zu, counted from 0",
			platform->name, ordinal, platform->count);
	free((void *)(uintptr_t)at->name);
	platform->count--;
	memmove(at, at + 1, (platform->count - ordinal) * sizeof(*at));
	return 0;
}

/*
 * Whether a command line takes the name as a name, and not as stdin, an option, a file or
 * a revision.
 */
static bool can_be_said(const char *name)
{
	static const char *const files[] = { ".json", ".log" };
	const char *at = strrchr(name, '@');
	size_t length = strlen(name);

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (length >= strlen(files[i]) &&
		    !strcmp(name + length - strlen(files[i]), files[i]))
			return false;
	return *name != '-' && (!at || !at[1] || at[1 + strspn(at + 1, "0123456789")]);
}

int mmp_name_check(const char *what, const char *name, struct mmp_error *err)
{
	size_t length = strlen(name);

	if (!length || length > MMP_NAME_MAX)
		return mmp_fail(err, MMP_INVALID,
				"%s: a name has 1 to %d bytes; this one has %zu bytes",
				what, MMP_NAME_MAX, length);
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return mmp_fail(err, MMP_INVALID, "%s: \"%s\" is not a name", what, name);
	if (!can_be_said(name))
		return mmp_fail(
			err, MMP_INVALID,
			"%s: \"%.80s\" cannot be named on a command line: a name does "
			"not begin with '-', and does not end with .json, .log or "
			"@REVISION",
			what, name);
	for (const unsigned char *at = (const unsigned char *)name; *at; at++)
		if (*at < 0x20 || *at == 0x7f || *at == '/')
			return mmp_fail(err, MMP_INVALID,
					"%s: a name has no control character and no '/'",
					what);
	return 0;
}

static uint64_t add_bytes(uint64_t bytes, uint64_t more)
{
	return bytes + more < bytes ? UINT64_MAX : bytes + more;
}

uint64_t mmp_platform_bytes(const struct mmp_platform *platform)
{
	const struct mmp_rules *rules = platform->rules;
	uint64_t bytes =
		rules->own_bytes ? rules->own_bytes(rules, &platform->config) : 0;

	for (size_t i = 0; i < platform->count; i++)
		if (rules->sections[platform->registrations[i].section].maps)
			bytes = add_bytes(bytes, platform->registrations[i].size);
	return bytes;
}

uint64_t mmp_platform_value(const struct mmp_platform *platform, const char *key)
{
	return mmp_config_value(platform->rules, &platform->config, key);
}
