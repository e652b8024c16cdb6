/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_EXPRESSION_H
#define MMP_EXPRESSION_H

#include <stdint.h>

#include "base/error.h"

/*
 * Integer expressions as C and make write them: "(1024 * 1024 * 10)",
 * "(0x9e800000 + 0x01400000 )", "UL(1) << 21", "2M". Operators + - * / % << >> & | ^ ~ !
 * and the comparisons, && || and ?: with C's precedence, all on 64 unsigned bits;
 * suffixes u and l, and the units k, m, g behind a number. Casts to integer types are
 * passed over.
 */

/* A macro as a debugger knows it: "A(x)" with its parameters, and its text. */
struct mmp_macro {
	const char *parameters; /* "x,y"; NULL: it takes no value */
	const char *text;
};

/*
 * What a name stands for. Return 0 and fill *ret_macro, whose texts are borrowed until
 * the evaluation ends, or -1 if the name means nothing.
 */
typedef int (*mmp_macro_find)(void *owner, const char *name, struct mmp_macro *ret_macro);

#define MMP_EXPRESSION_DEPTH_MAX 64    /* parentheses and macros within each other */
#define MMP_EXPRESSION_STEPS_MAX 20000 /* tokens read in all, macros' included */

/*
 * The value of `text`. `find` may be NULL: then every name is an error but those that
 * only mark a number's type: U(), UL(), ULL(), SHIFT_U32() and the like. MMP_INVALID
 * says what was expected and at which character.
 */
int mmp_expression(const char *text, mmp_macro_find find, void *owner,
		   uint64_t *ret_value, struct mmp_error *err);

#endif
