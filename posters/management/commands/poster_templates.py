"""Load the poster templates that ship with Twotier: ``manage.py poster_templates``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import clock
from common.errors import TwotierError
from posters.services import load_shipped


class Command(BaseCommand):
    help = _(
        "Create the poster templates that ship with Twotier, and publish their new versions."
        " What people have edited stays as it is. Run it again after an upgrade."
    )

    def handle(self, **options: Any) -> None:
        try:
            loaded = load_shipped(at=clock.now())
        except TwotierError as error:
            raise CommandError(str(error)) from None
        for code in loaded:
            self.stdout.write(code)
        self.stdout.write(
            ngettext("%(count)s template loaded.", "%(count)s templates loaded.", len(loaded))
            % {"count": len(loaded)}
        )
