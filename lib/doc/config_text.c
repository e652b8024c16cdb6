/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/text.h"
#include "doc/platform.h"
#include "json/number.h"
#include "json/quick.h"

/*
 * A configuration read straight from its text, as it is stored: a computation begins with
 * it. What is not as mmp_config_write writes it is left to mmp_config_read, which has the
 * words for what is wrong.
 */

enum { KEYS_MAX = 192, PREFIX_SIZE = 128, NUMBER_SIZE = 32 };

struct text_reading {
	struct mmp_quick quick;
	const struct mmp_rules *rules;
	struct mmp_config *config;
	const struct mmp_config_key *next; /* where to look first */
	bool seen[KEYS_MAX];
};

static bool read_members(struct text_reading *r, const char *prefix, size_t length,
			 const struct mmp_config_key *first);

static bool matches(const struct mmp_config_key *key, const char *prefix, size_t length,
		    const char *name, size_t name_length)
{
	return !strncmp(key->name, prefix, length) &&
	       !strncmp(key->name + length, name, name_length) &&
	       !key->name[length + name_length];
}

/* The key of that name that was not there before; NULL: none. */
static const struct mmp_config_key *new_key(struct text_reading *r, const char *prefix,
					    size_t length, const char *name,
					    size_t name_length)
{
	const struct mmp_config_key *keys = r->rules->keys, *k = r->next;

	if (memchr(name, '.', name_length) || memchr(name, '\0', name_length))
		return NULL;
	if (!k->name || !matches(k, prefix, length, name, name_length))
		for (k = keys; k->name && !matches(k, prefix, length, name, name_length);)
			k++;
	if (!k->name || k - keys >= KEYS_MAX || r->seen[k - keys])
		return NULL;
	r->seen[k - keys] = true;
	r->next = k + 1;
	return k;
}

static bool read_word_of(struct text_reading *r, const struct mmp_config_key *key)
{
	const char *text;
	size_t length;

	if (!mmp_quick_string(&r->quick, &text, &length))
		return false;
	for (unsigned i = 0; key->choices[i]; i++)
		if (strlen(key->choices[i]) == length &&
		    !memcmp(key->choices[i], text, length)) {
			mmp_config_set(r->config, key, i);
			return true;
		}
	return false;
}

static bool read_flag_of(struct text_reading *r, const struct mmp_config_key *key)
{
	bool is_true = mmp_quick_word(&r->quick, "true");

	if (!is_true && !mmp_quick_word(&r->quick, "false"))
		return false;
	if (is_true && mmp_key_use(r->rules, key) == MMP_KEY_OFF)
		return false;
	mmp_config_set(r->config, key, is_true);
	return true;
}

static bool read_digits(struct text_reading *r, uint64_t *ret_number)
{
	char digits[NUMBER_SIZE];
	struct mmp_error err;
	const char *text;
	int64_t exact;
	size_t length;

	if (mmp_quick_next(&r->quick) != '"') {
		if (!mmp_quick_integer(&r->quick, &exact) || exact < 0 ||
		    exact > MMP_JSON_EXACT_MAX)
			return false;
		*ret_number = (uint64_t)exact;
		return true;
	}
	if (!mmp_quick_string(&r->quick, &text, &length) || length >= sizeof(digits) ||
	    memchr(text, '\0', length))
		return false;
	memcpy(digits, text, length);
	digits[length] = '\0';
	return !mmp_number_parse(digits, ret_number, &err);
}

static bool read_number_of(struct text_reading *r, const struct mmp_config_key *key)
{
	uint64_t number;

	if (!read_digits(r, &number) ||
	    (key->type == MMP_KEY_COUNT && (number < key->min || number > key->max)))
		return false;
	mmp_config_set(r->config, key, number);
	return true;
}

static bool read_object_of(struct text_reading *r, const struct mmp_config_key *key)
{
	size_t length = strlen(key->name);
	char prefix[PREFIX_SIZE];

	if (length + 2 > sizeof(prefix))
		return false;
	memcpy(prefix, key->name, length);
	memcpy(prefix + length, ".", 2);
	return read_members(r, prefix, length + 1, key + 1);
}

static bool read_value_of(struct text_reading *r, const struct mmp_config_key *key)
{
	if (mmp_quick_next(&r->quick) == 'n')
		return key->nullable && mmp_quick_word(&r->quick, "null");
	if (mmp_config_given(r->config, key))
		*mmp_config_given(r->config, key) = true;
	switch (key->type) {
	case MMP_KEY_OBJECT:
		return read_object_of(r, key);
	case MMP_KEY_CHOICE:
		return read_word_of(r, key);
	case MMP_KEY_FLAG:
		return read_flag_of(r, key);
	case MMP_KEY_COUNT:
	case MMP_KEY_SIZE:
	case MMP_KEY_ADDRESS:
		return read_number_of(r, key);
	}
	return false;
}

static bool was_seen(const struct text_reading *r, const struct mmp_config_key *key)
{
	size_t n = (size_t)(key - r->rules->keys);

	return n < KEYS_MAX && r->seen[n];
}

/* Whether all keys are there that this object must have. */
static bool has_required(const struct text_reading *r, const char *prefix, size_t length,
			 const struct mmp_config_key *first)
{
	for (const struct mmp_config_key *k = first;
	     k->name && !strncmp(k->name, prefix, length); k++)
		if (k->required && !was_seen(r, k) && !strchr(k->name + length, '.'))
			return false;
	return true;
}

/* The keys of an object come right after it in the table: here from `first` on. */
static bool read_members(struct text_reading *r, const char *prefix, size_t length,
			 const struct mmp_config_key *first)
{
	struct mmp_quick *q = &r->quick;
	bool ends;

	if (!mmp_quick_takes(q, '{'))
		return false;
	ends = mmp_quick_takes(q, '}');
	while (!ends) {
		const struct mmp_config_key *key;
		size_t name_length;
		const char *name;

		if (!mmp_quick_string(q, &name, &name_length))
			return false;
		key = new_key(r, prefix, length, name, name_length);
		if (!key || !mmp_quick_takes(q, ':') || !read_value_of(r, key))
			return false;
		ends = mmp_quick_takes(q, '}');
		if (!ends && !mmp_quick_takes(q, ','))
			return false;
	}
	return has_required(r, prefix, length, first);
}

bool mmp_config_read_text(const struct mmp_rules *rules, const char *text, size_t length,
			  struct mmp_config *ret_config)
{
	struct mmp_config config;
	struct text_reading r = { .quick = { .at = text, .end = text + length },
				  .rules = rules,
				  .config = &config,
				  .next = rules->keys };
	struct mmp_error err;
	bool whole;

	mmp_rules_defaults(rules, &config);
	whole = read_members(&r, "", 0, rules->keys) && !mmp_quick_next(&r.quick) &&
		r.quick.at == r.quick.end;
	mmp_buffer_done(&r.quick.text);
	if (!whole)
		return false;
	if (rules->complete)
		rules->complete(rules, &config);
	if (rules->check && rules->check(rules, &config, &err))
		return false;
	*ret_config = config;
	return true;
}
