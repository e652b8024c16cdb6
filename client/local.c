/* SPDX-License-Identifier: BSD-2-Clause */
#include "local.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/exit.h"
#include "memory.h"

/* Commands whose changes would be lost with the private mmpd. */
static const char *const pointless[] = {
	"platform.put",    "platform.remove", "platform.revert",
	"region.register", "region.remove",   "board.put",
	"board.remove",    "service.backup",  NULL,
};

static int check_command(const struct command *command, struct mmp_error *err)
{
	char text[COMMAND_TEXT_SIZE];

	for (const char *const *method = pointless; *method; method++)
		if (command->method && strcmp(command->method, *method) == 0)
			return mmp_fail(err, MMP_BAD_REQUEST,
					"%s: the database of --local ends with this "
					"command, so nothing would be kept; leave "
					"--local out",
					command_text(command, text));
	return 0;
}

/* The folder of this program, without a trailing slash; "" if it is not known. */
static char *own_folder(void)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	if (length < 0)
		return memory_print("%s", "");
	path[length] = '\0';
	slash = strrchr(path, '/');
	return memory_copy(path, slash ? (size_t)(slash - path) : 0);
}

/* In the child: run mmpd from the first path that exists. */
static void become_mmpd(const char *folder, int fd)
{
	static const char *const places[] = { "%s/mmpd", "%s/../sbin/mmpd" };
	int nothing = open("/dev/null", O_RDONLY);
	char number[16], path[PATH_MAX + 16];
	char *words[] = { "mmpd", "--client", number, "--log-level", "error", NULL };

	snprintf(number, sizeof(number), "%d", fd);
	setpgid(0, 0); /* Ctrl-C is for mmpctl; this mmpd ends with its connection */
	if (nothing >= 0)
		dup2(nothing, STDIN_FILENO);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	fcntl(fd, F_SETFD, 0);
	for (size_t i = 0; *folder && i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), places[i], folder);
		execv(path, words);
	}
	execvp("mmpd", words);
	fprintf(stderr,
		"mmpctl: --local: mmpd is not in %s, in %s/../sbin, or in PATH: %s\n",
		folder, folder, strerror(errno));
	_exit(MMP_EXIT_FAILED);
}

int local_start(struct session *session, const struct command *command,
		struct mmp_error *err)
{
	char *folder;
	int ends[2];
	pid_t child;

	if (check_command(command, err))
		return -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return mmp_fail(err, MMP_SYSTEM, "socketpair: %s", strerror(errno));
	folder = own_folder();
	child = fork();
	if (child == 0)
		become_mmpd(folder, ends[1]);
	free(folder);
	close(ends[1]);
	if (child < 0) {
		close(ends[0]);
		return mmp_fail(err, MMP_SYSTEM, "fork: %s", strerror(errno));
	}
	fcntl(ends[0], F_SETFL, fcntl(ends[0], F_GETFL) | O_NONBLOCK);
	session->fd = ends[0];
	session->child = child;
	return 0;
}

void local_end(struct session *session)
{
	if (session->child > 0)
		while (waitpid(session->child, NULL, 0) < 0 && errno == EINTR)
			;
	session->child = 0;
}
