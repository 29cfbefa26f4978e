"""What people do with an import: upload, confirm, continue, discard. Each leaves its name."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from backoffice import imports
from backoffice.import_files import read_file
from backoffice.import_rows import store_rows
from backoffice.imports import ImportKind
from backoffice.models import Import, ImportRow
from backoffice.models.imports import ABANDONED_AFTER, ROWS_LAST
from common import status
from common.clock import SHANGHAI
from common.errors import PermissionMissing, TwotierError, violated_constraint

Status = Import.Status
MAX_OPEN = 3
"""Imports of one person that a worker has not finished."""
MAX_FILE_NAME = 120
FORGOTTEN_A_TURN = 20


class TooManyImports(TwotierError):
    code = "too_many_imports"
    message = _("Three of your imports are still at work. Wait for one of them.")


class NoSuchImport(TwotierError):
    code = "no_such_import"
    message = _("There is no such import.")
    status = 404


class FileAppliedAlready(TwotierError):
    code = "import_file_applied"
    message = _(
        "%(person)s has applied this file already, on %(moment)s. Nothing was changed. To import"
        " other values, change the file."
    )


class ImportChanged(TwotierError):
    code = "import_changed"
    message = _(
        "The file has been checked again since you opened this page. Look at the result, then"
        " confirm. Nothing was changed."
    )


class NothingToApply(TwotierError):
    code = "import_changes_nothing"
    message = _("No row of this file would change anything.")


class WrongRowsLeft(TwotierError):
    code = "import_has_wrong_rows"
    message = _(
        "Some rows are wrong. Correct the file and upload it again, or leave those rows out."
        " Nothing was changed."
    )


class RowsErased(TwotierError):
    code = "import_rows_erased"
    message = _("The rows of this import are erased. Upload the file again.")


@transaction.atomic
def begin_import(
    *, kind: ImportKind, by: Any, file_name: str, content: bytes, at: datetime
) -> Import:
    """Read a file and leave it to a worker, which checks the rows.

    :raises PermissionMissing: the person may not import this
    :raises TooManyImports: several of the person's are at work
    :raises FileAppliedAlready: the same file was applied before
    :raises TwotierError: the file cannot be read, see ``import_files.read_file``
    """
    require_permission(kind, by)
    if Import.objects.filter(by=by, status__in=Import.AT_WORK).count() >= MAX_OPEN:
        raise TooManyImports
    sha256 = hashlib.sha256(content).hexdigest()
    _refuse_applied(kind.name, sha256)
    file = read_file(kind, content)
    row = Import.objects.create(
        kind=kind.name, by=by, at=at, file_name=_clean_name(file_name), sha256=sha256,
        columns=file.columns, ignored=file.ignored[:50], rows=len(file.rows),
    )  # fmt: skip
    store_rows(row, file.rows)
    return row


@transaction.atomic
def confirm_import(
    *, row: Import, by: Any, checked_at: datetime, skips_wrong: bool, at: datetime
) -> None:
    """Let a worker apply what the check has shown.

    :param checked_at: when the check ended whose result the person has seen
    :param skips_wrong: whether the person has agreed to leave the wrong rows out
    :raises ImportChanged: the file was checked again since
    :raises WrongRowsLeft: there are wrong rows, and the person did not agree to leave them out
    :raises NothingToApply: no row would change anything
    :raises FileAppliedAlready: the same file was applied meanwhile
    :raises WrongStatus: it is not waiting for a confirmation
    """
    require_permission(kind_of(row), by)
    row = _locked(row)
    status.expect(row, Status.CHECKED, to=Status.CONFIRMED)
    if row.checked_at != checked_at:
        raise ImportChanged
    if row.wrong and not skips_wrong:
        raise WrongRowsLeft
    if not row.new + row.changed:
        raise NothingToApply
    _confirm(row, by=by, at=at, skips_wrong=bool(row.wrong))


@transaction.atomic
def continue_import(*, row: Import, by: Any, at: datetime) -> None:
    """Let a worker go on with an import that a refused row has stopped.

    :raises WrongStatus: it is not stopped
    :raises RowsErased: its rows are no longer stored
    :raises FileAppliedAlready: the same file was applied meanwhile
    """
    require_permission(kind_of(row), by)
    row = _locked(row)
    status.expect(row, Status.STOPPED, to=Status.CONFIRMED)
    if row.are_rows_erased:
        raise RowsErased
    _confirm(row, by=by, at=at, skips_wrong=row.skips_wrong)


@transaction.atomic
def discard_import(*, row: Import, by: Any, at: datetime) -> None:
    """Discard an import that is not applied, or not to its end; its rows can be looked at.

    :raises WrongStatus: a worker is at it, or it has ended
    """
    require_permission(kind_of(row), by)
    status.move(row, to=Status.DISCARDED, finished_at=at)


def forget_old_imports(*, at: datetime) -> int:
    """Discard checked files that nobody has applied, and erase the rows of imports that ended.

    Returns how many were changed: call it until it is 0.
    """
    old = Import.objects.filter(are_rows_erased=False)
    left = old.filter(status=Status.CHECKED, checked_at__lt=at - ABANDONED_AFTER)
    discarded = left.update(status=Status.DISCARDED, finished_at=at)
    ended = old.filter(status__in=Import.ENDED, finished_at__lt=at - ROWS_LAST)
    keys = list(ended.order_by("pk").values_list("pk", flat=True)[:FORGOTTEN_A_TURN])
    with transaction.atomic():
        ImportRow.objects.filter(of__in=keys).delete()
        Import.objects.filter(pk__in=keys).update(are_rows_erased=True)
    return discarded + len(keys)


def find_import(kind: ImportKind, public_id: str) -> Import:
    """:raises NoSuchImport: this kind has none with this id"""
    rows = Import.objects.select_related("by", "confirmed_by")
    row = rows.filter(kind=kind.name, public_id=public_id.lower()).first()
    if row is None:
        raise NoSuchImport
    return row


def kind_of(row: Import) -> ImportKind:
    """:raises NoSuchImport: this kind exists no longer"""
    kind = imports.find(row.kind)
    if kind is None:
        raise NoSuchImport
    return kind


def require_permission(kind: ImportKind, by: Any) -> None:
    """:raises PermissionMissing: the person may not import this"""
    if not (by.is_active and by.has_perm(kind.permission)):
        raise PermissionMissing


def name_of(user: Any) -> str:
    return str(user.get_full_name() or user.get_username())


def _confirm(row: Import, *, by: Any, at: datetime, skips_wrong: bool) -> None:
    _refuse_applied(row.kind, row.sha256)
    try:
        with transaction.atomic():
            status.move(
                row, to=Status.CONFIRMED, confirmed_by=by, confirmed_at=at, attempts=0,
                skips_wrong=skips_wrong, notice={}, finished_at=None,
            )  # fmt: skip
    except IntegrityError as error:
        if violated_constraint(error) != "import_file_once":
            raise
        _refuse_applied(row.kind, row.sha256)
        raise


def _refuse_applied(kind: str, sha256: str) -> None:
    taken = Import.objects.filter(
        kind=kind, sha256=sha256, status__in=[Status.CONFIRMED, Status.APPLYING, Status.DONE]
    )
    applied = taken.select_related("confirmed_by").first()
    if applied is not None:
        moment = applied.finished_at or applied.confirmed_at
        assert moment
        raise FileAppliedAlready(
            person=name_of(applied.confirmed_by),
            moment=f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
        )


def _locked(row: Import) -> Import:
    return Import.objects.select_for_update(no_key=True).get(pk=row.pk)


def _clean_name(name: str) -> str:
    """Return the name of a file without a folder and without what cannot be shown."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(filter(str.isprintable, last))[-MAX_FILE_NAME:] or "-"
