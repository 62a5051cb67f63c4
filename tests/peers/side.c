/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/peers/side.h"

#include <sasl/sasl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/peers/accounts.h"
#include "tests/peers/data.h"
#include "tests/peers/line.h"

#define CALLBACK(function) ((int (*)(void))(void (*)(void))(function))

/* One login. */
struct side {
	const struct setup *setup;
	sasl_conn_t *conn;
	const char *out; /* what the last step has to say; NULL: nothing */
	unsigned out_len;
	FILE *record;
};

__attribute__((format(printf, 2, 3))) static void say(
	const struct setup *setup, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	fprintf(stderr, "%s: ", setup->is_server ? "server" : "client");
	vfprintf(stderr, format, list);
	putc('\n', stderr);
	va_end(list);
}

static void must(int result, const char *what)
{
	if (result == SASL_OK)
		return;
	fprintf(stderr, "peer: %s: %s\n", what, sasl_errstring(result, NULL, NULL));
	line_give_up();
	exit(2);
}

/* ---- what libsasl2 asks for; the context is the setup ---- */

static int get_path(void *context, const char **path)
{
	*path = ((const struct setup *)context)->path;
	return SASL_OK;
}

static int get_no_path(void *context, const char **path)
{
	(void)context;
	*path = "/nonexistent";
	return SASL_OK;
}

static int get_option(
	void *context, const char *plugin, const char *name, const char **value, unsigned *len)
{
	(void)plugin;
	const struct setup *setup = context;
	for (unsigned i = 0; i < setup->options; i++)
		if (strcmp(name, setup->option[i][0]) == 0) {
			*value = setup->option[i][1];
			if (len)
				*len = (unsigned)strlen(*value);
			return SASL_OK;
		}
	return SASL_FAIL;
}

static int log_line(void *context, int level, const char *line)
{
	if (level < SASL_LOG_DEBUG)
		say(context, "log %d: %s", level, line);
	return SASL_OK;
}

static int get_name(void *context, int id, const char **name, unsigned *len)
{
	const struct setup *setup = context;
	*name = id == SASL_CB_USER ? setup->user : setup->authname;
	if (len)
		*len = (unsigned)strlen(*name);
	return SASL_OK;
}

static int allow_proxy(sasl_conn_t *conn, void *context, const char *user, unsigned user_len,
	const char *authid, unsigned authid_len, const char *realm, unsigned realm_len,
	struct propctx *properties)
{
	(void)realm, (void)realm_len, (void)properties;
	const struct setup *setup = context;
	if (user_len == authid_len && memcmp(user, authid, user_len) == 0)
		return SASL_OK;
	if (setup->proxy && strlen(setup->proxy) == user_len &&
		memcmp(setup->proxy, user, user_len) == 0)
		return SASL_OK;
	sasl_seterror(conn, SASL_NOLOG, "%s may not act for %s", authid, user);
	return SASL_NOAUTHZ;
}

static const sasl_callback_t *callbacks_of(const struct setup *setup)
{
	static sasl_callback_t list[8];
	sasl_callback_t *next = list;
	void *context = (void *)setup;
	*next++ = (sasl_callback_t){SASL_CB_GETPATH, CALLBACK(get_path), context};
	*next++ = (sasl_callback_t){SASL_CB_GETCONFPATH, CALLBACK(get_no_path), context};
	*next++ = (sasl_callback_t){SASL_CB_GETOPT, CALLBACK(get_option), context};
	*next++ = (sasl_callback_t){SASL_CB_LOG, CALLBACK(log_line), context};
	if (setup->is_server)
		*next++ = (sasl_callback_t){SASL_CB_PROXY_POLICY, CALLBACK(allow_proxy), context};
	if (setup->user)
		*next++ = (sasl_callback_t){SASL_CB_USER, CALLBACK(get_name), context};
	if (setup->authname)
		*next++ = (sasl_callback_t){SASL_CB_AUTHNAME, CALLBACK(get_name), context};
	*next = (sasl_callback_t){SASL_CB_LIST_END, NULL, NULL};
	return list;
}

/* ---- a login ---- */

static void set_properties(const struct side *side)
{
	const struct setup *setup = side->setup;
	const sasl_security_properties_t security = {
		.min_ssf = (sasl_ssf_t)setup->minssf,
		.max_ssf = (sasl_ssf_t)setup->maxssf,
		.maxbufsize = (unsigned)setup->maxbufsize,
		.security_flags = (unsigned)setup->flags,
	};
	const sasl_ssf_t external = (sasl_ssf_t)setup->external;
	static sasl_channel_binding_t binding; /* libsasl2 keeps the pointer */
	must(sasl_setprop(side->conn, SASL_SEC_PROPS, &security), "SASL_SEC_PROPS");
	must(sasl_setprop(side->conn, SASL_SSF_EXTERNAL, &external), "SASL_SSF_EXTERNAL");
	if (!setup->binding_data)
		return;
	binding = (sasl_channel_binding_t){
		.name = setup->binding_name,
		.critical = (int)setup->binding_critical,
		.len = strlen(setup->binding_data),
		.data = (const unsigned char *)setup->binding_data,
	};
	must(sasl_setprop(side->conn, SASL_CHANNEL_BINDING, &binding), "SASL_CHANNEL_BINDING");
}

static void open_side(struct side *side)
{
	const struct setup *setup = side->setup;
	const sasl_callback_t *callbacks = callbacks_of(setup);
	unsigned flags = setup->success ? SASL_SUCCESS_DATA : 0;
	must(setup->is_server ? sasl_server_new(setup->service, setup->host, NULL, NULL, NULL,
					callbacks, flags, &side->conn)
			      : sasl_client_new(setup->service, setup->host, NULL, NULL, callbacks,
					flags, &side->conn),
		"a connection");
	set_properties(side);
}

static void send_out(const struct side *side, char mark)
{
	line_send(mark, side->out, side->out_len, side->record);
}

static int serve(struct side *side)
{
	struct line line = {0};
	if (side->setup->initial)
		line_receive(&line);
	int result = line.mark == '!' ? SASL_FAIL
				      : sasl_server_start(side->conn, side->setup->mechanism,
						line.octets, line.len, &side->out, &side->out_len);
	while (result == SASL_CONTINUE) {
		send_out(side, '\0');
		line_receive(&line);
		result = line.mark ? SASL_FAIL
				   : sasl_server_step(side->conn, line.octets, line.len, &side->out,
					     &side->out_len);
	}
	if (result == SASL_OK && (!side->setup->plain || side->out))
		send_out(side, side->setup->plain ? '\0' : '=');
	return result;
}

static int client_start(struct side *side)
{
	const char *chosen;
	bool initial = side->setup->initial;
	int result = sasl_client_start(side->conn, side->setup->mechanism, NULL,
		initial ? &side->out : NULL, initial ? &side->out_len : NULL, &chosen);
	if (initial && (result == SASL_OK || result == SASL_CONTINUE))
		send_out(side, side->out ? '\0' : '-');
	return result;
}

static int client_step(struct side *side, const struct line *line)
{
	if (line->mark == '=' && !line->octets)
		return sasl_client_step(side->conn, NULL, 0, NULL, &side->out, &side->out_len);
	int result = sasl_client_step(
		side->conn, line->octets, line->len, NULL, &side->out, &side->out_len);
	bool is_done = result == SASL_OK && side->setup->plain && !side->out;
	if (line->mark == '\0' && !is_done && (result == SASL_OK || result == SASL_CONTINUE))
		send_out(side, '\0');
	return result;
}

static int log_in(struct side *side)
{
	struct line line = {0};
	int result = client_start(side);
	while (result == SASL_CONTINUE || (result == SASL_OK && !side->setup->plain)) {
		line_receive(&line);
		if (line.mark && line.mark != '=')
			return SASL_FAIL;
		if (result == SASL_OK && line.mark == '=' && !line.octets)
			return SASL_OK;
		result = client_step(side, &line);
		if (line.mark == '=')
			return result == SASL_CONTINUE ? SASL_FAIL : result;
	}
	return result;
}

static int exchange_data(struct data *data)
{
	bool is_server = data->setup->is_server;
	int result = is_server ? data_receive(data) : data_send(data);
	if (result != SASL_OK)
		return result;
	return is_server ? data_send(data) : data_receive(data);
}

static const char *text_of(sasl_conn_t *conn, int property)
{
	const void *value;
	return sasl_getprop(conn, property, &value) == SASL_OK && value ? value : "";
}

static unsigned number_of(sasl_conn_t *conn, int property)
{
	const void *value;
	return sasl_getprop(conn, property, &value) == SASL_OK ? *(const unsigned *)value : 0;
}

static bool run_once(const struct setup *setup, FILE *record)
{
	struct side side = {.setup = setup, .record = record};
	open_side(&side);
	struct data data = {.conn = side.conn, .setup = setup, .failed = "the login"};
	int result = setup->is_server ? serve(&side) : log_in(&side);
	if (result == SASL_OK && !setup->plain)
		result = exchange_data(&data);
	if (result == SASL_OK) {
		say(setup,
			"ok ssf=%u username=%s authid=%s maxoutbuf=%u sent=%lu received=%lu "
			"largest=%u",
			number_of(side.conn, SASL_SSF), text_of(side.conn, SASL_USERNAME),
			text_of(side.conn, SASL_AUTHUSER), number_of(side.conn, SASL_MAXOUTBUF),
			data.sent, data.received, data.largest);
	} else {
		say(setup, "failed at %s (%d): %s", data.failed, result, sasl_errdetail(side.conn));
		line_give_up();
	}
	sasl_dispose(&side.conn);
	return result == SASL_OK;
}

bool side_run(const struct setup *setup)
{
	bool good = true;
	FILE *record = setup->record ? fopen(setup->record, "we") : NULL;
	if (setup->record && !record)
		must(SASL_FAIL, setup->record);
	must(setup->is_server ? sasl_server_init(callbacks_of(setup), "peer")
			      : sasl_client_init(callbacks_of(setup)),
		"sasl_init");
	if (setup->accounts)
		must(accounts_add(), "accounts");
	for (unsigned long i = 0; i < setup->logins; i++)
		good &= run_once(setup, record);
	if (setup->is_server)
		sasl_server_done();
	else
		sasl_client_done();
	if (record)
		fclose(record);
	return good;
}

bool side_replay(const char *file)
{
	char *text = NULL;
	size_t size = 0;
	struct line line = {.mark = '!'};
	FILE *record = fopen(file, "re");
	if (!record)
		must(SASL_FAIL, file);
	for (int i = 0; getline(&text, &size, record) > 0; i++) {
		fputs(text, stdout);
		fflush(stdout);
		line_receive(&line);
		if (line.mark == '!') {
			fprintf(stderr, "client: replay refused after %d\n", i + 1);
			break;
		}
	}
	free(text);
	fclose(record);
	if (line.mark == '=')
		line_send('.', NULL, 0, NULL);
	return line.mark == '=';
}

bool side_mechanisms(const char *folder)
{
	const struct setup setup = {.path = folder};
	must(sasl_client_init(callbacks_of(&setup)), "sasl_client_init");
	must(sasl_server_init(callbacks_of(&setup), "peer"), "sasl_server_init");
	for (const char **name = sasl_global_listmech(); name && *name; name++)
		puts(*name);
	sasl_client_done();
	sasl_server_done();
	return true;
}
