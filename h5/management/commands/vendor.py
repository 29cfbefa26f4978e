"""``manage.py vendor``: fetch the files of other projects that the pages use."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from h5 import vendored


class Command(BaseCommand):
    help = "Fetch the files of other projects that the pages use, with npm, and list them."
    requires_system_checks: list[str] = []

    def handle(self, *_arguments: Any, **_options: Any) -> None:
        for package in vendored.PACKAGES:
            try:
                files = vendored.fetch(package)
            except vendored.VendoringFailed as failure:
                raise CommandError(str(failure)) from None
            for name, content in files.items():
                (vendored.FOLDER / name).write_bytes(content)
                self.stdout.write(f"{name}: {package.name} {package.version}")
        vendored.README.write_text(vendored.readme(), encoding="utf-8")
