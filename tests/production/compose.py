"""Read commands and settings from docker-compose.yml and the Dockerfile, without Docker."""

from __future__ import annotations

import json
import re
import shlex
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
OURS = ("migrate", "web", "worker", "posters", "beat")
DOMAIN = "shop.example.com"


def command(service: str) -> list[str]:
    """Return the command of the service, by default that of the image."""
    own = SERVICES[service].get("command")
    return shlex.split(own) if own else _exec_form("CMD")


def environment(service: str) -> dict[str, str]:
    given = SERVICES[service].get("environment", {})
    return {name: interpolated(str(value)) for name, value in given.items()}


def interpolated(text: str) -> str:
    """Insert the documented DOMAIN and the defaults of the other variables."""
    text = re.sub(r"\$\{DOMAIN:\?[^}]*\}", DOMAIN, text)
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def grace(service: str) -> float:
    """Return the seconds between SIGTERM and SIGKILL."""
    period: str = SERVICES[service].get("stop_grace_period", "10s")
    return float(period.removesuffix("s"))


def restarts(service: str) -> bool:
    """Return whether the service is restarted after it exits."""
    return bool(SERVICES[service].get("restart") in {"always", "unless-stopped"})


def health(service: str) -> list[str]:
    """Return the health check command."""
    own = SERVICES[service].get("healthcheck")
    return ["sh", "-c", own["test"].replace("$$", "$")] if own else _exec_form("CMD", indented=True)


def left_out() -> list[str]:
    """Return the packages of requirements.txt that the image excludes."""
    match = re.search(r"grep -vE '\^\(([\w|-]+)\)=='", DOCKERFILE)
    assert match
    return match[1].split("|")


def static_build() -> str:
    """Return the shell command of the Dockerfile that collects static files."""
    return _only([line for line in _steps("RUN") if "collectstatic" in line])


def in_image(path: Path) -> bool:
    """Return whether ``COPY . .`` copies this path of the checkout."""
    patterns = [
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    for place in (path, *path.parents):
        for pattern in patterns:
            anywhere = pattern.removeprefix("**/")
            if pattern != anywhere and fnmatch(place.name, anywhere):
                return False
            if "/" not in str(place) and fnmatch(str(place), pattern):
                return False
    return True


def _exec_form(instruction: str, *, indented: bool = False) -> list[str]:
    start = rf"^HEALTHCHECK.*\s{instruction}" if indented else f"^{instruction}"
    words: list[str] = json.loads(_only(re.findall(rf"{start}\s+(\[.*\])$", DOCKERFILE, re.M)))
    return words


def _steps(instruction: str) -> list[str]:
    return re.findall(rf"^{instruction}\s+(.*)$", DOCKERFILE, re.M)


def _only(matches: list[str]) -> str:
    assert len(matches) == 1, matches
    return matches[0]
