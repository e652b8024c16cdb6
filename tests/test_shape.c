/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include "json/shape.h"

/* The schema of `members` is what `text` says. */
static void assert_schema(const struct mmp_shape *members, const char *text)
{
	json_t *got = mmp_shape_schema(members), *wanted = json_loads(text, 0, NULL);

	assert_non_null(wanted);
	if (!json_equal(got, wanted))
		fail_msg("%s", json_dumps(got, JSON_INDENT(1) | JSON_SORT_KEYS));
	json_decref(got);
	json_decref(wanted);
}

#define CLOSED "\"type\":\"object\",\"additionalProperties\":false"

static void a_row_becomes_a_member_that_must_be_there(void **state)
{
	static const struct mmp_shape rows[] = {
		{ "name", MMP_SHAPE_TEXT, NULL, "what it is called" },
		{ "count", MMP_SHAPE_NUMBER, NULL, NULL },
		{ 0 },
	};

	(void)state;
	assert_schema(rows,
		      "{" CLOSED ",\"required\":[\"name\",\"count\"],\"properties\":{"
		      "\"name\":{\"type\":\"string\",\"description\":\"what it is "
		      "called\"},\"count\":{\"type\":\"integer\"}}}");
}

static void a_member_may_be_absent_or_null(void **state)
{
	static const struct mmp_shape rows[] = {
		{ "a", MMP_SHAPE_FLAG | MMP_SHAPE_MAYBE, NULL, NULL },
		{ "b", MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, NULL },
		{ 0 },
	};

	(void)state;
	assert_schema(rows, "{" CLOSED ",\"required\":[\"b\"],\"properties\":{"
			    "\"a\":{\"type\":\"boolean\"},"
			    "\"b\":{\"type\":[\"string\",\"null\"]}}}");
}

static const struct mmp_shape inner[] = { { "x", MMP_SHAPE_REAL, NULL, NULL }, { 0 } };
#define INNER                                                                            \
	"{" CLOSED ",\"required\":[\"x\"],\"properties\":{\"x\":{\"type\":\"number\"}}}"

static void objects_and_arrays_say_what_is_inside(void **state)
{
	static const struct mmp_shape rows[] = {
		{ "one", MMP_SHAPE_OBJECT, inner, NULL },
		{ "list", MMP_SHAPE_LIST, inner, NULL },
		{ "map", MMP_SHAPE_MAP, inner, NULL },
		{ "open", MMP_SHAPE_OBJECT, NULL, NULL },
		{ "any", MMP_SHAPE_ANY, NULL, NULL },
		{ 0 },
	};

	(void)state;
	assert_schema(rows,
		      "{" CLOSED
		      ",\"required\":[\"one\",\"list\",\"map\",\"open\",\"any\"],"
		      "\"properties\":{\"one\":" INNER
		      ",\"list\":{\"type\":\"array\",\"items\":" INNER
		      "},\"map\":{\"type\":\"object\",\"additionalProperties\":" INNER
		      "},\"open\":{\"type\":\"object\"},\"any\":{}}}");
}

static void members_of_another_table_are_members(void **state)
{
	static const struct mmp_shape rows[] = {
		{ "", MMP_SHAPE_MEMBERS, inner, NULL },
		{ 0 },
	};

	(void)state;
	assert_schema(rows, INNER);
}

static void an_object_may_be_one_of_several(void **state)
{
	static const struct mmp_shape kinds[] = {
		{ "first", MMP_SHAPE_OBJECT, inner, NULL },
		{ "second", MMP_SHAPE_OBJECT, inner, NULL },
		{ 0 },
	};
	static const struct mmp_shape rows[] = {
		{ "report", MMP_SHAPE_EITHER, kinds, NULL },
		{ 0 },
	};

	(void)state;
	assert_schema(rows, "{" CLOSED ",\"required\":[\"report\"],\"properties\":{"
			    "\"report\":{\"type\":\"object\",\"anyOf\":[" INNER "," INNER
			    "]}}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_becomes_a_member_that_must_be_there),
		cmocka_unit_test(a_member_may_be_absent_or_null),
		cmocka_unit_test(objects_and_arrays_say_what_is_inside),
		cmocka_unit_test(members_of_another_table_are_members),
		cmocka_unit_test(an_object_may_be_one_of_several),
	};

	return cmocka_run_group_tests_name("shape", tests, NULL, NULL);
}
