# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""Runs `spurn compile` and `spurn info`, and makes compiled lists by hand, good ones and others."""

import ctypes
import json
import os
import subprocess

from . import daemon


def run(spurn, arguments, directory, **how):
    """The finished `spurn` with these arguments; `how` as for subprocess.run."""
    how = {"env": daemon.environment(), "timeout": daemon.PATIENCE_S, **how}
    return subprocess.run(
        [str(spurn), *map(str, arguments)],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
        **how,
    )


def compile_good(spurn, arguments, directory):
    """Compiles, which has to succeed. Returns what it had to say."""
    done = run(spurn, ["compile", *arguments], directory)
    assert done.returncode == 0, done.stderr
    return done.stderr


def header(spurn, path, directory):
    """The header of a good compiled list."""
    done = run(spurn, ["info", "--json", path], directory)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class _Sum(ctypes.Structure):  # pylint: disable=too-few-public-methods
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


def checksum(data):
    """XXH3-128 in hexadecimal, by the library that everybody has."""
    function = ctypes.CDLL("libxxhash.so.0").XXH3_128bits
    function.restype, function.argtypes = _Sum, (ctypes.c_char_p, ctypes.c_size_t)
    result = function(data, len(data))
    return f"{result.high:016x}{result.low:016x}"


def cdb(path, records):
    """Makes a cdb with Debian's tool of that name: (key, value) each, as bytes."""
    text = b"".join(b"+%d,%d:%b->%b\n" % (len(k), len(v), k, v) for k, v in records) + b"\n"
    subprocess.run(["cdb", "-c", str(path)], input=text, check=True, timeout=daemon.PATIENCE_S)


def cdb_value(path, key):
    """What Debian's tool finds in it for a key, as bytes."""
    done = subprocess.run(
        ["cdb", "-q", str(path), key],
        stdout=subprocess.PIPE,
        check=True,
        timeout=daemon.PATIENCE_S,
    )
    return done.stdout


def cdb_keys(path):
    """All keys in it, in their order."""
    done = subprocess.run(
        ["cdb", "-l", str(path)],
        stdout=subprocess.PIPE,
        check=True,
        timeout=daemon.PATIENCE_S,
    )
    return [line.split(":", 1)[1] for line in done.stdout.decode().split("\n") if line]


def with_header(path, head, blocks=()):
    """Makes a compiled list with this header, whose sum is right, and blocks, wherever they lie."""
    text = json.dumps(head).encode()
    last = [(b"spurn", text), (b"checksum", checksum(text).encode())]
    cdb(path, [*blocks, *last])


def names(directory):
    """The files there."""
    return sorted(os.listdir(directory))
