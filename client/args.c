/* SPDX-License-Identifier: BSD-2-Clause */
#include "args.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/text.h"
#include "document.h"
#include "memory.h"
#include "methods.h"
#include "model/rules.h"

struct parsed {
	json_t *params, *local;
};

bool arg_is_option(const char *word)
{
	return word[0] == '-' && word[1] && (word[1] == '-' || strcmp(word, "-h") == 0);
}

const struct arg *arg_find_option(const struct arg *rows, const char *option,
				  const char **ret_value)
{
	size_t length = strcspn(option, "=");

	*ret_value = option[length] ? option + length + 1 : NULL;
	for (; rows && rows->name; rows++)
		if (strncmp(rows->name, option, length) == 0 && !rows->name[length])
			return rows;
	return NULL;
}

static size_t add_options(const struct arg *rows, const char **names, size_t count,
			  size_t max)
{
	for (; rows && rows->name && count < max; rows++)
		if (arg_is_option(rows->name))
			names[count++] = rows->name;
	return count;
}

int arg_unknown_option(const struct arg *rows, const char *option, struct mmp_error *err)
{
	const char *names[32], *near;
	size_t count = add_options(rows, names, 0, 32);

	count = add_options(globals, names, count, 32);
	near = mmp_nearest(option, names, count);
	return mmp_fail(err, MMP_BAD_REQUEST, "no such option: %.100s%s%s%s", option,
			near ? "; did you mean " : " here", near ? near : "",
			near ? "?" : "");
}

int arg_no_value(const struct arg *row, struct mmp_error *err)
{
	return mmp_fail(err, MMP_BAD_REQUEST, "%s takes no value", row->name);
}

static int take_text(const char *key, const char *text, json_t *into,
		     struct mmp_error *err)
{
	json_t *value = json_string(text);

	if (!value)
		return mmp_fail(err, MMP_BAD_REQUEST, "%s is not UTF-8", key);
	json_object_set_new(into, key, value);
	return 0;
}

static int take_count(const char *key, const char *text, json_t *into,
		      struct mmp_error *err)
{
	uint64_t value;

	if (mmp_number_parse(text, &value, err))
		return mmp_while(err, "%s", key);
	if (value > INT64_MAX)
		return mmp_fail(err, MMP_BAD_REQUEST, "%s: %s is too large", key, text);
	json_object_set_new(into, key, json_integer((json_int_t)value));
	return 0;
}

/* A long decimal number that is round only in hex: 11200000 is probably meant as hex. */
static bool looks_hex(const char *text)
{
	size_t length = strlen(text);

	return length >= 7 && strspn(text, "0123456789") == length &&
	       strcmp(text + length - 3, "000") == 0;
}

static int refuse_hex(const char *key, const char *text, struct mmp_error *err)
{
	return mmp_fail(err, MMP_BAD_REQUEST,
			"%s: did you mean 0x%.20s? %.20s is decimal, and is read as a "
			"number only where it is written 0x%llx",
			key, text, text, strtoull(text, NULL, 10));
}

static int take_subject(const char *key, const char *text, json_t *into,
			struct mmp_error *err)
{
	return looks_hex(text) ? refuse_hex(key, text, err)
			       : take_text(key, text, into, err);
}

static int take_address(const char *key, const char *text, json_t *into,
			struct mmp_error *err)
{
	uint64_t value;
	char hex[24];

	if (looks_hex(text))
		return refuse_hex(key, text, err);
	if (mmp_number_parse(text, &value, err))
		return mmp_while(err, "%s", key);
	snprintf(hex, sizeof(hex), "0x%llx", (unsigned long long)value);
	json_object_set_new(into, key, json_string(hex));
	return 0;
}

static int take_range(const char *key, const char *text, json_t *into,
		      struct mmp_error *err)
{
	const char *plus = strchr(text, '+');
	json_t *range = json_object();
	char base[64];
	int failed;

	if (!plus || (size_t)(plus - text) >= sizeof(base)) {
		json_decref(range);
		return mmp_fail(err, MMP_BAD_REQUEST,
				"%s: \"%.64s\" is not of the form BASE+SIZE, such as "
				"0xe1c4000+64K",
				key, text);
	}
	snprintf(base, sizeof(base), "%.*s", (int)(plus - text), text);
	failed = take_address("base", base, range, err) ||
		 take_address("size", plus + 1, range, err);
	json_object_set_new(into, key, range);
	return failed ? mmp_while(err, "%s", key) : 0;
}

/* One NAME=ADDRESS of a placement; the names are those of the pools. */
static int take_place(const char *text, json_t *into, struct mmp_error *err)
{
	static const char *const names[][2] = {
		{ "base=", "base_tables_pa" },
		{ "xlat=", "xlat_tables_pa" },
		{ "user=", "user_l2_tables_pa" },
		{ "index=", "user_l1_idx_pa" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(text, names[i][0], strlen(names[i][0])) == 0)
			return take_address(names[i][1], text + strlen(names[i][0]), into,
					    err);
	return mmp_fail(err, MMP_BAD_REQUEST,
			"\"%.64s\" is neither firmware nor base=ADDRESS,xlat=ADDRESS",
			text);
}

static int take_placement(const char *key, const char *text, json_t *into,
			  struct mmp_error *err)
{
	json_t *places;
	int failed = 0;

	if (strcmp(text, "firmware") == 0)
		return take_text(key, text, into, err);
	places = json_object();
	while (*text && !failed) {
		size_t length = strcspn(text, ",");
		char *one = memory_copy(text, length);

		failed = take_place(one, places, err);
		free(one);
		text += length + (text[length] == ',');
	}
	json_object_set_new(into, key, places);
	return failed ? mmp_while(err, "%s", key) : 0;
}

static int take_dump_address(const char *key, const char *text, json_t *into,
			     struct mmp_error *err)
{
	json_t *dump = json_object_get(into, key), *one = json_object();

	if (!dump) {
		dump = json_array();
		json_object_set_new(into, key, dump);
	}
	json_array_append_new(dump, one);
	return take_address("address", text, one, err);
}

static int take_dump_file(const char *key, const char *text, json_t *into,
			  struct mmp_error *err)
{
	json_t *dump = json_object_get(into, key);
	json_t *last = json_array_get(dump, json_array_size(dump) - 1);
	struct mmp_buffer bytes = MMP_BUFFER_EMPTY;
	char *letters = NULL;
	int failed;

	if (!last || json_object_get(last, "bytes"))
		return mmp_fail(
			err, MMP_BAD_REQUEST,
			"%s: it wants --address ADDRESS before it: where its bytes "
			"lay",
			text);
	failed = document_bytes(text, &bytes, err);
	if (!failed)
		letters = mmp_base64_encode(bytes.bytes, bytes.length);
	if (letters)
		json_object_set_new(last, "bytes", json_string(letters));
	free(letters);
	mmp_buffer_done(&bytes);
	return failed;
}

/* The parent object of a dotted name, created if it is missing. */
static json_t *config_parent(json_t *config, const char *name, const char **ret_leaf)
{
	const char *dot = strchr(name, '.');
	json_t *parent;
	char front[64];

	*ret_leaf = dot ? dot + 1 : name;
	if (!dot)
		return config;
	snprintf(front, sizeof(front), "%.*s", (int)(dot - name), name);
	parent = json_object_get(config, front);
	if (!parent) {
		parent = json_object();
		json_object_set_new(config, front, parent);
	}
	return config_parent(parent, dot + 1, ret_leaf);
}

static json_t *config_value(const char *text)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

	return value ? value : json_string(text); /* true, 4, null; else text like "2M" */
}

/* The keys of all firmwares, as only the daemon knows the platform's firmware. */
static size_t all_config_keys(const char **names, size_t room)
{
	size_t count = 0;

	for (const struct mmp_firmware *const *f = mmp_firmwares; *f; f++)
		for (const struct mmp_config_key *k = (*f)->rules[0]->keys; k->name; k++)
			if (count++ < room)
				names[count - 1] = k->name;
	return count;
}

static bool is_config_key(const char *name)
{
	for (const struct mmp_firmware *const *f = mmp_firmwares; *f; f++)
		if (mmp_config_key_find((*f)->rules[0], name))
			return true;
	return false;
}

static int config_unknown(const char *name, struct mmp_error *err)
{
	size_t count = all_config_keys(NULL, 0);
	const char **names = calloc(count, sizeof(*names));
	const char *near = NULL;

	if (names)
		near = mmp_nearest(name, names, all_config_keys(names, count));
	free(names);
	return mmp_fail(err, MMP_BAD_REQUEST,
			"no such config key: %.64s%s%s (`mmpctl config keys` lists them)",
			name, near ? "; the nearest is " : "", near ? near : "");
}

static int take_config(const char *key, const char *text, json_t *into,
		       struct mmp_error *err)
{
	const char *equals = strchr(text, '='), *leaf;
	json_t *config = json_object_get(into, key);
	char name[64];

	if (!equals || (size_t)(equals - text) >= sizeof(name))
		return mmp_fail(err, MMP_BAD_REQUEST,
				"\"%.64s\" is not KEY=VALUE, such as bti=true", text);
	snprintf(name, sizeof(name), "%.*s", (int)(equals - text), text);
	if (!is_config_key(name))
		return config_unknown(name, err);
	if (!config) {
		config = json_object();
		json_object_set_new(into, key, config);
	}
	config = config_parent(config, name, &leaf);
	json_object_set_new(config, leaf, config_value(equals + 1));
	return 0;
}

static int take_bytes(const char *key, const char *path, const struct mmp_buffer *bytes,
		      json_t *into, struct mmp_error *err)
{
	json_t *document = document_parse(path, bytes, err);

	if (!document)
		return -1;
	document_remember(key, path, bytes);
	json_object_set_new(into, key, document);
	return 0;
}

static int take_document(const char *key, const char *text, json_t *into,
			 struct mmp_error *err)
{
	struct mmp_buffer bytes = MMP_BUFFER_EMPTY;
	int failed = document_bytes(text, &bytes, err) ||
		     take_bytes(key, text, &bytes, into, err);

	mmp_buffer_done(&bytes);
	return failed ? -1 : 0;
}

static int take_platform(const char *key, const char *text, json_t *into,
			 struct mmp_error *err)
{
	return document_is_file(text) ? take_document(key, text, into, err)
				      : take_text(key, text, into, err);
}

/* A file that begins like JSON is a document; any other file is a boot log. */
static bool is_json(const struct mmp_buffer *bytes)
{
	size_t blank = bytes->length ? strspn(bytes->bytes, " \t\r\n") : 0;

	return blank == bytes->length || bytes->bytes[blank] == '{';
}

/* A log goes to the command as {"log": its name, "bytes": in base64}. */
static int take_side(const char *key, const char *text, json_t *into,
		     struct mmp_error *err)
{
	struct mmp_buffer bytes = MMP_BUFFER_EMPTY;
	char *letters = NULL;
	int failed;

	if (!document_is_file(text))
		return take_text(key, text, into, err);
	failed = document_bytes(text, &bytes, err) || mmp_buffer_add(&bytes, "", 1);
	if (!failed)
		bytes.length--;
	if (!failed && is_json(&bytes)) {
		failed = take_bytes(key, text, &bytes, into, err);
	} else if (!failed) {
		letters = mmp_base64_encode(bytes.bytes, bytes.length);
		json_object_set_new(into, key,
				    json_pack("{s:s, s:s}", "log", text, "bytes",
					      letters ? letters : ""));
	}
	free(letters);
	mmp_buffer_done(&bytes);
	return failed;
}

/* The daemon may run in another folder, so send it an absolute path. */
static int take_path(const char *key, const char *text, json_t *into,
		     struct mmp_error *err)
{
	char here[PATH_MAX], path[PATH_MAX * 2];

	if (text[0] == '/')
		return take_text(key, text, into, err);
	if (!getcwd(here, sizeof(here)))
		return mmp_fail(err, MMP_SYSTEM, "the folder we are in: %s",
				strerror(errno));
	snprintf(path, sizeof(path), "%s/%s", here, text);
	return take_text(key, path, into, err);
}

static int take_flag(const char *key, const char *text, json_t *into,
		     struct mmp_error *err)
{
	(void)text;
	(void)err;
	json_object_set_new(into, key, json_true());
	return 0;
}

/* How each kind of word is converted to JSON. */
typedef int (*arg_taker)(const char *key, const char *text, json_t *into,
			 struct mmp_error *err);
/* clang-format off */
static const arg_taker takers[WORD_KIND_COUNT] = {
	[WORD_TEXT]     = take_text,
	[WORD_COUNT]    = take_count,
	[WORD_ADDRESS]  = take_address,
	[WORD_SUBJECT]  = take_subject,
	[WORD_FLAG]     = take_flag,
	[WORD_FLAG_OR_NAMES] = take_flag_or_names,
	[WORD_CONFIG]   = take_config,
	[WORD_RANGE]    = take_range,
	[WORD_PLACEMENT] = take_placement,
	[WORD_DUMP_ADDRESS] = take_dump_address,
	[WORD_DUMP_FILE] = take_dump_file,
	[WORD_DOCUMENT] = take_document,
	[WORD_PLATFORM] = take_platform,
	[WORD_SIDE]     = take_side,
	[WORD_PATH]     = take_path,
	[WORD_LOCAL]    = take_text,
	[WORD_SWITCH]   = take_flag,
	[WORD_EACH]     = take_each,
	[WORD_REPORT]   = take_each,
	[WORD_NAMES]    = take_names,
	[WORD_AMOUNTS]  = take_amounts,
	[WORD_WAIVERS]  = take_waivers,
};
/* clang-format on */

bool arg_is_sent(const struct arg *row)
{
	return row->kind != WORD_LOCAL && row->kind != WORD_SWITCH &&
	       row->kind != WORD_EACH && row->kind != WORD_REPORT;
}

static int take_arg(const struct arg *row, const char *text, struct parsed *parsed,
		    struct mmp_error *err)
{
	json_t *into = arg_is_sent(row) ? parsed->params : parsed->local;

	return takers[row->kind](row->key, text, into, err);
}

bool arg_repeats(const struct arg *row)
{
	return row->kind == WORD_CONFIG || row->kind == WORD_DUMP_ADDRESS ||
	       row->kind == WORD_DUMP_FILE || row->kind == WORD_EACH ||
	       row->kind == WORD_REPORT || row->kind == WORD_NAMES ||
	       row->kind == WORD_FLAG_OR_NAMES || row->kind == WORD_WAIVERS;
}

bool arg_is_file(const struct arg *row)
{
	return row->kind == WORD_DOCUMENT || row->kind == WORD_PLATFORM ||
	       row->kind == WORD_SIDE || row->kind == WORD_PATH ||
	       row->kind == WORD_DUMP_FILE || row->kind == WORD_EACH ||
	       row->kind == WORD_WAIVERS;
}

bool arg_takes_value(const struct arg *row)
{
	return row->kind != WORD_FLAG && row->kind != WORD_SWITCH;
}

/*
 * Parse the option at words[0]; returns how many words it took, or -1. `last`: no more
 * arguments are expected, so a word after it can only be its value.
 */
static int take_option(const struct command *command, int count, char **words, bool last,
		       struct parsed *parsed, struct mmp_error *err)
{
	const char *value;
	const struct arg *row = arg_find_option(command->words, words[0], &value);
	int used = 1;

	if (!row)
		return arg_unknown_option(command->words, words[0], err);
	if (row->kind == WORD_FLAG_OR_NAMES) {
		if (!value && last && count > 1 && !arg_is_option(words[1])) {
			value = words[1];
			used = 2;
		}
	} else if (!arg_takes_value(row)) {
		if (value)
			return arg_no_value(row, err);
	} else if (!value) {
		if (count < 2)
			return mmp_fail(err, MMP_BAD_REQUEST, "%s wants a value: %s %s",
					row->name, row->name, row->value);
		value = words[1];
		used = 2;
	}
	return take_arg(row, value, parsed, err) ? -1 : used;
}

/* The row of the next argument after `row`, skipping options; NULL if there is none. */
static const struct arg *next_argument(const struct arg *row)
{
	while (row && row->name && arg_is_option(row->name))
		row++;
	return row && row->name ? row : NULL;
}

static int take_all(const struct command *command, int count, char **words,
		    struct parsed *parsed, struct mmp_error *err)
{
	const struct arg *argument = next_argument(command->words);
	bool options = true;
	char name[COMMAND_TEXT_SIZE];

	for (int i = 0; i < count; i++) {
		if (options && strcmp(words[i], "--") == 0) {
			options = false;
		} else if (options && arg_is_option(words[i])) {
			int used = take_option(command, count - i, words + i, !argument,
					       parsed, err);

			if (used < 0)
				return -1;
			i += used - 1;
		} else if (!argument) {
			return mmp_fail(err, MMP_BAD_REQUEST, "%s takes no \"%.100s\"",
					command_text(command, name), words[i]);
		} else {
			if (take_arg(argument, words[i], parsed, err))
				return -1;
			if (!arg_repeats(argument))
				argument = next_argument(argument + 1);
		}
	}
	return 0;
}

static int check_missing(const struct command *command, struct parsed *parsed,
			 struct mmp_error *err)
{
	char name[COMMAND_TEXT_SIZE];

	for (const struct arg *row = command->words; row && row->name; row++) {
		if (json_object_get(parsed->params, row->key) ||
		    json_object_get(parsed->local, row->key))
			continue;
		if (row->required)
			return mmp_fail(err, MMP_BAD_REQUEST, "%s wants %s%s%s: %s",
					command_text(command, name), row->name,
					row->value ? " " : "",
					row->value ? row->value : "",
					arg_about(command, row));
		if (row->fallback && take_arg(row, row->fallback, parsed, err))
			return -1;
	}
	return 0;
}

int args_parse(const struct command *command, int count, char **words,
	       json_t **ret_params, json_t **ret_local, struct mmp_error *err)
{
	struct parsed parsed = { json_object(), json_object() };

	if (take_all(command, count, words, &parsed, err) ||
	    check_missing(command, &parsed, err)) {
		json_decref(parsed.params);
		json_decref(parsed.local);
		return -1;
	}
	*ret_params = parsed.params;
	*ret_local = parsed.local;
	return 0;
}
