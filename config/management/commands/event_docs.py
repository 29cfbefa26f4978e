"""``./manage.py event_docs``: write ``docs/events.md``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from config import event_docs


class Command(BaseCommand):
    help = "Write docs/events.md, the list of all declared events."

    def handle(self, **options: Any) -> None:
        event_docs.PATH.write_text(event_docs.render(), encoding="utf-8")
