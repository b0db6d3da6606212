# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Every reply of the table in RBLDNSD.md section 7, compared as a whole, over IPv4 and IPv6:
header, question, the three sections, OPT."""

import pytest

from lib import wire
from lib.replies import ask_and_check
from lib.wire import A, AAAA, ANY, MX, NS, SOA, TXT, NOERROR, NOTIMP, NXDOMAIN, REFUSED

ADDRESSES = ("127.0.0.1", "::1")
FILES = {
    "list": "$SOA 50 ns.bl.test host.bl.test 7 1h 2h 3h 40\n$NS 60 ns1.bl.test ns2.example.org\n"
    "$TTL 300\n"
    ":5:Listed $\n1.2.3.4\n1.2.3.5 :6:\n10.0.0.0/8 :7:Net $\n!10.9.0.0/16\n",
    "names": "www 100 A 192.0.2.1\nwww 200 A 192.0.2.2\nwww 100 TXT hello\na.b.c 100 A 5\n"
    "ns1 100 A 192.0.2.53\n@ 100 MX 10 mail.bl.test\n",
    "bare": "1.2.3.4\n",
    "onlysoa": "$SOA 50 a.test b.test 7 1 2 3 40\n1.2.3.4\n",
    "onlyns": "$NS 60 a.test\n1.2.3.4\n",
    "other": "@ 100 MX 10 mail.other.test\ntext 100 TXT words\n",
}
ZONES = (
    "bl.test:ip4set:list",
    "bl.test:generic:names",
    "bare.test:ip4trie:bare",
    "a.b.bl.test:ip4tset:bare",
    "onlysoa.test:ip4trie:onlysoa",
    "onlyns.test:ip4trie:onlyns",
    "other.test:generic:other",
)
SOA_ANSWER = "bl.test 50 SOA ns.bl.test host.bl.test 7 3600 7200 10800 40"
SOA_NEGATIVE = "bl.test 40 SOA ns.bl.test host.bl.test 7 3600 7200 10800 40"
AUTHORITY = ("bl.test 60 NS ns1.bl.test", "bl.test 60 NS ns2.example.org")
GLUE = ("ns1.bl.test 100 A 192.0.2.53",)
POSITIVE = {"authority": AUTHORITY, "additional": GLUE}
NEGATIVE = {"authority": (SOA_NEGATIVE,)}
UNKNOWN = {"rcode": REFUSED, "flags": wire.FLAG_RD, "error": wire.EDE_NOT_AUTHORITATIVE}
UNSUPPORTED = {"flags": wire.FLAG_RD, "error": wire.EDE_NOT_SUPPORTED}
LISTED = "4.3.2.1.bl.test"

# Of one question each: (name, type), what is not the empty NOERROR with AA.
ROWS = {
    "listed A": ((LISTED, A), {"answer": [f"{LISTED} 300 A 127.0.0.5"], **POSITIVE}),
    "listed TXT": ((LISTED, TXT), {"answer": [f"{LISTED} 300 TXT Listed 1.2.3.4"], **POSITIVE}),
    "listed ANY": (
        (LISTED, ANY),
        {"answer": [f"{LISTED} 300 A 127.0.0.5"], **POSITIVE},
    ),
    "listed, no TXT": (("5.3.2.1.bl.test", TXT), NEGATIVE),
    "listed AAAA": ((LISTED, AAAA), NEGATIVE),
    "listed MX": ((LISTED, MX), NEGATIVE),
    "listed SOA": ((LISTED, SOA), NEGATIVE),
    "listed NS": ((LISTED, NS), NEGATIVE),
    "listed CAA": ((LISTED, 257), NEGATIVE),
    "in a listed network": (
        ("4.3.2.10.bl.test", TXT),
        {"answer": ["4.3.2.10.bl.test 300 TXT Net 10.2.3.4"], **POSITIVE},
    ),
    "excluded": (("1.0.9.10.bl.test", A), {"rcode": NXDOMAIN, **NEGATIVE}),
    "not listed A": (("6.3.2.1.bl.test", A), {"rcode": NXDOMAIN, **NEGATIVE}),
    "not listed ANY": (("6.3.2.1.bl.test", ANY), {"rcode": NXDOMAIN, **NEGATIVE}),
    "not listed CAA": (("6.3.2.1.bl.test", 257), {"rcode": NXDOMAIN, **NEGATIVE}),
    "leading zeros": (
        ("004.03.2.001.bl.test", A),
        {"answer": ["004.03.2.001.bl.test 300 A 127.0.0.5"], **POSITIVE},
    ),
    "octet 256": (("256.3.2.1.bl.test", A), {"rcode": NXDOMAIN, **NEGATIVE}),
    "four digits": (("0004.3.2.1.bl.test", A), {"rcode": NXDOMAIN, **NEGATIVE}),
    "five labels": (("9.4.3.2.1.bl.test", A), {"rcode": NXDOMAIN, **NEGATIVE}),
    "letters": (("x.3.2.1.bl.test", A), {"rcode": NXDOMAIN, **NEGATIVE}),
    "empty non-terminal, three labels": (("3.2.1.bl.test", A), NEGATIVE),
    "empty non-terminal, one label": (("1.bl.test", ANY), NEGATIVE),
    "three labels, nothing below": (("4.2.1.bl.test", A), {"rcode": NXDOMAIN, **NEGATIVE}),
    "one label, nothing below": (("3.bl.test", A), {"rcode": NXDOMAIN, **NEGATIVE}),
    "the first nibble of 6to4 addresses": (("2.bl.test", A), NEGATIVE),
    "the first nibbles of mapped addresses": (("0.0.0.0.bl.test", A), NEGATIVE),
    "partial name below an exclusion": (("1.9.10.bl.test", A), {"rcode": NXDOMAIN, **NEGATIVE}),
    "partial name beside an exclusion": (("10.bl.test", A), NEGATIVE),
    "empty non-terminal of names": (("b.c.bl.test", A), NEGATIVE),
    "empty non-terminal above a zone": (("b.bl.test", A), NEGATIVE),
    "mapped address": ((wire.reversed_ip6(0xFFFF01020304, "bl.test"), A), {}),
    "RRs of one type share the least TTL": (
        ("www.bl.test", A),
        {"answer": ["www.bl.test 100 A 192.0.2.1", "www.bl.test 100 A 192.0.2.2"], **POSITIVE},
    ),
    "name ANY": (
        ("www.bl.test", ANY),
        {
            "answer": [
                "www.bl.test 100 A 192.0.2.1",
                "www.bl.test 100 A 192.0.2.2",
            ],
            **POSITIVE,
        },
    ),
    "name without that type": (("www.bl.test", MX), NEGATIVE),
    "below a name": (("x.www.bl.test", A), {"rcode": NXDOMAIN, **NEGATIVE}),
    "apex SOA": (("bl.test", SOA), {"answer": [SOA_ANSWER], **POSITIVE}),
    "apex NS": (("bl.test", NS), {"answer": AUTHORITY, **POSITIVE}),
    "apex MX": (("bl.test", MX), {"answer": ["bl.test 100 MX 10 mail.bl.test"], **POSITIVE}),
    "apex A": (("bl.test", A), NEGATIVE),
    "apex ANY": (
        ("bl.test", ANY),
        {"answer": [SOA_ANSWER], **POSITIVE},
    ),
    "apex SOA without": (("bare.test", SOA), {}),
    "apex NS without": (("bare.test", NS), {}),
    "apex ANY without": (("bare.test", ANY), {}),
    "apex ANY, only NS": (
        ("onlyns.test", ANY),
        {"answer": ["onlyns.test 60 NS a.test"], "authority": ["onlyns.test 60 NS a.test"]},
    ),
    "apex ANY with neither, but other data": (
        ("other.test", ANY),
        {"answer": ["other.test 100 MX 10 mail.other.test"]},
    ),
    "ANY of a name with TXT alone": (
        ("text.other.test", ANY),
        {"answer": ["text.other.test 100 TXT words"]},
    ),
    "type 0": ((LISTED, 0), NEGATIVE),
    "type 65535": ((LISTED, 65535), NEGATIVE),
    "OPT as a type": ((LISTED, 41), NEGATIVE),
    "type 65280, not listed": (("6.3.2.1.bl.test", 65280), {"rcode": NXDOMAIN, **NEGATIVE}),
    "AXFR outside": (("example.com", 252), {"rcode": NOTIMP, **UNSUPPORTED}),
    "MAILB": ((LISTED, 253), {"rcode": NOTIMP, **UNSUPPORTED}),
    "apex A without": (("bare.test", A), {}),
    "apex NS, only SOA": (
        ("onlysoa.test", NS),
        {"authority": ["onlysoa.test 40 SOA a.test b.test 7 1 2 3 40"]},
    ),
    "apex SOA, only NS": (("onlyns.test", SOA), {}),
    "listed without SOA and NS": (
        ("4.3.2.1.bare.test", A),
        {"answer": ["4.3.2.1.bare.test 2100 A 127.0.0.2"]},
    ),
    "listed without TXT, SOA and NS": (("4.3.2.1.bare.test", TXT), {}),
    "not listed without SOA": (("5.3.2.1.bare.test", A), {"rcode": NXDOMAIN}),
    "zone inside a zone": (
        ("4.3.2.1.a.b.bl.test", A),
        {"answer": ["4.3.2.1.a.b.bl.test 2100 A 127.0.0.2"]},
    ),
    "outside": (("www.example.com", A), UNKNOWN),
    "outside CAA": (("www.example.com", 257), UNKNOWN),
    "parent of a zone": (("test", SOA), UNKNOWN),
    "root": (("", NS), UNKNOWN),
    "ends like a zone": (("4.3.2.1.xbl.test", A), UNKNOWN),
    "AXFR": (("bl.test", 252), {"rcode": NOTIMP, **UNSUPPORTED}),
    "IXFR": (("bl.test", 251), {"rcode": NOTIMP, **UNSUPPORTED}),
}


@pytest.fixture(name="server")
def _server(spurnd):
    return spurnd.start(ZONES, FILES, addresses=ADDRESSES)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("edns", [None, wire.Edns(4096), wire.Edns(1232, flags=wire.EDNS_DO)])
def test_answers_table(server, client, address, edns):
    """Proves every row of the answers table, with and without EDNS: OPT comes back exactly when it
    was sent, with size 1232 and DO as it came."""
    one = client(server, address)
    for row, (question, expected) in ROWS.items():
        print(row)
        expected = {"edns": edns and wire.Edns(1232, flags=edns.flags), **expected}
        if row == "mapped address":
            name = ".".join(label.decode() for label in wire.labels_of(question[0]))
            expected = {**expected, "answer": [f"{name} 300 A 127.0.0.5"], **POSITIVE}
        ask_and_check(one, question, query={"edns": edns}, **expected)


@pytest.mark.parametrize("address", ADDRESSES)
def test_letter_case_is_kept(server, client, address):
    """Proves that the question comes back byte for byte, answers belong to the name as it was
    asked, and case does not matter for what is found."""
    one = client(server, address)
    ask_and_check(
        one,
        ("4.3.2.1.Bl.tEsT", A),
        answer=["4.3.2.1.Bl.tEsT 300 A 127.0.0.5"],
        authority=["Bl.tEsT 60 NS ns1.bl.test", "Bl.tEsT 60 NS ns2.example.org"],
        additional=["ns1.Bl.tEsT 100 A 192.0.2.53"],
    )
    ask_and_check(
        one,
        ("WwW.BL.test", TXT),
        answer=["WwW.BL.test 100 TXT hello"],
        authority=["BL.test 60 NS ns1.bl.test", "BL.test 60 NS ns2.example.org"],
        additional=["ns1.BL.test 100 A 192.0.2.53"],
    )


@pytest.mark.parametrize("address", ADDRESSES)
def test_header_flags(server, client, address):
    """Proves what becomes of each header bit: RD copied, AD, CD, Z, RA and rcode cleared; another
    opcode, AA or TC is NOTIMP, with opcode and RD as they came and no other flag."""
    one = client(server, address)
    good = {"answer": [f"{LISTED} 300 A 127.0.0.5"], **POSITIVE}
    for flags in (0, wire.FLAG_RD):
        for extra in (0, wire.FLAG_AD, wire.FLAG_CD, wire.FLAG_Z, wire.FLAG_RA, 0x000F, 0x00FF):
            ask_and_check(
                one, (LISTED, A), query={"flags": flags | extra}, flags=wire.FLAG_AA | flags, **good
            )
    for flags in (
        wire.FLAG_AA,
        wire.FLAG_TC,
        *(opcode << 11 | wire.FLAG_RD for opcode in range(1, 16)),
    ):
        for name in (LISTED, "www.example.com"):
            for edns in (None, wire.Edns()):
                ask_and_check(
                    one,
                    (name, A),
                    query={"flags": flags, "edns": edns},
                    rcode=NOTIMP,
                    flags=flags & 0x7900,
                    edns=edns,
                    error=wire.EDE_NOT_SUPPORTED,
                )


@pytest.mark.parametrize("address", ADDRESSES)
def test_classes(server, client, address):
    """Proves that class ANY is answered like IN but without AA, and other classes are REFUSED."""
    one = client(server, address)
    ask_and_check(
        one,
        (LISTED, A, wire.CLASS_ANY),
        flags=wire.FLAG_RD,
        answer=[f"{LISTED} 300 A 127.0.0.5"],
        **POSITIVE,
    )
    ask_and_check(
        one, ("6.3.2.1.bl.test", A, wire.CLASS_ANY), flags=wire.FLAG_RD, rcode=NXDOMAIN, **NEGATIVE
    )
    for rclass in (wire.CH, wire.HS, wire.CLASS_NONE, 0, 2, 65535):
        for edns in (None, wire.Edns()):
            ask_and_check(
                one,
                (LISTED, A, rclass),
                query={"edns": edns},
                edns=edns,
                rcode=REFUSED,
                **UNSUPPORTED,
            )


@pytest.mark.parametrize(
    "options, text", [((), r"spurn"), (("-v",), r"spurn"), (("-v", "-v"), None), (("-vv",), None)]
)
def test_version_bind(spurnd, client, options, text):
    """Proves that version.bind tells program and version, with -v only the program, and with -vv is
    REFUSED; as are other things that class CH could ask."""
    server = spurnd.start(ZONES, FILES, options, addresses=ADDRESSES)
    for address in ADDRESSES:
        one = client(server, address)
        for name in ("version.bind", "VERSION.bind", "version.server"):
            reply = one.ask(name, TXT, wire.CH)
            if text is None:
                assert (reply.rcode, reply.answer) == (REFUSED, ())
                continue
            assert (reply.rcode, reply.authority, reply.additional) == (NOERROR, (), ())
            (found,) = reply.answer
            assert (found.owner, found.type, found.rclass, found.ttl) == (
                wire.name_of(name),
                TXT,
                wire.CH,
                0,
            )
            said = found.rdata[1:].decode()
            assert text in said and any(c.isdigit() for c in said) == (not options), said
        for name, qtype, qclass in (
            ("id.version.bind", TXT, wire.CH),
            ("version.bind", TXT, wire.IN),
            ("version.bind", A, wire.CH),
        ):
            assert one.ask(name, qtype, qclass).rcode == REFUSED


def test_name_servers_take_turns(server, client):
    """Proves that the order of NS rotates, so that no name server is always the first."""
    one = client(server)
    assert {one.ask(LISTED, A).authority[0].rdata for _ in range(50)} == {
        wire.name_of("ns1.bl.test"),
        wire.name_of("ns2.example.org"),
    }


@pytest.mark.parametrize(
    "options, minimal",
    [(("-a",), True), (("-A",), False), (("-a", "-A"), False), (("-A", "-a"), True)],
)
def test_minimal_answers(spurnd, client, options, minimal):
    """Proves that -a leaves NS and glue out of all replies but those that ask for NS, keeps the SOA
    of negative ones, and that -A undoes it: the last one counts."""
    server = spurnd.start(ZONES, FILES, options)
    one = client(server)
    more = {} if minimal else POSITIVE
    for row in (
        "listed A",
        "listed ANY",
        "apex SOA",
        "apex NS",
        "apex ANY",
        "name ANY",
        "not listed A",
        "listed AAAA",
        "apex A",
        "apex SOA without",
        "outside",
    ):
        question, expected = ROWS[row]
        if "answer" in expected:
            expected = {"answer": expected["answer"], **more}
        ask_and_check(one, question, **expected)
