# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Data that expire ($TIMESTAMP): a list that nobody renews goes silent by itself, in time."""

import time

from lib import wire
from lib.daemon import wait_until
from test_acl import says
from test_reload import hang_up, replace

NAME = "4.3.2.1.bl.test"


def moment(seconds):
    """A time (since 1970) as $TIMESTAMP has it."""
    return time.strftime("%Y:%m:%d:%H:%M:%S", time.gmtime(seconds))


def stamped(written, expires, value):
    """A list."""
    return f"$TIMESTAMP {written} {expires}\n1.2.3.4 :{value}:\n"


def test_end_while_it_is_served(spurnd, workdir):
    """Proves that a zone turns SERVFAIL in the very second that its first data set expires, without
    any reload, other zones go on, and newer data bring it back."""
    patience_s = 1

    def is_seen_in_time():
        """Starts a server, and returns it and when its data end, unless that was too late for it."""
        nonlocal patience_s
        patience_s *= 2
        end = int(time.time()) + patience_s
        server = spurnd.start(
            ["bl.test:ip4set:other", "bl.test:ip4set:list", "free.test:ip4set:other"],
            {"list": stamped(moment(end - 60), moment(end), 5), "other": "9.9.9.9\n"},
            ["-c", "0"],
        )
        said = says(server, "127.0.0.1")
        return time.time() < end and (server, end, said)

    server, end, said = wait_until(is_seen_in_time, "an answer in time")
    assert said == "127.0.0.5"
    logged = server.log()
    seen = []

    def is_over():
        before = time.time()
        said = says(server, "127.0.0.1")
        seen.append((before, said, time.time()))
        return said == wire.SERVFAIL

    wait_until(is_over, "the end of the list")
    # A reply is good until the second, and SERVFAIL from then on (the time between a query's way out
    # and its answer's way back is unknown). The clock that time(2) reads is a tick behind.
    assert all(before < end + 0.02 for before, said, _ in seen if said == "127.0.0.5")
    assert all(after >= end for _, said, after in seen if said == wire.SERVFAIL)
    assert {said for _, said, _ in seen} <= {"127.0.0.5", wire.SERVFAIL}
    assert says(server, "127.0.0.1", "bl.test", wire.SOA) == wire.SERVFAIL
    assert says(server, "127.0.0.1", "9.9.9.9.bl.test") == wire.SERVFAIL
    assert says(server, "127.0.0.1", "9.9.9.9.free.test") == "127.0.0.2"
    assert "reload" not in server.log()[len(logged) :]
    # A reload of other data does not bring it back; one of its own does.
    replace(workdir / "other", "9.9.9.9 :3:\n")
    hang_up(server)
    assert says(server, "127.0.0.1") == wire.SERVFAIL
    replace(workdir / "list", stamped(moment(end), "+1h", 6))
    hang_up(server)
    assert says(server, "127.0.0.1") == "127.0.0.6"
    assert says(server, "127.0.0.1", "9.9.9.9.bl.test") == "127.0.0.3"


def test_expired_at_the_start(spurnd, workdir):
    """Proves that data which have expired already start, with SERVFAIL, as in rbldnsd: another
    download may be under way."""
    server = spurnd.start(
        ["bl.test:ip4set:list", "free.test:ip4set:other"],
        {"list": stamped("2020:01:01", "+1d", 5), "other": "9.9.9.9\n"},
    )
    assert says(server, "127.0.0.1") == wire.SERVFAIL
    assert says(server, "127.0.0.1", "9.9.9.9.free.test") == "127.0.0.2"
    replace(workdir / "list", stamped("2020:01:01", "-", 6))
    hang_up(server)
    assert says(server, "127.0.0.1") == "127.0.0.6"


def test_data_from_the_future(spurnd, workdir):
    """Proves that data from the future are no data: a reload keeps the old ones and says why."""
    server = spurnd.start(["bl.test:ip4set:list"], {"list": stamped("2020:01:01", "-", 5)})
    future = moment(time.time() + 3600)
    replace(workdir / "list", stamped(future, "+1d", 6))
    log = hang_up(server)
    assert "future" in log and "list:1" in log, log
    assert says(server, "127.0.0.1") == "127.0.0.5"


def test_section_of_a_combined_file(spurnd):
    """Proves that a $TIMESTAMP in any section of a combined file is the whole zone's."""
    server = spurnd.start(
        ["bl.test:combined:c"],
        {
            "c": "$DATASET ip4set @\n1.2.3.4\n$DATASET ip4set sub\n$TIMESTAMP 0 2020:01:01\n1.2.3.4\n"
        },
    )
    for name in (NAME, "4.3.2.1.sub.bl.test", "bl.test"):
        assert says(server, "127.0.0.1", name) == wire.SERVFAIL


def test_glue_of_an_expired_zone(spurnd, client):
    """Proves that the address of a name server is told also when the zone that it is in has expired:
    the list there is too old, not the address."""
    server = spurnd.start(
        ["old.test:generic:old", "bl.test:ip4set:list"],
        {
            "old": "$TIMESTAMP 0 2020:01:01\nns A 192.0.2.53\n",
            "list": "$NS 300 ns.old.test\n1.2.3.4\n",
        },
    )
    assert says(server, "127.0.0.1", "ns.old.test") == wire.SERVFAIL
    glue = client(server).ask("bl.test", wire.NS).additional
    assert [record.rdata for record in glue] == [wire.ip4("192.0.2.53")]
