"""Every entry point reports a user's mistake in one line with the cause and what to do."""

from __future__ import annotations

import os
import runpy
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.startup import fail_with_one_line

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
DEADLINE = 60

ENTRIES = {
    "manage": "python manage.py migrate",
    "worker": "celery --quiet --app config.celery worker --concurrency 1",
    "beat": "celery --quiet --app config.celery beat --schedule {folder}/beat",
    "granian": "granian --interface wsgi --port 0 --log-level critical config.wsgi:application",
}
SETTINGS = {
    "TWOTIER_ENV": "production",
    "SECRET_KEY": "sesame-key",
    "FIELD_ENCRYPTION_KEYS": "sesame-seal",
    "FINGERPRINT_KEY": "sesame-print",
    "ALLOWED_HOSTS": "shop.example.com",
    "DATABASE_URL": "postgres://twotier:sesame@127.0.0.1:1/twotier",
    "REDIS_URL": "redis://:sesame@127.0.0.1:1/0",
}


@pytest.fixture
def refused(tmp_path: Path) -> Refused:
    return Refused(tmp_path)


class Refused:
    """Runs an entry with broken settings and gives back the one line that it must say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, entry: str, **changes: str | None) -> str:
        done = subprocess.run(
            ENTRIES[entry].format(folder=self.folder).split(),
            cwd=ROOT,
            # A data folder of its own shows whether something was started there.
            env=self._environment(changes),
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
        lines = [line for line in done.stderr.splitlines() if not line.startswith("{")]
        output = done.stdout + done.stderr
        assert done.returncode not in (0, None), output
        assert "Traceback" not in output
        assert "sesame" not in output
        return self._only(lines)

    def by_the_settings(self, monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> str:
        """Read the settings in this process as every entry does; the line is that of its exit."""
        environment = self._environment(changes)
        with monkeypatch.context() as patch:
            for name in os.environ.keys() - environment.keys():
                patch.delenv(name)
            for name, value in environment.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as ended, fail_with_one_line():
                runpy.run_path(str(ROOT / "config" / "settings.py"))
        line = str(ended.value.code)
        assert "sesame" not in line
        return self._only(line.splitlines())

    def _environment(self, changes: dict[str, str | None]) -> dict[str, str]:
        chosen = {name: value for name, value in (SETTINGS | changes).items() if value is not None}
        return {
            "PATH": os.pathsep.join([str(BIN), os.defpath]),
            "TWOTIER_DATA": str(self.folder / "data"),
            "PYTHONWARNINGS": "ignore",  # Celery's, about root
            **chosen,
        }

    def _only(self, lines: list[str]) -> str:
        assert len(lines) == 1, lines
        assert lines[0].startswith("twotier: ")
        assert not (self.folder / "data").exists()
        return lines[0]


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_entry_tells_a_bad_setting(refused: Refused, entry: str) -> None:
    line = refused(entry, TWOTIER_ENV="prod")
    assert line == "twotier: TWOTIER_ENV is 'prod': choose one of development, production."


def setting(value: object) -> str:
    """Return the name of a case: the setting that it changes."""
    if isinstance(value, dict) and None not in value.values():
        return "=".join(*value.items())
    return ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"TWOTIER_DEBUG": "maybe"}, "TWOTIER_DEBUG is 'maybe': use yes or no."),
        ({"TWOTIER_DEBUG": "yes"}, "TWOTIER_DEBUG is on in production"),
        ({"TWOTIER_DEBG": "no"}, "TWOTIER_DEBG is no setting of Twotier, which knows TWOTIER_"),
        ({"SECRET_KEY": None}, "SECRET_KEY is not set: "),
        ({"FIELD_ENCRYPTION_KEYS": None}, "FIELD_ENCRYPTION_KEYS is not set: "),
        ({"FINGERPRINT_KEY": None}, "FINGERPRINT_KEY is not set: "),
        ({"PAYOUT_GATEWAY": "sandbox"}, "PAYOUT_GATEWAY is 'sandbox': "),
        ({"PAYOUT_GATEWAY": "wechat"}, "WECHATPAY_MERCHANT is not set: "),
        ({"SECRET_KEY": " \n"}, "SECRET_KEY is not set: "),
        ({"SECRET_KEY_FILE": "/no/such/file"}, "SECRET_KEY_FILE cannot be read ("),
        ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS is not set: "),
        ({"DATABASE_URL": None}, "DATABASE_URL and REDIS_URL must be set in production"),
        ({"REDIS_URL": ""}, "DATABASE_URL and REDIS_URL must be set in production"),
        ({"DATABASE_URL": "mysql://u:sesame@h/d"}, "DATABASE_URL must begin with postgres://"),
        ({"DATABASE_URL": "postgres://u:sesame@h:port/d"}, "DATABASE_URL cannot be read: write "),
        ({"REDIS_URL": "http://:sesame@h/0"}, "REDIS_URL must begin with redis://"),
        ({"REDIS_URL": "redis://:sesame@h:port/0"}, "REDIS_URL cannot be read: write "),
        ({"STATUS_TOKEN": "sesame"}, "STATUS_TOKEN has fewer than 20 characters"),
        ({"ALARM_EMAILS": "a@example.com"}, "EMAIL_URL is not set: "),
        ({"EMAIL_URL": "pop3://u:sesame@h"}, "EMAIL_URL must begin with smtp://"),
        ({"ALARM_WEBHOOK_URL": "https://h/?key=sesame"}, "ALARM_WEBHOOK_KIND is not set"),
        ({"ALARM_WEBHOOK_KIND": "slack"}, "ALARM_WEBHOOK_KIND is 'slack': choose one of "),
        ({"WEBHOOK_ALLOW_LOOPBACK": "yes"}, "WEBHOOK_ALLOW_LOOPBACK is on in production"),
        ({"FETCH_ALLOW_LOOPBACK": "yes"}, "FETCH_ALLOW_LOOPBACK is on in production"),
        ({"PICTURE_HOSTS": "https://img.example.com"}, "PICTURE_HOSTS has 'https://img"),
        ({"PICTURE_HOSTS": "com"}, "PICTURE_HOSTS has 'com': list names of hosts"),
        ({"MEDIA_STORAGE": "cloud"}, "MEDIA_STORAGE is 'cloud': choose one of "),
        ({"MEDIA_STORAGE": "s3"}, "S3_ENDPOINT_URL is not set: "),
        ({"S3_ENDPOINT_URL": "ftp://sesame"}, "S3_ENDPOINT_URL must begin with https://"),
        ({"SANDBOX_CLOCK": "/sesame"}, "SANDBOX_CLOCK is set in production"),
    ],
    ids=setting,
)
def test_settings(
    refused: Refused, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str | None], message: str
) -> None:
    assert message in refused.by_the_settings(monkeypatch, **changes)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"DATABASE_URL": "postgres://u:sesame@127.0.0.1"}, "supply the NAME"),
        ({"DATABASE_URL": "postgres://u:sesame@h/d?strange=1"}, 'option "strange"'),
        ({"DATABASE_URL": "postgres://u:sesame@h/d?sslmode=strange"}, "sslmode"),
        ({"SENTRY_DSN": "https://sesame"}, "SENTRY_DSN cannot be read"),
    ],
    ids=setting,
)
def test_settings_that_the_settings_pass_on(
    refused: Refused, changes: dict[str, str | None], message: str
) -> None:
    assert message in refused("manage", **changes)


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a machine that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


DATABASE_REFUSED = "twotier: the database is not usable (connection to server at "


@pytest.mark.parametrize("entry", ["manage", pytest.param("worker", marks=pytest.mark.slow)])
def test_no_database_listens(refused: Refused, working_redis: str, entry: str) -> None:
    line = refused(entry, REDIS_URL=working_redis)
    assert line.startswith(DATABASE_REFUSED)
    assert line.endswith("check DATABASE_URL and whether that server runs.")
    assert "refused" in line


@pytest.mark.slow
def test_the_database_says_nothing(refused: Refused, silent: int) -> None:
    line = refused("manage", DATABASE_URL=f"postgres://u:sesame@127.0.0.1:{silent}/d")
    assert "timeout expired" in line


@pytest.mark.slow
@pytest.mark.parametrize("entry", ["worker", "beat"])
def test_no_broker_listens(refused: Refused, entry: str) -> None:
    line = refused(entry)
    assert line.startswith("twotier: the broker does not answer (")
    assert line.endswith("check REDIS_URL and whether that server runs.")


@pytest.mark.slow
def test_the_broker_says_nothing(refused: Refused, silent: int) -> None:
    line = refused("beat", REDIS_URL=f"redis://:sesame@127.0.0.1:{silent}/0")
    assert line.startswith("twotier: the broker does not answer (")


@pytest.fixture
def working_redis() -> str:
    """The embedded one of these tests, which asks for no password."""
    import devservers  # noqa: PLC0415

    of = devservers.attach()
    return f"redis+socket://{of.valkey_socket}"
