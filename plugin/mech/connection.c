#include "mech/connection.h"

#include <stdlib.h>

void *connection_new(size_t size)
{
	struct connection *connection = calloc(1, size);
	if (!connection)
		return NULL;
	connection->size = size;
	connection->context = ap_context_new();
	if (connection->context)
		return connection;
	free(connection);
	return NULL;
}

void connection_free(struct connection *connection)
{
	connection_end_exchange(connection);
	layer_close(&connection->layer);
	buffer_free(&connection->out);
	wipe(connection, connection->size);
	free(connection);
}

void connection_end_exchange(struct connection *connection)
{
	ap_context_free(connection->context);
	connection->context = NULL;
	channel_close(&connection->channel);
}

int connection_give(struct connection *connection, int result, const char **out, unsigned *out_len)
{
	*out = connection->out.len > 0 ? (const char *)connection->out.data : "";
	*out_len = (unsigned)connection->out.len;
	return result;
}
