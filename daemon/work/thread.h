/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef THREAD_H
#define THREAD_H

#include <pthread.h>
#include <signal.h>

/* Block signals in threads: they are for the loop, which would otherwise not wake up. */
static inline int thread_start(pthread_t *ret_thread, void *(*run)(void *data),
			       void *data)
{
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(ret_thread, NULL, run, data);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed;
}

#endif
