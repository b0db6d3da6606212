# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""The benchmarks (`make bench`) run, and can be believed: tiny ones here, whose figures mean nothing. A
server that answers wrongly is found, so is one that is not there, and what is told of targets is what
was measured."""

import ipaddress
import json
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from conftest import TOP
from lib.daemon import PATIENCE_S

sys.path.insert(0, str(TOP / "tests" / "bench"))

# pylint: disable=wrong-import-position
from harness import client, servers, targets  # noqa: E402
from harness.failure import LeftOut, Wrong  # noqa: E402
from harness.subjects import Questions, Subject  # noqa: E402

RUN = TOP / "tests" / "bench" / "run.py"


def run(spurnd, directory, *arguments):
    """Runs the benchmarks of a build, with results in `directory`."""
    command = [sys.executable, RUN, "--build", Path(spurnd).parent, "--output", directory]
    return subprocess.run(
        [*command, "--scale", "tiny", *arguments], capture_output=True, text=True, check=False
    )


def test_measures(spurnd_path, rbldnsd_path, workdir):
    """One benchmark beside rbldnsd: every figure is there, as JSON, as tables and as a picture."""
    del rbldnsd_path  # it only has to be there
    doc = workdir / "doc"
    doc.mkdir()
    done = run(spurnd_path, workdir, "--peers", "rbldnsd", "--doc", doc, "names")
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((workdir / "bench.json").read_text(encoding="utf-8"))
    (bench,) = report["benches"]
    labels = [server["label"] for server in bench["servers"]]
    assert labels == ["spurnd dnset", "spurnd compiled", "rbldnsd dnset"]
    for server in bench["servers"]:
        assert set(targets.RIVALRY) <= set(server["figures"])
        assert server["figures"]["rate"] > 0 and server["figures"]["cpu_us"] > 0
        # Half of the questions are for what is listed.
        assert 0.4 < server["figures"]["hits"] < 0.6
        assert server["label"] in done.stdout
    assert report["left_out"] == {} and report["targets"]
    picture = ElementTree.parse(doc / "benchmarks.svg").getroot()
    assert "rbldnsd dnset" in "".join(picture.itertext())
    page = (doc / "benchmarks.md").read_text(encoding="utf-8")
    assert "| rbldnsd dnset |" in page
    assert "make bench SCALE=tiny PEERS=rbldnsd BENCH=names" in page
    assert not list(workdir.glob("**/names-*"))


def test_unknown(spurnd_path, workdir):
    """What there is not is an error that tells what there is."""
    done = run(spurnd_path, workdir, "ip4-sorted", "nonsense")
    assert done.returncode == 2
    assert "no benchmark nonsense; there are: answer, " in done.stderr and "names" in done.stderr
    done = run(spurnd_path, workdir, "--peers", "rbldnsd,bind", "ip4-sorted")
    assert done.returncode == 2
    assert "no peer bind; there are: rbldnsd, nsd, knot" in done.stderr


def test_list(spurnd_path, workdir):
    """`list` says what there is, each name apart from what it is."""
    done = run(spurnd_path, workdir, "list")
    assert done.returncode == 0
    names = {line.split()[0] for line in done.stdout.splitlines()}
    assert {"ip4-index", "ip4-index-prefixes", "spray", "ip4-sorted", "names-zone"} <= names


def test_instructions_without_valgrind(workdir):
    """Nobody counts instructions where valgrind is not installed: what to install is told."""
    done = subprocess.run(
        [sys.executable, TOP / "tests" / "bench" / "instructions.py", "count_path"],
        env={"PATH": str(workdir)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "instructions: not installed: valgrind; apt-get install valgrind\n"


def test_left_out(spurnd_path, workdir):
    """What cannot be had is told, with what to do, and the status says that not all was measured."""
    done = run(spurnd_path, workdir, "--ipsum", workdir / "nowhere", "--peers", "", "ip4-real")
    assert done.returncode == 1
    assert "IPSUM=FILE" in done.stdout and "IPSUM=FILE" in done.stderr
    assert list(json.loads((workdir / "bench.json").read_text())["left_out"]) == ["ip4-real"]


def test_missing_peer(monkeypatch):
    """A peer that is not installed: the packages that are missing, in one command."""
    monkeypatch.setattr(servers.Knot, "find", lambda: None)
    monkeypatch.setattr(servers.Nsd, "find", lambda: None)
    with pytest.raises(LeftOut, match="apt-get install --no-install-recommends knot nsd"):
        servers.need(["knot", "nsd"])


def test_wrong_answers(spurnd_path, rbldnsd_path, workdir):
    """A server that does not have all that is listed, and two that do not agree, are found."""
    del rbldnsd_path  # it only has to be there
    servers.head(workdir)
    build = Path(spurnd_path).resolve().parent
    texts = ["192.0.2.1", "192.0.2.2"]
    (workdir / "all").write_text("\n".join(texts) + "\n", encoding="ascii")
    (workdir / "less").write_text(texts[0] + "\n", encoding="ascii")
    (workdir / "more").write_text(f"{texts[0]}\n{texts[1]} :127.0.0.3\n", encoding="ascii")
    first = servers.Spurnd(build, workdir, "ip4set", workdir / "all")
    listed, unlisted = [Subject(text) for text in texts], [Subject("192.0.2.3")]
    try:
        client.wait_ready(first, listed[0], first.start())
        client.check_answers([first], listed, unlisted)
        for name, reason in (("less", "not listed"), ("more", "rbldnsd ip4set answers")):
            second = servers.Rbldnsd(build, workdir, "ip4set", workdir / name)
            try:
                client.wait_ready(second, listed[0], second.start())
                with pytest.raises(Wrong, match=reason):
                    client.check_answers([first, second], listed, unlisted)
            finally:
                second.stop()
    finally:
        first.stop()


def test_stopped_at_once(spurn_path, workdir):
    """Who asks during a reload can be stopped however short that is, and tells what there is."""
    (workdir / "list").write_text("192.0.2.1\n", encoding="ascii")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        server = SimpleNamespace(build=Path(spurn_path).parent, port=sock.getsockname()[1])
        for _ in range(3):
            spray = client.Spray(server, Questions(workdir / "list", 1), None, "-w", "0.1")
            spray.wait_sending()
            spray.stop()
            out, err = spray.process.communicate(timeout=PATIENCE_S)
            assert spray.process.returncode in (0, 1), err.decode()
            assert json.loads(out)["interrupted"]


def make_list(spurnd, *words):
    """The lines that `random_lists` writes."""
    program = Path(spurnd).parent / "tests" / "bench" / "random_lists"
    return subprocess.check_output([program, *words], text=True).splitlines()


def test_lists(spurnd_path):
    """Lists are made by seed, have as many different entries as they should, and sorted is shuffled,
    sorted."""
    for kind in ("ip6", "names", "shuffled"):
        lines = make_list(spurnd_path, kind, "5000", "7")
        assert len(set(lines)) == len(lines) == 5000
    assert lines == make_list(spurnd_path, "shuffled", "5000", "7")
    assert lines != make_list(spurnd_path, "shuffled", "5000", "8")
    in_order = sorted(lines, key=ipaddress.IPv4Address)
    assert in_order == make_list(spurnd_path, "sorted", "5000", "7") != lines


def made_up(**ours):
    """A result of two servers, one with the figures `ours`."""
    peer = {"label": "rbldnsd ip4set", "figures": {"start_s": 0.6, "rate": 100.0, "rss": 5e6}}
    return {"name": "ip4-sorted", "servers": [{"label": "spurnd ip4set", "figures": ours}, peer]}


def test_targets():
    """Targets are met or not, by figures or ratios; and where spurnd is not ahead is told."""
    results = [made_up(start_s=0.3, rate=150.0, rss=20e6, index_per_entry=1.4)]
    part = {"name": "ip4-index", "rows": [{"what": "batches of 32", "value": 50, "unit": "ns"}]}
    verdicts = {verdict["what"]: verdict for verdict in targets.judge(results, [part], True)}
    assert targets.verdict_words(verdicts["memory, MB"]) == "met (20% below)"
    assert (
        targets.verdict_words(verdicts["start, x that of rbldnsd ip4set"]) == "not met (50% above)"
    )
    assert targets.verdict_words(verdicts["batches of 32, ns"]) == "not met (25% above)"
    assert verdicts["index per entry, bytes"]["met"]
    assert {verdict["met"] for verdict in targets.judge(results, [], False)} == {None}
    assert [row[1] for row in targets.not_ahead(results)] == ["memory, MB"]
