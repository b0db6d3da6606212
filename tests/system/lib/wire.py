# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""DNS packets: made byte by byte, so that wrong ones can be made too, and taken apart fast.

dnspython is too slow for 400,000 packets and too polite for broken ones; it is used for printing.
"""

import functools
import struct
from typing import NamedTuple, Optional

import dns.exception
import dns.message

A, NS, CNAME, SOA, PTR, MX, TXT, AAAA, OPT, ANY = 1, 2, 5, 6, 12, 15, 16, 28, 41, 255
IN, CH, HS, CLASS_NONE, CLASS_ANY = 1, 3, 4, 254, 255
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED = 0, 1, 2, 3, 4, 5
BADVERS, BADCOOKIE = 16, 23

FLAG_QR, FLAG_AA, FLAG_TC, FLAG_RD = 0x8000, 0x0400, 0x0200, 0x0100
FLAG_RA, FLAG_Z, FLAG_AD, FLAG_CD = 0x0080, 0x0040, 0x0020, 0x0010
EDNS_DO = 0x8000


# Options of OPT, and extended errors (RFC 8914).
OPTION_NSID, OPTION_COOKIE, OPTION_KEEPALIVE, OPTION_EDE = 3, 10, 11, 15
EDE_STALE, EDE_FORGED, EDE_NOT_READY, EDE_FILTERED, EDE_PROHIBITED = 3, 4, 14, 17, 18
EDE_STALE_NXDOMAIN, EDE_NOT_AUTHORITATIVE, EDE_NOT_SUPPORTED, EDE_INVALID_DATA = 19, 20, 21, 24


class RR(NamedTuple):
    """One record; names are uncompressed, the owner in the case it was sent, those in rdata in
    lower case."""

    owner: bytes
    type: int
    rclass: int
    ttl: int
    rdata: bytes


class Edns(NamedTuple):
    """What an OPT record says."""

    size: int = 1232
    ext_rcode: int = 0
    version: int = 0
    flags: int = 0
    options: bytes = b""


class Reply(NamedTuple):
    """A packet taken apart. `question` is the raw bytes of the question section."""

    id: int
    flags: int
    question: bytes
    answer: tuple
    authority: tuple
    additional: tuple
    edns: Optional[Edns]
    size: int

    @property
    def rcode(self):
        """RCODE with the upper bits of the OPT record."""
        return (self.flags & 15) | (self.edns.ext_rcode << 4 if self.edns else 0)


_LENGTHS = [bytes((length,)) for length in range(256)]


def name(*labels):
    """The wire form of a name given as labels (bytes); nothing is checked."""
    return b"".join([_LENGTHS[len(label)] + label for label in labels]) + b"\0"


@functools.lru_cache(maxsize=64)
def name_of(text):
    """The wire form of a name given as plain text without escapes ("" is the root)."""
    return (
        name(*(part.encode("latin-1") for part in text.strip(".").split(".")))
        if text.strip(".")
        else b"\0"
    )


def labels_of(wire):
    """The labels of an uncompressed wire name."""
    labels, at = [], 0
    while wire[at]:
        labels.append(wire[at + 1 : at + 1 + wire[at]])
        at += 1 + wire[at]
    return labels


def opt_record(edns):
    """An OPT record as it stands in the additional section."""
    return (
        b"\0"
        + struct.pack("!HHBBH", OPT, edns.size, edns.ext_rcode, edns.version, edns.flags)
        + struct.pack("!H", len(edns.options))
        + edns.options
    )


def option(code, data=b""):
    """An option of OPT."""
    return struct.pack("!HH", code, len(data)) + data


def error(code):
    """The option of an extended error, as our server sends it: without words."""
    return option(OPTION_EDE, struct.pack("!H", code))


def options_of(edns):
    """The options of an Edns, a list of (code, data)."""
    found, at = [], 0
    while at < len(edns.options):
        code, size = struct.unpack_from("!HH", edns.options, at)
        found.append((code, edns.options[at + 4 : at + 4 + size]))
        at += 4 + size
    if at != len(edns.options):
        raise ValueError("options of OPT are cut off")
    return found


def error_of(reply):
    """The extended error of a reply; None without."""
    for code, data in options_of(reply.edns) if reply.edns else ():
        if code == OPTION_EDE:
            return int.from_bytes(data[:2], "big")
    return None


def query(
    qname, qtype=A, qclass=IN, *, ident=0x5350, flags=FLAG_RD, edns=None, counts=None, tail=b""
):
    """A query. `qname` is wire bytes or text, `edns` an Edns, `counts` the four counts in the
    header when they shall not be the true ones, `tail` bytes after the end."""
    wire = qname if isinstance(qname, bytes) else name_of(qname)
    counts = counts or (1, 0, 0, 1 if edns else 0)
    return (
        struct.pack("!HHHHHH", ident, flags, *counts)
        + wire
        + struct.pack("!HH", qtype, qclass)
        + (opt_record(edns) if edns else b"")
        + tail
    )


def read_name(packet, at):
    """(uncompressed name, offset behind it); raises ValueError for a name that no one may send."""
    out, end, floor = [], None, at
    while True:
        length = packet[at]
        if length == 0:
            at += 1
            break
        if length >= 0xC0:
            target = (length & 0x3F) << 8 | packet[at + 1]
            if end is None:
                end = at + 2
            if target >= floor:
                raise ValueError("compression pointer does not point back")
            at = floor = target
            continue
        if length > 63:
            raise ValueError("label type")
        out.append(packet[at : at + 1 + length])
        at += 1 + length
    wire = b"".join(out) + b"\0"
    if len(wire) > 255:
        raise ValueError("name too long")
    return wire, at if end is None else end


def _read_rdata(packet, rtype, at, end):
    """The rdata with its names uncompressed and in lower case: which case they have depends on what
    they were compressed against, and means nothing (RFC 4343)."""
    if rtype in (NS, CNAME, PTR):
        target, at = read_name(packet, at)
        target = target.lower()
    elif rtype == MX:
        target, behind = read_name(packet, at + 2)
        target, at = packet[at : at + 2] + target.lower(), behind
    elif rtype == SOA:
        mname, at = read_name(packet, at)
        rname, at = read_name(packet, at)
        target, at = (mname + rname).lower() + packet[at : at + 20], at + 20
    else:
        return packet[at:end]
    if at != end:
        raise ValueError("rdata length")
    return target


def parse(packet):
    """Takes a whole packet apart; raises ValueError when it is not a well-formed DNS message or
    when bytes are left over."""
    try:
        ident, flags, *counts = struct.unpack_from("!HHHHHH", packet)
        at = 12
        for _ in range(counts[0]):
            _, at = read_name(packet, at)
            at += 4
        question, sections, edns = packet[12:at], [], None
        for count in counts[1:]:
            records = []
            for _ in range(count):
                owner, at = read_name(packet, at)
                rtype, rclass, ttl, size = struct.unpack_from("!HHIH", packet, at)
                at += 10
                if at + size > len(packet):
                    raise ValueError("rdata beyond the end")
                if rtype == OPT:
                    if edns or owner != b"\0" or len(sections) != 2:
                        raise ValueError("OPT misplaced")
                    edns = Edns(
                        rclass, ttl >> 24, ttl >> 16 & 255, ttl & 0xFFFF, packet[at : at + size]
                    )
                else:
                    records.append(
                        RR(owner, rtype, rclass, ttl, _read_rdata(packet, rtype, at, at + size))
                    )
                at += size
            sections.append(tuple(records))
    except (struct.error, IndexError) as error:
        raise ValueError(f"cut short: {error}") from error
    if at != len(packet):
        raise ValueError(f"{len(packet) - at} bytes behind the end")
    return Reply(ident, flags, question, *sections, edns, len(packet))


def show(packet):
    """The packet in words, for messages."""
    if packet is None:
        return "(no reply)"
    try:
        return dns.message.from_wire(packet, ignore_trailing=True).to_text()
    except (dns.exception.DNSException, ValueError, IndexError) as error:
        return f"(not DNS: {error}) {packet.hex()}"


def reversed_ip4(address, zone=""):
    """The wire name for an IPv4 address given as a number, below a zone given as text."""
    return name(*(b"%d" % (address >> shift & 255) for shift in (0, 8, 16, 24)))[:-1] + name_of(
        zone
    )


def reversed_ip6(address, zone=""):
    """The wire name for an IPv6 address given as a number, below a zone given as text."""
    labels = bytearray(b"\1" * 64)
    labels[1::2] = (b"%032x" % address)[::-1]
    return bytes(labels) + name_of(zone)


def txt(text):
    """TXT rdata: character-strings of 255 bytes, and one of what is left."""
    data = text if isinstance(text, bytes) else text.encode("latin-1")
    strings = [data[at : at + 255] for at in range(0, len(data), 255)] or [b""]
    return b"".join(bytes((len(string),)) + string for string in strings)


def txt_text(rdata):
    """The text of TXT rdata, its strings put together."""
    text, at = b"", 0
    while at < len(rdata):
        text += rdata[at + 1 : at + 1 + rdata[at]]
        at += 1 + rdata[at]
    return text


def ip4(text):
    """A rdata."""
    return bytes(int(octet) for octet in text.split("."))
