"""``./manage.py alarm_docs``: write ``docs/alarms.md``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from config import alarm_docs


class Command(BaseCommand):
    help = "Write docs/alarms.md, the list of all alarms and what to do."

    def handle(self, **options: Any) -> None:
        alarm_docs.PATH.write_text(alarm_docs.render(), encoding="utf-8")
