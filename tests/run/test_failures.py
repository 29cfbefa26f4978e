"""A missing prerequisite ends in one line with its fix, and leaves no partial set-up."""

import ast
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from .conftest import BASE_PYTHON, DEADLINE, Checkout

pytestmark = DEADLINE


def assert_refused(checkout: Checkout, word: str, **env: str) -> None:
    setup = checkout.run("setup", **env)
    *_, last = setup.stderr.splitlines()
    assert setup.returncode == 1
    assert last.startswith("run: ")
    assert word in last
    assert not checkout.venv.exists()


def test_no_venv_module(checkout: Checkout) -> None:
    checkout.take_venv_module_away()
    assert_refused(checkout, "-venv) and run this again")
    assert len(checkout.run("setup").stderr.splitlines()) == 1


def test_a_good_venv_needs_no_venv_module(quick: Checkout) -> None:
    quick.run("setup")
    quick.take_venv_module_away()
    assert quick.run("demo").returncode == 0


@pytest.mark.slow
def test_a_package_that_is_not_there(checkout: Checkout) -> None:
    checkout.write("requirements.txt", "alpha==9.9\n")
    assert_refused(checkout, "no binary package")


@pytest.mark.slow
def test_an_index_that_cannot_be_reached(checkout: Checkout) -> None:
    closed = {"PIP_INDEX_URL": "http://127.0.0.1:1/simple", "PIP_RETRIES": "1"}
    assert_refused(checkout, "check the network", **closed, PIP_NO_INDEX="0", PIP_FIND_LINKS="")


@pytest.mark.slow
def test_requirements_that_cannot_be_read(checkout: Checkout) -> None:
    checkout.write("requirements.txt", "alpha=1\n")
    assert_refused(checkout, "requirements file is invalid")


def test_requirements_that_are_missing(checkout: Checkout) -> None:
    (checkout.root / "requirements.txt").unlink()
    assert_refused(checkout, "requirements.txt: No such file")


def test_a_full_disk(checkout: Checkout) -> None:
    checkout.fake_installers(first="echo 'OSError: [Errno 28] No space left on device'; exit 1")
    assert_refused(checkout, "free some space")


def test_a_folder_of_somebody_else(checkout: Checkout) -> None:
    nobody = {"user": 65534, "group": 65534, "extra_groups": []}
    # Root may write everywhere, so somebody else has to try, in a place that they can reach.
    reach, python = ({}, BASE_PYTHON) if os.geteuid() else (nobody, "/usr/bin/python3")
    with tempfile.TemporaryDirectory() as place:
        for name in ("run", "requirements.txt"):
            shutil.copy(checkout.root / name, place)
        Path(place).chmod(0o555)
        run = subprocess.run(
            [python, f"{place}/run", "setup"],
            env={"PATH": str(checkout.bin)},
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **reach,
        )
    assert (run.returncode, run.stderr.count("\n")) == (1, 1)
    assert f"{place} is not writable" in run.stderr


def test_an_unknown_command(checkout: Checkout) -> None:
    for arguments in (["dmeo"], ["setup", "--prod"], ["check", "all"]):
        run = checkout.run(*arguments)
        assert (run.returncode, run.stdout, run.stderr.count("\n")) == (2, "", 1)


def test_an_old_python_can_read_the_script() -> None:
    ast.parse(Path(__file__).parents[2].joinpath("run").read_text(), feature_version=(3, 6))


@pytest.fixture
def old_python(checkout: Checkout) -> Checkout:
    version = "sys.version_info = (3, 9, 18)", "sys.version = '3.9.18 (old)'"
    checkout.python_on_path("python3", *version)
    checkout.on_path("python3.13", "exit 127")
    return checkout


def test_an_old_python_hands_over_to_a_newer_one(old_python: Checkout) -> None:
    old_python.fake_installers("python3.12")
    run = old_python.run("demo", "--now")
    assert json.loads(run.stdout)["argv"] == ["manage.py", "demo", "--now"]


def test_an_old_python_alone_says_what_to_install(old_python: Checkout) -> None:
    assert_refused(old_python, "this is 3.9.18; install it")


@pytest.mark.skipif(not shutil.which("python3.9"), reason="this machine has no old Python")
def test_a_really_old_python(checkout: Checkout) -> None:
    python = shutil.which("python3.9") or ""
    if subprocess.call([python, "-c", ""], stderr=subprocess.DEVNULL):
        pytest.skip("its python3.9 is switched off")
    run = subprocess.run(
        [python, checkout.root / "run", "help"],
        env={"PATH": "", "HOME": checkout.env["HOME"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr.count("\n")) == (1, 1)
