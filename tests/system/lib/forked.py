# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Processes of a test's own: ready before anything goes wrong, and not disturbed by its threads."""

import multiprocessing
import threading

CONTEXT = multiprocessing.get_context("fork")


def start(target, *arguments):
    """Starts a process that calls target(*arguments), and ends with this one; returns it.

    It is started by a thread that Python knows: xdist at times runs pytest in one that it does not, and a
    process that is forked there always ends with status 1."""
    process = CONTEXT.Process(target=target, args=arguments, daemon=True)
    thread = threading.Thread(target=process.start)
    thread.start()
    thread.join()
    return process
