/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/limits.h"
#include "json/parsed.h"
#include "json/text.h"

/* The linker calls these for malloc and free in the code under test, not in jansson. */
void *__real_malloc(size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void __wrap_free(void *memory);

static atomic_size_t allocated, freed;
static size_t missing = SIZE_MAX; /* the allocation that fails */

void *__wrap_malloc(size_t size)
{
	return allocated++ == missing ? NULL : __real_malloc(size);
}

void __wrap_free(void *memory)
{
	freed += memory != NULL;
	__real_free(memory);
}

static int use_arenas(void **state)
{
	(void)state;
	mmp_parsed_use_arenas();
	return 0;
}

static int use_malloc(void **state)
{
	(void)state;
	json_set_alloc_funcs(malloc, free);
	return 0;
}

static struct mmp_parsed *load(const char *text)
{
	json_error_t fault;

	return mmp_parsed_load(text, strlen(text), JSON_DECODE_ANY, &fault);
}

/* "[[TEXT,TEXT ...],[..." with `lists` lists of `count` texts; the caller frees it. */
static char *long_text(size_t lists, size_t count, const char *text)
{
	struct mmp_buffer out = MMP_BUFFER_EMPTY;

	mmp_buffer_text(&out, "[");
	for (size_t i = 0; i < lists; i++) {
		mmp_buffer_text(&out, i ? ",[" : "[");
		for (size_t j = 0; j < count; j++) {
			mmp_buffer_text(&out, j ? "," : "");
			mmp_buffer_text(&out, text);
		}
		mmp_buffer_text(&out, "]");
	}
	mmp_buffer_text(&out, "]");
	return out.bytes;
}

static const char *const texts[] = {
	"null",
	"\"text\"",
	"[]",
	"{}",
	"-12.5e3",
	"{\"a\": [1, 2, {\"b\": \"\\u20ac\", \"c\": [true, false, null]}], \"d\": {}}",
	"{\"0\":0,\"1\":1,\"2\":2,\"3\":3,\"4\":4,\"5\":5,\"6\":6,\"7\":7,\"8\":8}",
};

static void a_tree_is_what_jansson_reads(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct mmp_parsed *parsed = load(texts[i]);
		json_t *same = json_loads(texts[i], JSON_DECODE_ANY, NULL);

		assert_non_null(parsed);
		assert_non_null(parsed->chunks);
		assert_true(json_equal(parsed->root, same));
		json_decref(same);
		mmp_parsed_unref(parsed);
	}
}

static void bad_json_has_the_same_fault(void **state)
{
	static const char *const bad[] = { "",
					   "{",
					   "[1,]",
					   "{\"a\":1,\"a\":2}",
					   "\"\\u0000\"",
					   "[1] 2",
					   "\"\xff\"",
					   "[[[1,2}",
					   "nul" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		json_error_t ours, theirs;

		memset(&ours, 0, sizeof(ours));
		memset(&theirs, 0, sizeof(theirs));
		assert_null(mmp_parsed_load(bad[i], strlen(bad[i]),
					    JSON_REJECT_DUPLICATES, &ours));
		assert_null(json_loadb(bad[i], strlen(bad[i]), JSON_REJECT_DUPLICATES,
				       &theirs));
		assert_memory_equal(&ours, &theirs, sizeof(ours));
	}
}

/* Of a list of lists of strings. */
static void check_alignment(const json_t *root)
{
	const json_t *list, *one;
	size_t i, j;

	assert_int_equal((uintptr_t)root % alignof(max_align_t), 0);
	json_array_foreach(root, i, list) {
		assert_int_equal((uintptr_t)list % alignof(max_align_t), 0);
		json_array_foreach(list, j, one)
			assert_int_equal((uintptr_t)one % alignof(max_align_t), 0);
	}
}

static void a_tree_grows_by_larger_chunks(void **state)
{
	char *text = long_text(100, 1000, "\"x\"");
	struct mmp_parsed *parsed = load(text);

	(void)state;
	assert_non_null(parsed);
	assert_int_equal(json_array_size(parsed->root), 100);
	check_alignment(parsed->root);
	/* Two pieces a string, and less than a chunk of the largest size unused. */
	assert_in_range(parsed->bytes, 100000 * 48, 100000 * 96);
	mmp_parsed_unref(parsed);
	free(text);
}

static void a_piece_over_the_largest_chunk_has_one_of_its_own(void **state)
{
	size_t length = 5u << 20;
	char *text = malloc(length + 3);
	struct mmp_parsed *parsed;

	(void)state;
	memset(text, 'x', length + 2);
	text[0] = text[length + 1] = '"';
	text[length + 2] = '\0';
	parsed = load(text);
	assert_int_equal(json_string_length(parsed->root), length);
	assert_memory_equal(json_string_value(parsed->root), text + 1, length);
	assert_in_range(parsed->bytes, length, 6 * length);
	mmp_parsed_unref(parsed);
	free(text);
}

/* So many that no chunk of any size is left of those that are kept. */
static void hold_spares(struct mmp_parsed *held[MMP_SPARE_CHUNKS + 1], const char *text)
{
	for (size_t i = 0; i <= MMP_SPARE_CHUNKS; i++)
		held[i] = load(text);
}

static void let_go(struct mmp_parsed *held[MMP_SPARE_CHUNKS + 1])
{
	for (size_t i = 0; i <= MMP_SPARE_CHUNKS; i++)
		mmp_parsed_unref(held[i]);
}

static void without_memory_there_is_no_tree_and_the_fault_says_so(void **state)
{
	char *text = long_text(10, 1000, "{\"name\":[1,2.5,\"x\"]}");
	struct mmp_parsed *held[MMP_SPARE_CHUNKS + 1], *parsed;
	size_t failures = 0;

	(void)state;
	hold_spares(held, text);
	do {
		json_error_t fault;

		allocated = 0;
		missing = failures;
		parsed = mmp_parsed_load(text, strlen(text), 0, &fault);
		missing = SIZE_MAX;
		assert_int_equal(!parsed, allocated > failures);
		if (!parsed) {
			assert_int_equal(json_error_code(&fault),
					 json_error_out_of_memory);
			assert_string_equal(fault.text, "out of memory");
			failures++;
		}
	} while (!parsed);
	assert_true(failures > 1);
	mmp_parsed_unref(parsed);
	let_go(held);
	free(text);
}

struct purse {
	struct mmp_allowance allowance;
	size_t left;
};

static bool take(struct mmp_allowance *allowance, size_t bytes)
{
	struct purse *purse = container_of(allowance, struct purse, allowance);

	if (bytes > purse->left)
		return false;
	purse->left -= bytes;
	return true;
}

static void give(struct mmp_allowance *allowance, size_t bytes)
{
	container_of(allowance, struct purse, allowance)->left += bytes;
}

static void
a_tree_takes_what_it_is_allowed_and_gives_back_what_it_does_not_need(void **state)
{
	char *text = long_text(10, 1000, "{\"name\":[1,2.5,\"x\"]}");
	struct mmp_parsed *held[MMP_SPARE_CHUNKS + 1], *parsed = load(text);
	const size_t bytes = parsed->bytes, plenty = 2 * bytes;
	struct purse purse = { { take, give }, plenty };

	(void)state;
	mmp_parsed_unref(parsed);
	mmp_parsed_allow(&purse.allowance);
	parsed = load(text);
	assert_int_equal(plenty - purse.left, bytes);
	mmp_parsed_unref(parsed);

	purse.left = bytes;
	parsed = load(text);
	assert_non_null(parsed);
	assert_int_equal(purse.left, 0);
	mmp_parsed_unref(parsed);
	purse.left = bytes - 1;
	assert_null(load(text));
	assert_int_equal(purse.left, bytes - 1);

	purse.left = plenty;
	text[strlen(text) - 1] = '\0'; /* it is not JSON any more */
	assert_null(load(text));
	assert_int_equal(purse.left, plenty);

	text[strlen(text)] = ']';
	mmp_parsed_allow(NULL);
	hold_spares(held, text); /* so that malloc is asked */
	mmp_parsed_allow(&purse.allowance);
	allocated = 0;
	missing = 2;
	assert_null(load(text));
	missing = SIZE_MAX;
	assert_int_equal(purse.left, plenty);
	mmp_parsed_allow(NULL);
	let_go(held);
	free(text);
}

/* Lines and stored texts say it in their own words. */
static void a_text_that_finds_no_memory_is_not_called_bad_json(void **state)
{
	struct mmp_parsed *held[MMP_SPARE_CHUNKS + 1];
	struct mmp_error err;

	(void)state;
	hold_spares(held, "[1]");
	allocated = missing = 0;
	assert_null(mmp_json_read("[1]", 3, 100, &err));
	missing = SIZE_MAX;
	assert_int_equal(err.code, MMP_SYSTEM);
	assert_string_equal(err.text, "out of memory");
	let_go(held);
}

static void no_more_chunks_are_kept_than_the_limit(void **state)
{
	struct mmp_parsed *held[MMP_SPARE_CHUNKS + 1];

	(void)state;
	hold_spares(held, "[1]");
	freed = 0;
	let_go(held);
	assert_int_equal(freed, MMP_SPARE_CHUNKS + 1 - MMP_PARSED_SPARES);
	allocated = 0;
	hold_spares(held, "[1]");
	assert_int_equal(allocated, MMP_SPARE_CHUNKS + 1 - MMP_PARSED_SPARES);
	let_go(held);
}

static void a_tree_lives_until_its_last_owner_goes(void **state)
{
	struct mmp_parsed *parsed = load("[\"text\"]");

	(void)state;
	assert_ptr_equal(mmp_parsed_ref(parsed), parsed);
	mmp_parsed_unref(parsed);
	assert_string_equal(json_string_value(json_array_get(parsed->root, 0)), "text");
	mmp_parsed_unref(parsed);
	mmp_parsed_unref(NULL);
	assert_null(mmp_parsed_root(NULL));
}

static size_t uncharged;

static void count_uncharged(const struct mmp_parsed *parsed)
{
	assert_ptr_equal(parsed->account, &uncharged);
	assert_non_null(parsed->root);
	uncharged += parsed->charged + parsed->uid;
}

/* A user whose client has left still pays for what its calls keep in memory. */
static void what_a_tree_is_charged_is_taken_back_when_its_last_owner_goes(void **state)
{
	struct mmp_parsed *trees[] = { load("[1]"), mmp_parsed_of(json_pack("[i]", 1)) };

	(void)state;
	for (size_t i = 0; i < COUNT(trees); i++) {
		trees[i]->account = &uncharged;
		trees[i]->charged = 1000;
		trees[i]->uid = 7;
		trees[i]->uncharge = count_uncharged;
		uncharged = 0;
		mmp_parsed_ref(trees[i]);
		mmp_parsed_unref(trees[i]);
		assert_int_equal(uncharged, 0);
		mmp_parsed_unref(trees[i]);
		assert_int_equal(uncharged, 1007);
	}
}

/* References that are given back, and copies that outlive it. */
static void parts_of_a_tree_can_be_put_into_values_and_copied(void **state)
{
	struct mmp_parsed *parsed = load("{\"a\": [1, {\"b\": \"c\"}]}");
	json_t *value = json_object(), *copy;

	(void)state;
	json_object_set(value, "part", json_object_get(parsed->root, "a"));
	copy = json_deep_copy(value);
	assert_true(json_equal(copy, value));
	json_decref(value);
	mmp_parsed_unref(parsed);
	json_array_append_new(json_object_get(copy, "part"), json_true());
	assert_int_equal(json_array_size(json_object_get(copy, "part")), 3);
	json_decref(copy);
}

static void a_value_can_be_held_like_a_tree(void **state)
{
	struct mmp_parsed *parsed = mmp_parsed_of(json_pack("[i]", 1));

	(void)state;
	assert_null(parsed->chunks);
	json_array_append_new(mmp_parsed_root(parsed), json_true());
	mmp_parsed_unref(parsed);
	assert_null(mmp_parsed_of(NULL));
}

static void other_functions_of_jansson_are_respected(void **state)
{
	struct mmp_parsed *parsed;

	json_set_alloc_funcs(malloc, free);
	parsed = load("{\"a\": [1, 2]}");
	assert_non_null(parsed);
	assert_null(parsed->chunks);
	assert_int_equal(parsed->bytes, 0);
	use_arenas(state);
	mmp_parsed_unref(parsed);
}

struct reading {
	struct mmp_parsed *shared; /* by all threads */
	size_t wrong;
};

static void *read_many(void *data)
{
	struct reading *reading = data;

	for (size_t i = 0; i < 300; i++) {
		struct mmp_parsed *own = load(texts[i % COUNT(texts)]);
		json_t *same = json_loads(texts[i % COUNT(texts)], JSON_DECODE_ANY, NULL);

		reading->wrong += !json_equal(mmp_parsed_root(own), same) ||
				  json_array_size(reading->shared->root) != 3;
		json_decref(same);
		mmp_parsed_unref(own);
	}
	mmp_parsed_unref(reading->shared);
	return NULL;
}

static void threads_parse_and_drop_each_for_itself(void **state)
{
	enum { THREADS = 4 };
	struct mmp_parsed *shared = load("[1, 2, 3]");
	struct reading readings[THREADS];
	pthread_t threads[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++) {
		readings[i] = (struct reading){ mmp_parsed_ref(shared), 0 };
		assert_int_equal(
			pthread_create(&threads[i], NULL, read_many, &readings[i]), 0);
	}
	mmp_parsed_unref(shared);
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(readings[i].wrong, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tree_is_what_jansson_reads),
		cmocka_unit_test(bad_json_has_the_same_fault),
		cmocka_unit_test(a_tree_grows_by_larger_chunks),
		cmocka_unit_test(a_piece_over_the_largest_chunk_has_one_of_its_own),
		cmocka_unit_test(without_memory_there_is_no_tree_and_the_fault_says_so),
		cmocka_unit_test(
			a_tree_takes_what_it_is_allowed_and_gives_back_what_it_does_not_need),
		cmocka_unit_test(a_text_that_finds_no_memory_is_not_called_bad_json),
		cmocka_unit_test(no_more_chunks_are_kept_than_the_limit),
		cmocka_unit_test(a_tree_lives_until_its_last_owner_goes),
		cmocka_unit_test(
			what_a_tree_is_charged_is_taken_back_when_its_last_owner_goes),
		cmocka_unit_test(parts_of_a_tree_can_be_put_into_values_and_copied),
		cmocka_unit_test(a_value_can_be_held_like_a_tree),
		cmocka_unit_test(other_functions_of_jansson_are_respected),
		cmocka_unit_test(threads_parse_and_drop_each_for_itself),
	};

	return cmocka_run_group_tests(tests, use_arenas, use_malloc);
}
