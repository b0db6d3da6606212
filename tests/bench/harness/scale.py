# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""How large lists are, and how long is measured."""

from typing import NamedTuple, Optional


class Scale(NamedTuple):
    """The sizes of one run."""

    name: str
    ip4: int  # random IPv4 addresses
    ip6: int  # random IPv6 /64s
    names: int  # random names
    zone_names: int  # of these in a zone file: general name servers need a kilobyte for each
    lines: Optional[int]  # of real lists at most
    sample: int  # different names that are asked: more than processors remember
    rounds: int  # of each measurement, by turns
    seconds: float  # of each round under load
    rate: int  # queries per second at which latency is taken
    patience: int  # seconds until a query is lost; each that is costs as much


SCALES = {
    scale.name: scale
    for scale in (
        Scale("full", 10_000_000, 1_000_000, 5_000_000, 200_000, None, 400_000, 3, 2.0, 20_000, 1),
        Scale("small", 500_000, 50_000, 250_000, 20_000, 50_000, 50_000, 2, 0.5, 10_000, 1),
        Scale("tiny", 2_000, 500, 1_000, 500, 1_000, 500, 1, 0.1, 500, 5),
    )
}
