/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/diff_private.h"
#include "doc/platform.h"

/* --- configuration --------------------------------------------------------------------- */

enum { NAME_SIZE = 160 };

/* A value as one line of JSON, owned by the caller. */
static char *words_of(const json_t *value)
{
	if (!value)
		return strdup("absent");
	return json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
}

/* Whether a key that the other rule set does not have was set to a value of its own. */
static bool is_worth_telling(const struct mmp_platform *platform, const char *name)
{
	const struct mmp_config_key *key = mmp_config_key_find(platform->rules, name);

	return !key || mmp_config_is_set(platform->rules, &platform->config, key);
}

static void tell_key(struct diff *diff, const char *name, const json_t *before,
		     const json_t *after)
{
	char *from = words_of(before), *to = words_of(after);
	json_t *change =
		from && to ? diff_add(diff, DIFF_CONFIG, "%s: %s, was %s", name, to, from)
			   : NULL;

	if (change)
		json_object_set_new(change, "key", json_string(name));
	diff->oom |= !from || !to;
	free(from);
	free(to);
}

/* Recurse into objects, so that a key of a range is reported and not the whole range. */
static void diff_keys(struct diff *diff, const char *prefix, json_t *before,
		      json_t *after)
{
	const char *key;
	json_t *value;

	json_object_foreach(after, key, value) {
		json_t *old = json_object_get(before, key);
		char name[NAME_SIZE];

		snprintf(name, sizeof(name), "%s%s%s", prefix, *prefix ? "." : "", key);
		if (json_is_object(value) && json_is_object(old))
			diff_keys(diff, name, old, value);
		else if (old ? !json_equal(old, value)
			     : is_worth_telling(diff->after->platform, name))
			tell_key(diff, name, old, value);
	}
	json_object_foreach(before, key, value) {
		char name[NAME_SIZE];

		snprintf(name, sizeof(name), "%s%s%s", prefix, *prefix ? "." : "", key);
		if (!json_object_get(after, key) &&
		    is_worth_telling(diff->before->platform, name))
			tell_key(diff, name, value, NULL);
	}
}

static void diff_config(struct diff *diff)
{
	const struct mmp_platform *before = diff->before->platform;
	const struct mmp_platform *after = diff->after->platform;
	json_t *old = mmp_config_write(before->rules, &before->config);
	json_t *now = mmp_config_write(after->rules, &after->config);

	if (before->rules != after->rules)
		diff_add(diff, DIFF_RULES, "rules: %s, was %s", after->rules->name,
			 before->rules->name);
	diff_keys(diff, "", old, now);
	json_decref(old);
	json_decref(now);
}

/* --- registrations --------------------------------------------------------------------- */

static const char *section_name(const struct mmp_platform *platform, size_t n)
{
	return platform->rules->sections[platform->registrations[n].section].name;
}

static const char *type_name(const struct mmp_platform *platform, size_t n)
{
	const char *name = platform->rules->types[platform->registrations[n].type].name;

	return name ? name : "";
}

static bool same_name(const struct mmp_platform *a, size_t n,
		      const struct mmp_platform *b, size_t m)
{
	return !strcmp(a->registrations[n].name, b->registrations[m].name) &&
	       !strcmp(section_name(a, n), section_name(b, m));
}

static bool same_registration(const struct mmp_platform *a, size_t n,
			      const struct mmp_platform *b, size_t m)
{
	const struct mmp_registration *x = &a->registrations[n],
				      *y = &b->registrations[m];

	return same_name(a, n, b, m) && !strcmp(type_name(a, n), type_name(b, m)) &&
	       x->addr == y->addr && x->size == y->size && x->va == y->va &&
	       x->attr == y->attr && x->granularity == y->granularity;
}

/* One registration as a line: type, range, and section if it is not the first one. */
static void print_registration(const struct mmp_platform *platform, size_t n, char *text,
			       size_t size)
{
	const struct mmp_registration *r = &platform->registrations[n];

	snprintf(text, size, "%s%s%s at 0x%llx size 0x%llx",
		 r->section ? section_name(platform, n) : "", r->section ? " " : "",
		 type_name(platform, n), (unsigned long long)r->addr,
		 (unsigned long long)r->size);
}

static void tell_registration(struct diff *diff, const struct mmp_platform *before,
			      int64_t old, const struct mmp_platform *after, int64_t now)
{
	char from[256] = "", to[256] = "";
	const char *name;
	json_t *change;

	if (old >= 0)
		print_registration(before, (size_t)old, from, sizeof(from));
	if (now >= 0)
		print_registration(after, (size_t)now, to, sizeof(to));
	name = now >= 0 ? after->registrations[now].name
			: before->registrations[old].name;
	if (old < 0)
		change = diff_add(diff, DIFF_REGISTRATION, "new \"%s\": %s", name, to);
	else if (now < 0)
		change = diff_add(diff, DIFF_REGISTRATION, "gone \"%s\": %s", name, from);
	else
		change = diff_add(diff, DIFF_REGISTRATION, "\"%s\": %s, was %s", name, to,
				  from);
	if (!change)
		return;
	json_object_set_new(change, "name", json_string(name));
	if (now >= 0)
		json_object_set_new(change, "ordinal", json_integer(now));
}

/*
 * Hash buckets of the names, so that 100,000 registrations are matched in one pass:
 * heads, and the next item of the same bucket, -1 at the end.
 */
struct taken_names {
	size_t mask;
	int64_t *heads, *next;
};

static size_t hash_of(const char *name)
{
	size_t hash = 5381;

	for (; *name; name++)
		hash = hash * 33 + (unsigned char)*name;
	return hash;
}

static int names_init(struct taken_names *names, const struct mmp_platform *platform)
{
	size_t room = 16;

	while (room < platform->count)
		room *= 2;
	names->mask = room - 1;
	names->heads = malloc(room * sizeof(int64_t));
	names->next = malloc((platform->count + 1) * sizeof(int64_t));
	if (!names->heads || !names->next)
		return -1;
	for (size_t i = 0; i < room; i++)
		names->heads[i] = -1;
	for (size_t n = platform->count; n-- > 0;) {
		size_t at = hash_of(platform->registrations[n].name) & names->mask;

		names->next[n] = names->heads[at];
		names->heads[at] = (int64_t)n;
	}
	return 0;
}

/*
 * Remove matched items from the bucket and find the first that `same` accepts; -1:
 * none.
 */
static int64_t take_name(struct taken_names *names, const struct mmp_platform *a,
			 size_t n, const struct mmp_platform *b,
			 bool (*same)(const struct mmp_platform *a, size_t n,
				      const struct mmp_platform *b, size_t m))
{
	int64_t *at = &names->heads[hash_of(a->registrations[n].name) & names->mask];

	for (; *at >= 0; at = &names->next[*at])
		if (same(a, n, b, (size_t)*at)) {
			int64_t found = *at;

			*at = names->next[found];
			return found;
		}
	return -1;
}

/* Match equal registrations first, then those of the same name, then the rest. */
static void match(struct diff *diff, struct taken_names *names, int64_t *partner,
		  bool *taken)
{
	const struct mmp_platform *before = diff->before->platform;
	const struct mmp_platform *after = diff->after->platform;

	for (size_t n = 0; n < after->count; n++) {
		partner[n] = take_name(names, after, n, before, same_registration);
		if (partner[n] >= 0)
			taken[partner[n]] = true;
	}
	for (size_t n = 0; n < after->count; n++) {
		int64_t old = partner[n];

		if (old >= 0)
			continue;
		old = take_name(names, after, n, before, same_name);
		if (old >= 0)
			taken[old] = true;
		tell_registration(diff, before, old, after, (int64_t)n);
	}
	for (size_t n = 0; n < before->count; n++)
		if (!taken[n])
			tell_registration(diff, before, (int64_t)n, after, -1);
}

/* The order matters: the firmware reads registrations in the order of the linker. */
static void diff_order(struct diff *diff, const int64_t *partner)
{
	int64_t last = -1;

	for (size_t n = 0; n < diff->after->platform->count; n++) {
		if (partner[n] < 0)
			continue;
		if (partner[n] < last) {
			diff_add(diff, DIFF_REGISTRATION,
				 "the order of the registrations differs, from \"%s\" on",
				 diff->after->platform->registrations[n].name);
			return;
		}
		last = partner[n];
	}
}

static void diff_registrations(struct diff *diff)
{
	struct taken_names names = { 0 };
	int64_t *partner = calloc(diff->after->platform->count + 1, sizeof(*partner));
	bool *taken = calloc(diff->before->platform->count + 1, sizeof(*taken));

	if (!partner || !taken || names_init(&names, diff->before->platform)) {
		diff->oom = true;
	} else {
		match(diff, &names, partner, taken);
		diff_order(diff, partner);
	}
	free(names.heads);
	free(names.next);
	free(partner);
	free(taken);
}

void diff_input(struct diff *diff)
{
	diff_config(diff);
	diff_registrations(diff);
}
