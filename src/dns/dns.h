/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_DNS_DNS_H
#define SPURN_DNS_DNS_H

/* Numbers of the DNS protocol, in host byte order (RFC 1035 unless said). */

enum {
	DNS_HEADER_SIZE = 12,
	DNS_NAME_MAX = 255,   /* bytes of a name on the wire, root label included */
	DNS_LABEL_MAX = 63,   /* bytes of a label */
	DNS_LABELS_MAX = 127, /* labels of a name, without the root: 127 * 2 + 1 = 255 */
	DNS_STRING_MAX = 255, /* bytes of a character-string (TXT) */
	DNS_PLAIN_MAX = 512,  /* bytes of a UDP message without EDNS */
	DNS_OPT_SIZE = 11,    /* an OPT record without options (RFC 6891 section 6.1.2) */
	DNS_EDNS_SIZE = 1232, /* UDP payload that we offer and never exceed: fits every path (flag
				 day 2020) */
};

/* The 16 bits after the message ID. */
enum {
	DNS_FLAG_QR = 0x8000,
	DNS_FLAG_OPCODE = 0x7800,
	DNS_FLAG_AA = 0x0400,
	DNS_FLAG_TC = 0x0200,
	DNS_FLAG_RD = 0x0100,
};

enum { DNS_EDNS_DO = 0x8000 }; /* in the flags of OPT (RFC 3225) */

typedef enum dns_rcode {
	DNS_RCODE_NOERROR = 0,
	DNS_RCODE_FORMERR = 1,
	DNS_RCODE_SERVFAIL = 2,
	DNS_RCODE_NXDOMAIN = 3,
	DNS_RCODE_NOTIMP = 4,
	DNS_RCODE_REFUSED = 5,
	/* Extended: the upper bits travel in OPT (RFC 6891 section 9). */
	DNS_RCODE_BADVERS = 16,
	DNS_RCODE_BADCOOKIE = 23, /* RFC 7873 section 8 */
} dns_rcode_t;

/* Options of OPT (RFC 6891 section 6.1.2). */
enum {
	DNS_OPTION_NSID = 3,       /* RFC 5001 */
	DNS_OPTION_COOKIE = 10,    /* RFC 7873 */
	DNS_OPTION_KEEPALIVE = 11, /* RFC 7828 */
	DNS_OPTION_ERROR = 15,     /* extended error, RFC 8914 */

	DNS_OPTION_HEAD = 4,        /* bytes before an option's data: code and length */
	DNS_CLIENT_COOKIE_SIZE = 8, /* RFC 7873 section 4 */
	DNS_COOKIE_SIZE_MIN = 16,   /* of client and server cookie together */
	DNS_COOKIE_SIZE_MAX = 40,
};

/* Extended errors (RFC 8914 section 4); those that this server has a use for. */
typedef enum dns_error {
	DNS_ERROR_NONE = 0, /* on the wire "Other Error", which says nothing without a text */
	DNS_ERROR_STALE_ANSWER = 3,
	DNS_ERROR_FORGED_ANSWER = 4,
	DNS_ERROR_NOT_READY = 14,
	DNS_ERROR_FILTERED = 17,
	DNS_ERROR_PROHIBITED = 18,
	DNS_ERROR_STALE_NXDOMAIN = 19,
	DNS_ERROR_NOT_AUTHORITATIVE = 20,
	DNS_ERROR_NOT_SUPPORTED = 21,
	DNS_ERROR_INVALID_DATA = 24,
} dns_error_t;

typedef enum dns_type {
	DNS_TYPE_A = 1,
	DNS_TYPE_NS = 2,
	DNS_TYPE_SOA = 6,
	DNS_TYPE_MX = 15,
	DNS_TYPE_TXT = 16,
	DNS_TYPE_AAAA = 28, /* RFC 3596 */
	DNS_TYPE_OPT = 41,
	DNS_TYPE_META_FIRST =
		250, /* TSIG, IXFR, AXFR, MAILB, MAILA: not data (RFC 6895 section 3.1) */
	DNS_TYPE_META_LAST = 254,
	DNS_TYPE_ANY = 255,
} dns_type_t;

typedef enum dns_class {
	DNS_CLASS_IN = 1,
	DNS_CLASS_CH = 3,
	DNS_CLASS_ANY = 255,
} dns_class_t;

#endif
