"""What ./run does before a command: .venv is made once, whole, and by one at a time."""

import os
import pty
import re
import signal
import socket
import subprocess
from collections.abc import Iterator

import pytest

from .conftest import DEADLINE, Checkout, finish

pytestmark = DEADLINE


@pytest.fixture
def silent_index() -> Iterator[socket.socket]:
    """A package index that takes a question and never answers, so that an install stands still."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(90)
        yield server


def asking(server: socket.socket) -> dict[str, str]:
    url = f"http://127.0.0.1:{server.getsockname()[1]}/simple"
    return {"PIP_NO_INDEX": "0", "PIP_INDEX_URL": url, "PIP_RETRIES": "0"}


@pytest.mark.parametrize("installers", ["fake", pytest.param("real", marks=pytest.mark.slow)])
def test_a_bare_python_sets_everything_up_and_the_next_time_nothing_is_left_to_do(
    checkout: Checkout, installers: str
) -> None:
    if installers == "fake":
        checkout.fake_installers()
    first = checkout.run("setup")
    assert (first.returncode, first.stdout) == (0, ""), first.stderr
    assert "Installing 1 packages with pip done" in first.stderr
    assert checkout.has("alpha")
    assert not checkout.has("pytest")

    again = checkout.run("setup")
    assert (again.returncode, again.stderr.count("\n")) == (0, 1)
    assert "Installing" not in again.stderr


def test_pip_takes_binary_packages_from_where_it_is_configured_to(quick: Checkout) -> None:
    mirror = "https://mirror.example/simple"
    setup = quick.run("setup", "--dev", PIP_INDEX_URL=mirror, PIP_USER="1")
    assert setup.returncode == 0, setup.stderr

    made, installed = quick.installs
    assert made["argv"] == ["venv"]
    assert "--only-binary :all:" in " ".join(installed["argv"])
    assert installed["env"]["PIP_INDEX_URL"] == mirror
    assert installed["env"]["PIP_USER"] == "0"


@pytest.mark.slow
def test_changed_requirements_are_installed_from_nothing(quick: Checkout) -> None:
    quick.run("setup")
    quick.wheel("beta", "2.0", **{"beta.py": ""})
    quick.write("requirements.txt", "beta==2.0\n")

    assert quick.run("setup").returncode == 0
    assert quick.has("beta")
    assert not quick.has("alpha")


@pytest.mark.slow
def test_test_tools_are_added_to_what_is_there(quick: Checkout) -> None:
    quick.run("setup")
    mark = quick.venv / "mark"
    mark.touch()

    assert quick.run("setup", "--dev").returncode == 0
    assert mark.exists()
    assert quick.has("pytest")
    installs = len(quick.installs)
    assert quick.run("setup").returncode == 0
    assert quick.run("setup", "--dev").returncode == 0
    assert len(quick.installs) == installs


@pytest.mark.slow
def test_changed_test_tools_do_not_hold_up_the_demo(quick: Checkout) -> None:
    quick.run("setup", "--dev")
    installs = len(quick.installs)
    quick.write("requirements-dev.txt", "-r requirements.txt\n")

    assert quick.run("setup").returncode == 0
    assert len(quick.installs) == installs
    assert quick.run("setup", "--dev").returncode == 0
    assert not quick.has("pytest")


@pytest.mark.slow
def test_the_demo_still_starts_after_test_tools_could_not_be_fetched(checkout: Checkout) -> None:
    checkout.run("setup")
    checkout.write("requirements-dev.txt", "-r requirements.txt\nnowhere==1.0\n")

    assert checkout.run("test").returncode == 1
    demo = checkout.run("demo")
    assert demo.returncode == 0
    assert "Installing" not in demo.stderr


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["moved", "without python", "other python", "half removed"])
def test_a_damaged_venv_is_made_anew(quick: Checkout, damage: str) -> None:
    quick.run("setup")
    python = quick.venv / "bin/python"
    if damage == "moved":
        quick.root = quick.root.rename(quick.root.with_name("elsewhere"))
    elif damage == "without python":
        python.unlink()
    elif damage == "other python":
        python.unlink()
        python.write_text("#!/bin/sh\necho 3.14.0\n")
        python.chmod(0o755)
    else:
        (quick.venv / ".installed").write_text("")

    setup = quick.run("setup")
    assert "Installing 1 packages" in setup.stderr
    assert (setup.returncode, quick.has("alpha")) == (0, True)


@pytest.mark.slow
def test_a_venv_can_be_replaced_by_the_python_inside_it(quick: Checkout) -> None:
    quick.run("setup")
    (quick.venv / ".installed").unlink()
    inside = f"{quick.venv / 'bin'}{os.pathsep}{quick.bin}"

    assert quick.run("setup", PATH=inside).returncode == 0
    assert quick.has("alpha")
    assert str(quick.venv) not in os.path.realpath(quick.venv / "bin/python")


@pytest.mark.slow
def test_an_install_that_was_killed_is_waited_for_and_mended(
    checkout: Checkout, silent_index: socket.socket
) -> None:
    killed = checkout.start("setup", **asking(silent_index))
    pip, _ = silent_index.accept()
    killed.kill()
    finish(killed)
    assert checkout.venv.exists()
    assert not (checkout.venv / ".installed").exists()

    following = checkout.start("setup")
    assert following.stderr
    assert "waiting" in following.stderr.readline()
    pip.close()
    mended = finish(following)
    assert (mended.returncode, checkout.has("alpha")) == (0, True), mended.stderr


@pytest.mark.slow
def test_a_killed_addition_is_not_built_upon(quick: Checkout) -> None:
    quick.run("setup")
    gate = quick.root / "gate"
    os.mkfifo(gate)
    pip = next(quick.venv.glob("lib/python*/site-packages/pip.py"))
    pip.write_text(f"open({str(gate)!r}).read()")
    killed = quick.start("setup", "--dev")
    with gate.open("w"):  # which waits for pip to open the other end
        killed.kill()
        finish(killed)

    assert "Making .venv" in quick.run("setup", "--dev").stderr
    assert quick.has("pytest")


def test_two_at_once_set_up_once(quick: Checkout) -> None:
    gate = quick.root / "gate"
    os.mkfifo(gate)
    quick.fake_installers(first=f"read go < {gate}")
    first = quick.start("setup")
    assert first.stderr
    assert "Making .venv" in first.stderr.readline()

    second = quick.start("setup")
    assert second.stderr
    assert "waiting" in second.stderr.readline()
    gate.write_text("go\n")
    assert (finish(first).returncode, finish(second).returncode) == (0, 0)
    assert [call["argv"][0] for call in quick.installs] == ["venv", "pip"]


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_being_stopped_leaves_nothing_behind(
    checkout: Checkout, silent_index: socket.socket, number: signal.Signals, code: int
) -> None:
    setup = checkout.start("setup", **asking(silent_index))
    pip, _ = silent_index.accept()
    setup.send_signal(number)

    assert finish(setup).returncode == code
    assert not checkout.venv.exists()
    with pip:
        pip.settimeout(90)
        while pip.recv(4096):
            pass


def test_a_terminal_sees_one_line_that_keeps_changing(quick: Checkout) -> None:
    ours, theirs = pty.openpty()
    setup = subprocess.run(
        [quick.root / "run", "setup"], env=quick.env, stdin=theirs, stderr=theirs, check=True
    )
    os.close(theirs)
    seen = os.read(ours, 65536).decode()
    os.close(ours)

    assert setup.returncode == 0
    assert "Installing 1 packages with pip …\r" in seen
    assert seen.count("\n") == 3


def test_elsewhere_every_step_is_a_line_of_its_own(quick: Checkout) -> None:
    lines = quick.run("setup").stderr.splitlines()
    assert lines[0] == "Making .venv …"
    assert re.fullmatch(r"Installing 1 packages with pip done, \d+\.\d s", lines[3])
