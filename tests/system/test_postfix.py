# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""A real mail server asks: Postfix with the lines of contrib/postfix, through unbound, for the lists
of zones/. Clients have addresses that these have or have not."""

import concurrent.futures
import contextlib
import types

import pytest

import conftest
from lib import mail, netns, resolvers
from lib.daemon import wait_until

ZONES = conftest.TOP / "zones"
SAMPLES = conftest.TOP / "contrib" / "postfix"

# Who connects -> what RCPT is told by smtpd with smtpd.cf. Values are in the zone files.
CLIENTS = {
    "127.0.0.1": "250 2.1.5 Ok",
    "127.0.0.2": "bl.example; Spam source. See https://bl.example/why?127.0.0.2",
    "192.0.2.10": "bl.example; Spam source. See https://bl.example/why?192.0.2.10",
    "192.0.2.12": "bl.example; Sent a virus on 2026-11-01. See https://bl.example/why?192.0.2.12",
    "192.0.2.13": "250 2.1.5 Ok",  # 127.0.0.3, which is not wanted
    "192.0.2.14": "bl.example",  # 127.0.0.4, without a text
    "198.51.100.66": "bl.example; Botnet controller. See https://bl.example/why?198.51.100.66",
    "100.64.0.1": "bl.example; Never assigned, so nobody can be there: 100.64.0.1",
    "198.51.100.25": "250 2.1.5 Ok",  # excluded from a listed network
    "10.1.1.1": "dul.example; Mail from 10.1.1.1 should come through its provider's server"
    " (Example Telecom)",
    "10.20.30.5": "250 2.1.5 Ok",  # 127.0.0.11
    "203.0.113.200": "open.example; Open relay: https://open.example/203.0.113.200",
    "::1": "250 2.1.5 Ok",
    "2001:db8:0:1::9": "open.example; Open relay: https://open.example/2001:db8:0:1::9",
    "2001:db8:1000::1": "dul.example; Example Telecom",
    "2001:db8:1020::1": "250 2.1.5 Ok",  # excluded
    "2001:db8:20:1f::1": "250 2.1.5 Ok",  # excluded
}

# The same with postscreen before it: on both lists, on one, on none.
SCREENED = {
    "127.0.0.2": "550 5.7.1 Service unavailable; client [127.0.0.2] blocked using bl.example",
    "192.0.2.13": "250 2.1.5 Ok",
    "10.20.30.5": "250 2.1.5 Ok",
    "2001:db8:1020:3000::1": "250 2.1.5 Ok",
    "198.51.100.25": "250 2.1.5 Ok",
}


@pytest.fixture(name="host", scope="module")
def _host(spurnd_path):
    """A network of its own with spurnd, unbound and Postfix. The clients of SCREENED are on their
    way to postscreen, which lets each wait for six seconds, while other tests run."""
    if not netns.is_possible():
        conftest.cannot_run("needs root, for network namespaces")
    if mail.what_is_missing():
        conftest.cannot_run(f"no {mail.what_is_missing()}: install Debian's package")
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(conftest.work_directory())
        (namespace,) = stack.enter_context(netns.namespaces("mail"))
        for address in {*CLIENTS, *SCREENED}:
            if not address.startswith("127.") and address != "::1":
                namespace.add_address("lo", address + ("/128" if ":" in address else "/32"))
        servers = conftest.Servers(spurnd_path, directory)
        stack.callback(servers.end)
        specs, files = samples()
        spurnd = servers.start(specs, files, prefix=namespace.command, port=5300)
        resolver = resolvers.Resolver(
            resolvers.Way(),
            directory / "resolver",
            sorted({spec.split(":")[0] for spec in specs}),
            spurnd.port,
            server="127.0.0.1",
            port=53,
            prefix=namespace.command,
        )
        stack.callback(resolver.end)
        lines = "".join((SAMPLES / name).read_text() for name in ("smtpd.cf", "postscreen.cf"))
        postfix = mail.Postfix(namespace, directory, lines)
        stack.callback(postfix.end)
        pool = stack.enter_context(concurrent.futures.ThreadPoolExecutor(len(SCREENED)))
        screened = {
            source: pool.submit(mail.Client, namespace, source, mail.POSTSCREEN_PORT)
            for source in SCREENED
        }
        yield types.SimpleNamespace(
            namespace=namespace, spurnd=spurnd, postfix=postfix, screened=screened
        )
        for one in (postfix, resolver):
            one.end()
        servers.end()
        assert not namespace.processes(), "processes are left"


def samples():
    """The zone specifications of zones/, and the files."""
    specs = [line for line in (ZONES / "zone-specs").read_text().split("\n") if line[:1].isalpha()]
    return specs, {path.name: path.read_bytes() for path in ZONES.iterdir()}


def expected(source, reply):
    """The whole reply to RCPT."""
    if reply.startswith(("250", "550")):
        return reply
    return f"554 5.7.1 Service unavailable; Client host [{source}] blocked using {reply}"


@pytest.mark.parametrize("source", CLIENTS)
def test_smtpd_rejects_who_is_listed(host, source):
    """Proves that a client on a list, IPv4 or IPv6, gets 554 with the list's text as the reason,
    and that others may deliver: who is excluded, and who is listed as what the filter behind the
    list's name leaves out."""
    with mail.Client(host.namespace, source) as client:
        assert client.offer() == expected(source, CLIENTS[source]), host.postfix.log()


@pytest.mark.parametrize(
    "sender, helo, reply",
    [
        ("a@shop-of-miracles.example", "h.example", "shop-of-miracles.example advertises by spam"),
        ("a@x.cheap-watches.example", "h.example", "cheap-watches.example sends malware"),
        ("a@bob.free-hosting.example", "h.example", "free-hosting.example advertises by spam"),
        ("a@www.free-hosting.example", "h.example", None),
        ("a@example.org", "h.example", None),
        ("a@example.org", "newsletter.example.org", "newsletter.example.org has been broken into"),
    ],
)
def test_smtpd_rejects_domains(host, sender, helo, reply):
    """Proves that a domain on a list of names, of the sender or in HELO, gets 554 with the text of
    the entry."""
    with mail.Client(host.namespace, "127.0.0.1") as client:
        said = client.offer(sender, helo)
        if reply is None:
            assert said == "250 2.1.5 Ok"
        else:
            what = f"Sender address [{sender}]" if helo == "h.example" else f"Helo command [{helo}]"
            assert said == (
                f"554 5.7.1 Service unavailable; {what} blocked using rhsbl.example; {reply}"
            )


def test_postscreen_adds_up(host):
    """Proves that postscreen rejects a client on two lists, whose weights reach its threshold, and
    passes those on one or none of them, IPv4 and IPv6."""
    said = {}
    for source, future in host.screened.items():
        with future.result() as client:
            said[source] = client.offer()
    assert said == SCREENED, host.postfix.log()


def test_mail_is_taken(host):
    """Proves that the mail server works: what an unlisted client sends is taken, and delivered to
    nowhere."""
    with mail.Client(host.namespace, "127.0.0.1") as client:
        client.sendmail("a@client.example", ["postmaster@mx.example"], "Subject: hello\n\nhello\n")
    wait_until(lambda: "relay=none, delay=" in host.postfix.log(), "the delivery")
    assert "status=sent (mx.example)" in host.postfix.log()


def test_every_lookup_was_answered(host):
    """Proves that none of those who may deliver could do so because a list did not answer. Comes
    last."""
    assert "lookup error" not in host.postfix.log()
