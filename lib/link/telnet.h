/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_TELNET_H
#define MMP_TELNET_H

/*
 * A serial port behind a terminal server, by telnet's COM-PORT option (RFC 2217): bytes of
 * the connection to bytes of the board and back. No I/O and no clock: whoever owns the
 * connection hands in what came, sends what `output` holds, and says when it has waited
 * long enough.
 *
 * Asked of the server: bytes as they are in both directions (RFC 856), no echo, 8 data
 * bits, no parity, one stop bit, the speed, no flow control, no break, and to drop what
 * it has queued. What it does not confirm fails in words. A server that asks us to pause
 * (FLOWCONTROL-SUSPEND) is not obeyed: a push has a few KiB under way, and TCP holds them
 * back.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

enum mmp_telnet_state {
	MMP_TELNET_ASKING, /* bytes of the board are dropped until the port is set */
	MMP_TELNET_READY,
	MMP_TELNET_FAILED /* mmp_telnet_error says why */
};

enum { MMP_TELNET_SUB_MAX = 64, MMP_TELNET_STRAY_MAX = 120 };

/* Its fields are the codec's own. */
struct mmp_telnet {
	enum mmp_telnet_state state;
	struct mmp_error error;
	unsigned int baud;
	int reading;     /* where in a command the next byte is */
	uint8_t command; /* WILL, WONT, DO or DONT, before its option */
	uint8_t sub
		[MMP_TELNET_SUB_MAX]; /* a sub-negotiation; what is longer is dropped */
	size_t sub_length;
	bool talks_telnet;      /* a command has come */
	uint32_t confirmed;     /* settings that the server has confirmed, a bit each */
	uint8_t refused[2][32]; /* options that we have refused to do, and to let it do */
	uint8_t stray[MMP_TELNET_STRAY_MAX]; /* what came before the port was set */
	size_t stray_length;
	struct mmp_buffer output;
};

/* Begin: `output` holds what is asked. _done frees what it came to hold. */
void mmp_telnet_init(struct mmp_telnet *telnet, unsigned int baud);
void mmp_telnet_done(struct mmp_telnet *telnet);

/*
 * Take what the server sent. The board's bytes are written to `data`, which has room for
 * `length` and may be `bytes` itself: how many they are.
 */
size_t mmp_telnet_take(struct mmp_telnet *telnet, const uint8_t *bytes, size_t length,
		       uint8_t *data);

/* Bytes for the board; they go behind what `output` holds already. */
void mmp_telnet_put(struct mmp_telnet *telnet, const uint8_t *bytes, size_t length);

/* The server had its time: what is still not confirmed is a failure now. */
void mmp_telnet_late(struct mmp_telnet *telnet);

#endif
