/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_DEVICE_H
#define LOADER_DEVICE_H

/* Access to device registers. */

#include <stdint.h>

static inline void put32(uint64_t address, uint32_t value)
{
	*(volatile uint32_t *)address = value;
}

static inline uint32_t get32(uint64_t address)
{
	return *(volatile uint32_t *)address;
}

static inline void put8(uint64_t address, uint8_t value)
{
	*(volatile uint8_t *)address = value;
}

#endif
