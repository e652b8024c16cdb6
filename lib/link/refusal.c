/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/refusal.h"

#include <assert.h>
#include <stddef.h>

/* clang-format off */
static const char *const refusals[] = {
	[WIRE_OK]              = "nothing is wrong",
	[WIRE_BAD_VERSION]     = "it speaks another version of the protocol",
	[WIRE_BAD_MESSAGE]     = "the request is unknown to it, or has the wrong length",
	[WIRE_NO_SESSION]      = "it does not know this session: it was reset, or another host has taken the line",
	[WIRE_WRONG_STATE]     = "the request is out of order: the push was aborted or begun again",
	[WIRE_LENGTH_BAD]      = "the pool's length is zero or not a multiple of 4096",
	[WIRE_LENGTH_OVER]     = "the pool is longer than its staging area",
	[WIRE_POOL_UNALIGNED]  = "the pool does not begin on a multiple of 4096",
	[WIRE_POOL_WRAPS]      = "the pool extends past physical address 2^48, or 2^32 for a 32-bit build",
	[WIRE_POOL_OUTSIDE]    = "the pool is not inside a window of secure RAM that it may write",
	[WIRE_POOL_OVER_SELF]  = "the pool would overwrite the loader itself",
	[WIRE_TTBR0_OUTSIDE]   = "TTBR0's base table is not inside the pool",
	[WIRE_TTBR0_UNALIGNED] = "TTBR0's base is not a multiple of the base table's size",
	[WIRE_TTBR1_OPEN]      = "TCR leaves TTBR1 in use (EPD1 is 0), but the push has no TTBR1",
	[WIRE_WRITE_UNALIGNED] = "a write is not on a multiple of 8",
	[WIRE_WRITE_OUTSIDE]   = "a write extends past the end of the pool",
	[WIRE_BAD_RUNS]        = "a run is cut short, empty or of unknown kind",
	[WIRE_DIGEST_DIFFERS]  = "the SHA-256 of what it received is not the promised one",
	[WIRE_NOTHING_LIVE]    = "no build is live to translate with",
	[WIRE_BAD_ACCESS]      = "an address is asked for neither reading nor writing",
	[WIRE_REGIME_UNKNOWN]  = "its processor has no AArch32 at EL1, which a 32-bit build needs",
	[WIRE_UNSIGNED]        = "it takes only what is signed by a key that it trusts",
	[WIRE_KEY_UNKNOWN]     = "it does not know the key",
	[WIRE_KEY_REVOKED]     = "the key is revoked on this board",
	[WIRE_WRONG_BOARD]     = "it was signed for another board",
	[WIRE_REPLAYED]        = "it was signed for another session: somebody has sent it again",
	[WIRE_COUNTER_OLD]     = "its counter is not above the board's: an older build, or one sent again",
	[WIRE_SIGNATURE_BAD]   = "the signature does not match what arrived: that was changed on the way, or another key has signed it",
	[WIRE_CANNOT_KEEP]     = "it has no memory for keys, or that is full, or the write failed, which can be tried again",
	[WIRE_KEPT_ALREADY]    = "it has this key already, or one of its own, which cannot be replaced",
	[WIRE_POINT_BAD]       = "this is not a P-256 key",
	[WIRE_COUNTER_FAR]     = "its counter is too far above the board's, which cannot be lowered again",
	[WIRE_TCR_UNKNOWN]     = "TCR asks for another granule than 4 KiB, a walker that writes, a reserved size of addresses, or unknown features",
	[WIRE_TABLE_LEAVES]    = "a table descriptor leads out of the pool, where the walker must not read",
};

static const char *const requests[] = {
	[WIRE_HELLO]     = "hello",
	[WIRE_BEGIN]     = "begin",
	[WIRE_WRITE]     = "write",
	[WIRE_FINISH]    = "finish",
	[WIRE_ACTIVATE]  = "activate",
	[WIRE_TRANSLATE] = "translate",
	[WIRE_ABORT]     = "abort",
	[WIRE_KEEP]      = "keep",
	[WIRE_READ_BACK] = "read back",
	[WIRE_EXECUTE]   = "execute",
};
/* clang-format on */
static_assert(sizeof(refusals) / sizeof(refusals[0]) == WIRE_STATUS_COUNT,
	      "a status has no text");
static_assert(sizeof(requests) / sizeof(requests[0]) == WIRE_OPCODE_COUNT,
	      "a request has no name");

const char *mmp_refusal_text(unsigned int status)
{
	return status < WIRE_STATUS_COUNT ? refusals[status] : NULL;
}

const char *mmp_request_name(unsigned int opcode)
{
	return opcode < WIRE_OPCODE_COUNT && requests[opcode] ? requests[opcode] : "?";
}
