/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "doc/explain_private.h"
#include "doc/layout.h"
#include "doc/platform.h"
#include "json/number.h"

enum { READINGS_MAX = 16 }; /* registrations with the same name that are explained */

json_t *explain_reading(struct explaining *e, const char *as)
{
	json_t *reading = json_pack("{s:s, s:[]}", "as", as, "lines");

	if (json_array_append_new(e->readings, reading))
		e->oom = true;
	return reading;
}

void explain_say(struct explaining *e, json_t *reading, const char *text, ...)
{
	json_t *words;
	va_list args;

	va_start(args, text);
	words = json_vsprintf(text, args);
	va_end(args);
	if (json_array_append_new(json_object_get(reading, "lines"), words))
		e->oom = true;
}

const char *explain_label(const struct explaining *e, const struct mmp_region *region)
{
	return mmp_memtype_label(e->platform->rules, region->type);
}

/* --- names ----------------------------------------------------------------------------- */

static void explain_registration(struct explaining *e, size_t ordinal)
{
	const struct mmp_registration *r = &e->platform->registrations[ordinal];
	const struct mmp_rules *rules = e->platform->rules;
	json_t *reading = explain_reading(e, "registration");
	json_t *one = mmp_registration_write(rules, r);

	json_object_set_new(one, "ordinal", json_integer((json_int_t)ordinal));
	json_object_set_new(reading, "registrations", json_pack("[o]", one));
	explain_say(e, reading,
		    "registration #%zu \"%s\": %s, 0x%" PRIx64 " to 0x%" PRIx64
		    ", in section %s",
		    ordinal, r->name, mmp_memtype_label(rules, (int)r->type), r->addr,
		    r->addr + r->size - 1, rules->sections[r->section].name);
	explain_mapping(e, reading, ordinal);
}

static void explain_type(struct explaining *e, unsigned type)
{
	const struct mmp_memtype *row = &e->platform->rules->types[type];
	json_t *reading = explain_reading(e, "memory type");
	size_t count = 0;

	json_object_set_new(reading, "type", json_string(row->name));
	if (row->about)
		explain_say(e, reading, "%s: %s", row->name, row->about);
	for (size_t n = 0; !e->stopped && n < e->layout->plan.count; n++) {
		const struct mmp_region *r = &e->layout->plan.regions[n];

		if (r->type != type)
			continue;
		count++;
		explain_say(e, reading,
			    "VA 0x%" PRIx64 " to 0x%" PRIx64 ", PA 0x%" PRIx64, r->va,
			    r->va + r->size - 1, r->pa);
	}
	if (!count && !e->stopped)
		explain_say(e, reading, "this platform's map has no such region");
}

static void explain_key(struct explaining *e, const struct mmp_config_key *key)
{
	json_t *config = mmp_config_write(e->platform->rules, &e->platform->config);
	json_t *reading = explain_reading(e, "config key"), *value = config;
	char *name = strdup(key->name), *words, *rest = name, *part;

	while (value && (part = strsep(&rest, ".")))
		value = json_object_get(value, part);
	words = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	json_object_set_new(reading, "key", json_string(key->name));
	json_object_set(reading, "value", value ? value : json_null());
	explain_say(e, reading, "%s is %s: %s", key->name, words ? words : "not used",
		    key->about);
	if (key->option)
		explain_say(e, reading, "the firmware calls it %s", key->option);
	if (!mmp_config_is_set(e->platform->rules, &e->platform->config, key))
		explain_say(e, reading, "that is its default");
	free(words);
	free(name);
	json_decref(config);
}

/* Whether the type has this name: its whole name, or as the firmware's log prints it. */
static bool is_called(const struct mmp_memtype *type, const char *what)
{
	return type->name &&
	       (!strcmp(type->name, what) || (type->label && !strcmp(type->label, what)));
}

static size_t explain_name(struct explaining *e, const char *what)
{
	const struct mmp_rules *rules = e->platform->rules;
	const struct mmp_config_key *key = mmp_config_key_find(rules, what);
	size_t found = 0;

	for (size_t n = 0; n < e->platform->count && found < READINGS_MAX; n++)
		if (!strcmp(e->platform->registrations[n].name, what)) {
			explain_registration(e, n);
			found++;
		}
	for (unsigned type = 0; type < rules->type_count; type++)
		if (is_called(&rules->types[type], what)) {
			explain_type(e, type);
			found++;
		}
	if (!found && !key && !e->stopped && !strcmp(what, "slots")) {
		explain_slots(e);
		found++;
	}
	if (key) {
		explain_key(e, key);
		found++;
	}
	return found;
}

/* Registrations whose name contains the words, ignoring case. */
static size_t explain_part_of_name(struct explaining *e, const char *what)
{
	size_t found = 0;

	for (size_t n = 0; *what && n < e->platform->count && found < READINGS_MAX; n++)
		if (strcasestr(e->platform->registrations[n].name, what)) {
			explain_registration(e, n);
			found++;
		}
	return found;
}

/* Suggest the nearest name of anything that has one. */
static int no_such_name(const struct explaining *e, const char *what,
			struct mmp_error *err)
{
	const struct mmp_rules *rules = e->platform->rules;
	size_t keys = 0, count = 0;
	const char **names, *near;

	while (rules->keys[keys].name)
		keys++;
	if (mmp_number_lacks_prefix(what) && strpbrk(what, "0123456789"))
		return mmp_fail(err, MMP_NOT_FOUND,
				"\"%.80s\" is not a number; did you mean 0x%.80s?", what,
				what);
	names = calloc(keys + rules->type_count * 2 + e->platform->count + 1,
		       sizeof(*names));
	if (!names)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	for (size_t n = 0; n < e->platform->count; n++)
		names[count++] = e->platform->registrations[n].name;
	for (unsigned i = 0; i < rules->type_count; i++)
		if (rules->types[i].name) {
			names[count++] = rules->types[i].name;
			if (rules->types[i].label)
				names[count++] = rules->types[i].label;
		}
	for (size_t i = 0; i < keys; i++)
		names[count++] = rules->keys[i].name;
	near = mmp_nearest(what, names, count);
	mmp_fail(err, MMP_NOT_FOUND,
		 "\"%.80s\" is not an address, and not the name of a registration, a "
		 "memory type or a config key%s%s%s",
		 what, near ? "; did you mean \"" : "", near ? near : "",
		 near ? "\"?" : "");
	free(names);
	return -1;
}

/* --- the answer ------------------------------------------------------------------------ */

static void explain_number(struct explaining *e, uint64_t number)
{
	/* The reading that has more to say comes first. */
	bool physical = explain_is_pa(e, number) && !explain_is_va(e, number);

	if (physical)
		explain_pa(e, number);
	if (!e->stopped)
		explain_va(e, number);
	if (!physical)
		explain_pa(e, number);
}

int mmp_explain_write(const struct mmp_platform *platform,
		      const struct mmp_layout *layout, bool stopped, const char *what,
		      json_t **ret_answer, struct mmp_error *err)
{
	struct explaining e = { platform, layout, stopped, json_array(), false };
	struct mmp_error no_number;
	uint64_t number;

	if (!explain_name(&e, what)) {
		if (!mmp_number_parse(what, &number, &no_number)) {
			explain_number(&e, number);
		} else if (!explain_part_of_name(&e, what)) {
			json_decref(e.readings);
			return no_such_name(&e, what, err);
		}
	}
	*ret_answer = json_pack("{s:s, s:o}", "what", what, "readings", e.readings);
	if (e.oom || !*ret_answer) {
		json_decref(*ret_answer);
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	}
	return 0;
}
