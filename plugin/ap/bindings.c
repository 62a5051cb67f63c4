#include "ap/bindings.h"

enum status bindings_judge(
	const struct bindings_here *here, enum bindings_sent sent, bool *match, struct error *err)
{
	*match = here->present && sent == BINDINGS_SENT_SAME;
	if (*match || !here->present || (sent == BINDINGS_SENT_NONE && !here->critical))
		return STATUS_OK;
	if (sent == BINDINGS_SENT_NONE)
		return error_set_shown(err, KRB_AP_ERR_MODIFIED,
			"the client sent no channel bindings, and this service demands them");
	return error_set_shown(err, KRB_AP_ERR_MODIFIED,
		"the client's channel bindings are not those of this connection: it is another "
		"TLS connection's, or somebody stands between");
}
