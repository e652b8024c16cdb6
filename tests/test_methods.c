/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "methods/methods.h"

static struct mmp_method *methods;

static int set_up(void **state)
{
	(void)state;
	methods = methods_all();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(methods);
	return 0;
}

static void every_method_is_noun_dot_verb_and_there_once(void **state)
{
	(void)state;
	for (const struct mmp_method *m = methods; m->name; m++) {
		const char *dot = strchr(m->name, '.');

		if (!dot || dot == m->name || !dot[1] || strchr(dot + 1, '.'))
			fail_msg("%s", m->name);
		for (const struct mmp_method *other = methods; other < m; other++)
			assert_string_not_equal(other->name, m->name);
	}
}

static void every_method_says_what_it_is_for_and_what_its_answer_looks_like(void **state)
{
	(void)state;
	for (const struct mmp_method *m = methods; m->name; m++) {
		if (!m->about || !m->result || !m->answer)
			fail_msg("%s", m->name);
		assert_true(isupper((unsigned char)m->about[0]));
		assert_in_range(mmp_method_access(m), 0, MMP_ACCESS_COUNT - 1);
	}
}

static void every_parameter_has_its_words_and_lies_in_its_struct(void **state)
{
	(void)state;
	for (const struct mmp_method *m = methods; m->name; m++) {
		assert_in_range(m->params_size, 0, MMP_PARAMS_MAX);
		for (const struct mmp_param *p = m->params; p && p->name; p++) {
			if (!p->about || p->offset >= m->params_size)
				fail_msg("%s: %s", m->name, p->name);
			assert_int_equal(p->kind == MMP_PARAM_CHOICE, p->choices != NULL);
			for (const struct mmp_param *q = m->params; q < p; q++)
				assert_true(strcmp(q->name, p->name) &&
					    q->offset != p->offset);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_method_is_noun_dot_verb_and_there_once),
		cmocka_unit_test(
			every_method_says_what_it_is_for_and_what_its_answer_looks_like),
		cmocka_unit_test(every_parameter_has_its_words_and_lies_in_its_struct),
	};

	return cmocka_run_group_tests_name("methods", tests, set_up, tear_down);
}
