/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/port.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "link/stray.h"

static bool is_telnet(const struct mmp_port *port)
{
	return port->line.kind == MMP_LINE_RFC2217;
}

int mmp_port_open(struct mmp_port *port, const struct mmp_line *line,
		  struct mmp_error *err)
{
	bool connecting;

	*port = (struct mmp_port){ .line = *line, .fd = -1 };
	if (mmp_line_open(&port->line, &port->fd, &connecting, err))
		return -1;
	port->is_connected = port->is_ready = !connecting;
	if (is_telnet(port))
		mmp_telnet_init(&port->telnet, port->line.baud);
	return 0;
}

static int refused(const struct mmp_port *port, struct mmp_error *err)
{
	char name[MMP_LINE_NAME_SIZE];

	*err = port->telnet.error;
	return mmp_while(err, "%s", mmp_line_name(&port->line, name));
}

/* Most servers send the reason as plain text, such as "Port already in use". */
static int hung_up(const struct mmp_port *port, struct mmp_error *err)
{
	char name[MMP_LINE_NAME_SIZE], stray[MMP_STRAY_TEXT_SIZE] = "is it in use?";

	if (port->telnet.stray_length)
		mmp_stray_text(port->telnet.stray, port->telnet.stray_length, stray);
	return mmp_fail(err, MMP_LINK,
			"%s: the terminal server has hung up before its port was set; %s",
			mmp_line_name(&port->line, name), stray);
}

static int greet_server(struct mmp_port *port, struct mmp_error *err)
{
	uint8_t bytes[512];
	ssize_t got = mmp_port_read(port, bytes, sizeof(bytes));
	bool failed = got < 0 && errno != EAGAIN && errno != EINTR;
	char name[MMP_LINE_NAME_SIZE];

	if (port->telnet.state == MMP_TELNET_FAILED)
		return refused(port, err);
	if (!failed && got)
		failed = mmp_port_flush(port) < 0;
	if (!got || (failed && (errno == ECONNRESET || errno == EPIPE)))
		return hung_up(port, err);
	if (failed)
		return mmp_fail(err, MMP_LINK, "%s: %s", mmp_line_name(&port->line, name),
				strerror(errno));
	port->is_ready = port->telnet.state == MMP_TELNET_READY;
	return 0;
}

int mmp_port_greet(struct mmp_port *port, struct mmp_error *err)
{
	if (!port->is_connected && mmp_line_connected(&port->line, port->fd, err))
		return -1;
	port->is_connected = true;
	if (is_telnet(port))
		return greet_server(port, err);
	port->is_ready = true;
	return 0;
}

void mmp_port_late(struct mmp_port *port, struct mmp_error *err)
{
	char name[MMP_LINE_NAME_SIZE];

	if (port->is_connected && is_telnet(port)) {
		mmp_telnet_late(&port->telnet);
		refused(port, err);
	} else {
		mmp_fail(err, MMP_LINK, "%s does not connect",
			 mmp_line_name(&port->line, name));
	}
}

ssize_t mmp_port_read(struct mmp_port *port, uint8_t *bytes, size_t room)
{
	ssize_t got = read(port->fd, bytes, room);

	if (got <= 0 || !is_telnet(port))
		return got;
	got = (ssize_t)mmp_telnet_take(&port->telnet, bytes, (size_t)got, bytes);
	if (got > 0)
		return got;
	errno = EAGAIN;
	return -1;
}

int mmp_port_flush(struct mmp_port *port)
{
	struct mmp_buffer *output = &port->telnet.output;

	while (output->length) {
		ssize_t taken = write(port->fd, output->bytes, output->length);

		if (taken > 0)
			mmp_buffer_drop(output, (size_t)taken);
		else if (taken < 0 && errno == EAGAIN)
			return 1;
		else if (taken < 0 && errno != EINTR)
			return -1;
	}
	return 0;
}

ssize_t mmp_port_write(struct mmp_port *port, const uint8_t *bytes, size_t length)
{
	int waits = mmp_port_flush(port);

	if (waits > 0)
		errno = EAGAIN;
	if (waits)
		return -1;
	if (!is_telnet(port))
		return write(port->fd, bytes, length);
	mmp_telnet_put(&port->telnet, bytes, length);
	if (port->telnet.output.failed)
		errno = ENOMEM;
	return port->telnet.output.failed || mmp_port_flush(port) < 0 ? -1
								      : (ssize_t)length;
}

void mmp_port_close(struct mmp_port *port)
{
	mmp_line_close(&port->line, port->fd);
	mmp_telnet_done(&port->telnet);
	port->fd = -1;
}
