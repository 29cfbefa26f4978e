"""Prepare an import: open it, give it files and options, ask for the check, or discard it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import IO
from zoneinfo import available_timezones

from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from common import status
from common.errors import TwotierError
from common.requirements import require_permission
from events.services import record
from integration.events import INTEGRATION_IMPORT_DISCARDED
from integration.mall.files import OPTIONAL_FILES
from integration.mall_imports import storage
from integration.mall_imports.uploads import Upload, read_uploads
from integration.models import MallImport, MallImportFile
from integration.models.mall_import import MAX_NAME_LENGTH
from members.models import User

PREPARE, START = "integration.prepare_mallimport", "integration.start_mallimport"
MAX_TOTAL_BYTES = 80 * 2**20
MAX_OPEN = 20
FILES_LAST = timedelta(days=30)
"""How long the files stay after the import is done or discarded, or was last touched."""
REQUIRED = [kind for kind in MallImportFile.Kind.values if kind not in OPTIONAL_FILES]
Status = MallImport.Status
PREPARED = (Status.DRAFT, Status.FAULTY, Status.READY, Status.STOPPED)
"""The statuses in which files and options may change."""


class MallImportNameInvalid(TwotierError):
    code = "mall_import_name_invalid"
    message = _("Give the import a name of at most 40 characters. Nothing was saved.")
    status = 422


class MallImportNotYours(TwotierError):
    code = "mall_import_not_yours"
    message = _("%(owner)s prepares this import. Ask them, or open one of your own.")
    status = 403


class TooManyMallImports(TwotierError):
    code = "too_many_mall_imports"
    message = _("There are %(limit)s unfinished imports already. Discard those that nobody needs.")


class MallFilesMissing(TwotierError):
    code = "mall_files_missing"
    message = _("These files are missing: %(files)s. Add them, then check again.")
    status = 422


class TimeZoneUnknown(TwotierError):
    code = "time_zone_unknown"
    message = _("“%(zone)s” is not a time zone such as Asia/Shanghai. Nothing was saved.")
    status = 422


class MallFilesAlike(TwotierError):
    code = "mall_files_alike"
    message = _(
        "“%(first)s” and “%(second)s” are the same table. Upload one of them. Nothing was added."
    )
    status = 422


class MallFilesTooLarge(TwotierError):
    code = "mall_files_too_large"
    message = _(
        "Together the files are larger than %(limit)s MB. Import them with ./manage.py import_mall"
        " on the server. The last file was not added."
    )
    status = 413


@transaction.atomic
def open_import(*, name: str, by: User, at: datetime) -> MallImport:
    """Create an empty import.

    :raises PermissionMissing: ``by`` may not prepare imports
    :raises MallImportNameInvalid: there is no name, or it is too long
    :raises TooManyMallImports: too many are unfinished
    """
    require_permission(by, PREPARE)
    name = " ".join(name.split())
    if not 0 < len(name) <= MAX_NAME_LENGTH or not name.isprintable():
        raise MallImportNameInvalid
    if MallImport.objects.exclude(status__in=[Status.DONE, Status.DISCARDED]).count() >= MAX_OPEN:
        raise TooManyMallImports(limit=MAX_OPEN)
    return MallImport.objects.create(
        name=name, by=by, by_member=by.member_id or 0, at=at,
        language=translation.get_language() or "",
    )  # fmt: skip


def add_files(
    *, mall_import: MallImport, files: Sequence[tuple[str, IO[bytes]]], by: User, at: datetime
) -> list[MallImportFile]:
    """Add files, each in place of an earlier one of its kind. All are added, or none.

    :param files: names and contents; zip files are unpacked
    :raises MallFileUnknown: a name says nothing about the content
    :raises MallFileUnreadable: a file is neither CSV nor XLSX
    :raises MallFileTooLarge: one is too large
    :raises MallFilesTooLarge: all of them are
    :raises MallFilesAlike: two of them are one table
    :raises MallImportNotYours: somebody else prepares the import
    :raises WrongStatus: it is being checked, running or over
    """
    _require_own(mall_import, by)
    if mall_import.status not in PREPARED:
        status.expect(mall_import, Status.DRAFT, to=Status.DRAFT)
    uploads = [upload for name, file in files for upload in read_uploads(name, file)]
    _require_different(uploads)
    # The storage may be far away: it is written before the transaction.
    stored = [(upload, *_stored(mall_import, upload)) for upload in uploads]
    with transaction.atomic():
        _reopen(mall_import, by)
        for upload, digest, path in stored:
            MallImportFile.objects.update_or_create(
                mall_import=mall_import, kind=upload.kind,
                defaults={
                    "name": upload.name, "path": path, "sha256": digest,
                    "size": len(upload.content), "added_at": at,
                },
            )  # fmt: skip
        rows = list(mall_import.files.all())
        if sum(row.size for row in rows) > MAX_TOTAL_BYTES:
            raise MallFilesTooLarge(limit=MAX_TOTAL_BYTES // 2**20)
    return rows


def _require_different(uploads: Sequence[Upload]) -> None:
    names: dict[str, str] = {}
    for upload in uploads:
        if first := names.get(upload.kind):
            raise MallFilesAlike(first=first, second=upload.name)
        names[upload.kind] = upload.name


def _stored(mall_import: MallImport, upload: Upload) -> tuple[str, str]:
    digest = hashlib.sha256(upload.content).hexdigest()
    return digest, storage.store(mall_import, digest, upload.suffix, upload.content)


@transaction.atomic
def remove_file(*, mall_import: MallImport, kind: str, by: User) -> None:
    """Take a file out of an import. Its content is removed with the others later.

    :raises MallImportNotYours: somebody else prepares the import
    :raises WrongStatus: it is being checked, running or over
    """
    _reopen(mall_import, by)
    mall_import.files.filter(kind=kind).delete()


@transaction.atomic
def set_options(
    *, mall_import: MallImport, zone: str, until: datetime | None, skip_bad: bool, by: User
) -> None:
    """Say how the files are read.

    :param zone: of times without an offset
    :param until: leave out everything that happened later
    :param skip_bad: leave out orders with errors instead of importing nothing
    :raises TimeZoneUnknown: there is no such time zone
    :raises MallImportNotYours: somebody else prepares the import
    :raises WrongStatus: it is being checked, running or over
    """
    if zone not in available_timezones():
        raise TimeZoneUnknown(zone=zone[:60])
    if (zone, until, skip_bad) == (mall_import.zone, mall_import.until, mall_import.skip_bad):
        _require_own(mall_import, by)
        return
    _reopen(mall_import, by)
    _only(mall_import).update(zone=zone, until=until, skip_bad=skip_bad)
    mall_import.refresh_from_db()


@transaction.atomic
def ask_check(*, mall_import: MallImport, by: User) -> None:
    """Leave the check of the files to a worker, also once more with what is stored now.

    :raises MallFilesMissing: a required file is missing
    :raises MallImportNotYours: somebody else prepares the import
    :raises WrongStatus: it is being checked, running or over
    """
    _require_own(mall_import, by)
    kinds = set(mall_import.files.values_list("kind", flat=True))
    if missing := [kind for kind in REQUIRED if kind not in kinds]:
        labels = [str(MallImportFile.Kind(kind).label) for kind in missing]
        raise MallFilesMissing(files=", ".join(labels))
    status.move(
        mall_import, to=Status.CHECKING, seal="", findings_encrypted="", differences={}, failure={},
        report_path="", left_out_path="", checked_at=None, attempts=0, goods=None, left_out=[],
        held_orders=0, reached=None, events_done=0, events_total=0, publishes_plan=False,
        language=translation.get_language() or "",
    )  # fmt: skip


@transaction.atomic
def discard(*, mall_import: MallImport, by: User, at: datetime) -> None:
    """End an import that is not wanted. What it has imported before it was stopped stays.

    :raises MallImportNotYours: somebody else prepares the import
    :raises WrongStatus: it is being checked, running or over
    """
    _require_own(mall_import, by)
    status.move(mall_import, to=Status.DISCARDED, finished_at=at, lease_until=None)
    record(INTEGRATION_IMPORT_DISCARDED, mall_import, at=at, by=by)


def remove_old_files(*, at: datetime, limit: int = 20) -> int:
    """Discard imports that nobody has touched for a month, and remove files of ended ones.

    :returns: the number of imports whose files were removed
    """
    before = at - FILES_LAST
    kept = MallImport.objects.filter(files_removed_at=None)
    for row in kept.filter(status__in=PREPARED, at__lt=before).order_by("pk")[:limit]:
        if not row.files.filter(added_at__gte=before).exists():
            with transaction.atomic():
                status.move(row, to=Status.DISCARDED, finished_at=at)
                record(INTEGRATION_IMPORT_DISCARDED, row, at=at)
    ended = kept.filter(finished_at__lt=before).order_by("pk")[:limit]
    for row in ended:
        # First the files: a row that says they are gone would leave them for ever.
        storage.remove_files(row)
        _only(row).update(
            files_removed_at=at, report_path="", left_out_path="", findings_encrypted=""
        )
    return len(ended)


def _require_own(mall_import: MallImport, by: User) -> None:
    require_permission(by, PREPARE)
    if mall_import.by_id != by.pk:
        raise MallImportNotYours(owner=mall_import.by.get_full_name() or mall_import.by.username)


def _reopen(mall_import: MallImport, by: User) -> None:
    """Lock the import and take back its check, because its files or options change."""
    _require_own(mall_import, by)
    locked = _only(mall_import).select_for_update(no_key=True).get()
    if locked.status != Status.DRAFT:
        status.move(mall_import, to=Status.DRAFT)


def _only(mall_import: MallImport) -> QuerySet[MallImport]:
    return MallImport.objects.filter(pk=mall_import.pk)
