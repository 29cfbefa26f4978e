"""Check the files of an import, as ``import_mall`` does, and say what they would change."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from common import status
from common.errors import TwotierError
from events.services import record
from integration.events import INTEGRATION_IMPORT_CHECKED
from integration.mall import file_warnings
from integration.mall.checks import Checked, check
from integration.mall.error_report import write_report
from integration.mall.order_conflicts import TooManyConflicts, find_order_conflicts
from integration.mall.retries import with_retries
from integration.mall_imports import claims, findings, storage
from integration.mall_imports.differences import find_differences
from integration.models import MallImport
from orders.snapshots import OrderSnapshot

Status = MallImport.Status


class TooManyMallConflicts(TwotierError):
    code = "too_many_mall_conflicts"
    message = _(
        "%(conflicting)s of %(orders)s orders contradict what is stored, or have times that cannot"
        " be true. A time zone or a column may be shifted: look at the options and the columns."
        " Nothing is imported, and no order is held for it."
    )


@dataclass(frozen=True, slots=True)
class Result:
    """What a check found, ready to be stored."""

    is_ready: bool
    findings: dict[str, Any]
    differences: dict[str, Any]
    digest: str
    stored: dict[str, str] = field(default_factory=dict)
    """The paths of the report and of what is left out."""


def run_check(mall_import: MallImport, *, now: Callable[[], datetime]) -> None:
    """Check the files of a claimed import. Runs outside of any transaction; changes no shop data.

    :param now: reads the clock
    """
    with translation.override(mall_import.language):
        try:
            with storage.files_as_folder(mall_import) as folder:
                result = _check(mall_import, folder, at=now())
        except TwotierError as refusal:
            claims.fail(mall_import, refusal, at=now())
            return
    _save(mall_import, result, at=now())


def check_files(mall_import: MallImport, folder: Path, *, at: datetime) -> Checked:
    """Read and check the files with the import's options."""
    return with_retries(
        lambda: check(
            folder, until=mall_import.until, zone=mall_import.time_zone,
            skip_bad=mall_import.skip_bad, clock=at,
        )
    )  # fmt: skip


def digest_of(checked: Checked) -> str:
    """Identify what a check found: a later one with another digest has to be looked at again."""
    left_out = sorted(checked.left_out.numbers) if checked.left_out else []
    fatal = sorted({(row.file, row.line, row.column) for row in checked.fatal})
    parts = [fatal, left_out]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def seal_of(mall_import: MallImport, digest: str) -> str:
    """Return a hash of the files, the options and what the check found."""
    files = sorted(mall_import.files.values_list("kind", "sha256"))
    until = mall_import.until.isoformat() if mall_import.until else ""
    parts = [files, mall_import.zone, until, mall_import.skip_bad, digest]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _check(mall_import: MallImport, folder: Path, *, at: datetime) -> Result:
    checked = check_files(mall_import, folder, at=at)
    conflicts = _conflicts(mall_import, checked, at=at)
    found = {
        "count": len(set(checked.problems)),
        "conflicts": len(conflicts),
        "left_out": len(checked.left_out.numbers) if checked.left_out else 0,
        "texts": _texts(mall_import, folder, checked, at=at),
    }
    differences: dict[str, Any] = {}
    if not checked.fatal:
        differences = find_differences(checked.files, until=mall_import.until)
    stored = _store(mall_import, checked, folder)
    return Result(not checked.fatal, found, differences, digest_of(checked), stored)


def _conflicts(mall_import: MallImport, checked: Checked, *, at: datetime) -> list[OrderSnapshot]:
    """Return the orders that would be held.

    :raises TooManyMallConflicts: so many that a column or the time zone may be shifted
    """
    try:
        return find_order_conflicts(
            checked.all_files, checked.problems, until=mall_import.until, clock=at
        )
    except TooManyConflicts as error:
        raise TooManyMallConflicts(**error.data) from None


def _texts(
    mall_import: MallImport, folder: Path, first: Checked, *, at: datetime
) -> dict[str, dict[str, Any]]:
    """Return errors and warnings by language, so that each reader gets theirs."""
    texts: dict[str, dict[str, Any]] = {}
    for language, _label in settings.LANGUAGES:
        with translation.override(language):
            is_other = language != mall_import.language and first.problems
            checked = check_files(mall_import, folder, at=at) if is_other else first
            warnings = (
                []
                if checked.fatal
                else file_warnings.find_warnings(checked.files, until=mall_import.until)
            )
            texts[language] = {
                "errors": findings.describe(
                    checked.problems, checked.all_files, fatal=checked.fatal
                ),
                "warnings": findings.describe(warnings, checked.files),
            }
    return texts


def _store(mall_import: MallImport, checked: Checked, source: Path) -> dict[str, str]:
    """Store the marked workbook, and the orders that are left out as a zip file."""
    stored: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if checked.problems:
            write_report(folder / "report.xlsx", checked.problems, checked.all_files)
            stored["report_path"] = storage.store_file(
                mall_import, "report.xlsx", folder / "report.xlsx"
            )
        if checked.left_out and checked.left_out.numbers:
            checked.left_out.write(source, folder / "left_out")
            archive = shutil.make_archive(str(folder / "left_out"), "zip", folder / "left_out")
            stored["left_out_path"] = storage.store_file(mall_import, "left_out.zip", Path(archive))
    return stored


@transaction.atomic
def _save(mall_import: MallImport, result: Result, *, at: datetime) -> None:
    if not claims.held(mall_import).select_for_update(no_key=True).exists():
        return
    status.move(
        mall_import,
        to=Status.READY if result.is_ready else Status.FAULTY,
        checked_at=at,
        findings_encrypted=findings.seal(result.findings),
        differences=result.differences,
        seal=seal_of(mall_import, result.digest),
        publishes_plan=result.differences.get("publishes_plan", False),
        events_total=result.differences.get("events", 0),
        lease_until=None,
        **result.stored,
    )
    record(
        INTEGRATION_IMPORT_CHECKED, mall_import, at=at, by=mall_import.by,
        errors=result.findings["count"],
        files=sorted(mall_import.files.values_list("sha256", flat=True)),
    )  # fmt: skip
