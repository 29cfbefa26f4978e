"""Keep the files of imports in the storage, and give them to a worker as the folder they were."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from common import workbooks
from common.errors import TwotierError
from integration.models import MallImport

FOLDER = "mall_imports"


class MallFilesGone(TwotierError):
    code = "mall_files_gone"
    message = _("The files of this import are no longer stored as they were. Upload them again.")


def folder_of(mall_import: MallImport) -> str:
    return f"{FOLDER}/{mall_import.public_id}"


def store(mall_import: MallImport, digest: str, suffix: str, content: bytes) -> str:
    """Store content under its hash, so that a file in use is never written over; return its path.

    Files of one content that several rows use are one.
    """
    path = f"{folder_of(mall_import)}/{digest[:40]}{suffix}"
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(content))
    return path


def store_file(mall_import: MallImport, name: str, source: Path) -> str:
    """Store what a worker wrote, and return its path."""
    with source.open("rb") as content:
        return default_storage.save(f"{folder_of(mall_import)}/{name}", File(content))


@contextmanager
def files_as_folder(mall_import: MallImport) -> Iterator[Path]:
    """Yield a folder with the files under the names that the importer knows.

    :raises MallFilesGone: one is missing, or is not what was uploaded
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for row in mall_import.files.all():
            try:
                with default_storage.open(row.path) as stored:
                    content = stored.read()
            except FileNotFoundError:
                raise MallFilesGone from None
            if hashlib.sha256(content).hexdigest() != row.sha256:
                raise MallFilesGone
            if row.suffix == ".xlsx":
                content = workbooks.inspect(content).content
            (folder / f"{row.kind}{row.suffix}").write_bytes(content)
        yield folder


def remove_files(mall_import: MallImport) -> None:
    """Remove everything in the folder of an import, also what no row knows."""
    folder = folder_of(mall_import)
    try:
        _folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        default_storage.delete(f"{folder}/{name}")
