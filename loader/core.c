/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/core.h"
#include "loader/trust.h"

void loader_init(struct loader *loader, const struct loader_port *port)
{
	loader->port = port;
	loader->state = LOADER_IDLE;
	loader->greeted = false;
	loader->live = false;
	loader->staged = 0;
	loader->authentic = false;
	trust_read(loader);
	wire_decoder_init(&loader->decoder, loader->body, sizeof(loader->body));
}

static void answer_frame(struct loader *loader)
{
	struct wire_reader in = wire_reader(loader->body, loader->decoder.length);
	struct wire_writer out =
		wire_writer(loader->answer, sizeof(loader->answer) - WIRE_MAC_SIZE);

	if (!loader_answer(loader, &in, &out))
		return;
	if (loader->authentic) {
		trust_mac(loader, in.bytes, in.length, out.bytes, out.at,
			  out.bytes + out.at);
		out.at += WIRE_MAC_SIZE;
	}
	loader->port->send(loader->port->context, loader->line,
			   wire_encode(loader->answer, out.at, loader->line));
}

/* A damaged frame is ignored: the host sends it again. */
void loader_take(struct loader *loader, uint8_t byte)
{
	if (wire_decoder_feed(&loader->decoder, byte) == WIRE_FRAME)
		answer_frame(loader);
}
