/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_EXPRESSION_H
#define MMP_EXPRESSION_H

#include <stdint.h>

#include "base/error.h"

/*
 * Integer expressions as C and make write them: "(1024 * 1024 * 10)", "(0x9e800000 +
 * 0x01400000 )", "UL(1) << 21", "2M". The operators are + - * / % << >> & | ^ ~ !, the
 * comparisons, && || and ?: with C's precedence, all on unsigned 64-bit values. Numbers
 * may have the suffixes u and l and the units k, m and g. Casts to integer types are
 * ignored.
 */

/* A macro as debug information records it: "A(x)" with its parameters, and its text. */
struct mmp_macro {
	const char *parameters; /* "x,y"; NULL: the macro takes no arguments */
	const char *text;
};

/*
 * Look up a macro. Returns 0 and fills *ret_macro, whose texts are borrowed until the
 * evaluation ends, or -1 if there is no macro of this name.
 */
typedef int (*mmp_macro_find)(void *owner, const char *name, struct mmp_macro *ret_macro);

#define MMP_EXPRESSION_DEPTH_MAX 64    /* nesting of parentheses and macros */
#define MMP_EXPRESSION_STEPS_MAX 20000 /* tokens read, including those of macros */

/*
 * Evaluate `text`. `find` may be NULL; then the only names allowed are those that mark a
 * number's type: U(), UL(), ULL(), SHIFT_U32() and the like. MMP_INVALID says what was
 * expected and at which character.
 */
int mmp_expression(const char *text, mmp_macro_find find, void *owner,
		   uint64_t *ret_value, struct mmp_error *err);

#endif
