# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""spurn compile writes what the files say or nothing: warnings have their places, whatever cannot be
compiled leaves the old file and no other one behind, and other programs can read the new one."""

import json
import os
import re
import resource
import signal
import subprocess
import time

import pytest

import conftest
from lib import compiled, daemon, process
from lib.daemon import wait_until

LIST = "$SOA 1h ns.example.com hostmaster.example.com 0 1h 15m 4w 10m\n:127.0.0.2:listed\n"
NAMES = "".join(f"name{i}.example\n" for i in range(1000))


@pytest.fixture(name="compile_")
def _compile(spurn_path, workdir):
    """Runs spurn compile in workdir, with these files made before."""

    def run(arguments, files=None, **how):
        for name, content in (files or {}).items():
            mode = "wb" if isinstance(content, bytes) else "w"
            with open(os.path.join(os.fsencode(workdir), os.fsencode(name)), mode) as out:
                out.write(content)
        return compiled.run(spurn_path, ["compile", *arguments], workdir, **how)

    return run


def test_zones_and_data_sets(compile_, spurn_path, workdir):
    """Each data set is in the file once, however many zones have it; zones have theirs in order."""
    done = compile_(
        ["-o", "out.cdb"]
        + ["a.example:ip4set:one", "B.example:dnset:names,more", "a.example:dnset:names,more"]
        + ["a.example:ip4trie:one", "b.example.:ip4set:one"],
        {"one": LIST + "192.0.2.1\n192.0.2.8\n", "names": NAMES, "more": "more.example\n"},
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"out\.cdb: 3 data sets, 1,005 entries, .* kB", done.stderr)
    head = compiled.header(spurn_path, "out.cdb", workdir)
    assert head["format"] == 2
    assert head["zones"] == {"a.example": [0, 1, 2], "b.example": [1, 0]}
    assert [one["spec"] for one in head["datasets"]] == [
        "ip4set:one",
        "dnset:names,more",
        "ip4trie:one",
    ]
    assert [one["entries"] for one in head["datasets"]] == [2, 1001, 2]
    sizes = [(one["path"], one["size"]) for one in head["datasets"][1]["files"]]
    assert sizes == [("names", len(NAMES)), ("more", 13)]
    assert abs(head["compiled"] - time.time()) < 24 * 3600
    assert head["directory"] == str(workdir)


def test_warnings(compile_):
    """A line that makes no sense is told with its place, and the others are compiled."""
    done = compile_(["-o", "out.cdb", "a.example:ip4set:list"], {"list": "192.0.2.1\nnonsense\n"})
    assert done.returncode == 0
    assert "list:2: " in done.stderr and "skipped" in done.stderr


def test_options_change_what_is_read(compile_, spurn_path, workdir):
    """-e, -C, --entry-parameters and --ip6-in-ip4trie do as with spurnd, and are in the header."""
    files = {"list": LIST + "192.0.2.1/24\n", "six": LIST + "2001:db8::/32\n", "zip": b"\x1f\x8b"}
    plain = compile_(["-o", "out.cdb", "a.example:ip4trie:list", "b.example:ip4trie:six"], files)
    assert "list:3: " in plain.stderr and "six:3: " in plain.stderr
    done = compile_(
        ["-e", "--ip6-in-ip4trie", "--entry-parameters", "-o", "out.cdb"]
        + ["a.example:ip4trie:list", "b.example:ip4trie:six"]
    )
    assert done.returncode == 0 and ":3:" not in done.stderr, done.stderr
    head = compiled.header(spurn_path, "out.cdb", workdir)
    assert head["options"] == ["--allow-host-bits", "--entry-parameters", "--ip6-in-ip4trie"]
    done = compile_(["-C", "-o", "out.cdb", "a.example:ip4trie:zip"])
    assert done.returncode == 1 and "zip" in done.stderr and "-C" in done.stderr


REFUSED = {
    "no -o": (["a.example:ip4set:list"], "-o OUT.cdb"),
    "no zone": (["-o", "out.cdb"], "no zone"),
    "no specification": (["-o", "out.cdb", "a.example"], "a.example"),
    "unknown type": (["-o", "out.cdb", "a.example:nonsense:list"], "nonsense"),
    "ACL": (["-o", "out.cdb", "a.example:ip4set:list", "a.example:acl:list"], "access lists"),
    "ACL of all": (["-o", "out.cdb", ":acl:list"], "access lists"),
    "keys": (["-o", "out.cdb", "a.example:aclkey:list"], "access lists"),
    "compiled": (["-o", "out.cdb", "a.example:compiled:list"], "no text"),
    "a source": (["-o", "link", "a.example:ip4set:list"], "one of the files to compile"),
    "jobs": (["--jobs", "0", "-o", "out.cdb", "a.example:ip4set:list"], "a number of threads"),
    "TTL": (["-t", "1h", "-o", "out.cdb", "a.example:ip4set:list"], "invalid option"),
    "a device": (["-o", "/dev/null", "a.example:ip4set:list"], "no plain file"),
    "stdout": (["-o", "-", "a.example:ip4set:list"], "give a file, or ./-"),
    "no directory": (["-o", "gone/out.cdb", "a.example:ip4set:list"], "No such file"),
}


@pytest.mark.parametrize("arguments, reason", REFUSED.values(), ids=list(REFUSED))
def test_refused(compile_, workdir, arguments, reason):
    """What is no good command line is status 2, and touches nothing."""
    (workdir / "link").symlink_to("list")
    done = compile_(arguments, {"list": LIST})
    assert done.returncode == 2, done.stderr
    assert reason in done.stderr
    assert compiled.names(workdir) == ["link", "list"]
    assert (workdir / "list").read_text() == LIST


def test_all_that_cannot_be_loaded_is_told(compile_, workdir):
    """One failure does not hide another one, and the old file stays."""
    (workdir / "out.cdb").write_text("old")
    done = compile_(
        [
            "-o",
            "out.cdb",
            "a.example:ip4set:gone1",
            "a.example:dnset:list",
            "b.example:dnset:gone2",
        ],
        {"list": "name.example\n"},
    )
    assert done.returncode == 1
    assert "gone1" in done.stderr and "gone2" in done.stderr
    assert (workdir / "out.cdb").read_text() == "old"
    assert compiled.names(workdir) == ["list", "out.cdb"]


def test_replaced_as_it_was(compile_, spurn_path, workdir):
    """Mode and owner of the old file are kept, and a link to it stays one."""
    good = ["-o", "link.cdb", "a.example:ip4set:list"]
    (workdir / "out.cdb").write_text("old")
    (workdir / "out.cdb").chmod(0o640)
    (workdir / "link.cdb").symlink_to("out.cdb")
    if os.geteuid() == 0:
        os.chown(workdir / "out.cdb", *daemon.unprivileged_ids())
    before = (workdir / "out.cdb").stat()
    assert compile_(good, {"list": LIST}).returncode == 0
    after = (workdir / "out.cdb").stat()
    assert (workdir / "link.cdb").is_symlink()
    assert after.st_ino != before.st_ino
    assert (after.st_mode, after.st_uid, after.st_gid) == (
        before.st_mode,
        before.st_uid,
        before.st_gid,
    )
    compiled.header(spurn_path, "out.cdb", workdir)
    # A new one is as the umask says.
    assert compile_(["-o", "new.cdb", *good[2:]], umask=0o027).returncode == 0
    assert (workdir / "new.cdb").stat().st_mode & 0o777 == 0o640


def test_limit_on_sizes(compile_, workdir):
    """A file that may not become so large is an error, and nothing else."""

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = compile_(["-o", "out.cdb", "a.example:dnset:names"], {"names": NAMES}, preexec_fn=limit)
    assert done.returncode == 2, done.stderr
    assert "larger" in done.stderr
    assert compiled.names(workdir) == ["names"]


def content(path):
    """A compiled file but for its header, which has the time, and what is behind it, and where that is."""
    return path.read_bytes()[2048:].split(b'{"format"', 1)[0]


@pytest.mark.tsan
def test_jobs(compile_, workdir):
    """Many data sets at a time give the same file as one at a time."""
    files = {f"list{i}": LIST + f"192.0.2.{i}\n" for i in range(20)}
    specs = [f"z{i}.example:ip4set:list{i}" for i in range(20)]
    results = []
    for jobs in (1, 7) if daemon.SANITIZED else (1, 2, 7, 100):
        done = compile_(["-o", "out.cdb", "--jobs", jobs, *specs], files)
        assert done.returncode == 0, done.stderr
        results.append(content(workdir / "out.cdb"))
    assert len(results[0]) > 20 * 64
    assert all(one == results[0] for one in results)


def test_names_read_ahead(compile_, workdir):
    """Names of one section that were read ahead while the one before was at hand do not change how that one
    is coded: the file is the same with one processor, where nothing is, and with several."""
    processors = os.sched_getaffinity(0)
    if len(processors) < 2:
        pytest.skip("one processor")
    lines = []
    for section in "abc":
        lines.append(f"$DATASET dnset {section}")
        lines += (f"name{i}.{section}.example" for i in range(40000))
        lines += (f"{i * 7919 % 99991:x}-{section}-{i:o}.test" for i in range(30000))
    files = {"list": "\n".join(lines) + "\n"}
    results = []
    for run in range(4):
        pin = processors if run % 2 else set(list(processors)[:1])
        done = compile_(
            ["-o", "out.cdb", "a.example:combined:list"],
            files,
            preexec_fn=lambda pin=pin: os.sched_setaffinity(0, pin),
        )
        assert done.returncode == 0, done.stderr
        results.append(content(workdir / "out.cdb"))
    assert all(one == results[0] for one in results)


def test_tinycdb_reads_it(compile_, spurn_path, workdir):
    """The cdb tool finds every record, the blocks are where they ought to, and sums are those of the
    library."""
    path = workdir / "out.cdb"
    done = compile_(
        ["-o", path, "a.example:ip4set:list", "b.example:dnset:names"],
        {"list": LIST + "192.0.2.1\n", "names": NAMES},
    )
    assert done.returncode == 0, done.stderr
    head = compiled.header(spurn_path, path, workdir)
    data = path.read_bytes()
    keys = []
    for number, one in enumerate(head["datasets"]):
        for block in one["blocks"]:
            keys.append(f"{number}/{block['name']}")
            value = compiled.cdb_value(path, keys[-1])
            assert len(value) == block["size"]
            assert compiled.checksum(value) == block["xxh3_128"]
            record = keys[-1].encode() + value
            assert (data.find(record) + len(keys[-1])) % 64 == 0
    text = compiled.cdb_value(path, "spurn")
    assert compiled.cdb_value(path, "checksum").decode() == compiled.checksum(text)
    assert [key for key in compiled.cdb_keys(path) if key != "fill"] == [*keys, "spurn", "checksum"]
    told = subprocess.run(["cdb", "-s", path], capture_output=True, check=True, timeout=60)
    assert b"number of records" in told.stdout


def code_of(document, section):
    """What is to be typed in a section of a document: its indented lines."""
    text = (conftest.TOP / document).read_text(encoding="utf-8")
    lines = text.split(f"## {section}\n", 1)[1].split("\n## ", 1)[0].splitlines()
    return [line[4:] for line in lines if line.startswith("    ")]


def test_readme(spurnd_path, workdir):
    """The example of the README works as it stands there."""
    lines = code_of("README.md", "Compiled lists")
    port = daemon.free_port()
    build = os.path.dirname(spurnd_path)
    (workdir / "zones").symlink_to(conftest.TOP / "zones")
    workdir.chmod(0o755)
    script = "\n".join(lines).replace("$PWD/build/quick", build).replace("5301", str(port))
    assert script.count(f"/{port}") == 2 and build in script
    if os.geteuid() == 0:  # as its comment says
        script = script.replace("spurnd -n", "spurnd -u nobody -n")
    # It is waited for as tests do; and it is to end with the test.
    assert "\nsleep 1\n" in script
    script = script.replace("\nsleep 1\n", "\n")
    script = script.replace("spurnd -", "spurnd --control none -")
    script = script.replace("\nspurn query", '\nquery() {\n\tspurn query "$@"\n}\nquery')
    script = re.sub("^query (.*)$", r"until query \1; do sleep 0.1; done", script, flags=re.M)
    done = subprocess.run(
        ["bash", "-ec", f"trap 'kill $!' EXIT\n{script}"],
        cwd=workdir,
        capture_output=True,
        text=True,
        env=daemon.environment(),
        timeout=daemon.PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "bl.cdb: a compiled list" in done.stdout
    assert re.search(r"^127\.0\.0\.2\s+bl\.example\s+LISTED", done.stdout, re.M), done.stdout


def test_reader(compile_, spurn_path, workdir):
    """The reader in the description of the format reads it."""
    text = (conftest.TOP / "doc" / "compiled-lists.md").read_text(encoding="utf-8")
    (workdir / "reader.py").write_text(text.split("```python\n", 1)[1].split("```", 1)[0])
    compile_(["-o", "out.cdb", "a.example:ip4set:list"], {"list": LIST + "192.0.2.1\n"})
    done = subprocess.run(
        ["python3", "reader.py", "out.cdb"], cwd=workdir, capture_output=True, text=True, check=True
    )
    blocks, head = done.stdout.split("{", 1)
    assert json.loads("{" + head) == compiled.header(spurn_path, "out.cdb", workdir)
    assert re.match(r"0/index: \d+ bytes at \d+\n", blocks)


def stopped_child(tracer):
    """The process that `tracer` runs, if a signal has stopped it."""
    with open(f"/proc/{tracer.pid}/task/{tracer.pid}/children", encoding="ascii") as file:
        children = file.read().split()
    if not children:
        return None
    with open(f"/proc/{children[0]}/stat", encoding="ascii", errors="replace") as stat:
        state = stat.read().rsplit(") ", 1)[1][0]
    return int(children[0]) if state in "tT" else None


def test_source_that_changes(spurn_path, workdir):
    """A file that is written to while it is read is an error: what was read may be of two versions.
    strace stops the process behind its first look at the file."""
    if process.find_program("strace") is None:
        conftest.cannot_run("no strace: install Debian's package strace")
    (workdir / "names").write_text(NAMES * 100)
    (workdir / "out.cdb").write_text("old")
    trace = workdir / "trace"
    command = ["strace", "-f", "-qq", "-o", trace, "-P", workdir / "names"]
    command += ["-e", "inject=pread64:signal=SIGSTOP:when=1", spurn_path, "compile"]
    with subprocess.Popen(
        [*map(str, command), "-o", "out.cdb", "a.example:dnset:names"],
        cwd=workdir,
        stderr=subprocess.PIPE,
        text=True,
        env=daemon.environment(look_for_leaks=False),
        start_new_session=True,
    ) as tracer:
        try:
            wait_until(
                lambda: trace.exists() and "stopped by SIGSTOP" in trace.read_text(),
                "spurn compile to stop",
            )
            pid = wait_until(lambda: stopped_child(tracer), "spurn compile to be stopped")
            with open(workdir / "names", "a", encoding="ascii") as file:
                file.write("one.more.example\n")
            os.kill(pid, signal.SIGCONT)
            error = tracer.communicate(timeout=daemon.PATIENCE_S)[1]
        except BaseException:
            os.killpg(tracer.pid, signal.SIGKILL)
            raise
    assert tracer.returncode == 1, error
    assert "names" in error and "changed while" in error
    assert (workdir / "out.cdb").read_text() == "old"
    assert compiled.names(workdir) == ["names", "out.cdb", "trace"]
