/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WIRE_MESSAGE_H
#define WIRE_MESSAGE_H

/*
 * What stands in a frame: frames <-> structs. The host asks, the board answers, nothing
 * comes unasked. Integers are little endian and of fixed width; loader/README.md has
 * the protocol message by message. Freestanding.
 *
 * A request is a header and its payload; its answer is the header with WIRE_ANSWER set
 * in the opcode, a status, and, where the status is WIRE_OK, the payload. Two refusals
 * carry one as well: WIRE_BAD_VERSION the board's version (16 bits), WIRE_TABLE_LEAVES a
 * struct wire_leaving.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/cursor.h"

/* Bump it whenever a byte changes its meaning. Both ends refuse every other number. */
#define WIRE_VERSION 2

#define WIRE_MAGIC 0x31706d6du /* "mmp1" on the line: hello is the same in all versions */
#define WIRE_BODY_MIN                                                                    \
	160u /* bytes of a body that every board takes: begin, hello's answer */
#define WIRE_BODY_MAX    4096u /* bytes of a body that no board may exceed */
#define WIRE_FRAMES_MAX  16u   /* frames under way at once that no board may exceed */
#define WIRE_ID_MAX      32u   /* bytes of a board's id, printable ASCII */
#define WIRE_WINDOWS_MAX 4u /* windows of RAM that a board may name; hello stays small */

enum wire_opcode {
	WIRE_HELLO = 1,
	WIRE_BEGIN,
	WIRE_WRITE,
	WIRE_FINISH,
	WIRE_ACTIVATE,
	WIRE_TRANSLATE,
	WIRE_ABORT,
	WIRE_OPCODE_COUNT,
	WIRE_ANSWER = 0x80
};

/* Why the board refuses. The host has the table of texts (link/refusal). */
enum wire_status {
	WIRE_OK,
	WIRE_BAD_VERSION, /* hello: the board speaks another version, and says which */
	WIRE_BAD_MESSAGE, /* unknown opcode, or a payload of the wrong shape */
	WIRE_NO_SESSION, /* the board does not know this session: it, or the host, changed */
	WIRE_WRONG_STATE,     /* write before begin, activate before finish ... */
	WIRE_LENGTH_BAD,      /* zero, or no multiple of 4096 */
	WIRE_LENGTH_OVER,     /* over the staging area */
	WIRE_POOL_UNALIGNED,  /* not on 4096 */
	WIRE_POOL_WRAPS,      /* past 2^48 */
	WIRE_POOL_OUTSIDE,    /* not inside one window */
	WIRE_POOL_OVER_SELF,  /* over the loader's code, data, stack or staging area */
	WIRE_TTBR0_OUTSIDE,   /* the base table is not in the pool, all of it */
	WIRE_TTBR0_UNALIGNED, /* not on the size of the base table */
	WIRE_TTBR1_OPEN,      /* TCR_EL1.EPD1 is 0, and no TTBR1 comes with it */
	WIRE_WRITE_UNALIGNED, /* offset not on 8 */
	WIRE_WRITE_OUTSIDE,   /* past the length that begin told */
	WIRE_BAD_RUNS,        /* a run cut short, empty, or of unknown kind */
	WIRE_DIGEST_DIFFERS,  /* the staged bytes are not those promised */
	WIRE_NOTHING_LIVE,    /* translate before any activate */
	WIRE_BAD_ACCESS,      /* translate: neither read nor write */
	WIRE_TCR_UNKNOWN,     /* TCR_EL1 sets what the board does not vouch for */
	WIRE_TABLE_LEAVES, /* a table descriptor leads out of the pool; struct wire_leaving */
	WIRE_STATUS_COUNT
};

struct wire_header {
	uint8_t opcode;    /* enum wire_opcode, perhaps with WIRE_ANSWER */
	uint16_t session;  /* made up by the host, another for each push */
	uint16_t sequence; /* of the request in its session; a resend keeps it */
};

#define WIRE_HEADER_SIZE 5u

struct wire_hello {
	uint32_t magic;
	uint16_t version;
};

struct wire_span {
	uint64_t base, size; /* bytes, physical */
};

/* The board's answer to hello. */
struct wire_board {
	uint16_t version;
	uint16_t body_max;      /* bytes of the longest body it takes and makes */
	uint8_t frames_max;     /* requests it may be sent before it has answered */
	uint32_t staging_bytes; /* longest pool it takes */
	uint8_t id_length;
	char id[WIRE_ID_MAX + 1]; /* with a NUL behind it in memory, not on the line */
	bool live;                /* a build is in place */
	uint8_t live_build[32];   /* its id; zeroes where none */
	uint8_t window_count;
	struct wire_span windows[WIRE_WINDOWS_MAX]; /* secure RAM that it may write */
};

struct wire_begin {
	uint8_t build[32];  /* SHA-256 of the manifest */
	uint8_t digest[32]; /* SHA-256 of the pool's bytes */
	uint32_t length;    /* bytes of the pool */
	uint64_t pool_pa;
	uint64_t mair_el1, tcr_el1, ttbr0_el1;
};

/* The table descriptor that leads out of the pool. */
struct wire_leaving {
	uint32_t offset; /* bytes from the start of the pool */
	uint64_t descriptor;
};

/* One item of translate; its answer is one PAR_EL1, 8 bytes. */
struct wire_question {
	uint8_t access; /* enum wire_access */
	uint64_t va;
};

enum wire_access { WIRE_READ, WIRE_WRITE_ACCESS };

#define WIRE_QUESTION_SIZE 9u
#define WIRE_PAR_SIZE      8u

/* Each moves the cursor; the caller checks `failed`, or wire_read_whole, once. */
void wire_put_header(struct wire_writer *w, const struct wire_header *header);
void wire_put_hello(struct wire_writer *w, const struct wire_hello *hello);
void wire_put_board(struct wire_writer *w, const struct wire_board *board);
void wire_put_begin(struct wire_writer *w, const struct wire_begin *begin);
void wire_put_leaving(struct wire_writer *w, const struct wire_leaving *leaving);
void wire_put_question(struct wire_writer *w, const struct wire_question *question);

void wire_get_header(struct wire_reader *r, struct wire_header *ret_header);
void wire_get_hello(struct wire_reader *r, struct wire_hello *ret_hello);
void wire_get_begin(struct wire_reader *r, struct wire_begin *ret_begin);
void wire_get_leaving(struct wire_reader *r, struct wire_leaving *ret_leaving);
void wire_get_question(struct wire_reader *r, struct wire_question *ret_question);

/*
 * Reads a version other than ours no further than the version. Sizes beyond the limits
 * above, and an id that is not printable, fail the reader.
 */
void wire_get_board(struct wire_reader *r, struct wire_board *ret_board);

#endif
