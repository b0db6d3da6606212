# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""The samples in zones/ are what they say: they load without a word of complaint, and hold the test
points of RFC 5782."""

import re
import shutil

import pytest

import conftest
from lib import wire

ZONES = conftest.TOP / "zones"


def specs():
    """The zone specifications of the samples."""
    return [
        line
        for line in (ZONES / "zone-specs").read_text().splitlines()
        if line and not line.startswith("#")
    ]


def test_samples(spurnd, client, workdir):
    """Proves that all samples load together without a warning, and that in each list 127.0.0.2 is
    listed with a text and 127.0.0.1 is not (RFC 5782 section 5)."""
    for path in ZONES.iterdir():
        shutil.copy(path, workdir)
        (workdir / path.name).chmod(0o644)
    server = spurnd.start(specs())
    assert not re.search(r"skipped|more problems|missing|warning", server.log()), server.log()
    one = client(server)
    lists = {spec.split(":")[0] for spec in specs() if re.search(":ip4|:combined", spec)}
    assert lists
    for zone in lists:
        listed = one.ask(f"2.0.0.127.{zone}")
        assert listed.answer and all(record.rdata[0] == 127 for record in listed.answer)
        assert one.ask(f"2.0.0.127.{zone}", wire.TXT).answer
        assert one.ask(f"1.0.0.127.{zone}").rcode == wire.NXDOMAIN
        for qtype in (wire.SOA, wire.NS):
            assert one.ask(zone, qtype).answer


def test_every_sample_is_served():
    """Proves that no file of zones/ is forgotten in zone-specs, and that each type that works has a
    sample."""
    used = {name for spec in specs() for name in spec.split(":", 2)[2].split(",")}
    assert used == {path.name for path in ZONES.iterdir()} - {"zone-specs", "README.md"}
    assert {spec.split(":")[1] for spec in specs()} >= {
        "ip4set",
        "ip4tset",
        "ip4trie",
        "ip6tset",
        "ip6trie",
        "dnset",
        "generic",
        "combined",
        "acl",
    }


@pytest.mark.parametrize("spec", specs() if (ZONES / "zone-specs").exists() else [])
def test_sample_alone(spurnd, workdir, spec):
    """Proves that each sample also loads on its own, an access list with some data."""
    (workdir / "empty").write_text("")
    zones = [spec] + ["all.example:ip4set:empty"] * (":acl:" in spec)
    for name in spec.split(":", 2)[2].split(","):
        shutil.copy(ZONES / name, workdir)
        (workdir / name).chmod(0o644)
    server = spurnd.start(zones)
    assert not re.search(r"skipped|more problems", server.log()), server.log()
