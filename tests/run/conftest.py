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
DEADLINE = pytest.mark.timeout(90)
"""Ends whatever a test waits for: a line, a lock, the other end of a pipe."""

SHOWS_HOW_IT_WAS_CALLED = """\
import json, os, pathlib, sys
tool = pathlib.Path(sys.argv[0]).name
print(json.dumps({"argv": [tool, *sys.argv[1:]], "cwd": os.getcwd(), "env": dict(os.environ)}))
with open("called.log", "a") as log:
    print(" ".join([tool, *sys.argv[1:]]), file=log)
words = [tool, *sys.argv[1:2]]
sys.exit(3 if os.environ.get("BROKEN") in words else 0)
"""

# What `python -m venv` and `pip install` do for ./run, as far as the quick tests look: the first
# makes a .venv that holds the second, which notes how it was called and unpacks the wheels.
FAKE_VENV = """\
import pathlib, sys, venv
place = pathlib.Path(sys.argv[-1])
venv.create(place, symlinks=True)
pip = next(place.glob("lib/python*/site-packages")) / "pip.py"
pip.write_bytes(pathlib.Path(__file__).with_name("fake_pip.py").read_bytes())
"""
FAKE_PIP = """\
import json, os, pathlib, sys, zipfile
with open(os.environ["INSTALL_LOG"], "a") as log:
    print(json.dumps({"argv": ["pip", *sys.argv[1:]], "env": dict(os.environ)}), file=log)
site = pathlib.Path(__file__).parent
python = pathlib.Path(sys.executable)
for file in sys.argv[sys.argv.index("-r") + 1 :: 2]:
    for line in pathlib.Path(file).read_text().splitlines():
        if line and not line.startswith("-r "):
            name, version = line.split("==")
            wheel = f"{name}-{version}-py3-none-any.whl"
            zipfile.ZipFile(pathlib.Path(os.environ["PIP_FIND_LINKS"]) / wheel).extractall(site)
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
        self.install_log = folder / "install.log"
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
            "INSTALL_LOG": str(self.install_log),
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

    def python_on_path(self, name: str, *changes: str) -> None:
        """Put a Python there that differs from ours by some lines of its sitecustomize.py."""
        shims = self.bin.parent / "shims" / name
        shims.mkdir(parents=True, exist_ok=True)
        (shims / "sitecustomize.py").write_text("\n".join(["import sys", *changes]))
        self.on_path(name, f'PYTHONPATH={shims} exec {BASE_PYTHON} "$@"')

    def fake_installers(self, name: str = "python3", *, first: str = "") -> None:
        """Let `name -m venv` make a .venv whose pip takes no time, after a shell command."""
        (self.bin / "fake_venv.py").write_text(FAKE_VENV)
        (self.bin / "fake_pip.py").write_text(FAKE_PIP)
        note = f"""echo '{{"argv": ["venv"]}}' >> {self.install_log}"""
        make = f'exec {BASE_PYTHON} {self.bin}/fake_venv.py "$@"'
        self.on_path("base-python", f"{first or ':'}\n{note}\n{make}")
        self.python_on_path(name, f"sys._base_executable = {str(self.bin / 'base-python')!r}")

    def take_venv_module_away(self) -> None:
        self.python_on_path("python3", "sys.modules['ensurepip'] = None")

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
    def installs(self) -> list[dict]:
        return [json.loads(line) for line in self.install_log.read_text().splitlines()]


def finish(started: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    out, err = started.communicate()
    assert "Traceback" not in err, err
    return subprocess.CompletedProcess(started.args, started.returncode, out, err)


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
    """A checkout where a set-up takes no time."""
    checkout.fake_installers()
    return checkout
