#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""How many bytes a server sends for each byte that it is sent:

    /usr/bin/python3 tests/bench/amplification.py SPURND [RBLDNSD]

Asks spurnd and Debian's rbldnsd every kind of question, without EDNS and with every kind of it, and
prints the worst of each kind as a table in Markdown, the one in doc/protocol.md."""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))

from lib import amplification  # noqa: E402 pylint: disable=wrong-import-position


def main():
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("spurnd")
    parser.add_argument("rbldnsd", nargs="?", default="/usr/sbin/rbldnsd")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)
        columns = amplification.measure_columns(
            {False: arguments.rbldnsd, True: arguments.spurnd}, directory, amplification.packets()
        )
    print("\n".join(amplification.table(columns)))


if __name__ == "__main__":
    main()
