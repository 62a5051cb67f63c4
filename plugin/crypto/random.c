/* SPDX-License-Identifier: BSD-3-Clause */
#include "crypto/random.h"

#include <openssl/rand.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/shared.h"
#include "crypto/algorithms.h"
#include "crypto/guard.h"

/* Enough for some logins, or for the confounders of 32 messages. */
#define STOCK_LENGTH 512

struct stock {
	unsigned char octets[STOCK_LENGTH];
	size_t left;    /* of them, not given out */
	unsigned forks; /* in which process they were drawn */
};

/* A thread takes the stock out; another that needs one meanwhile makes its own. */
struct source {
	int (*draw)(unsigned char *out, int len);
	_Atomic(struct stock *) idle;
};

static struct source public_source = {.draw = RAND_bytes};
static struct source secret_source = {.draw = RAND_priv_bytes};

static void release(struct stock *stock)
{
	if (!stock)
		return;
	wipe(stock, sizeof *stock);
	free(stock);
}

static struct stock *take(struct source *source)
{
	struct stock *stock = atomic_exchange_explicit(&source->idle, NULL, memory_order_acquire);
	return stock ? stock : calloc(1, sizeof *stock);
}

static void put(struct source *source, struct stock *stock)
{
	struct stock *empty = NULL;
	if (!atomic_compare_exchange_strong_explicit(
		    &source->idle, &empty, stock, memory_order_release, memory_order_relaxed))
		release(stock);
}

static bool draw(const struct source *source, void *out, size_t len)
{
	guard_lock();
	bool ok = len <= INT32_MAX && source->draw(out, (int)len) == 1;
	guard_unlock();
	return ok;
}

/* `len` is at most STOCK_LENGTH. */
static bool give(const struct source *source, struct stock *stock, void *out, size_t len)
{
	unsigned now = shared_forks();
	if (stock->left < len || stock->forks != now) {
		stock->left = 0;
		if (!draw(source, stock->octets, STOCK_LENGTH))
			return false;
		stock->left = STOCK_LENGTH;
		stock->forks = now;
	}
	stock->left -= len;
	memcpy(out, stock->octets + stock->left, len);
	wipe(stock->octets + stock->left, len);
	return true;
}

static enum status random_from(struct source *source, void *out, size_t len, struct error *err)
{
	bool ok;
	if (len == 0)
		return STATUS_OK;
	if (len > STOCK_LENGTH) {
		ok = draw(source, out, len);
	} else {
		struct stock *stock = take(source);
		if (!stock)
			return error_no_memory(err);
		ok = give(source, stock, out, len);
		put(source, stock);
	}
	return ok ? STATUS_OK : openssl_failed(err, "give random octets");
}

enum status random_octets(void *out, size_t len, struct error *err)
{
	return random_from(&public_source, out, len, err);
}

enum status random_secret(void *out, size_t len, struct error *err)
{
	return random_from(&secret_source, out, len, err);
}

void random_close(void)
{
	release(atomic_exchange(&public_source.idle, NULL));
	release(atomic_exchange(&secret_source.idle, NULL));
}
