/* SPDX-License-Identifier: BSD-3-Clause */
#include "mech/pac_options.h"

#include "base/text.h"

#define NAME(option) option_table[option].name

static enum status add_group(struct slice word, struct buffer *storage, struct error *err)
{
	struct sid sid;
	if (!sid_parse(word, &sid))
		return error_set(err, ERR_SYNTAX,
			"the server option %s has \"%s\"; it can have SIDs of groups, such as "
			"S-1-5-21-1004336348-1177238915-682003330-512",
			NAME(OPTION_REQUIRE_GROUP), TEXT(word));
	return buffer_append(storage, slice_of(&sid, sizeof sid)) ? error_no_memory(err)
								  : STATUS_OK;
}

enum status pac_demands_read(const struct option_source *options, struct pac_demands *demands,
	struct buffer *storage, struct error *err)
{
	unsigned policy;
	if (option_choice(options, OPTION_PAC, &policy, err))
		return err->status;
	const char *at = option_text(options, OPTION_REQUIRE_GROUP);
	struct slice word;
	while (at && (word = option_next_word(&at)).len > 0)
		if (add_group(word, storage, err))
			return err->status;
	*demands = (struct pac_demands){
		.policy = (enum pac_policy)policy,
		.group_count = (unsigned)(storage->len / sizeof(struct sid)),
		.group = (const struct sid *)(const void *)storage->data,
	};
	if (demands->policy == PAC_IGNORE && demands->group_count > 0)
		return error_set(err, ERR_SYNTAX,
			"the server option %s needs the PAC, and %s is \"ignore\": remove one of "
			"them",
			NAME(OPTION_REQUIRE_GROUP), NAME(OPTION_PAC));
	return STATUS_OK;
}
