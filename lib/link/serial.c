/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/serial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fnmatch.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"
#include "link/terminal.h"

enum { DEFAULT_BAUD = 115200 };

/* Copy text[0 .. length) to a field of `size`; `what` names it in the error. */
static int copy(char *field, size_t size, const char *text, size_t length,
		const char *what, struct mmp_error *err)
{
	if (length == 0)
		return mmp_fail(err, MMP_INVALID, "the line has no %s", what);
	if (length >= size)
		return mmp_fail(
			err, MMP_INVALID,
			"the %s of the line has %zu bytes; at most %zu are allowed", what,
			length, size - 1);
	memcpy(field, text, length);
	field[length] = '\0';
	return 0;
}

/* mmpd may run in another folder than the person who names the line. */
static int copy_path(char *field, size_t size, const char *text, size_t length,
		     const char *what, struct mmp_error *err)
{
	if (copy(field, size, text, length, what, err))
		return -1;
	if (field[0] == '/')
		return 0;
	return mmp_fail(err, MMP_INVALID,
			"the %s of the line, \"%.80s\", must be a whole path that begins "
			"with /",
			what, field);
}

/* Parse the query after a line that has a speed; NULL: there is none. */
static int parse_baud(const char *query, struct mmp_line *line, struct mmp_error *err)
{
	uint64_t baud = DEFAULT_BAUD;

	if (query && strncmp(query, "?baud=", 6) != 0)
		return mmp_fail(err, MMP_INVALID,
				"\"%.80s\": only \"?baud=NUMBER\" may follow", query);
	if (query && mmp_number_parse(query + 6, &baud, err))
		return mmp_while(err, "baud");
	if (baud > UINT32_MAX || !terminal_knows((unsigned int)baud))
		return mmp_fail(err, MMP_INVALID,
				"baud %llu is not a speed that terminals support, such "
				"as 9600, 115200 or 4000000",
				(unsigned long long)baud);
	line->baud = (unsigned int)baud;
	return 0;
}

static int parse_serial(const char *rest, struct mmp_line *line, struct mmp_error *err)
{
	const char *query = strchr(rest, '?');

	if (copy_path(line->path, sizeof(line->path), rest,
		      query ? (size_t)(query - rest) : strlen(rest), "device", err))
		return -1;
	return parse_baud(query, line, err);
}

static int parse_unix(const char *rest, struct mmp_line *line, struct mmp_error *err)
{
	struct sockaddr_un address;

	return copy_path(line->path, sizeof(address.sun_path), rest, strlen(rest),
			 "socket path", err);
}

static bool numeric(const char *address)
{
	uint8_t bytes[16];

	return inet_pton(AF_INET, address, bytes) == 1 ||
	       inet_pton(AF_INET6, address, bytes) == 1;
}

static int parse_port(const char *text, struct mmp_line *line, struct mmp_error *err)
{
	uint64_t port;

	if (mmp_number_parse(text, &port, err) || port == 0 || port > 65535)
		return mmp_fail(err, MMP_INVALID,
				"\"%.40s\" is not a TCP port: it must be 1 to 65535",
				text);
	line->port = (unsigned short)port;
	return 0;
}

static int parse_tcp(const char *rest, struct mmp_line *line, struct mmp_error *err)
{
	const char *colon = strrchr(rest, ':');
	size_t length = colon ? (size_t)(colon - rest) : 0;

	if (!colon)
		return mmp_fail(err, MMP_INVALID,
				"\"%.80s\" has no port; a line is tcp:ADDRESS:PORT or "
				"rfc2217://ADDRESS:PORT",
				rest);
	if (rest[0] == '[' && length > 1 && rest[length - 1] == ']') {
		rest++;
		length -= 2;
	}
	if (copy(line->address, sizeof(line->address), rest, length, "address", err))
		return -1;
	if (strcmp(line->address, "localhost") == 0)
		strcpy(line->address, "127.0.0.1");
	if (!numeric(line->address))
		return mmp_fail(err, MMP_INVALID,
				"\"%s\" is not a numeric address; names are not looked "
				"up, except localhost",
				line->address);
	return parse_port(colon + 1, line, err);
}

static int parse_rfc2217(const char *rest, struct mmp_line *line, struct mmp_error *err)
{
	const char *query = strchr(rest, '?');
	char server[128];

	if (copy(server, sizeof(server), rest,
		 query ? (size_t)(query - rest) : strlen(rest), "server", err))
		return -1;
	return parse_tcp(server, line, err) || parse_baud(query, line, err) ? -1 : 0;
}

/* clang-format off */
static const struct {
	const char *prefix;
	enum mmp_line_kind kind;
	int (*parse)(const char *rest, struct mmp_line *line, struct mmp_error *err);
} kinds[] = {
	{ "serial:", MMP_LINE_SERIAL, parse_serial },
	{ "unix:",   MMP_LINE_UNIX,   parse_unix },
	{ "tcp:",    MMP_LINE_TCP,    parse_tcp },
	{ "rfc2217://", MMP_LINE_RFC2217, parse_rfc2217 },
};
/* clang-format on */

int mmp_line_parse(const char *text, struct mmp_line *ret_line, struct mmp_error *err)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t length = strlen(kinds[i].prefix);
		struct mmp_line line = { .kind = kinds[i].kind };

		if (strncmp(text, kinds[i].prefix, length) != 0)
			continue;
		if (kinds[i].parse(text + length, &line, err))
			return -1;
		*ret_line = line;
		return 0;
	}
	return mmp_fail(
		err, MMP_INVALID,
		"\"%.80s\" is not a line, such as serial:DEVICE?baud=N, unix:PATH, "
		"tcp:ADDRESS:PORT or rfc2217://ADDRESS:PORT?baud=N",
		text);
}

static bool leads_upwards(const char *text)
{
	size_t length = strlen(text);

	return strstr(text, "/../") || (length >= 3 && !strcmp(text + length - 3, "/.."));
}

int mmp_line_allowed(const char *text, const char *const *patterns, size_t count,
		     struct mmp_error *err)
{
	char list[160] = "";
	size_t used = 0;

	for (size_t i = 0; i < count && !leads_upwards(text); i++)
		if (fnmatch(patterns[i], text, 0) == 0)
			return 0;
	for (size_t i = 0; i < count && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
					 i ? ", " : "", patterns[i]);
	return mmp_fail(err, MMP_DENIED,
			"line \"%.100s\" is not among those that mmpd may use: %s", text,
			list);
}

static bool is_tcp(const struct mmp_line *line)
{
	return line->kind == MMP_LINE_TCP || line->kind == MMP_LINE_RFC2217;
}

/*
 * One spelling for each address. All spellings of this machine count as one, as its
 * servers usually listen on ::1 and 127.0.0.1.
 */
static const char *host_of(const struct mmp_line *line, char host[INET6_ADDRSTRLEN])
{
	struct in6_addr six = { .s6_addr = { [10] = 0xff, [11] = 0xff } };

	if (inet_pton(AF_INET, line->address, &six.s6_addr[12]) != 1)
		inet_pton(AF_INET6, line->address, &six);
	if (IN6_IS_ADDR_LOOPBACK(&six) || IN6_IS_ADDR_UNSPECIFIED(&six) ||
	    (IN6_IS_ADDR_V4MAPPED(&six) &&
	     (six.s6_addr32[3] == htonl(INADDR_LOOPBACK) || !six.s6_addr32[3])))
		return "127.0.0.1";
	return IN6_IS_ADDR_V4MAPPED(&six)
		       ? inet_ntop(AF_INET, &six.s6_addr[12], host, INET6_ADDRSTRLEN)
		       : inet_ntop(AF_INET6, &six, host, INET6_ADDRSTRLEN);
}

const char *mmp_line_key(const struct mmp_line *line, char key[MMP_LINE_KEY_SIZE])
{
	char host[INET6_ADDRSTRLEN];
	struct stat st;

	if (is_tcp(line))
		snprintf(key, MMP_LINE_KEY_SIZE, "tcp %s:%u", host_of(line, host),
			 line->port);
	else if (stat(line->path, &st))
		snprintf(key, MMP_LINE_KEY_SIZE, "path %s", line->path);
	else if (S_ISCHR(st.st_mode))
		snprintf(key, MMP_LINE_KEY_SIZE, "dev %u:%u", major(st.st_rdev),
			 minor(st.st_rdev));
	else
		snprintf(key, MMP_LINE_KEY_SIZE, "file %u:%u:%llu", major(st.st_dev),
			 minor(st.st_dev), (unsigned long long)st.st_ino);
	return key;
}

const char *mmp_line_name(const struct mmp_line *line, char name[MMP_LINE_NAME_SIZE])
{
	if (is_tcp(line))
		snprintf(name, MMP_LINE_NAME_SIZE, "%s port %u", line->address,
			 line->port);
	else
		snprintf(name, MMP_LINE_NAME_SIZE, "%s", line->path);
	return name;
}

static socklen_t address_of(const struct mmp_line *line, struct sockaddr_storage *address)
{
	struct sockaddr_un *un = (struct sockaddr_un *)address;
	struct sockaddr_in *in = (struct sockaddr_in *)address;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;

	memset(address, 0, sizeof(*address));
	if (line->kind == MMP_LINE_UNIX) {
		un->sun_family = AF_UNIX;
		memcpy(un->sun_path, line->path, strlen(line->path));
		return sizeof(*un);
	}
	if (inet_pton(AF_INET, line->address, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons(line->port);
		return sizeof(*in);
	}
	inet_pton(AF_INET6, line->address, &in6->sin6_addr);
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(line->port);
	return sizeof(*in6);
}

static int open_socket(const struct mmp_line *line, int *ret_fd, bool *ret_connecting,
		       struct mmp_error *err)
{
	struct sockaddr_storage address;
	socklen_t size = address_of(line, &address);
	int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1, cause;
	char name[MMP_LINE_NAME_SIZE];

	if (fd < 0)
		return mmp_fail(err, MMP_LINK, "no socket: %s", strerror(errno));
	if (is_tcp(line))
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (struct sockaddr *)&address, size) && errno != EINPROGRESS) {
		cause = errno;
		close(fd);
		return mmp_fail(err, cause == EAGAIN ? MMP_BUSY : MMP_LINK,
				"cannot connect to %s: %s", mmp_line_name(line, name),
				strerror(cause));
	}
	*ret_fd = fd;
	*ret_connecting = true;
	return 0;
}

int mmp_line_open(struct mmp_line *line, int *ret_fd, bool *ret_connecting,
		  struct mmp_error *err)
{
	if (line->kind != MMP_LINE_SERIAL)
		return open_socket(line, ret_fd, ret_connecting, err);
	if (terminal_open(line, ret_fd, err))
		return -1;
	*ret_connecting = false;
	return 0;
}

int mmp_line_connected(const struct mmp_line *line, int fd, struct mmp_error *err)
{
	socklen_t size = sizeof(int);
	int cause = 0;
	char name[MMP_LINE_NAME_SIZE];

	if (line->kind == MMP_LINE_SERIAL)
		return 0;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &cause, &size))
		cause = errno;
	if (cause)
		return mmp_fail(err, MMP_LINK, "cannot connect to %s: %s",
				mmp_line_name(line, name), strerror(cause));
	return 0;
}

void mmp_line_close(struct mmp_line *line, int fd)
{
	if (fd < 0)
		return;
	if (line->kind == MMP_LINE_SERIAL)
		terminal_release(line, fd);
	close(fd);
}
