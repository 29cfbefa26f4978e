"""Exports of lists: what a person sees, as XLSX or CSV.

Small ones are sent at once. A worker writes the others, row by row and in little memory; their
files can be downloaded for a week, by the person who asked. Every export leaves a row.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from backoffice import export_tables
from backoffice.export_files import write_file, write_table
from backoffice.list_queries import open_saved
from backoffice.models import FILES_LAST, Export
from common import encryption
from common.errors import FAULTS, PermissionMissing, TwotierError

log = structlog.get_logger(__name__)

PERMISSION = "backoffice.export_list"
MAX_OPEN = 3
"""Exports of one person that may wait at a time."""
FILES_A_TURN = 500
LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 3
FOLDER = "exports"
MAX_FAILURE_LENGTH = 300
UNEXPECTED_FAILURE = _("The file could not be written. Try again, or ask an administrator.")
TOOK_TOO_LONG = _("Writing the file took too long. Choose fewer days.")


class TooManyExports(TwotierError):
    code = "too_many_exports"
    message = _("Three of your exports are still being written. Wait for one of them.")


class NoSuchExport(TwotierError):
    code = "no_such_export"
    message = _("This export is not yours, or its file was removed after a week. Export again.")
    status = 404


def may_export(user: Any) -> bool:
    return bool(user.has_perm(PERMISSION))


@transaction.atomic
def record_export(
    *,
    by: Any,
    label: str,
    query: str,
    columns: Sequence[str],
    kind: str,
    rows: int,
    at: datetime,
) -> Export:
    """Record an export that was sent at once.

    :raises PermissionMissing: the person may not export
    """
    require_permission(by)
    return Export.objects.create(
        by=by, label=label, query=query, columns=list(columns), format=kind, at=at,
        language=translation.get_language() or "", status=Export.Status.DONE, rows=rows,
        expected_rows=rows, finished_at=at,
    )  # fmt: skip


@transaction.atomic
def ask_export(
    *,
    by: Any,
    label: str,
    query: str,
    search: str,
    columns: Sequence[str],
    kind: str,
    expected: int,
    at: datetime,
) -> Export:
    """Leave an export to the worker.

    :param expected: about how many rows it will have
    :raises PermissionMissing: the person may not export
    :raises TooManyExports: several of the person's are not written yet
    """
    require_permission(by)
    waiting = Export.objects.filter(
        by=by, status__in=[Export.Status.WAITING, Export.Status.RUNNING]
    )
    if waiting.count() >= MAX_OPEN:
        raise TooManyExports
    return Export.objects.create(
        by=by, label=label, query=query, columns=list(columns), format=kind, at=at,
        search_encrypted=encryption.encrypt(search) if search else "",
        language=translation.get_language() or "", expected_rows=expected,
    )  # fmt: skip


@transaction.atomic
def claim_export(*, at: datetime) -> Export | None:
    """Take the oldest export that waits, or that a worker has left; ``None`` if there is none."""
    due = Export.objects.filter(
        Q(status=Export.Status.WAITING) | Q(status=Export.Status.RUNNING, lease_until__lt=at)
    )
    export = due.order_by("id").select_for_update(skip_locked=True).first()
    if export is None:
        return None
    if export.status == Export.Status.RUNNING:
        Export.objects.filter(pk=export.pk).update(status=Export.Status.WAITING, lease_until=None)
    Export.objects.filter(pk=export.pk).update(
        status=Export.Status.RUNNING, lease_until=at + LEASE, attempts=export.attempts + 1, rows=0
    )
    export.refresh_from_db()
    return export


def write_export(*, export: Export, now: Callable[[], datetime]) -> None:
    """Write the file of a claimed export. Runs outside of any transaction.

    :param now: reads the clock; the worker's hold on the export is renewed as it goes on
    """
    with translation.override(export.language):
        try:
            count, path, size = _write_and_store(export, now)
        except PermissionDenied:
            fail_export(export=export, failure=str(PermissionMissing()), at=now())
        except TwotierError as refusal:
            fail_export(export=export, failure=str(refusal), at=now())
        except FAULTS as fault:
            log.exception("export_failed", export=export.public_id, error=type(fault).__name__)
            retry_or_fail(export=export, at=now())
        else:
            finish_export(export=export, rows=count, path=path, size=size, at=now())


def _write_and_store(export: Export, now: Callable[[], datetime]) -> tuple[int, str, int]:
    """Return the number of rows, the path of the stored file and its size."""
    require_permission(export.by)
    search = encryption.decrypt(export.search_encrypted) if export.search_encrypted else ""

    def progress(rows: int) -> None:
        _go_on(export, rows, now())

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "export"
        if source := export_tables.find(export.label):
            require_view(export.by, export.label)
            table = source.open(QueryDict(export.query))
            count = write_table(table, export.format, file, progress=progress)
        else:
            opened = open_saved(
                export.label, user=export.by, query=export.query, search=search,
                columns=export.columns,
            )  # fmt: skip
            count = write_file(opened, export.format, file, progress=progress)
        with file.open("rb") as content:
            name = f"{FOLDER}/{export.public_id}.{export.format}"
            return count, default_storage.save(name, File(content)), file.stat().st_size


def _go_on(export: Export, rows: int, at: datetime) -> None:
    _held(export).update(rows=rows, lease_until=at + LEASE)


@transaction.atomic
def finish_export(*, export: Export, rows: int, path: str, size: int, at: datetime) -> None:
    """Offer the file. If another worker has taken the export over, the file is removed."""
    finished = _held(export).update(
        status=Export.Status.DONE, rows=rows, path=path, size=size, finished_at=at,
        lease_until=None, search_encrypted="",
    )  # fmt: skip
    if not finished:
        transaction.on_commit(lambda: default_storage.delete(path), robust=True)


@transaction.atomic
def fail_export(*, export: Export, failure: str, at: datetime) -> None:
    """End an export without a file, with a sentence for the person."""
    _held(export).update(
        status=Export.Status.FAILED, failure=failure[:MAX_FAILURE_LENGTH], finished_at=at,
        lease_until=None, search_encrypted="",
    )  # fmt: skip


@transaction.atomic
def retry_or_fail(*, export: Export, at: datetime) -> None:
    """Let the export wait for another attempt; after some it has failed."""
    if export.attempts >= MAX_ATTEMPTS:
        fail_export(export=export, failure=str(UNEXPECTED_FAILURE), at=at)
        return
    _held(export).update(status=Export.Status.WAITING, lease_until=None)


def file_of(*, by: Any, public_id: str) -> Export:
    """Return an export whose file the person may download.

    :raises NoSuchExport: it is a colleague's, or has no file
    :raises PermissionMissing: the person may no longer export, or no longer see the list
    """
    export = Export.objects.filter(by=by, public_id=public_id.lower()).exclude(path="").first()
    if export is None:
        raise NoSuchExport
    require_permission(by)
    require_view(by, export.label)
    return export


def remove_old_files(*, at: datetime) -> int:
    """Remove files of exports a week after they were written, and return their number."""
    old = Export.objects.exclude(path="").filter(finished_at__lt=at - FILES_LAST)
    batch = list(old.order_by("finished_at")[:FILES_A_TURN])
    for export in batch:
        # First the file: a row without its path would leave the file for ever.
        default_storage.delete(export.path)
        Export.objects.filter(pk=export.pk).update(path="", status=Export.Status.REMOVED)
    return len(batch)


def require_permission(user: Any) -> None:
    """:raises PermissionMissing: the person may not export"""
    if not (user.is_active and may_export(user)):
        raise PermissionMissing


def require_view(user: Any, label: str) -> None:
    """:raises PermissionMissing: the person may not see the rows"""
    app, model = label.split(".")
    if not any(user.has_perm(f"{app}.{verb}_{model}") for verb in ("view", "change")):
        raise PermissionMissing


def _held(export: Export) -> QuerySet[Export]:
    """Return the export if the worker still has it, and no other has taken it over."""
    running = Export.objects.filter(pk=export.pk, status=Export.Status.RUNNING)
    return running.filter(attempts=export.attempts)
