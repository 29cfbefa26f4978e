"""``./manage.py roles``: give the groups of staff their rights, after each upgrade."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from common import clock
from config import roles


class Command(BaseCommand):
    help = _("Give the groups Operations, Finance and Administrators their rights, and no others.")

    def handle(self, **options: Any) -> None:
        for role, count in roles.sync_groups(at=clock.now()).items():
            self.stdout.write(_("%(role)s: %(count)s rights") % {"role": role, "count": count})
