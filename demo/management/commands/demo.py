"""Run a shop with a history on this machine: ``./run demo``."""

from __future__ import annotations

import os
import shlex
import socket
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.utils import translation
from django.utils.translation import gettext as _
from honcho.manager import Manager

import devservers
from catalog.models import Product
from closing.tasks import fold_flows, reconcile_daily
from common import clock
from demo import story
from demo.seed import PASSWORD, USER, seed
from devservers import generation
from integration.clients import create_client, rotate_secret
from integration.models import ApiClient
from posters.services import load_shipped
from reports.tasks import fold_changes

HOST, USUAL_PORT = "127.0.0.1", 8000
CLIENT = "Demo mall"
WEEKS = 52


class Command(BaseCommand):
    help = _("Prepare a small shop and serve it, with a worker and the clock. Ctrl-C stops it all.")
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, help=_("the web port; without it, a free one"))
        parser.add_argument(
            "--prepare-only", action="store_true", help=_("end when the shop is prepared")
        )
        parser.add_argument(
            "--fresh", action="store_true", help=_("delete the data of the embedded database first")
        )
        parser.add_argument(
            "--weeks", type=int, default=WEEKS, metavar="N",
            help=_("weeks of orders of hundreds of people (52); 0: only the story of four people"),
        )  # fmt: skip

    def handle(
        self, *, port: int | None, prepare_only: bool, fresh: bool, weeks: int, **options: Any
    ) -> None:
        if settings.PRODUCTION:
            raise CommandError(_("The demo has a known password: it does not run in production."))
        if not 0 <= weeks <= WEEKS:
            raise CommandError(_("--weeks takes a number from 0 to %(most)s.") % {"most": WEEKS})
        chosen = _free_port(port)
        if fresh:
            _empty()
        self.prepare(weeks)
        for text in story.report_lines():
            self.stdout.write(text)
        if prepare_only:
            return
        self.say_where(chosen)
        sys.exit(_serve(chosen))

    def say_where(self, port: int) -> None:
        """Say how to sign in to the office, the pages for phones and the API."""
        self.stdout.write(
            self.style.SUCCESS(
                _("Open http://%(host)s:%(port)s/admin/ and sign in as %(user)s, %(password)s.")
                % {"host": HOST, "port": port, "user": USER, "password": PASSWORD}
            )
        )
        self.stdout.write(
            _(
                "To see what a customer sees on a phone, open http://%(host)s:%(port)s/p/%(id)s,"
                " sign in as Lan, and make a poster."
            )
            % {"host": HOST, "port": port, "id": _shown_product()}
        )
        self.stdout.write(
            _(
                "The REST API is described at http://%(host)s:%(port)s/api/v1/docs/. To sign in as"
                ' Lan, send {"name": "lan"} to POST /api/v1/sandbox/login.'
            )
            % {"host": HOST, "port": port}
        )
        key, secret = _mall_client()
        self.stdout.write(
            _("The mall's server signs with KEY=%(key)s SECRET=%(secret)s; try docs/quickstart.py.")
            % {"key": key, "secret": secret}
        )
        self.stdout.write(_("Ctrl-C stops everything."))
        self.stdout.flush()

    def prepare(self, weeks: int) -> None:
        steps = [
            (_("PostgreSQL and Valkey"), self.start_servers),
            (_("the database's tables"), lambda: call_command("migrate", verbosity=0)),
            (_("a shop with its history, in a minute or two"), lambda: self.seed(weeks)),
            (_("figures and controls of yesterday"), _run_jobs),
            (_("poster templates"), lambda: load_shipped(at=clock.now())),
        ]
        for number, (what, step) in enumerate(steps, start=1):
            self.stdout.write(f"{number}/{len(steps)}  {what} …")
            self.stdout.flush()
            step()

    def seed(self, weeks: int) -> None:
        with translation.override(settings.LANGUAGE_CODE):  # staff read what it stores
            seed(at=clock.now(), weeks=weeks, show=self.show)

    def show(self, text: str) -> None:
        self.stdout.write(f"     {text} …")
        self.stdout.flush()

    def start_servers(self) -> None:
        if not (settings.DATABASE_URL and settings.REDIS_URL):
            devservers.attach(settings.SERVER_PAIR)


def _run_jobs() -> None:
    """Do what workers do in their time, so that the first look shows figures."""
    fold_changes()
    fold_flows()
    reconcile_daily()


def _shown_product() -> str:
    """Return the public id of the shop's first product on sale."""
    products = Product.objects.filter(status=Product.Status.ON_SALE)
    return products.order_by("pk").values_list("public_id", flat=True)[0]


def _mall_client() -> tuple[str, str]:
    """Return key and secret of the demo's client; the secret is another one at each start."""
    at = clock.now()
    client = ApiClient.objects.filter(name=CLIENT, revoked_at=None).first()
    if client:
        return client.key, rotate_secret(client=client, at=at)
    client, secret = create_client(name=CLIENT, scopes=None, at=at)
    return client.key, secret


def _empty() -> None:
    if settings.DATABASE_URL:
        raise CommandError(_("--fresh deletes embedded data only, and DATABASE_URL is set."))
    generation.empty(settings.SERVER_PAIR)


def _free_port(wanted: int | None) -> int:
    for candidate in (wanted,) if wanted else (USUAL_PORT, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, candidate))
            except (OSError, OverflowError):
                continue
            port: int = probe.getsockname()[1]
            return port
    raise CommandError(
        _("Port %(port)s is in use or not allowed: name another with --port.") % {"port": wanted}
    )


def _serve(port: int) -> int:
    """Run web, workers and beat until one exits or a signal arrives; return the exit code."""
    connections.close_all()  # the processes are forked from this one
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "--quiet", "--app", "config.celery"]
    schedule = str(settings.SERVER_PAIR.home / "beat-schedule")
    processes = {
        "web": [
            *python, "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port),
            "--workers", "1", "--blocking-threads", "4", "--no-ws", "config.wsgi:application",
        ],
        "worker": [*celery, "worker", "--concurrency", "3"],
        "posters": [
            *celery, "worker", "--queues", "posters", "--hostname", "posters@",
            "--concurrency", "1",
        ],
        "beat": [*celery, "beat", "--schedule", schedule],
    }  # fmt: skip
    manager = Manager()
    environment = {
        **os.environ,
        # Root is usual in containers, and messages are JSON, so hide the warning.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
        "WEBHOOK_ALLOW_LOOPBACK": "yes",  # for the receiver of docs/quickstart.py
        # Pictures, links and the codes on posters name it.
        "PUBLIC_URL": os.environ.get("PUBLIC_URL") or f"http://{HOST}:{port}",
        "SANDBOX_CLOCK": str(settings.SERVER_PAIR.home / "clock-ahead"),
    }
    for name, command in processes.items():
        manager.add_process(name, shlex.join(command), cwd=str(settings.BASE_DIR), env=environment)
    manager.loop()
    ended: int = manager.returncode or 0
    return ended
