"""What the commands do once .venv is there."""

import json
import os
import shutil
import signal
import subprocess

import pytest

from .conftest import DEADLINE, ROOT, SHOWS_HOW_IT_WAS_CALLED, Checkout

pytestmark = DEADLINE

COMMANDS = ["setup", "demo", "test", "check", "bench", "help"]


@pytest.fixture(scope="module")
def ready_once(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    checkout = Checkout(tmp_path_factory.mktemp("ready"))
    checkout.fake_installers()
    assert checkout.run("setup", "--dev").returncode == 0
    return checkout


@pytest.fixture
def ready(ready_once: Checkout) -> Checkout:
    """A checkout that is set up, shared by the tests in this file."""
    (ready_once.root / "called.log").unlink(missing_ok=True)
    ready_once.write("manage.py", SHOWS_HOW_IT_WAS_CALLED)
    return ready_once


def pytest_arguments(checkout: Checkout, *arguments: str) -> list[str]:
    run = checkout.run("test", *arguments)
    return json.loads(run.stdout)["argv"][1:]


@pytest.mark.parametrize("arguments", [[], ["help"], ["-h"], ["--help"]])
def test_help(checkout: Checkout, arguments: list[str]) -> None:
    run = checkout.run(*arguments)
    assert run.returncode == 0
    assert all(f"  {command} " in run.stdout for command in COMMANDS)


def test_demo_is_manage_py_in_its_own_environment(ready: Checkout) -> None:
    run = ready.run("demo", "--port", "8001", PYTHONPATH="/strange", PYTHONHOME="")
    seen = json.loads(run.stdout)

    assert seen["argv"] == ["manage.py", "demo", "--port", "8001"]
    assert seen["cwd"] == str(ready.root)
    assert seen["env"]["VIRTUAL_ENV"] == str(ready.venv)
    assert seen["env"]["PATH"].split(os.pathsep)[0] == str(ready.venv / "bin")
    assert seen["env"]["PYTHONUNBUFFERED"] == "1"
    assert not {"PYTHONPATH", "PYTHONHOME"} & seen["env"].keys()


def test_exit_codes_are_passed_through(ready: Checkout) -> None:
    assert ready.run("demo", BROKEN="demo").returncode == 3
    assert ready.run("test", BROKEN="pytest.py").returncode == 3


def test_tests_are_the_quick_ones_on_two_workers_or_more(ready: Checkout) -> None:
    workers = ["-n", str(min(max(os.cpu_count() or 1, 2), 8)), "--dist", "worksteal"]
    assert pytest_arguments(ready) == workers
    assert pytest_arguments(ready, "tests/x.py", "-k", "y") == [*workers, "tests/x.py", "-k", "y"]


def test_all_tests_are_the_slow_ones_too(ready: Checkout) -> None:
    assert pytest_arguments(ready, "--all", "-x")[4:] == ["-m", "", "-x"]


@pytest.mark.parametrize("argument", ["-n0", "--numprocesses=3", "--pdb", "-s"])
def test_workers_are_left_to_who_names_them_or_cannot_have_them(
    ready: Checkout, argument: str
) -> None:
    assert pytest_arguments(ready, argument) == [argument]


def test_bench_runs_the_benchmarks(ready: Checkout) -> None:
    ready.write("benchmarks.py", "import sys; print('benchmarks', *sys.argv[1:])")
    assert ready.run("bench", "orders").stdout == "benchmarks orders\n"


def test_check_takes_every_step(ready: Checkout) -> None:
    run = ready.run("check")

    assert (run.returncode, run.stdout) == (0, "check: all is well\n")
    assert (ready.root / "called.log").read_text().splitlines() == [
        "ruff check .",
        "ruff format --check .",
        "mypy",
        "lint-imports",
        "manage.py makemigrations --check --dry-run",
        "manage.py lintmigrations --warnings-as-errors --no-cache",
        "manage.py check",
    ]


def test_check_goes_on_after_a_failure_and_shows_it(ready: Checkout) -> None:
    run = ready.run("check", BROKEN="mypy")

    assert run.returncode == 1
    assert len((ready.root / "called.log").read_text().splitlines()) == 7
    shown, summary = run.stdout.strip().splitlines()[0], run.stdout.splitlines()[-1]
    assert json.loads(shown)["argv"] == ["mypy"]
    assert summary == "check: failed: mypy"


def test_check_does_not_wait_for_a_server_that_a_step_left_running(ready: Checkout) -> None:
    ready.write(
        "manage.py",
        "import pathlib, subprocess, sys\n"
        "if sys.argv[1] == 'check':\n"
        "    server = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "    pathlib.Path('server').write_text(str(server.pid))\n",
    )
    try:
        assert ready.run("check").returncode == 0
    finally:
        os.kill(int((ready.root / "server").read_text()), signal.SIGKILL)


@pytest.mark.skipif(not shutil.which("make"), reason="this machine has no make")
@pytest.mark.parametrize("command", COMMANDS)
def test_make_is_the_same(checkout: Checkout, command: str) -> None:
    (checkout.root / command).touch()
    make = subprocess.check_output(["make", "-n", command], cwd=checkout.root, text=True)
    assert make == f"./run {command}\n"


@pytest.fixture
def fresh_clone(checkout: Checkout) -> Checkout:
    """A clone for .ci/run, on a machine whose tools only note that they were called."""
    (checkout.root / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/run", checkout.root / ".ci/run")
    note = f'echo "${{0##*/}} $*" >> {checkout.root}/called.log'
    for tool in ("apt-get", "env", "sudo", "run"):
        checkout.on_path(tool, f'{note}\n[ "$BROKEN" != "$1" ]')
    (checkout.bin / "run").replace(checkout.root / "run")
    checkout.on_path("restore_drill", f'{note}\n[ "$BROKEN" != restore_drill ]')
    (checkout.bin / "restore_drill").replace(checkout.root / ".ci/restore_drill")
    checkout.on_path("chromium", ":")
    checkout.on_path("fc-list", "echo Noto Sans CJK SC")
    for tool in ("bash", "dirname", "grep", "id"):
        checkout.on_path(tool, f'exec {shutil.which(tool)} "$@"')
    return checkout


def ci(clone: Checkout, **env: str) -> tuple[int, list[str]]:
    run = subprocess.run(
        [clone.bin / "bash", clone.root / ".ci/run"],
        env={**clone.env, "CI": "true", **env},
        stdin=subprocess.DEVNULL,
        check=False,
        cwd="/",
    )
    return run.returncode, (clone.root / "called.log").read_text().splitlines()


CI_STEPS = ["run check", "run test --all", "restore_drill "]


def test_ci_checks_and_then_tests_everything(fresh_clone: Checkout) -> None:
    assert ci(fresh_clone) == (0, CI_STEPS)


@pytest.mark.parametrize("step", ["check", "test", "restore_drill"])
def test_ci_fails_when_a_step_does(fresh_clone: Checkout, step: str) -> None:
    assert ci(fresh_clone, BROKEN=step) == (1, CI_STEPS)


@pytest.mark.parametrize("tool", ["chromium", "fc-list"])
def test_ci_installs_a_browser_that_shows_chinese_where_it_is_missing(
    fresh_clone: Checkout, tool: str
) -> None:
    (fresh_clone.bin / tool).unlink()
    code, called = ci(fresh_clone)
    assert code == 0
    assert called[1].endswith("chromium fontconfig fonts-noto-cjk")
    assert called[2:] == CI_STEPS


def test_ci_installs_the_venv_module_where_it_is_missing(fresh_clone: Checkout) -> None:
    fresh_clone.take_venv_module_away()
    code, called = ci(fresh_clone)
    become = "" if os.geteuid() == 0 else "sudo -n "
    assert code == 0
    assert called[0] == f"{become}apt-get update -q"
    assert called[1].endswith("apt-get install -qy --no-install-recommends python3-venv")
