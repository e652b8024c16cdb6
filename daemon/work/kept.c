/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/kept.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "memory.h"
#include "work/shared_verdict.h"

struct kept_platforms {
	pthread_mutex_t lock; /* protects owners, and registrations being copied */
	TAILQ_HEAD(kept_list, kept_platform) platforms; /* the most recently used first */
	size_t count, registrations;
};

struct kept_platforms *kept_new(void)
{
	struct kept_platforms *kept = xcalloc(1, sizeof(*kept));

	pthread_mutex_init(&kept->lock, NULL);
	TAILQ_INIT(&kept->platforms);
	return kept;
}

struct kept_platform *kept_ref(struct kept_platforms *kept, struct kept_platform *one)
{
	pthread_mutex_lock(&kept->lock);
	one->owners++;
	pthread_mutex_unlock(&kept->lock);
	return one;
}

void kept_unref(struct kept_platforms *kept, struct kept_platform *one)
{
	size_t owners;

	pthread_mutex_lock(&kept->lock);
	owners = --one->owners;
	pthread_mutex_unlock(&kept->lock);
	if (owners)
		return;
	mmp_platform_free(one->platform);
	free(one);
}

void kept_drop(struct kept_platforms *kept, struct kept_platform *one)
{
	TAILQ_REMOVE(&kept->platforms, one, link);
	kept->count--;
	kept->registrations -= one->platform->count;
	shared_verdict_unref(one->verdict);
	one->verdict = NULL;
	kept_unref(kept, one);
}

void kept_free(struct kept_platforms *kept)
{
	struct kept_platform *one;

	if (!kept)
		return;
	while ((one = TAILQ_FIRST(&kept->platforms)))
		kept_drop(kept, one);
	pthread_mutex_destroy(&kept->lock);
	free(kept);
}

struct kept_platform *kept_find(struct kept_platforms *kept, const char *name,
				uint64_t failures)
{
	struct kept_platform *one;

	TAILQ_FOREACH(one, &kept->platforms, link)
		if (!strcmp(one->platform->name, name))
			break;
	if (!one)
		return NULL;
	if (one->failures != failures) {
		kept_drop(kept, one);
		return NULL;
	}
	TAILQ_REMOVE(&kept->platforms, one, link);
	TAILQ_INSERT_HEAD(&kept->platforms, one, link);
	return one;
}

/* Drop all but the newest, which may exceed the limit alone. */
static void make_room(struct kept_platforms *kept)
{
	while (kept->count > 1 && (kept->count > MMP_PLATFORMS_KEPT ||
				   kept->registrations > MMP_REGISTRATIONS_MAX))
		kept_drop(kept, TAILQ_LAST(&kept->platforms, kept_list));
}

struct kept_platform *kept_put(struct kept_platforms *kept,
			       struct mmp_platform *take_platform, uint64_t revision,
			       uint64_t failures)
{
	struct kept_platform *one = kept_find(kept, take_platform->name, failures);

	if (one)
		kept_drop(kept, one);
	one = xcalloc(1, sizeof(*one));
	*one = (struct kept_platform){ .platform = take_platform,
				       .revision = revision,
				       .failures = failures,
				       .owners = 1 };
	TAILQ_INSERT_HEAD(&kept->platforms, one, link);
	kept->count++;
	kept->registrations += take_platform->count;
	make_room(kept);
	return one;
}

int kept_read(struct kept_platforms *kept, struct kept_platform *one,
	      const struct mmp_registration *registration, struct mmp_error *err)
{
	int failed;

	pthread_mutex_lock(&kept->lock);
	failed = mmp_platform_add(one->platform, registration, err);
	pthread_mutex_unlock(&kept->lock);
	kept->registrations += !failed;
	return failed;
}

int kept_add(struct kept_platforms *kept, struct kept_platform *one,
	     const struct mmp_registration *registration, uint64_t revision,
	     struct mmp_error *err)
{
	if (kept_read(kept, one, registration, err)) {
		kept_drop(kept, one);
		return -1;
	}
	one->revision = revision;
	make_room(kept);
	return 0;
}

struct mmp_platform kept_copy(struct kept_platforms *kept,
			      const struct kept_platform *one, size_t count)
{
	struct mmp_platform copy;
	size_t bytes = (count + 1) * sizeof(*copy.registrations);
	struct mmp_registration *registrations = malloc(bytes);

	pthread_mutex_lock(&kept->lock);
	copy = *one->platform;
	if (registrations && count)
		memcpy(registrations, copy.registrations, count * sizeof(*registrations));
	pthread_mutex_unlock(&kept->lock);
	copy.registrations = registrations;
	copy.count = count;
	copy.capacity = count + 1;
	return copy;
}
