"""The units and the proxies of deploy/ agree with docker-compose.yml and the settings."""

from __future__ import annotations

import re
import shlex
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from members.uploads import MAX_BYTES
from tests.production import compose

DEPLOY = compose.ROOT / "deploy"
SERVICES = ("web", "worker", "posters", "beat")
MEGABYTE = 2**20


class Unit(ConfigParser):
    def __init__(self, name: str) -> None:
        super().__init__(interpolation=None, strict=True)
        self.optionxform = str  # type: ignore[assignment, method-assign]
        self.read(DEPLOY / "systemd" / f"twotier-{name}.service")


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_is_restarted_without_end_and_starts_after_the_servers(name: str) -> None:
    unit = Unit(name)
    assert unit["Service"]["Restart"] == "always"
    assert 1 <= int(unit["Service"]["RestartSec"]) <= 5
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
    assert {"network-online.target", "postgresql.service", "redis.service"} <= set(
        unit["Unit"]["After"].split()
    )
    assert unit["Unit"]["Wants"] == "network-online.target"
    assert float(unit["Service"]["TimeoutStopSec"]) >= compose.grace(name)


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_runs_the_command_of_its_container(name: str) -> None:
    command = shlex.split(Unit(name)["Service"]["ExecStart"].replace("/opt/twotier/.venv/bin/", ""))
    expected = ["127.0.0.1" if word == "0.0.0.0" else word for word in compose.command(name)]
    assert command == expected
    own = compose.environment(name).get("REMAP_SIGTERM")
    assert (Unit(name)["Service"].get("Environment") == "REMAP_SIGTERM=SIGQUIT") == bool(own)


@pytest.mark.parametrize("name", ["web", "worker", "posters"])
def test_pictures_last_and_can_be_written(name: str) -> None:
    assert "media:/var/lib/twotier/media" in compose.SERVICES[name]["volumes"]
    assert "/var/lib/twotier/media" in compose.DOCKERFILE  # so that the volume has its owner
    assert Unit(name)["Service"]["StateDirectory"] == "twotier"


def test_the_folder_of_uploads_holds_one_of_each_thread() -> None:
    words = compose.command("web")
    threads = int(words[words.index("--workers") + 1]) * int(
        words[words.index("--blocking-threads") + 1]
    )
    needed = threads * settings.MAX_REQUEST_SIZE
    [tmp] = compose.SERVICES["web"]["tmpfs"]
    unit = Unit("web")["Service"]["TemporaryFileSystem"]
    for given in (tmp, unit):
        size = re.match(r"/tmp:size=(\d+)[mM]", given)
        assert size
        assert needed <= int(size[1]) * MEGABYTE <= 2 * needed
    for service in compose.SERVICES.values():
        assert all("size=" in place for place in service.get("tmpfs", []))


def test_nginx_limits_bodies_and_rates_and_logs_no_searches() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    places: dict[str, Any] = dict(re.findall(r"location ([^{]+?) \{([^}]*)\}", text))
    limit = f"client_max_body_size {settings.MAX_REQUEST_SIZE // MEGABYTE}m;"
    assert [place for place, block in places.items() if limit in block] == ["/admin/"]
    assert "\n    client_max_body_size 1m;" in text
    limited = {place for place, block in places.items() if "limit_req zone=" in block}
    assert limited == {
        "/", "/admin/", "= /admin/login/", "= /api/v1/uploads", "= /payouts/wechat",
    }  # fmt: skip
    pictures = re.search(r"client_max_body_size (\d+)m;", places["= /api/v1/uploads"])
    assert pictures
    assert MAX_BYTES < int(pictures[1]) * MEGABYTE <= 2 * MAX_BYTES
    assert "deny all;" in places["~ ^/(statusz|metrics)$"]
    log = re.search(r"log_format twotier ([^;]*);", text)
    assert log
    assert not re.search(r"\$(request|request_uri|args|query_string|http_referer)\b", log[1])
    assert set(re.findall(r"access_log ([^;]*);", text)) == {
        "off", "/var/log/nginx/twotier.log twotier",
    }  # fmt: skip


def test_caddy_limits_bodies_and_rates_and_logs_no_searches() -> None:
    text = (DEPLOY / "Caddyfile").read_text()
    assert f"max_size {settings.MAX_REQUEST_SIZE // MEGABYTE}MiB" in text
    assert "max_size 1MiB" in text
    assert f"max_size {MAX_BYTES // MEGABYTE + 1}MiB" in text
    assert "rate_limit {" in text
    assert not re.search(r"^\s*log\b", text, re.M)


def test_backups_are_made_every_night_by_the_documented_command() -> None:
    command = Unit("backup")["Service"]["ExecStart"]
    assert command.endswith("manage.py backup /var/lib/twotier-backups")
    assert "OnCalendar=*-*-*" in (DEPLOY / "systemd" / "twotier-backup.timer").read_text()


def test_ci_practises_the_restore() -> None:
    assert "\n.ci/restore_drill || status=$?" in (compose.ROOT / ".ci/run").read_text()
    script = (compose.ROOT / ".ci/restore_drill").read_text()
    assert "timeout 60 .venv/bin/python manage.py restore_drill" in script


def test_the_guide_names_every_file() -> None:
    guide = (compose.ROOT / "docs/deployment.md").read_text()
    for path in DEPLOY.rglob("*"):
        if path.is_file():
            name = path.relative_to(compose.ROOT).as_posix()
            assert Path(name).name in guide or f"{Path(name).parent}/*" in guide, name
