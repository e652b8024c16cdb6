/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_REGISTERS_H
#define LOADER_REGISTERS_H

/* System registers and barriers, for mmu.c and execute.c. */

#include <stdint.h>

#define read_register(name)                                                              \
	({                                                                               \
		uint64_t value_;                                                         \
		__asm__ volatile("mrs %0, " #name : "=r"(value_));                       \
		value_;                                                                  \
	})
#define write_register(name, value)                                                      \
	__asm__ volatile("msr " #name ", %0" : : "r"((uint64_t)(value)) : "memory")
#define barrier(what) __asm__ volatile(what : : : "memory")

#endif
