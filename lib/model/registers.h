/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_REGISTERS_LIST_H
#define MMP_REGISTERS_LIST_H

/* System registers that belong to tables, as a list of names and values. */

#include <stdint.h>

/* How a value is printed. */
enum mmp_register_form {
	MMP_REGISTER_64,     /* 16 hex digits */
	MMP_REGISTER_32,     /* 8 hex digits */
	MMP_REGISTER_HEX,    /* without leading zeros */
	MMP_REGISTER_NUMBER, /* a table's id */
	MMP_REGISTER_FLAG,
};

/* The role of a register, for code that does not know its name. */
enum mmp_register_role {
	MMP_REGISTER_OTHER,
	MMP_REGISTER_MAIR, /* byte n is the memory type of leaves with number n */
	MMP_REGISTER_TCR,
	MMP_REGISTER_BASE, /* complete: the address of a base table and other bits */
	MMP_REGISTER_BASE_UPPER, /* the same for the upper addresses */
	MMP_REGISTER_BASE_TABLE, /* not a register: the id of the table in the base register */
	MMP_REGISTER_WALK, /* not a register: the bits of base registers besides the address */
	MMP_REGISTER_ROLE_COUNT
};

struct mmp_register {
	const char *name; /* as in the `registers` of a vector */
	enum mmp_register_form form;
	uint64_t value;
	enum mmp_register_role role;
};

#define MMP_REGISTERS_MAX 12
#define MMP_FACTS_MAX     4

#endif
