/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/telnet.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "link/stray.h"

/* RFC 854, RFC 855 */
enum { SE = 240, SB = 250, WILL = 251, WONT = 252, DO = 253, DONT = 254, IAC = 255 };

enum { BINARY = 0, SUPPRESS_GO_AHEAD = 3, COM_PORT = 44 }; /* RFC 856, 858, 2217 */

enum { READ_DATA, READ_COMMAND, READ_OPTION, READ_SUB, READ_SUB_COMMAND };

/* A server's answer has the number of the command plus this offset. */
enum { FROM_SERVER = 100, SET_BAUDRATE = 1 };

/*
 * The settings to request once the server accepts the option, in order; RFC 2217,
 * chapter 3.
 */
/* clang-format off */
static const struct {
	uint8_t command, value;
	const char *what; /* must be confirmed; NULL: need not be */
} settings[] = {
	{ SET_BAUDRATE, 0, "the speed" }, /* of four bytes */
	{ 2,  8, "8 data bits" },
	{ 3,  1, "no parity" },
	{ 4,  1, "1 stop bit" },
	{ 5,  1, NULL },  /* SET-CONTROL: no flow control */
	{ 5,  6, NULL },  /* SET-CONTROL: no break */
	{ 10, 0, NULL },  /* SET-LINESTATE-MASK: no reports of the line */
	{ 11, 0, NULL },  /* SET-MODEMSTATE-MASK: none of the modem */
	{ 12, 3, NULL },  /* PURGE-DATA: both directions */
};
/* clang-format on */

#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

static void fail(struct mmp_telnet *telnet, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Keep the first failure. After the port is ready, failures are ignored. */
static void fail(struct mmp_telnet *telnet, const char *format, ...)
{
	char text[sizeof(telnet->error.text)];
	va_list args;

	if (telnet->state != MMP_TELNET_ASKING)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	mmp_fail(&telnet->error, MMP_LINK, "%s", text);
	telnet->state = MMP_TELNET_FAILED;
}

static void send_option(struct mmp_telnet *telnet, uint8_t command, uint8_t option)
{
	const uint8_t bytes[] = { IAC, command, option };

	mmp_buffer_add(&telnet->output, bytes, sizeof(bytes));
}

/* Send data for the board, or of a sub-negotiation: IAC is doubled in both. */
static void send_bytes(struct mmp_telnet *telnet, const uint8_t *bytes, size_t length)
{
	static const uint8_t iac = IAC;

	for (size_t i = 0, from = 0; i < length; i++) {
		if (bytes[i] != IAC && i + 1 < length)
			continue;
		mmp_buffer_add(&telnet->output, bytes + from, i + 1 - from);
		if (bytes[i] == IAC)
			mmp_buffer_add(&telnet->output, &iac, 1);
		from = i + 1;
	}
}

void mmp_telnet_init(struct mmp_telnet *telnet, unsigned int baud)
{
	static const uint8_t offered[] = { COM_PORT, BINARY, SUPPRESS_GO_AHEAD };

	memset(telnet, 0, sizeof(*telnet));
	telnet->baud = baud;
	for (size_t i = 0; i < sizeof(offered); i++)
		send_option(telnet, WILL, offered[i]);
	send_option(telnet, DO, BINARY);
	send_option(telnet, DO, SUPPRESS_GO_AHEAD);
}

void mmp_telnet_done(struct mmp_telnet *telnet)
{
	mmp_buffer_done(&telnet->output);
}

static void send_setting(struct mmp_telnet *telnet, size_t row)
{
	const uint8_t begin[] = { IAC, SB, COM_PORT, settings[row].command };
	const uint8_t baud[] = { (uint8_t)(telnet->baud >> 24),
				 (uint8_t)(telnet->baud >> 16),
				 (uint8_t)(telnet->baud >> 8), (uint8_t)telnet->baud };
	const uint8_t end[] = { IAC, SE };

	mmp_buffer_add(&telnet->output, begin, sizeof(begin));
	if (settings[row].command == SET_BAUDRATE)
		send_bytes(telnet, baud, sizeof(baud));
	else
		send_bytes(telnet, &settings[row].value, 1);
	mmp_buffer_add(&telnet->output, end, sizeof(end));
}

/* True only the first time, so that a server that insists does not cause a loop. */
static bool refuse_option(uint8_t refused[32], uint8_t option)
{
	bool first = !(refused[option / 8] & 1u << option % 8);

	refused[option / 8] |= (uint8_t)(1u << option % 8);
	return first;
}

static bool is_offered(uint8_t option)
{
	return option == COM_PORT || option == BINARY || option == SUPPRESS_GO_AHEAD;
}

/* When an offer of ours is accepted, do not answer: the exchange would never end. */
static void take_option(struct mmp_telnet *telnet, uint8_t option)
{
	uint8_t command = telnet->command;

	if (command == DO && option == COM_PORT) {
		for (size_t i = 0; i < SETTINGS && !telnet->confirmed; i++)
			send_setting(telnet, i);
		telnet->confirmed |= 1u << SETTINGS; /* requested, once */
	} else if (command == DONT && option == COM_PORT) {
		fail(telnet, "the server refuses telnet's COM-PORT option (RFC 2217), by "
			     "which a serial port is set; where its port is set already, "
			     "use a line tcp:ADDRESS:PORT");
	} else if (option == BINARY && (command == DONT || command == WONT)) {
		fail(telnet, "the server refuses to pass bytes as they are (telnet's "
			     "BINARY option, RFC 856)");
	} else if (command == DO && !is_offered(option)) {
		if (refuse_option(telnet->refused[0], option))
			send_option(telnet, WONT, option);
	} else if (command == WILL && !is_offered(option)) {
		if (refuse_option(telnet->refused[1], option))
			send_option(telnet, DONT, option);
	}
}

static bool is_all_confirmed(const struct mmp_telnet *telnet)
{
	for (size_t i = 0; i < SETTINGS; i++)
		if (settings[i].what && !(telnet->confirmed & 1u << i))
			return false;
	return true;
}

static void check_speed(struct mmp_telnet *telnet, const uint8_t *value)
{
	unsigned int got = (unsigned int)value[0] << 24 | (unsigned int)value[1] << 16 |
			   (unsigned int)value[2] << 8 | value[3];

	if (got != telnet->baud)
		fail(telnet,
		     "the server was asked for %u baud and has set %u: does its port "
		     "support that speed, and may it be changed?",
		     telnet->baud, got);
}

static void confirm(struct mmp_telnet *telnet, size_t row, const uint8_t *value)
{
	if (settings[row].command == SET_BAUDRATE)
		check_speed(telnet, value);
	else if (*value != settings[row].value)
		fail(telnet,
		     "the server was asked for %s and has set something else (%u)",
		     settings[row].what, *value);
	telnet->confirmed |= 1u << row;
	if (telnet->state == MMP_TELNET_ASKING && is_all_confirmed(telnet))
		telnet->state = MMP_TELNET_READY;
}

/* Handle a whole sub-negotiation: an answer to a setting, or one that is ignored. */
static void take_sub(struct mmp_telnet *telnet)
{
	const uint8_t *sub = telnet->sub;

	if (telnet->sub_length < 3 || sub[0] != COM_PORT)
		return;
	for (size_t i = 0; i < SETTINGS; i++)
		if (settings[i].what && sub[1] == settings[i].command + FROM_SERVER &&
		    telnet->sub_length >= (sub[1] == SET_BAUDRATE + FROM_SERVER ? 6 : 3))
			confirm(telnet, i, sub + 2);
}

static void take_sub_byte(struct mmp_telnet *telnet, uint8_t byte)
{
	if (telnet->sub_length < sizeof(telnet->sub))
		telnet->sub[telnet->sub_length++] = byte;
}

static void take_command(struct mmp_telnet *telnet, uint8_t byte)
{
	telnet->talks_telnet = true;
	telnet->reading = READ_DATA;
	if (byte >= WILL && byte <= DONT) {
		telnet->command = byte;
		telnet->reading = READ_OPTION;
	} else if (byte == SB) {
		telnet->sub_length = 0;
		telnet->reading = READ_SUB;
	} /* ignore others, such as NOP and GA */
}

static void take_data(struct mmp_telnet *telnet, uint8_t byte, uint8_t *data,
		      size_t *count)
{
	if (telnet->state == MMP_TELNET_READY)
		data[(*count)++] = byte;
	else if (telnet->stray_length < sizeof(telnet->stray))
		telnet->stray[telnet->stray_length++] = byte;
}

size_t mmp_telnet_take(struct mmp_telnet *telnet, const uint8_t *bytes, size_t length,
		       uint8_t *data)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++) {
		uint8_t byte = bytes[i];

		if (telnet->reading == READ_DATA && byte == IAC) {
			telnet->reading = READ_COMMAND;
		} else if (telnet->reading == READ_DATA) {
			take_data(telnet, byte, data, &count);
		} else if (telnet->reading == READ_COMMAND && byte == IAC) {
			telnet->reading = READ_DATA;
			take_data(telnet, byte, data, &count);
		} else if (telnet->reading == READ_COMMAND) {
			take_command(telnet, byte);
		} else if (telnet->reading == READ_OPTION) {
			telnet->reading = READ_DATA;
			take_option(telnet, byte);
		} else if (telnet->reading == READ_SUB && byte == IAC) {
			telnet->reading = READ_SUB_COMMAND;
		} else if (telnet->reading == READ_SUB_COMMAND && byte == SE) {
			telnet->reading = READ_DATA;
			take_sub(telnet);
		} else { /* in a sub-negotiation: a data byte, or a doubled IAC */
			telnet->reading = READ_SUB;
			take_sub_byte(telnet, byte);
		}
	}
	return count;
}

void mmp_telnet_put(struct mmp_telnet *telnet, const uint8_t *bytes, size_t length)
{
	send_bytes(telnet, bytes, length);
}

/* The first setting that is not confirmed; NULL if not even the option was accepted. */
static const char *missing(const struct mmp_telnet *telnet)
{
	for (size_t i = 0; i < SETTINGS && telnet->confirmed; i++)
		if (settings[i].what && !(telnet->confirmed & 1u << i))
			return settings[i].what;
	return NULL;
}

void mmp_telnet_late(struct mmp_telnet *telnet)
{
	const char *what = missing(telnet);
	char stray[MMP_STRAY_TEXT_SIZE] = "";

	if (telnet->stray_length)
		mmp_stray_text(telnet->stray, telnet->stray_length, stray);
	if (what)
		fail(telnet,
		     "the server takes telnet's COM-PORT option, but has not confirmed "
		     "%s",
		     what);
	fail(telnet, "%s; where its port is set already, use a line tcp:ADDRESS:PORT%s%s",
	     telnet->talks_telnet
		     ? "the server does not answer to telnet's COM-PORT option (RFC 2217)"
		     : "no telnet server answers there",
	     *stray ? "; " : "", stray);
}
