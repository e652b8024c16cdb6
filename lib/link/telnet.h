/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_TELNET_H
#define MMP_TELNET_H

/*
 * A serial port behind a terminal server, by telnet's COM-PORT option (RFC 2217).
 * Converts bytes of the connection to bytes of the board and back, without I/O or
 * clock: the owner of the connection passes in what it received, sends what `output`
 * holds, and reports when the time-out has passed.
 *
 * The server is asked for: binary transmission in both directions (RFC 856), no echo, 8
 * data bits, no parity, one stop bit, the speed, no flow control, no break, and to drop
 * what it has queued. What it does not confirm is an error with a text. A server that
 * asks us to pause (FLOWCONTROL-SUSPEND) is ignored: a push has only a few KiB under
 * way, and TCP holds them back.
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

/* The fields are private to the codec. */
struct mmp_telnet {
	enum mmp_telnet_state state;
	struct mmp_error error;
	unsigned int baud;
	int reading;                     /* position in a command of the next byte */
	uint8_t command;                 /* WILL, WONT, DO or DONT, before its option */
	uint8_t sub[MMP_TELNET_SUB_MAX]; /* a sub-negotiation; longer ones are dropped */
	size_t sub_length;
	bool talks_telnet;      /* a command has been received */
	uint32_t confirmed;     /* settings that the server has confirmed, one bit each */
	uint8_t refused[2][32]; /* options that we refused: ours, the server's */
	uint8_t stray[MMP_TELNET_STRAY_MAX]; /* received before the port was set */
	size_t stray_length;
	struct mmp_buffer output;
};

/* Begin: `output` holds the requests. mmp_telnet_done frees what it allocated. */
void mmp_telnet_init(struct mmp_telnet *telnet, unsigned int baud);
void mmp_telnet_done(struct mmp_telnet *telnet);

/*
 * Take bytes from the server. The board's bytes are written to `data`, which has room
 * for `length` bytes and may be `bytes` itself; returns their number.
 */
size_t mmp_telnet_take(struct mmp_telnet *telnet, const uint8_t *bytes, size_t length,
		       uint8_t *data);

/* Append bytes for the board to `output`. */
void mmp_telnet_put(struct mmp_telnet *telnet, const uint8_t *bytes, size_t length);

/* The time-out has passed: a setting that is not confirmed is a failure now. */
void mmp_telnet_late(struct mmp_telnet *telnet);

#endif
