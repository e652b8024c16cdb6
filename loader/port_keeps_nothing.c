/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/port.h"

/* For a board without memory for keys and without a counter. */

const uint8_t *port_kept(size_t *ret_bytes)
{
	*ret_bytes = 0;
	return NULL;
}

bool port_keep(size_t at, const uint8_t *bytes, size_t length)
{
	(void)at, (void)bytes, (void)length;
	return false;
}

bool port_counts(void)
{
	return false;
}

uint64_t port_count(void)
{
	return 0;
}

bool port_count_to(uint64_t value)
{
	(void)value;
	return false;
}
