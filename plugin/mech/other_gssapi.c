/* SPDX-License-Identifier: BSD-3-Clause */
#include "mech/other_gssapi.h"

#include <link.h>
#include <string.h>

#include "base/shared.h"
#include "base/text.h"
#include "mech/gss_spnego.h"
#include "mech/gssapi.h"
#include "sasl/options.h"

/* As MIT krb5's and Heimdal's builds of it are called alike. */
#define FILE_NAME "libgssapiv2."

static int find(struct dl_phdr_info *object, size_t size, void *arg)
{
	const char **path = arg;
	(void)size;
	if (!object->dlpi_name)
		return 0;
	const char *slash = strrchr(object->dlpi_name, '/');
	if (strncmp(slash ? slash + 1 : object->dlpi_name, FILE_NAME, sizeof FILE_NAME - 1) != 0)
		return 0;
	*path = object->dlpi_name;
	return 1;
}

/* As plugin.c reads it for the whole process, and logs what is wrong with it. */
static bool is_offered_here(const struct logger *log)
{
	const struct option_source options = {.utils = log->utils, .mechanism = GSSAPI_NAME};
	struct option_words wanted;
	NEW_ERROR(unwanted);
	return option_list(&options, OPTION_MECHANISMS, &wanted, &unwanted) == STATUS_OK &&
	       (mechanism_is_wanted(&gssapi_mechanism, &wanted) ||
		       mechanism_is_wanted(&gss_spnego_mechanism, &wanted));
}

static bool is_first(void)
{
	static bool looked;
	shared_lock();
	bool first = !looked;
	looked = true;
	shared_unlock();
	return first;
}

void other_gssapi_warn(const struct logger *log)
{
	const char *path = NULL;
	if (!logger_wants(log, SASL_LOG_ERR) || !is_first() || !dl_iterate_phdr(find, &path) ||
		!is_offered_here(log))
		return;
	const struct logger about = {log->utils, log->level, GSSAPI_NAME};
	logger_line(&about, SASL_LOG_ERR,
		"another plug-in for GSSAPI and GSS-SPNEGO is loaded, %s, and takes the logins of "
		"these mechanisms: remove that file, or set kerberos5_mechanisms: KERBEROS_V5, "
		"which leaves them to it",
		TEXT(slice_string(path)));
}
