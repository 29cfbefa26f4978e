import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BASE_PYTHON = getattr(sys, "_base_executable", sys.executable)
DEADLINE = 90

SHOWS_HOW_IT_WAS_CALLED = """\
import json, os, pathlib, sys
tool = pathlib.Path(sys.argv[0]).name
print(json.dumps({"argv": [tool, *sys.argv[1:]], "cwd": os.getcwd(), "env": dict(os.environ)}))
with open("called.log", "a") as log:
    print(" ".join([tool, *sys.argv[1:]]), file=log)
words = [tool, *sys.argv[1:2]]
sys.exit(3 if os.environ.get("BROKEN") in words else 0)
"""

# What uv does for ./run, as far as these tests look: it notes how it was called, makes a .venv
# and unpacks the wheels that the requirements name.
FAKE_UV = """\
import json, os, pathlib, re, subprocess, sys, zipfile
with open(os.environ["UV_LOG"], "a") as log:
    print(json.dumps({"argv": sys.argv[1:], "env": dict(os.environ)}), file=log)
if os.environ.get("UV_BROKEN") == sys.argv[1]:
    sys.exit("error: this uv is broken")
if sys.argv[1] == "venv":
    python, place = sys.argv[-2:]
    sys.exit(subprocess.call([python, "-m", "venv", "--without-pip", place]))
python = pathlib.Path(sys.argv[sys.argv.index("--python") + 1])
site = next(python.parents[1].glob("lib/python*/site-packages"))
files = [pathlib.Path(sys.argv[-1])]
for file in files:
    for line in file.read_text().splitlines():
        if line.startswith("-r "):
            files.append(file.parent / line[3:])
        elif line:
            name, version = re.split("==", line)
            wheel = next(pathlib.Path(os.environ["WHEELS"]).glob(f"{name}-{version}-*.whl"))
            zipfile.ZipFile(wheel).extractall(site)
    if (site / "pytest.py").exists():
        for tool in ("ruff", "mypy", "lint-imports"):
            script = python.parent / tool
            script.write_text(f"#!{python}\\n" + (site / "pytest.py").read_text())
            script.chmod(0o755)
"""


class Checkout:
    """A copy of ./run among tiny requirements, on a PATH that holds nothing but one Python."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "checkout"
        self.bin = folder / "bin"
        self.wheels = folder / "wheels"
        self.uv_log = folder / "uv.log"
        for path in (self.root, self.bin, self.wheels, folder / "home"):
            path.mkdir()
        for name in ("run", "Makefile"):
            shutil.copy(ROOT / name, self.root)
        self.write("requirements.txt", "alpha==1.0\n")
        self.write("requirements-dev.txt", "-r requirements.txt\ntools==1.0\n")
        self.write("manage.py", SHOWS_HOW_IT_WAS_CALLED)
        self.wheel("alpha", "1.0", **{"alpha.py": "VERSION = '1.0'"})
        self.wheel("tools", "1.0", **{"pytest.py": SHOWS_HOW_IT_WAS_CALLED})
        self.on_path("python3", f'exec {BASE_PYTHON} "$@"')
        self.started: list[subprocess.Popen[str]] = []
        self.env = {
            "PATH": str(self.bin),
            "HOME": str(folder / "home"),
            "LANG": "C.UTF-8",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "UV_LOG": str(self.uv_log),
            "WHEELS": str(self.wheels),
        }

    def write(self, name: str, text: str) -> Path:
        file = self.root / name
        file.write_text(text)
        return file

    def wheel(self, name: str, version: str, **files: str) -> None:
        info = f"{name}-{version}.dist-info"
        files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        files[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        files[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
        with zipfile.ZipFile(self.wheels / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
            for file, text in files.items():
                wheel.writestr(file, text)

    def on_path(self, name: str, script: str) -> None:
        file = self.bin / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(file.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)

    def give_uv(self, **env: str) -> None:
        (self.bin / "uv.py").write_text(FAKE_UV)
        self.on_path("uv", f'exec {BASE_PYTHON} {self.bin}/uv.py "$@"')
        self.env.update(env)

    def take_venv_module_away(self) -> None:
        shims = self.root.parent / "shims"
        shims.mkdir()
        (shims / "sitecustomize.py").write_text("import sys\nsys.modules['ensurepip'] = None\n")
        self.on_path("python3", f'PYTHONPATH={shims} exec {BASE_PYTHON} "$@"')

    def start(self, *arguments: str, **env: str) -> subprocess.Popen[str]:
        run = subprocess.Popen(
            [self.root / "run", *arguments],
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Who is started in the background by a shell inherits a Ctrl-C that does nothing.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )
        self.started.append(run)
        return run

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return finish(self.start(*arguments, **env))

    def has(self, module: str) -> bool:
        python = self.root / ".venv/bin/python"
        return python.exists() and not subprocess.call(
            [python, "-Ic", f"import {module}"], cwd=self.root, stderr=subprocess.DEVNULL
        )

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def uv_calls(self) -> list[dict]:
        return [json.loads(line) for line in self.uv_log.read_text().splitlines()]


def finish(started: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    out, err = started.communicate()
    assert "Traceback" not in err, err
    return subprocess.CompletedProcess(started.args, started.returncode, out, err)


@pytest.fixture(autouse=True)
def deadline() -> Iterator[None]:
    """End whatever a test waits for: a line, a lock, the other end of a pipe."""

    def end(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(DEADLINE)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    checkout = Checkout(tmp_path)
    yield checkout
    for run in checkout.started:
        if run.poll() is None:
            run.terminate()
            run.communicate()


@pytest.fixture
def quick(checkout: Checkout) -> Checkout:
    """A checkout on a machine with uv, where a set-up takes no time."""
    checkout.give_uv()
    return checkout
