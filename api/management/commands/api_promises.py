"""``./manage.py api_promises``: write ``docs/api-promises.txt``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from api import promises


class Command(BaseCommand):
    help = "Write docs/api-promises.txt from docs/openapi.json, unless a break is unannounced."

    def handle(self, **options: Any) -> None:
        current = promises.of_schema_file()
        known = promises.read() if promises.PATH.exists() else set()
        if missing := promises.unannounced(promises.broken(known, current)):
            raise CommandError(promises.advice(missing))
        promises.PATH.write_text("\n".join(sorted(current)) + "\n", encoding="utf-8")
