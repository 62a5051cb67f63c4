/*
 * Gives its input to every reader of asn1/. What is read is written and read
 * again; DER has one encoding of a value, so that the input comes back
 * unless it used one of the liberties that der.h grants.
 */
#include "tests/unit/der_samples.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TICKET_KVNO(i) offsetof(struct krb_cred, ticket[i].enc_part.kvno)

/* What a peer may write in another way than we do. */
static const struct liberty {
	const char *name;
	/* Offsets of each uint32_t that may be negative on the wire; 0: no more. */
	size_t number[KRB_CRED_MAX_TICKETS + 2];
	bool may_shrink; /* longer flags, and lists and names that are empty, are not kept */
} liberties[] = {
	{"Ticket", {offsetof(struct ticket, enc_part.kvno)}, false},
	{"EncTicketPart", {0}, true},
	{"AP-REQ", {offsetof(struct ap_req, authenticator.kvno)}, true},
	{"Authenticator", {offsetof(struct authenticator, seq_number)}, true},
	{"AP-REP", {offsetof(struct ap_rep, enc_part.kvno)}, false},
	{"EncAPRepPart", {offsetof(struct enc_ap_rep_part, seq_number)}, false},
	{"KRB-ERROR", {0}, true},
	{"AuthorizationData", {0}, false},
	{"AD-KDCIssued", {0}, true},
	{"AD-AND-OR", {0}, false},
	{"EtypeList", {0}, false},
	{"KRB-CRED",
		{offsetof(struct krb_cred, enc_part.kvno), TICKET_KVNO(0), TICKET_KVNO(1),
			TICKET_KVNO(2), TICKET_KVNO(3), TICKET_KVNO(4), TICKET_KVNO(5),
			TICKET_KVNO(6), TICKET_KVNO(7)},
		false},
	{"EncKrbCredPart", {offsetof(struct enc_krb_cred_part, nonce)}, true},
	{"AS-REQ", {0}, true},
	{"TGS-REQ", {0}, true},
	{"KDC-REQ-BODY", {offsetof(struct kdc_req_body, nonce)}, true},
	{"AS-REP", {offsetof(struct kdc_rep, enc_part.kvno)}, true},
	{"TGS-REP", {offsetof(struct kdc_rep, enc_part.kvno)}, true},
	{"EncASRepPart", {offsetof(struct enc_kdc_rep_part, nonce)}, true},
	{"EncTGSRepPart", {offsetof(struct enc_kdc_rep_part, nonce)}, true},
	{"METHOD-DATA", {0}, false},
	{"ETYPE-INFO2", {0}, false},
	{"PA-ENC-TS-ENC", {0}, false},
	{"EncryptedData", {offsetof(struct encrypted_data, kvno)}, false},
	{"Checksum", {0}, false},
};

static void check(bool right)
{
	if (!right)
		abort();
}

static void write_again(const struct sample *kind, struct slice der, struct buffer *out)
{
	static _Alignas(16) unsigned char value[SAMPLE_MAX_SIZE];
	struct error err;
	check(kind->size <= sizeof value);
	check(kind->read(der, value, &err) == STATUS_OK);
	check(kind->write(value, out, &err) == STATUS_OK);
}

static void check_kind(const struct liberty *liberty, struct slice input)
{
	static _Alignas(16) unsigned char value[SAMPLE_MAX_SIZE], zero[SAMPLE_MAX_SIZE];
	const struct sample *kind = sample_named(liberty->name);
	struct error err = {0};
	if (kind->read(input, value, &err)) {
		check(err.text[0] != '\0' && err.status != STATUS_OK);
		check(memcmp(value, zero, kind->size) == 0);
		return;
	}

	AUTO_BUFFER first = {0};
	AUTO_BUFFER second = {0};
	write_again(kind, input, &first);
	write_again(kind, buffer_slice(&first), &second);
	check(slice_equal(buffer_slice(&first), buffer_slice(&second)));

	for (const size_t *at = liberty->number; *at; at++) {
		uint32_t number;
		memcpy(&number, value + *at, sizeof number);
		if (number > INT32_MAX)
			return;
	}
	/* One reader takes an EncASRepPart and an EncTGSRepPart alike. */
	if (input.data[0] != kind->der.data[0])
		return;
	check(first.len <= input.len);
	if (!liberty->may_shrink || first.len == input.len)
		check(slice_equal(buffer_slice(&first), input));
}

/* Begins with a message of each kind instead of finding out what one looks like. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
	const struct sample *s = &samples[seed / 64 % SAMPLE_COUNT];
	if ((size <= 1 || seed % 64 == 0) && s->der.len <= max_size) {
		memcpy(data, s->der.data, s->der.len);
		size = s->der.len;
	}
	return LLVMFuzzerMutate(data, size, max_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < sizeof liberties / sizeof *liberties; i++)
		check_kind(&liberties[i], slice_of(data, size));
	return 0;
}
