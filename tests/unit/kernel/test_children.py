"""A child ends with its parent, however the parent ends."""

import subprocess
import sys
from pathlib import Path

PARENT = """
import sys
from mehvar.kernel import children
children.start({module!r}, *sys.argv[1:])
print("started", flush=True)
sys.stdin.read()
"""
CHILD = """
import signal, sys, time
def told(*_): print("told to end", flush=True); sys.exit()
signal.signal(signal.SIGTERM, told)
print("works", sys.argv[1:], repr(sys.stdin.read()), flush=True)
while True: time.sleep(60)
"""


def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    (tmp_path / "quiet_child.py").write_text(CHILD)
    command = [sys.executable, "-c", PARENT.format(module="quiet_child"), "a", "b"]
    parent = subprocess.Popen(  # noqa: S603 - our own program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    assert parent.stdout is not None
    assert {parent.stdout.readline() for _ in range(2)} == {"started\n", "works ['a', 'b'] ''\n"}
    parent.kill()
    parent.wait()
    assert parent.stdout.read() == "told to end\n"  # read to its end: nobody holds it any more
    parent.stdout.close()
    assert parent.stdin is not None
    parent.stdin.close()


def test_a_child_is_stopped_and_its_pipe_is_closed() -> None:
    from mehvar.kernel import children

    child = children.start("http.server", "0", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    children.stop(child)
    assert child.returncode is not None
    assert child.stdin is not None
    assert child.stdin.closed
