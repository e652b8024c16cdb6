/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "line/key_file.h"
#include "memory.h"

extern char **environ;

enum { OUTPUT_MAX = 512 };

struct signer {
	struct key key;
	struct mmp_digest digest;
	signer_done *done;
	void *data;
	struct event *event, *deadline;
	uint8_t signature[WIRE_SIGNATURE_SIZE]; /* from a key file, at once */
	pid_t pid;                              /* of the command; 0: none */
	int fd;                                 /* connected to its output */
	uint8_t output[OUTPUT_MAX];
	size_t length;
};

static void end_command(struct signer *signer)
{
	if (signer->pid > 0) {
		kill(-signer->pid, SIGKILL);
		waitpid(signer->pid, NULL, 0);
	}
	if (signer->fd >= 0)
		close(signer->fd);
	signer->pid = 0;
	signer->fd = -1;
}

void signer_free(struct signer *signer)
{
	if (!signer)
		return;
	if (signer->event)
		event_free(signer->event);
	if (signer->deadline)
		event_free(signer->deadline);
	end_command(signer);
	free(signer);
}

static void on_file(evutil_socket_t fd, short what, void *data)
{
	struct signer *signer = data;

	(void)fd, (void)what;
	signer->done(signer->data, signer->signature, NULL);
}

static void on_end(struct signer *signer)
{
	uint8_t signature[WIRE_SIGNATURE_SIZE];
	struct mmp_error err;

	event_del(signer->event);
	event_del(signer->deadline);
	end_command(signer);
	if (mmp_signature_read(signer->output, signer->length, signer->key.point,
			       &signer->digest, signature, &err)) {
		mmp_while(&err, "the command of key \"%.40s\" printed", signer->key.name);
		signer->done(signer->data, NULL, &err);
	} else {
		signer->done(signer->data, signature, NULL);
	}
}

static void on_output(evutil_socket_t fd, short what, void *data)
{
	struct signer *signer = data;
	size_t room = sizeof(signer->output) - signer->length;
	ssize_t got = read(fd, signer->output + signer->length, room);

	(void)what;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got > 0)
		signer->length += (size_t)got;
	if (got <= 0 || signer->length == sizeof(signer->output))
		on_end(signer);
}

static void on_deadline(evutil_socket_t fd, short what, void *data)
{
	struct signer *signer = data;
	struct mmp_error err;

	(void)fd, (void)what;
	event_del(signer->event);
	end_command(signer);
	mmp_fail(&err, MMP_SYSTEM, "the command of key \"%.40s\" has not signed in %d s",
		 signer->key.name, MMP_SIGN_SECONDS);
	signer->done(signer->data, NULL, &err);
}

/* Use a separate process group, so that all of its processes can be ended. */
static int spawn(struct signer *signer, const char *command, int input, int output)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)command, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none; /* is blocked */
	int failed;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes,
				 POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&attributes, &none);
	failed = posix_spawn(&signer->pid, "/bin/sh", &files, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	if (failed)
		signer->pid = 0;
	return failed;
}

/* A digest always fits in a pipe's buffer, so writing it never blocks. */
static int start_command(struct signer *signer, const char *command,
			 struct mmp_error *err)
{
	int input[2], output[2], failed;

	if (pipe2(input, O_CLOEXEC))
		return mmp_fail(err, MMP_SYSTEM, "no pipe: %s", strerror(errno));
	if (pipe2(output, O_CLOEXEC)) {
		close(input[0]);
		close(input[1]);
		return mmp_fail(err, MMP_SYSTEM, "no pipe: %s", strerror(errno));
	}
	failed = write(input[1], signer->digest.bytes, sizeof(signer->digest.bytes)) < 0
			 ? errno
			 : spawn(signer, command, input[0], output[1]);
	close(input[0]);
	close(input[1]);
	close(output[1]);
	signer->fd = output[0];
	evutil_make_socket_nonblocking(signer->fd);
	if (failed)
		return mmp_fail(err, MMP_SYSTEM,
				"the command of key \"%.40s\" cannot be run: %s",
				signer->key.name, strerror(failed));
	return 0;
}

static int by_command(struct signer *signer, const struct service *service,
		      struct mmp_error *err)
{
	static const struct timeval patience = { .tv_sec = MMP_SIGN_SECONDS };
	char command[KEY_FILE_MAX];

	if (key_file_command(service, signer->key.name, command, err) ||
	    start_command(signer, command, err))
		return -1;
	signer->event = event_new(service->base, signer->fd, EV_READ | EV_PERSIST,
				  on_output, signer);
	signer->deadline = evtimer_new(service->base, on_deadline, signer);
	event_add(signer->event, NULL);
	event_add(signer->deadline, &patience);
	return 0;
}

static int by_file(struct signer *signer, const struct service *service,
		   struct mmp_error *err)
{
	static const struct timeval at_once;
	struct mmp_key_pair pair;
	int failed;

	if (key_file_pair(service, signer->key.name, &pair, err))
		return -1;
	failed = mmp_key_sign(&pair, &signer->digest, signer->signature, err);
	explicit_bzero(&pair, sizeof(pair));
	if (failed)
		return -1;
	signer->event = evtimer_new(service->base, on_file, signer);
	event_add(signer->event, &at_once);
	return 0;
}

struct signer *signer_new(const struct service *service, const struct key *key,
			  const struct mmp_digest *digest, signer_done *done, void *data,
			  struct mmp_error *err)
{
	struct signer *signer = xcalloc(1, sizeof(*signer));
	int failed;

	*signer = (struct signer){
		.key = *key, .digest = *digest, .done = done, .data = data, .fd = -1
	};
	failed = key->by_command ? by_command(signer, service, err)
				 : by_file(signer, service, err);
	if (!failed)
		return signer;
	signer_free(signer);
	return NULL;
}
