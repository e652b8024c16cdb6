/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_CORE_H
#define LOADER_CORE_H

/*
 * The board's side of the protocol: byte -> frame -> command table -> answer. The same
 * code runs on bare metal at EL3 and in the host process mmpboard; the differences are
 * behind struct loader_port. No heap, and of libc only memcpy and memset.
 *
 * It makes no decisions about memory maps: it takes bytes, checks that they match their
 * digest and that they may be written there, and reports the results of the hardware's
 * table walker.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/frame.h"
#include "wire/message.h"

#define LOADER_BODY_MAX 4096u /* bytes of a frame's body, in both directions */
#define LOADER_FRAMES_MAX                                                                \
	4u /* requests that may be under way; a UART's buffer holds them */

/*
 * How far a build's counter may be above the board's. The board's counter cannot be
 * lowered and has only 65,535 steps on QEMU virt, which a single build must not use up.
 */
#define LOADER_COUNTER_LEAP 256u

#define LOADER_SEED_SIZE 32u
#define LOADER_PAGES_MAX 4096u /* pages of a pool: 16 MiB; one byte each */

/* What a board provides. Everything is borrowed for as long as the loader runs. */
struct loader_port {
	const char *id;                  /* 1 .. WIRE_ID_MAX printable characters */
	const struct wire_span *windows; /* secure RAM that may be written */
	size_t window_count;             /* at most WIRE_WINDOWS_MAX */
	const struct wire_span *own;     /* ours: code, data, stack, staging */
	size_t own_count;
	uint8_t *staging; /* 8-byte aligned */
	uint32_t staging_bytes;
	uint16_t body_max;   /* bytes of a body that it accepts; 0: LOADER_BODY_MAX */
	void *context;       /* passed to the functions */
	bool takes_unsigned; /* for development: while no key is trusted */
	bool has_aarch32;    /* whether EL1 can be AArch32 */
	bool has_bti;        /* FEAT_BTI */
	const uint8_t (*keys)[WIRE_POINT_SIZE]; /* keys that sign builds, compiled in */
	size_t key_count;
	const uint8_t *kept; /* memory for keys, see trust.h; NULL: none */
	size_t kept_bytes;

	void (*send)(void *context, const uint8_t *bytes, size_t length);

	/* Memory of a window, for reading. */
	const uint8_t *(*memory)(void *context, uint64_t pa);

	/* Copy the pool to pa, and make it visible to the table walker. */
	void (*install)(void *context, uint64_t pa, const uint8_t *bytes, size_t length);

	/* Write the registers of the secure EL1 and invalidate old translations. */
	void (*activate)(void *context, const struct wire_begin *begin);

	/* Run AT S1E1R and so on; returns PAR_EL1. */
	uint64_t (*translate)(void *context, uint64_t va, enum wire_access access);

	/*
	 * Try to run an instruction at trial->va, which maps to pa, in a window. May be
	 * NULL.
	 */
	struct wire_trial_result (*execute)(void *context, const struct wire_trial *trial,
					    uint64_t pa);

	/* Write kept[at ..] once; false if the result differs. NULL: not possible. */
	bool (*keep)(void *context, size_t at, const uint8_t *bytes, size_t length);

	/* The rollback counter, and a function that raises it. NULL: none. */
	uint64_t (*count)(void *context);
	bool (*count_to)(void *context, uint64_t value);

	/*
	 * Bytes that are as unique to this start of the board as possible. May be NULL.
	 */
	void (*seed)(void *context, uint8_t ret_seed[LOADER_SEED_SIZE]);
};

struct loader_key {
	uint8_t point[WIRE_POINT_SIZE];
	uint8_t id[WIRE_KEY_ID_SIZE];
	bool revoked;
};

/* How far the push of this session has come. The live build is independent of it. */
enum loader_state {
	LOADER_IDLE,
	LOADER_RECEIVING, /* begin was accepted */
	LOADER_VERIFIED,  /* the staged bytes match their digest */
	LOADER_ACTIVATED  /* they are live */
};

struct loader {
	const struct loader_port *port;
	enum loader_state state;
	bool greeted;     /* a session exists */
	uint16_t session; /* its number */
	uint16_t begin_sequence;
	uint32_t staged; /* bytes at its front that were set */
	struct wire_begin begin;
	bool live;
	struct wire_begin live_begin;   /* the begin of the live build */
	uint8_t nonce[WIRE_NONCE_SIZE]; /* of the session */
	bool authentic;                 /* its answers carry an authentication code */
	uint8_t mac_key[32];
	struct loader_key keys[WIRE_KEYS_MAX];
	size_t key_count;
	bool has_secret;
	uint8_t secret[WIRE_SECRET_SIZE];  /* the board's own key */
	size_t kept_used;                  /* bytes used of the memory for keys */
	uint8_t reached[LOADER_PAGES_MAX]; /* bit n: as a table of level n */
	struct wire_decoder decoder;
	uint8_t body[LOADER_BODY_MAX + 4];
	uint8_t answer[LOADER_BODY_MAX];
	uint8_t line[WIRE_ENCODED_MAX(LOADER_BODY_MAX)];
};

/* Start without a session, and read the stored keys. `port` is borrowed. */
void loader_init(struct loader *loader, const struct loader_port *port);

/*
 * Take one byte from the line; if it completes a request, the answer is sent before
 * returning.
 */
void loader_take(struct loader *loader, uint8_t byte);

/* Run the command of one request and write its answer. False: send no answer. */
bool loader_answer(struct loader *loader, struct wire_reader *in,
		   struct wire_writer *out);

/* Check whether this pool may be at its address: WIRE_OK, or the first reason why not. */
enum wire_status loader_guard(const struct loader_port *port,
			      const struct wire_begin *begin);

/*
 * Whether an instruction may be planted at the address in this PAR_EL1: only in Normal
 * memory of a window, and not in the live pool. *ret_pa is that address.
 */
bool loader_may_plant(const struct loader *loader, uint64_t par, uint64_t va,
		      uint64_t *ret_pa);

/* The length of the longest pool that this board accepts. */
uint32_t loader_staging(const struct loader_port *port);

/*
 * Whether all tables that the walker can reach are in the pool, in secure memory.
 * Otherwise a translate would read outside of the pool, and reading a device could have
 * side effects. False: *ret_leaving is the first descriptor that leads elsewhere. Call it
 * only after loader_guard has accepted what was begun.
 */
bool loader_tables_stay(struct loader *loader, struct wire_leaving *ret_leaving);

#endif
