"""Write the vouchers of a month for the accounting system, and record who got them."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from backoffice.names import staff_name
from backoffice.sheets import csv_lines
from closing.events import CLOSING_JOURNAL_EXPORTED
from closing.journal import Journal, journal
from closing.journal_columns import parse_columns, row
from closing.models import JournalFormat
from common.requirements import require_permission
from events.services import record
from members.models import User

EXPORT_PERMISSION = "closing.export_journal"


def preview_journal(
    *, month: date, file_format: JournalFormat, by_day: bool, first_number: int, by: User
) -> Journal:
    """Return the vouchers that ``export_journal`` would write; nothing is recorded.

    :raises PermissionMissing: ``by`` may not export vouchers
    :raises JournalAccountMissing: a kind of account is not mapped
    """
    require_permission(by, EXPORT_PERMISSION)
    return journal(
        month, by_day=by_day, first_number=first_number, word=file_format.word,
        preparer=staff_name(by),
    )  # fmt: skip


@transaction.atomic
def export_journal(
    *, month: date, file_format: JournalFormat, by_day: bool, first_number: int, by: User,
    at: datetime,
) -> tuple[Journal, bytes]:  # fmt: skip
    """Return the vouchers of a month and their file in a format. The same month gives the same.

    :param by_day: a voucher for each day instead of one for the month
    :param first_number: of the first voucher, as the accounting system counts
    :raises PermissionMissing: ``by`` may not export vouchers
    :raises JournalAccountMissing, InvalidJournalColumns: the settings are incomplete
    """
    vouchers = preview_journal(
        month=month, file_format=file_format, by_day=by_day, first_number=first_number, by=by
    )
    columns = parse_columns(file_format.columns)
    titles = [column.title for column in columns]
    cells = (
        row(columns, entry, date_pattern=file_format.date_pattern) for entry in vouchers.entries
    )
    # The encoding writes the byte order mark that a spreadsheet needs; others do not know it.
    text = "".join(csv_lines(titles, cells)).removeprefix("\ufeff")
    record(
        CLOSING_JOURNAL_EXPORTED, file_format, at=at, by=by,
        month=month, vouchers=vouchers.vouchers, total=vouchers.total,
    )  # fmt: skip
    return vouchers, text.encode(file_format.encoding, errors="replace")
