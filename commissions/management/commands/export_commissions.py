"""``./manage.py export_commissions [FILE]``: write every commission as CSV, by order."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from backoffice.export import ExportCommand
from commissions.queries import EXPORT_COLUMNS, export_rows


class Command(ExportCommand):
    help = _("Write every commission as CSV, with the mall's member ids and amounts in fen.")
    columns = EXPORT_COLUMNS

    def rows(self) -> Any:
        return export_rows()
