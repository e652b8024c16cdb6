/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_CHECKSUM_H
#define MMP_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/*
 * A checksum of 64 bits against accidents, the same on every machine: about five instructions
 * for eight bytes. It notices every change that is confined to eight bytes at a multiple of
 * eight, and any other one unless 64 bits agree by chance. Not against an attacker: see
 * base/digest.h.
 */

/* Add bytes[0 .. length), and that they are `length`, to a sum; the first one is 0. */
uint64_t mmp_checksum(uint64_t before, const void *bytes, size_t length);

#endif
