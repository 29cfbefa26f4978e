"""``./manage.py api_client NAME``: create a client of the API and print its secret once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from common import clock
from common.errors import TwotierError
from integration.clients import create_client


class Command(BaseCommand):
    help = _("Create a client of the API and print its key and its secret, which is shown once.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help=_("whose server it is"))
        parser.add_argument("--scopes", help=_("scopes with commas between; without it: all"))

    def handle(self, *args: Any, name: str, scopes: str | None, **options: Any) -> None:
        wanted = None if scopes is None else [scope.strip() for scope in scopes.split(",")]
        try:
            client, secret = create_client(name=name, scopes=wanted, at=clock.now())
        except TwotierError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"KEY={client.key}")
        self.stdout.write(f"SECRET={secret}")
