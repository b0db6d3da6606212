# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""What a run can end a benchmark with."""


class LeftOut(Exception):
    """It cannot run here: the reason, and what to do about it."""


class Wrong(Exception):
    """A server ended, or answered what it must not."""
