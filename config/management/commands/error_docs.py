"""``./manage.py error_docs``: write ``docs/errors.md``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from config import error_docs


class Command(BaseCommand):
    help = "Write docs/errors.md, the list of all error codes."

    def handle(self, **options: Any) -> None:
        error_docs.PATH.write_text(error_docs.render(), encoding="utf-8")
