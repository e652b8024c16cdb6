/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/expression.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

enum { NAME_SIZE = 128, ARGUMENTS_MAX = 8 };

/* A reader at `at`. The text of each macro gets a reader of its own. */
struct expression_reader {
	const char *start, *at;
	mmp_macro_find find;
	void *owner;
	unsigned depth;
	unsigned *steps; /* shared by all readers of one evaluation */
	struct mmp_error *err;
};

static int read_ternary(struct expression_reader *r, uint64_t *ret_value);

static void skip_space(struct expression_reader *r)
{
	while (isspace((unsigned char)*r->at))
		r->at++;
}

static int expected(struct expression_reader *r, const char *what)
{
	if (!*r->at)
		return mmp_fail(r->err, MMP_INVALID,
				"\"%.64s\" ends where %s was expected", r->start, what);
	return mmp_fail(r->err, MMP_INVALID,
			"\"%.64s\": %s was expected at character %zu, not '%c'", r->start,
			what, (size_t)(r->at - r->start) + 1,
			isprint((unsigned char)*r->at) ? *r->at : '?');
}

/* Count a token. The limit also ends macros that expand without end. */
static int count_token(struct expression_reader *r)
{
	if (++*r->steps > MMP_EXPRESSION_STEPS_MAX || r->depth > MMP_EXPRESSION_DEPTH_MAX)
		return mmp_fail(r->err, MMP_TOO_LARGE,
				"\"%.64s\": more than %d tokens or %d levels", r->start,
				MMP_EXPRESSION_STEPS_MAX, MMP_EXPRESSION_DEPTH_MAX);
	return 0;
}

static bool accept_token(struct expression_reader *r, const char *token)
{
	size_t length = strlen(token);

	skip_space(r);
	if (strncmp(r->at, token, length) != 0)
		return false;
	r->at += length;
	return true;
}

static int read_number(struct expression_reader *r, uint64_t *ret_value)
{
	static const char units[] = "kmgt";
	char *end;
	const char *unit;

	*ret_value = strtoull(r->at, &end, 0);
	r->at = end;
	unit = *end ? strchr(units, tolower((unsigned char)*end)) : NULL;
	if (unit && !isalnum((unsigned char)end[1]) && end[1] != '_') {
		*ret_value <<= 10 * (unsigned)(unit - units + 1);
		r->at++;
	}
	while (*r->at && strchr("uUlL", *r->at))
		r->at++;
	if (isalnum((unsigned char)*r->at) || *r->at == '_')
		return expected(r, "an operator or the end");
	return 0;
}

static void read_name(struct expression_reader *r, char name[NAME_SIZE])
{
	size_t length = 0;

	while (isalnum((unsigned char)*r->at) || *r->at == '_') {
		if (length < NAME_SIZE - 1)
			name[length++] = *r->at;
		r->at++;
	}
	name[length] = '\0';
}

/*
 * Read the arguments between the parentheses at r->at, separated by commas that are not
 * inside inner parentheses.
 */
static int read_arguments(struct expression_reader *r, const char *from[ARGUMENTS_MAX],
			  size_t lengths[ARGUMENTS_MAX], unsigned *ret_count)
{
	unsigned level = 0, count = 0;

	if (!accept_token(r, "("))
		return expected(r, "'('");
	from[0] = r->at;
	for (;; r->at++) {
		if (!*r->at)
			return expected(r, "')'");
		if (*r->at == '(')
			level++;
		if (level == 0 && (*r->at == ',' || *r->at == ')')) {
			lengths[count] = (size_t)(r->at - from[count]);
			count++;
			if (*r->at == ')')
				break;
			if (count == ARGUMENTS_MAX)
				return expected(r, "at most 8 arguments");
			from[count] = r->at + 1;
		} else if (*r->at == ')') {
			level--;
		}
	}
	r->at++;
	*ret_count = count;
	return 0;
}

/* The index of name[0 .. length) in a list such as "x,y", or -1. */
static int parameter_of(const char *parameters, const char *name, size_t length)
{
	for (int n = 0; *parameters; n++) {
		size_t span = strcspn(parameters, ", ");

		if (span == length && strncmp(parameters, name, length) == 0)
			return n;
		parameters += span;
		parameters += strspn(parameters, ", ");
	}
	return -1;
}

/* Expand a macro: its text, with the arguments in place of the parameters. */
static int substitute(const struct mmp_macro *macro, const char *from[],
		      const size_t lengths[], unsigned count, struct mmp_buffer *out)
{
	const char *at = macro->text;

	while (*at) {
		size_t span = 0;
		int n;

		while (isalnum((unsigned char)at[span]) || at[span] == '_')
			span++;
		if (!span) {
			/*
			 * "##" joins a number and its type suffix; the suffix does not
			 * change the value.
			 */
			if (at[0] == '#' && at[1] == '#') {
				while (out->length && out->bytes[out->length - 1] == ' ')
					out->bytes[--out->length] = '\0';
				at += 2 + strspn(at + 2, " ");
			} else {
				mmp_buffer_add(out, at++, 1);
			}
			continue;
		}
		n = parameter_of(macro->parameters, at, span);
		if (n >= 0 && (unsigned)n < count)
			mmp_buffer_add(out, from[n], lengths[n]);
		else
			mmp_buffer_add(out, at, span);
		at += span;
	}
	return mmp_buffer_add(out, "", 0) || out->length > 65536 ? -1 : 0;
}

static int read_text(struct expression_reader *r, const char *text, uint64_t *ret_value)
{
	struct expression_reader inner = *r;

	inner.start = inner.at = text;
	inner.depth++;
	if (count_token(&inner) || read_ternary(&inner, ret_value))
		return -1;
	skip_space(&inner);
	return *inner.at ? expected(&inner, "an operator or the end") : 0;
}

static int read_call(struct expression_reader *r, const struct mmp_macro *macro,
		     uint64_t *ret_value)
{
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	const char *from[ARGUMENTS_MAX];
	size_t lengths[ARGUMENTS_MAX];
	unsigned count = 0;
	int failed;

	if (read_arguments(r, from, lengths, &count))
		return -1;
	failed = substitute(macro, from, lengths, count, &text);
	*r->steps += (unsigned)(text.length / 16); /* long texts cost more */
	if (failed)
		mmp_fail(r->err, MMP_TOO_LARGE, "\"%.64s\" expands to over 64 KiB",
			 r->start);
	else
		failed = read_text(r, text.bytes ? text.bytes : "", ret_value);
	mmp_buffer_done(&text);
	return failed;
}

/* Common macros, used where the caller does not define them. */
static int find_usual(const char *name, struct mmp_macro *ret_macro)
{
	static const struct {
		const char *name;
		struct mmp_macro macro;
	} usual[] = {
		{ "U", { "x", "(x)" } },
		{ "UL", { "x", "(x)" } },
		{ "ULL", { "x", "(x)" } },
		{ "UINT32_C", { "x", "(x)" } },
		{ "UINT64_C", { "x", "(x)" } },
		{ "UINTPTR_C", { "x", "(x)" } },
		{ "BIT", { "n", "(1 << (n))" } },
		{ "BIT32", { "n", "(1 << (n))" } },
		{ "BIT64", { "n", "(1 << (n))" } },
		{ "SHIFT_U32", { "v,n", "((v) << (n))" } },
		{ "SHIFT_U64", { "v,n", "((v) << (n))" } },
		{ "ROUNDUP", { "v,size", "(((v) + (size) - 1) / (size) * (size))" } },
		{ "ROUNDDOWN", { "v,size", "((v) / (size) * (size))" } },
		{ "MAX", { "a,b", "((a) > (b) ? (a) : (b))" } },
		{ "MIN", { "a,b", "((a) < (b) ? (a) : (b))" } },
	};

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (strcmp(usual[i].name, name) == 0) {
			*ret_macro = usual[i].macro;
			return 0;
		}
	return -1;
}

static int read_macro(struct expression_reader *r, uint64_t *ret_value)
{
	const char *start = r->at;
	char name[NAME_SIZE];
	struct mmp_macro macro;

	read_name(r, name);
	/*
	 * These come first, as their definitions in headers use syntax that only a
	 * compiler knows.
	 */
	if (find_usual(name, &macro) && (!r->find || r->find(r->owner, name, &macro))) {
		r->at = start;
		return mmp_fail(r->err, MMP_INVALID, "\"%.64s\": %.64s is not defined",
				r->start, name);
	}
	return macro.parameters ? read_call(r, &macro, ret_value)
				: read_text(r, macro.text, ret_value);
}

/* Skip a cast such as "(size_t)". If there is no cast, r->at does not change. */
static bool skip_cast(struct expression_reader *r)
{
	static const char *const words[] = { "unsigned", "signed", "int",  "long",
					     "short",    "char",   "const" };
	struct expression_reader look = *r;
	char name[NAME_SIZE];
	unsigned count = 0;

	for (;; count++) {
		bool known = false;

		skip_space(&look);
		if (!isalpha((unsigned char)*look.at))
			break;
		read_name(&look, name);
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			known |= strcmp(name, words[i]) == 0;
		if (!known && (strlen(name) < 3 || strcmp(name + strlen(name) - 2, "_t")))
			return false;
	}
	if (!count || !accept_token(&look, ")"))
		return false;
	r->at = look.at;
	return true;
}

static int read_unary(struct expression_reader *r, uint64_t *ret_value)
{
	struct expression_reader inner;

	skip_space(r);
	if (count_token(r))
		return -1;
	if (isdigit((unsigned char)*r->at))
		return read_number(r, ret_value);
	if (isalpha((unsigned char)*r->at) || *r->at == '_')
		return read_macro(r, ret_value);
	inner = *r;
	inner.depth++;
	if (accept_token(&inner, "(") && !skip_cast(&inner)) {
		if (read_ternary(&inner, ret_value))
			return -1;
		if (!accept_token(&inner, ")"))
			return expected(&inner, "')'");
		r->at = inner.at;
		return 0;
	}
	if (inner.at != r->at) { /* a cast */
		if (read_unary(&inner, ret_value))
			return -1;
		r->at = inner.at;
		return 0;
	}
	if (!*r->at || !strchr("-+~!", *r->at))
		return expected(r, "a number");
	inner.at++;
	if (read_unary(&inner, ret_value))
		return -1;
	*ret_value = *r->at == '-'   ? -*ret_value
		     : *r->at == '~' ? ~*ret_value
		     : *r->at == '!' ? !*ret_value
				     : *ret_value;
	r->at = inner.at;
	return 0;
}

/* clang-format off */
/* By precedence, loosest first; an operator comes before any that is a prefix of it. */
static const struct operator_row {
	const char *text;
	int level;
	const char *not_before; /* if one of these follows, it is a different operator */
} operators[] = {
	{ "||", 0, "" }, { "&&", 1, "" }, { "|", 2, "|" }, { "^", 3, "" }, { "&", 4, "&" },
	{ "==", 5, "" }, { "!=", 5, "" },
	{ "<=", 6, "" }, { ">=", 6, "" }, { "<<", 7, "" }, { ">>", 7, "" },
	{ "<", 6, "<=" }, { ">", 6, ">=" },
	{ "+", 8, "" }, { "-", 8, "" }, { "*", 9, "" }, { "/", 9, "" }, { "%", 9, "" },
};
/* clang-format on */
enum { LEVELS = 10 };

static const struct operator_row *take_operator(struct expression_reader *r, int level)
{
	skip_space(r);
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		const struct operator_row *o = &operators[i];
		size_t length = strlen(o->text);

		if (o->level != level || strncmp(r->at, o->text, length) != 0 ||
		    (r->at[length] && strchr(o->not_before, r->at[length])))
			continue;
		r->at += length;
		return o;
	}
	return NULL;
}

static uint64_t shifted(uint64_t a, uint64_t b, bool left)
{
	if (b > 63)
		return 0;
	return left ? a << b : a >> b;
}

static uint64_t combined(const char *text, uint64_t a, uint64_t b)
{
	switch (text[0]) {
	case '|':
		return text[1] ? a || b : a | b;
	case '&':
		return text[1] ? a && b : a & b;
	case '^':
		return a ^ b;
	case '=':
		return a == b;
	case '!':
		return a != b;
	case '<':
		return text[1] == '<' ? shifted(a, b, true) : text[1] ? a <= b : a < b;
	case '>':
		return text[1] == '>' ? shifted(a, b, false) : text[1] ? a >= b : a > b;
	case '+':
		return a + b;
	case '-':
		return a - b;
	case '*':
		return a * b;
	case '/':
		return a / b;
	default:
		return a % b;
	}
}

static int read_binary(struct expression_reader *r, int level, uint64_t *ret_value)
{
	const struct operator_row *o;
	uint64_t right;

	if (level == LEVELS)
		return read_unary(r, ret_value);
	if (read_binary(r, level + 1, ret_value))
		return -1;
	while ((o = take_operator(r, level))) {
		if (read_binary(r, level + 1, &right))
			return -1;
		if (!right && (o->text[0] == '/' || o->text[0] == '%'))
			return mmp_fail(r->err, MMP_INVALID, "\"%.64s\" divides by 0",
					r->start);
		*ret_value = combined(o->text, *ret_value, right);
	}
	return 0;
}

static int read_ternary(struct expression_reader *r, uint64_t *ret_value)
{
	uint64_t yes, no;

	if (read_binary(r, 0, ret_value))
		return -1;
	if (!accept_token(r, "?"))
		return 0;
	r->depth++;
	if (count_token(r) || read_ternary(r, &yes))
		return -1;
	if (!accept_token(r, ":"))
		return expected(r, "':'");
	if (read_ternary(r, &no))
		return -1;
	r->depth--;
	*ret_value = *ret_value ? yes : no;
	return 0;
}

int mmp_expression(const char *text, mmp_macro_find find, void *owner,
		   uint64_t *ret_value, struct mmp_error *err)
{
	unsigned steps = 0;
	struct expression_reader r = { text, text, find, owner, 0, &steps, err };
	uint64_t value;

	if (read_ternary(&r, &value))
		return -1;
	skip_space(&r);
	if (*r.at)
		return expected(&r, "an operator or the end");
	*ret_value = value;
	return 0;
}
