"""An import of the small mall of ``tests.integration.files``, and what a worker does with it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from integration.mall_imports import claims, running
from integration.mall_imports.checking import run_check
from integration.mall_imports.preparing import add_files, ask_check, open_import
from integration.models import MallImport
from members.models import User
from tests.cast import CLOCK, give, staff
from tests.integration.files import FILES


def preparer() -> User:
    return give(staff("Qian"), "prepare_mallimport", "start_mallimport", "publish_plan")


def starter() -> User:
    return give(staff("Feng"), "start_mallimport", "publish_plan")


def changed(file: str, old: str, new: str) -> dict[str, str]:
    """Return the files of the mall, one of them changed."""
    assert old in FILES[file]
    return {**FILES, file: FILES[file].replace(old, new)}


def packed(files: Mapping[str, str | bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def uploads(files: Mapping[str, str | bytes]) -> list[tuple[str, Any]]:
    return [
        (name, io.BytesIO(content if isinstance(content, bytes) else content.encode()))
        for name, content in files.items()
    ]


def prepared(
    files: Mapping[str, str | bytes] = FILES, *, by: User | None = None, **options: Any
) -> MallImport:
    """Return an import with its files, not checked yet."""
    by = by or preparer()
    row = open_import(name="有赞", by=by, at=CLOCK)
    if options:
        MallImport.objects.filter(pk=row.pk).update(**options)
        row.refresh_from_db()
    add_files(mall_import=row, files=uploads(files), by=by, at=CLOCK)
    return row


def checked(
    files: Mapping[str, str | bytes] = FILES, *, by: User | None = None, **options: Any
) -> MallImport:
    """Return an import after its check."""
    row = prepared(files, by=by, **options)
    ask_check(mall_import=row, by=row.by)
    return work(row)


def started(files: Mapping[str, str | bytes] = FILES, **options: Any) -> MallImport:
    """Return an import that a colleague has started."""
    row = checked(files, **options)
    running.start(mall_import=row, seal=row.seal, by=starter(), at=CLOCK)
    return row


def work(row: MallImport, *, seconds: float = 60) -> MallImport:
    """Do what a worker does with it in one turn."""
    claimed = claims.claim(at=CLOCK)
    assert claimed is not None
    if claimed.status == MallImport.Status.CHECKING:
        run_check(claimed, now=lambda: CLOCK)
    else:
        running.run_turn(claimed, now=lambda: CLOCK, seconds=seconds)
    row.refresh_from_db()
    return row
