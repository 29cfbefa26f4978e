"""Run the services of docker-compose.yml on this machine without containers."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from tests.production import compose, machines
from tests.production.processes import Process, Proxy

HIDDEN = 'raise ModuleNotFoundError(f"No module named {__name__!r}", name=__name__)\n'


class Deployment:
    """A copy of the image's files, two servers and the started processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.app = folder / "app"
        self.processes: list[Process] = []
        self._copy_the_image()
        self.secrets = self._make_secrets()
        stands_on = machines.runtime_account_in(folder)
        self.postgres = machines.PostgreSQL(stands_on, self.secrets / "database_password")
        self.redis = machines.Redis(stands_on)
        self._point_to_here()

    # --- image build ---------------------------------------------------------------------

    def _copy_the_image(self) -> None:
        def skipped(folder: str, names: list[str]) -> set[str]:
            here = Path(folder).relative_to(compose.ROOT)
            return {name for name in names if not compose.in_image(here / name)}

        shutil.copytree(compose.ROOT, self.app, ignore=skipped)
        hidden = self.folder / "hidden"
        hidden.mkdir()
        for package in compose.left_out():
            (hidden / f"{package.replace('-', '_')}.py").write_text(HIDDEN)

    def collect_static(self) -> Process:
        """Run the Dockerfile's command with an empty environment."""
        build = Process(
            ["sh", "-c", compose.static_build()],
            env=self._machine(), cwd=self.app, output=self.folder / "build", grace=10,
        )  # fmt: skip
        self.processes.append(build)
        return build

    def _machine(self) -> dict[str, str]:
        """Return the initial environment of a container."""
        path = [str(Path(sys.executable).parent), os.defpath]
        own = {"PATH": os.pathsep.join(path), "HOSTNAME": socket.gethostname()}
        # The packages that the image leaves out are installed here: hide them.
        return own | {"PYTHONPATH": str(self.folder / "hidden"), "TMPDIR": str(self.folder)}

    # --- documented settings and host names ------------------------------------------------

    def status_token(self) -> str:
        return (self.secrets / "status_token").read_text().strip()

    def _make_secrets(self) -> Path:
        text = (compose.ROOT / "docs/deployment.md").read_text()
        block = re.search(r"```sh\n([^`]*secrets/secret_key[^`]*)```", text)
        assert block, "docs/deployment.md explains how to create the secrets"
        ready = self.folder / "checkout"
        ready.mkdir()
        subprocess.run(["sh", "-euc", block[1]], cwd=ready, check=True, timeout=60)
        return ready / "secrets"

    def _point_to_here(self) -> None:
        for name in ("database_url", "database_owner_url"):
            url = self.secrets / name
            text = url.read_text()
            assert "@postgres:5432/" in text
            url.chmod(0o600)
            url.write_text(text.replace("@postgres:5432/", f"@127.0.0.1:{self.postgres.port}/"))

    def environment(self, service: str) -> dict[str, str]:
        """Return the documented settings; most tests also read the log of tasks."""
        there = {
            "/run/secrets/": f"{self.secrets}/",
            "redis://redis:6379": f"redis://127.0.0.1:{self.redis.port}",
        }
        settings = compose.environment(service)
        for name, value in settings.items():
            for old, new in there.items():
                settings[name] = settings[name].replace(old, new) if value else value
        return self._machine() | settings | {"TWOTIER_LOG_TASKS": "yes"}

    # --- services ------------------------------------------------------------------------

    def start(
        self, service: str, *more: str, port: int = 0, settings: dict[str, str] | None = None
    ) -> Process:
        place = self.folder / f"{service}-{len(self.processes)}"
        here = {"0.0.0.0": "127.0.0.1", "8000": str(port)}
        command = [
            here.get(word, word).replace("/var/lib/twotier", str(place))
            for word in compose.command(service)
        ]
        return self.run([*command, *more], service, place, settings)

    def run(
        self,
        command: list[str],
        service: str = "worker",
        place: Path | None = None,
        settings: dict[str, str] | None = None,
    ) -> Process:
        """Run a command in the environment of a service."""
        place = place or self.folder / f"command-{len(self.processes)}"
        started = Process(
            command,
            env=self.environment(service) | (settings or {}),
            cwd=self.app,
            output=place,
            grace=compose.grace(service),
        )
        self.processes.append(started)
        return started

    def start_web(self) -> tuple[Process, Proxy]:
        """Start the web process and wait until it responds."""
        port = machines.free_port()
        web, proxy = self.start("web", port=port), Proxy(port)

        def answers() -> bool:
            assert web.is_running(), web.output()
            try:
                return proxy.get("/healthz").status == 200
            except OSError:
                return False

        machines.until(answers, "web answers")
        return web, proxy

    def start_worker(self, *options: str) -> Process:
        worker = self.start("worker", *options)
        self.until_logged(worker, "ready.")
        return worker

    def start_beat(self) -> Process:
        beat = self.start("beat")
        # Before its first task, beat ends if the broker is missing.
        self.until_logged(beat, "Sending due task")
        return beat

    def until_logged(self, process: Process, text: str, within: float = 60) -> None:
        def logged() -> bool:
            assert process.is_running(), process.output()
            return text in process.err.read_text()

        machines.until(logged, f"logged: {text}", within)

    def close(self) -> None:
        for process in self.processes:
            process.end()
        self.postgres.stop()
        self.redis.stop()
