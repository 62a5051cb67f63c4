/* SPDX-License-Identifier: BSD-3-Clause */
#include "asn1/schema.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "asn1/schema_build.h"
#include "base/shared.h"

void *builder_allocate(struct builder *b, size_t count, size_t size)
{
	struct schema *s = b->schema;
	void **blocks = realloc(s->blocks, (s->block_count + 1) * sizeof *blocks);
	if (!blocks)
		return NULL;
	s->blocks = blocks;
	return blocks[s->block_count++] = calloc(count + !count, size);
}

static bool is_end(const struct der_table *table)
{
	return !table->definitions;
}

static size_t record_count(const struct der_table *table)
{
	size_t count = 0;
	while (table->records[count])
		count++;
	return count;
}

/* Where the node of a table's first record is, or would be. */
static size_t place_of(const struct schema *schema, const struct der_table *table)
{
	size_t place = 0;
	for (const struct der_table *t = schema->tables; t != table; t++)
		place += record_count(t);
	return place;
}

static const struct der_table *end_of(const struct der_table *table)
{
	while (!is_end(table))
		table++;
	return table;
}

/* The next table of the same definitions as `first`, from `table` on. */
static const struct der_table *next_alike(
	const struct der_table *first, const struct der_table *table)
{
	while (!is_end(table) && table->definitions != first->definitions)
		table++;
	return table;
}

static enum status records_build(
	struct builder *b, const struct der_table *table, struct schema_node *nodes)
{
	for (size_t i = 0; table->records[i]; i++)
		if (message_build(b, table->records[i], &nodes[i]))
			return b->err->status;
	return STATUS_OK;
}

/* All tables of the definitions of this one, which is the first. */
static enum status definitions_build(
	struct schema *schema, const struct der_table *first, struct error *err)
{
	struct builder b = {.schema = schema, .err = err};
	b.buildings = builder_allocate(&b, place_of(schema, end_of(first)), sizeof *b.buildings);
	if (!b.buildings)
		return error_no_memory(err);
	for (const struct der_table *t = first; !is_end(t); t = next_alike(first, t + 1))
		for (size_t i = 0; t->records[i]; i++)
			b.buildings[b.count++].record = t->records[i];

	enum status status = definitions_open(first->definitions, &b.definitions, err);
	for (const struct der_table *t = first; !status && !is_end(t); t = next_alike(first, t + 1))
		status = records_build(&b, t, schema->nodes + place_of(schema, t));
	definitions_close(&b.definitions);
	return status;
}

void schema_free(struct schema *schema)
{
	if (!schema)
		return;
	for (size_t i = 0; i < schema->block_count; i++)
		free(schema->blocks[i]);
	free(schema->blocks);
	free(schema->nodes);
	free(schema);
}

enum status schema_new(const struct der_table *tables, struct schema **out, struct error *err)
{
	struct schema *schema = calloc(1, sizeof *schema);
	if (!schema)
		return error_no_memory(err);
	schema->tables = tables;
	schema->nodes = calloc(place_of(schema, end_of(tables)) + 1, sizeof *schema->nodes);
	enum status status = schema->nodes ? STATUS_OK : error_no_memory(err);
	for (const struct der_table *t = tables; !status && !is_end(t); t++)
		if (next_alike(t, tables) == t)
			status = definitions_build(schema, t, err);
	if (status)
		schema_free(schema);
	else
		*out = schema;
	return status;
}

const struct schema_node *schema_find(const struct schema *schema, const struct der_record *record)
{
	for (const struct der_table *t = schema->tables; !is_end(t); t++)
		for (size_t i = 0; t->records[i]; i++)
			if (t->records[i] == record)
				return &schema->nodes[place_of(schema, t) + i];
	return NULL;
}

/* ---- the one of der_tables ---- */

static struct schema *opened; /* guarded by the lock of base/shared.h */

/* Records have their nodes from now on, or have none. */
static void publish(struct schema *schema)
{
	for (const struct der_table *t = der_tables; !is_end(t); t++)
		for (size_t i = 0; t->records[i]; i++) {
			const struct schema_node *node =
				schema ? schema_find(schema, t->records[i]) : NULL;
			atomic_store_explicit(&t->records[i]->node, node, memory_order_release);
		}
	opened = schema;
}

static bool is_open(void)
{
	shared_lock();
	bool open = opened != NULL;
	shared_unlock();
	return open;
}

enum status der_open(struct error *err)
{
	struct schema *mine = NULL;
	if (is_open())
		return STATUS_OK;
	if (schema_new(der_tables, &mine, err))
		return err->status;
	/* Several threads may have come here at once: the first one's is kept. */
	shared_lock();
	if (!opened) {
		publish(mine);
		mine = NULL;
	}
	shared_unlock();
	schema_free(mine);
	return STATUS_OK;
}

void der_close(void)
{
	shared_lock();
	struct schema *schema = opened;
	publish(NULL);
	shared_unlock();
	schema_free(schema);
}

const struct schema_node *schema_node_of(struct der_record *record, struct error *err)
{
	const struct schema_node *node = atomic_load_explicit(&record->node, memory_order_acquire);
	if (node || der_open(err))
		return node;
	return atomic_load_explicit(&record->node, memory_order_acquire);
}
