/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WIRE_MESSAGE_H
#define WIRE_MESSAGE_H

/*
 * The content of frames: conversion between bytes and structs. The host sends requests
 * and the board answers them; the board sends nothing unasked. loader/README.md describes
 * the protocol byte by byte. Integers are little endian. A varint has seven bits per
 * byte, the low ones first, and bit 7 set in all bytes but the last. Freestanding.
 *
 * A request is a header and its payload. Its answer is the header with WIRE_ANSWER set in
 * the opcode, a status, and, if the status is WIRE_OK, the payload. Two refusals have a
 * payload as well: WIRE_BAD_VERSION the board's version (16 bits), and WIRE_TABLE_LEAVES
 * a struct wire_leaving. In a session with a key, each answer ends with WIRE_MAC_SIZE
 * bytes of HMAC-SHA-256 over the body of the request and the answer so far.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/cursor.h"

/*
 * The version of the protocol. Increment it whenever the meaning of a byte changes. Both
 * ends refuse any other version.
 */
#define WIRE_VERSION 4

#define WIRE_MAGIC       0x31706d6du /* "mmp1" on the line: hello is the same in all versions */
#define WIRE_BODY_MIN    320u  /* bytes of a body that every board accepts and makes */
#define WIRE_BODY_MAX    4096u /* bytes of a body that no board may exceed */
#define WIRE_FRAMES_MAX  16u   /* frames in flight that no board may exceed */
#define WIRE_ID_MAX      32u   /* bytes of a board's id, printable ASCII */
#define WIRE_WINDOWS_MAX 4u /* windows of RAM that a board may name; hello stays small */
#define WIRE_KEYS_MAX    4u /* keys that a board may trust */

#define WIRE_NONCE_SIZE     8u
#define WIRE_KEY_ID_SIZE    4u  /* first bytes of the SHA-256 of the point */
#define WIRE_POINT_SIZE     64u /* P-256: X, then Y, big endian */
#define WIRE_SECRET_SIZE    32u
#define WIRE_SIGNATURE_SIZE 64u /* ECDSA: r, then s, big endian */
#define WIRE_MAC_SIZE       16u

enum wire_opcode {
	WIRE_HELLO = 1,
	WIRE_BEGIN,
	WIRE_WRITE,
	WIRE_FINISH,
	WIRE_ACTIVATE,
	WIRE_TRANSLATE,
	WIRE_ABORT,
	WIRE_KEEP,
	WIRE_READ_BACK,
	WIRE_EXECUTE,
	WIRE_OPCODE_COUNT,
	WIRE_ANSWER = 0x80
};

/* Why the board refuses a request. The host has the table of texts (link/refusal). */
enum wire_status {
	WIRE_OK,
	WIRE_BAD_VERSION,    /* hello: the board speaks another version, which it names */
	WIRE_BAD_MESSAGE,    /* unknown opcode, or a payload of the wrong shape */
	WIRE_NO_SESSION,     /* unknown session: the board, or the host, changed */
	WIRE_WRONG_STATE,    /* write before begin, activate before finish ... */
	WIRE_LENGTH_BAD,     /* zero, or not a multiple of 4096 */
	WIRE_LENGTH_OVER,    /* larger than the staging area */
	WIRE_POOL_UNALIGNED, /* not aligned to 4096 */
	WIRE_POOL_WRAPS,     /* extends past 2^48; 2^32 for a 32-bit regime */
	WIRE_POOL_OUTSIDE,   /* not inside one window */
	WIRE_POOL_OVER_SELF, /* overlaps the loader's code, data, stack or staging area */
	WIRE_TTBR0_OUTSIDE,  /* a base table is not entirely in the pool */
	WIRE_TTBR0_UNALIGNED, /* not aligned to the size of the base table */
	WIRE_TTBR1_OPEN,      /* TCR leaves TTBR1 in use, but begin has no TTBR1 */
	WIRE_WRITE_UNALIGNED, /* offset not a multiple of 8 */
	WIRE_WRITE_OUTSIDE,   /* past the length that begin stated */
	WIRE_BAD_RUNS,        /* a run is truncated, empty, or of unknown kind */
	WIRE_DIGEST_DIFFERS,  /* the staged bytes do not match the digest in begin */
	WIRE_NOTHING_LIVE,    /* translate before any activate */
	WIRE_BAD_ACCESS,      /* translate: not in enum wire_access */
	WIRE_TCR_UNKNOWN,     /* TCR sets bits that the board does not support */
	WIRE_TABLE_LEAVES,    /* a table descriptor points out of the pool */
	WIRE_REGIME_UNKNOWN,  /* unknown, or 32 bits without AArch32 at EL1 */
	WIRE_UNSIGNED,        /* begin is not signed, but must be */
	WIRE_KEY_UNKNOWN,     /* signed with a key that the board does not trust */
	WIRE_KEY_REVOKED,     /* signed with a key that the board no longer trusts */
	WIRE_WRONG_BOARD,     /* signed for another board */
	WIRE_REPLAYED,        /* signed for another hello */
	WIRE_COUNTER_OLD,     /* signed with a counter that is not above the board's */
	WIRE_SIGNATURE_BAD,   /* the signature does not match the signed data */
	WIRE_CANNOT_KEEP, /* keep: no memory for keys, or it is full, or a write failed */
	WIRE_KEPT_ALREADY, /* keep: it already has its own key, or this one */
	WIRE_POINT_BAD,    /* hello, keep: not a point of P-256 */
	WIRE_COUNTER_FAR,  /* signed with a counter too far above the board's */
	WIRE_STATUS_COUNT
};

struct wire_header {
	uint8_t opcode;    /* enum wire_opcode, with WIRE_ANSWER set in an answer */
	uint16_t session;  /* chosen by the host, different for each push */
	uint16_t sequence; /* number of the request in its session; a resend keeps it */
};

#define WIRE_HEADER_SIZE 5u

struct wire_hello {
	uint32_t magic;
	uint16_t version;
	bool authentic; /* answers must end with a MAC; `point` is the host's */
	bool compares;  /* the answer must have page digests, from `page` on */
	uint8_t point[WIRE_POINT_SIZE];
	uint32_t page;
};

enum { WIRE_HELLO_AUTHENTIC = 1 << 0, WIRE_HELLO_COMPARES = 1 << 1 };

/*
 * What the staging area still holds of an earlier push, live or interrupted. It is at the
 * end of the answer to a hello with `compares`: the first bytes of each page's SHA-256,
 * for as many pages as the answer has room for.
 */
#define WIRE_PAGE             4096u
#define WIRE_PAGE_DIGEST_SIZE 4u
#define WIRE_PAGES_TOLD_MAX   1024u /* in one answer; more do not fit the longest body */
struct wire_pages {
	uint32_t staged; /* pages in total */
	uint32_t told;
	uint8_t digests[WIRE_PAGES_TOLD_MAX][WIRE_PAGE_DIGEST_SIZE];
};

struct wire_span {
	uint64_t base, size; /* bytes, physical; on the line in pages of 4096 */
};

/* The board's capabilities and state, as flags in hello's answer. */
enum {
	WIRE_BOARD_LIVE = 1 << 0,     /* a build is in place */
	WIRE_BOARD_UNSIGNED = 1 << 1, /* it accepts unsigned builds */
	WIRE_BOARD_HAS_KEY = 1 << 2,  /* its own: it can authenticate answers */
	WIRE_BOARD_COUNTS = 1 << 3,   /* it has a counter against rollback */
	WIRE_BOARD_AARCH32 = 1 << 4,  /* its EL1 can be AArch32 */
	WIRE_BOARD_KEEPS = 1 << 5,    /* it has memory for keys */
	WIRE_BOARD_EXECUTES = 1 << 6, /* it can prove execution */
	WIRE_BOARD_GUARDS = 1 << 7,   /* it has FEAT_BTI */
	WIRE_BOARD_FLAGS = (1 << 8) - 1
};

/* The board's answer to hello. */
struct wire_board {
	uint16_t version;
	uint8_t flags;
	uint16_t body_max;              /* bytes of the longest body it takes and makes */
	uint8_t frames_max;             /* requests that may be in flight */
	uint32_t staging_bytes;         /* longest pool it takes; a multiple of 4096 */
	uint8_t nonce[WIRE_NONCE_SIZE]; /* of this session */
	uint8_t id_length;
	char id[WIRE_ID_MAX + 1]; /* with a NUL after it in memory, not on the line */
	uint8_t window_count;
	struct wire_span windows[WIRE_WINDOWS_MAX]; /* secure RAM that it may write */
	uint8_t key_count;
	uint8_t keys[WIRE_KEYS_MAX][WIRE_KEY_ID_SIZE]; /* that it trusts */
	uint64_t counter; /* of the last signed build that went live; 0 without one */
	bool live;
	uint8_t live_build[32]; /* id of the live build; zeros if there is none */
};

/* The translation regime that the tables are for. */
enum wire_regime {
	WIRE_AARCH64,
	WIRE_AARCH32_LONG,
	WIRE_AARCH32_SHORT,
	WIRE_REGIME_COUNT
};

/* The registers that come with tables, numbered by their place in begin. */
enum wire_register {
	WIRE_MAIR,  /* MAIR_EL1; of AArch32 MAIR1:MAIR0, or NMRR:PRRR */
	WIRE_TCR,   /* TCR_EL1; TTBCR */
	WIRE_TTBR0, /* TTBR0_EL1 */
	WIRE_TTBR1, /* TTBR1_EL1 */
	WIRE_DACR,  /* DACR32_EL2 */
	WIRE_REGISTER_COUNT
};

/* The registers of a regime in their order on the line, with the manual's names. */
struct wire_regime_register {
	enum wire_register number;
	const char *name;
};
struct wire_regime_registers {
	size_t count;
	struct wire_regime_register list[WIRE_REGISTER_COUNT];
};

/*
 * The registers of a regime. An unknown regime gets those of WIRE_AARCH64; it is refused
 * later.
 */
const struct wire_regime_registers *wire_registers_of(unsigned int regime);

/* On the line this is followed by runs for the start of the pool, as many as fit. */
struct wire_begin {
	uint8_t regime; /* enum wire_regime */
	bool keeps;     /* the runs change what is staged, which is not zeroed first */
	bool goes; /* the runs are complete: verify them and make them live at once */
	uint8_t build[32];  /* SHA-256 of the manifest */
	uint8_t digest[32]; /* SHA-256 of the pool's bytes */
	uint32_t length;    /* bytes of the pool */
	uint64_t pool_pa;
	uint64_t registers[WIRE_REGISTER_COUNT]; /* zero if the regime has none */

	bool is_signed; /* if set, the fields below are valid */
	uint8_t nonce[WIRE_NONCE_SIZE];
	uint8_t id_length;
	char id[WIRE_ID_MAX + 1];
	uint64_t counter;
	uint8_t key[WIRE_KEY_ID_SIZE];
	uint8_t signature[WIRE_SIGNATURE_SIZE];
};

/* What a board is asked to store permanently. */
enum wire_keeping {
	WIRE_KEEP_OWN,    /* its own secret: 32 bytes; answered with its point */
	WIRE_KEEP_TRUST,  /* the point of a key that signs builds */
	WIRE_KEEP_REVOKE, /* the id of a key that no longer signs builds */
	WIRE_KEEPING_COUNT
};

/* The request must be signed by a key that the board trusts, if it trusts any. */
struct wire_keep {
	uint8_t kind; /* enum wire_keeping */
	uint8_t payload[WIRE_POINT_SIZE];
	bool is_signed;
	uint8_t key[WIRE_KEY_ID_SIZE];
	uint8_t signature[WIRE_SIGNATURE_SIZE];
};

/* The table descriptor that points out of the pool. */
struct wire_leaving {
	uint32_t offset; /* bytes from the start of the pool */
	uint64_t descriptor;
};

/* One item of translate. Its answer is one PAR_EL1, 8 bytes. */
struct wire_question {
	uint8_t access; /* enum wire_access */
	uint64_t va;
};

/* The instruction: AT S1E1R, S1E1W, S1E0R, S1E0W */
enum wire_access {
	WIRE_READ,
	WIRE_WRITE_ACCESS,
	WIRE_USER_READ,
	WIRE_USER_WRITE,
	WIRE_ACCESS_COUNT
};

#define WIRE_QUESTION_SIZE 9u
#define WIRE_PAR_SIZE      8u

/* One item of execute: does an instruction at this address run? */
struct wire_trial {
	uint8_t level; /* exception level, 0 or 1, perhaps with a flag below */
	uint64_t va;
};

enum {
	WIRE_LEVEL_MASK = 0x3f,
	WIRE_WXN = 0x40, /* with SCTLR_EL1.WXN set */
	WIRE_BRANCHED =
		0x80 /* as the target of a branch (PSTATE.BTYPE 3); with FEAT_BTI */
};

enum wire_ran {
	WIRE_RAN,         /* yes */
	WIRE_RAN_NOT,     /* no: `esr` says why */
	WIRE_NOT_PLANTED, /* not tried: not in RAM of a window, or in the pool */
	WIRE_NOT_BACK,    /* the test failed: it came back in an unexpected way */
	WIRE_RAN_COUNT
};

/* The answer to one item of execute. */
struct wire_trial_result {
	uint8_t ran;  /* enum wire_ran */
	uint32_t esr; /* ESR_EL1 */
};

#define WIRE_TRIAL_SIZE  9u
#define WIRE_RESULT_SIZE 5u

/*
 * Each function moves the cursor; the caller checks `failed`, or wire_read_whole, once at
 * the end.
 */
void wire_put_varint(struct wire_writer *w, uint64_t value);
void wire_put_header(struct wire_writer *w, const struct wire_header *header);
void wire_put_hello(struct wire_writer *w, const struct wire_hello *hello);
void wire_put_board(struct wire_writer *w, const struct wire_board *board);
void wire_put_begin(struct wire_writer *w, const struct wire_begin *begin);
void wire_put_keep(struct wire_writer *w, const struct wire_keep *keep);
void wire_put_leaving(struct wire_writer *w, const struct wire_leaving *leaving);
void wire_put_question(struct wire_writer *w, const struct wire_question *question);
void wire_put_trial(struct wire_writer *w, const struct wire_trial *trial);
void wire_put_result(struct wire_writer *w, const struct wire_trial_result *result);

/* A varint that exceeds 64 bits, or is longer than necessary, fails the reader. */
uint64_t wire_get_varint(struct wire_reader *r);
void wire_get_header(struct wire_reader *r, struct wire_header *ret_header);
/* If the version is not ours, only the version is read. */
void wire_get_hello(struct wire_reader *r, struct wire_hello *ret_hello);
void wire_get_begin(struct wire_reader *r, struct wire_begin *ret_begin);
void wire_get_keep(struct wire_reader *r, struct wire_keep *ret_keep);
void wire_get_leaving(struct wire_reader *r, struct wire_leaving *ret_leaving);
void wire_get_question(struct wire_reader *r, struct wire_question *ret_question);
void wire_get_trial(struct wire_reader *r, struct wire_trial *ret_trial);
void wire_get_result(struct wire_reader *r, struct wire_trial_result *ret_result);

/*
 * If the version is not ours, only the version is read. Sizes beyond the limits above,
 * and an id that is not printable, fail the reader.
 */
void wire_get_board(struct wire_reader *r, struct wire_board *ret_board);
void wire_get_pages(struct wire_reader *r, struct wire_pages *ret_pages);

/*
 * The bytes whose SHA-256 is signed. For begin: "mmp begin 4", then board id, nonce,
 * counter, and the fields of begin before its signature, in fixed widths. For keep: "mmp
 * keep 4", board id, nonce, kind, payload.
 */
#define WIRE_STATEMENT_MAX 256u
void wire_put_begin_statement(struct wire_writer *w, const struct wire_begin *begin);
void wire_put_keep_statement(struct wire_writer *w, const struct wire_board *board,
			     const struct wire_keep *keep);

#endif
