# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""All servers of the farm are upgraded, one after the other, while clients ask."""

from lib.client import Asking
from lib.director import VIP4

RATE = 300
SOCKETS = 500


def test_replace(servers, director, client_host, note):
    """`spurnd --replace` on all of them, with nothing taken out of the farm: no query is lost."""
    director.balance_as_shipped()
    asking = Asking(client_host, VIP4, SOCKETS, RATE)
    for server in servers:
        server.replace()
    report = asking.finish()
    note(
        f"{report.sent} queries, {len(report.lost)} lost: "
        + report.table([s.name for s in servers])
    )
    assert (report.lost, report.wrong) == ([], [])
    assert len(report.servers) == len(servers)
