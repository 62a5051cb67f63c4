/* SPDX-License-Identifier: BSD-3-Clause */
#include "ap/authdata.h"

#define MAX_DEPTH 8

/* What holds for the elements of one list. */
struct scope {
	struct key *session_key;
	struct slice *pac;  /* where a PAC goes; may be NULL */
	bool relevant_only; /* inside AD-IF-RELEVANT: what is not understood is passed over */
	unsigned depth;     /* of containers around them */
};

static enum status check_elements(
	const struct authorization_data *list, const struct scope *scope, struct error *err);

static enum status check_if_relevant(
	struct slice data, const struct scope *scope, struct error *err)
{
	struct authorization_data list;
	if (der_read_authorization_data(data, &list, err))
		return error_prefix(err, "AD-IF-RELEVANT");
	struct scope inner = *scope;
	inner.relevant_only = true;
	return check_elements(&list, &inner, err);
}

static enum status check_kdc_issued(struct slice data, const struct scope *scope, struct error *err)
{
	struct ad_kdc_issued issued;
	if (der_read_ad_kdc_issued(data, &issued, err) ||
		key_verify_checksum(scope->session_key, USAGE_AD_KDC_ISSUED,
			(struct pieces){&issued.elements.der, 1}, &issued.checksum, err))
		return error_prefix(err, "AD-KDC-ISSUED");
	return check_elements(&issued.elements, scope, err);
}

static enum status check_element(
	const struct ad_element *element, const struct scope *scope, struct error *err);

static enum status check_and_or(struct slice data, const struct scope *scope, struct error *err)
{
	struct ad_and_or and_or;
	if (der_read_ad_and_or(data, &and_or, err))
		return error_prefix(err, "AD-AND-OR");
	if (and_or.condition_count < 1)
		return error_set_shown(err, ERR_SYNTAX,
			"AD-AND-OR asks for %d of its elements, at least 1 was expected",
			and_or.condition_count);

	int32_t passed = 0;
	for (unsigned i = 0; i < and_or.elements.count; i++) {
		enum status status = check_element(&and_or.elements.element[i], scope, err);
		if (status != STATUS_OK && status != KDC_ERR_POLICY)
			return status;
		passed += status == STATUS_OK;
	}
	if (passed < and_or.condition_count)
		return error_set_shown(err, KDC_ERR_POLICY,
			"AD-AND-OR asks for %d of its %u elements, %d are satisfied",
			and_or.condition_count, and_or.elements.count, passed);
	return STATUS_OK;
}

static enum status pass_over(struct slice data, const struct scope *scope, struct error *err)
{
	(void)data, (void)scope, (void)err;
	return STATUS_OK;
}

static const struct container {
	int32_t type;
	enum status (*check)(struct slice data, const struct scope *scope, struct error *err);
} containers[] = {
	{AD_IF_RELEVANT, check_if_relevant},
	{AD_KDC_ISSUED, check_kdc_issued},
	{AD_AND_OR, check_and_or},
	{AD_MANDATORY_FOR_KDC, pass_over},
};

static enum status take_pac(
	const struct ad_element *element, const struct scope *scope, struct error *err)
{
	if (element->type != AD_WIN2K_PAC || !scope->pac)
		return STATUS_OK;
	if (scope->pac->data)
		return error_set_shown(err, KDC_ERR_POLICY, "a PAC is there more than once");
	*scope->pac = element->data;
	return STATUS_OK;
}

static enum status check_element(
	const struct ad_element *element, const struct scope *scope, struct error *err)
{
	for (size_t i = 0; i < sizeof containers / sizeof *containers; i++) {
		if (containers[i].type != element->type)
			continue;
		if (scope->depth == MAX_DEPTH)
			return error_set_shown(err, ERR_SYNTAX,
				"authorization data is nested deeper than %d levels", MAX_DEPTH);
		struct scope inner = *scope;
		inner.depth++;
		return containers[i].check(element->data, &inner, err);
	}
	if (scope->relevant_only)
		return take_pac(element, scope, err);
	return error_set_shown(err, KDC_ERR_POLICY,
		"authorization data of type %d is not understood, and it is not marked as optional "
		"(AD-IF-RELEVANT)",
		element->type);
}

static enum status check_elements(
	const struct authorization_data *list, const struct scope *scope, struct error *err)
{
	for (unsigned i = 0; i < list->count; i++)
		if (check_element(&list->element[i], scope, err))
			return err->status;
	return STATUS_OK;
}

enum status authdata_check(const struct authorization_data *list, int32_t understood_type,
	struct key *session_key, struct slice *pac, struct error *err)
{
	const struct scope top = {.session_key = session_key, .pac = pac};
	bool seen = false;
	for (unsigned i = 0; i < list->count; i++) {
		const struct ad_element *element = &list->element[i];
		bool understood = understood_type != 0 && element->type == understood_type;
		if (understood && seen)
			return error_set_shown(err, KDC_ERR_POLICY,
				"authorization data of type %d is there more than once",
				understood_type);
		seen = seen || understood;
		if (!understood && check_element(element, &top, err))
			return err->status;
	}
	return STATUS_OK;
}
