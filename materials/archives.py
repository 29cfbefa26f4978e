"""Pack the materials of a campaign that a member sees into a ZIP, while it is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO, RawIOBase
from typing import Any
from zipfile import ZIP_STORED, ZipFile

from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from materials.models import Campaign, Material, MaterialFile
from materials.queries import materials_visible_to, with_files
from members.models import Member

MAX_FILES, MAX_BYTES = 200, 200 * 2**20
UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*\u202a-\u202e\u2066-\u2069]+')
MAX_NAME = 60
TEXT_NAME = "文案.txt"


class ArchiveTooLarge(TwotierError):
    code = "archive_too_large"
    message = _(
        "The campaign has more than %(files)s files or %(mebibytes)s MiB. Save its materials one by"
        " one."
    )


class ArchiveEmpty(TwotierError):
    code = "archive_empty"
    message = _("There is nothing of this campaign for you.")
    status = 404


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the archive: its name, and either the path in the storage or its text."""

    name: str
    path: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Archive:
    materials: Sequence[Material]
    entries: Sequence[Entry]
    size: int
    """Bytes of all files, without the names."""


def archive_of(campaign: Campaign, member: Member, *, at: datetime) -> Archive:
    """Return the content of a campaign's archive for a member.

    :raises ArchiveEmpty: the member sees nothing of it
    :raises ArchiveTooLarge: it has too many files or bytes
    """
    rows = materials_visible_to(member, at=at).filter(campaign=campaign).order_by("pk")
    materials = list(with_files(rows)[: MAX_FILES + 1])
    if not materials:
        raise ArchiveEmpty
    files = [file for row in materials for file in _files(row)]
    size = sum(file.size for file in files)
    if len(files) + len(materials) > MAX_FILES or size > MAX_BYTES:
        raise ArchiveTooLarge(files=MAX_FILES, mebibytes=MAX_BYTES // 2**20)
    return Archive(materials, list(_entries(materials)), size)


def stream(archive: Archive) -> Iterator[bytes]:
    """Yield the bytes of the ZIP, one file in memory at a time. Lost files are left out."""
    window = _Window()
    # Pictures and videos do not shrink.
    with ZipFile(window, "w", ZIP_STORED) as archived:
        for entry in archive.entries:
            content = _content(entry)
            if content is not None:
                archived.writestr(entry.name, content)
                yield window.drain()
    yield window.drain()


def _entries(materials: Sequence[Material]) -> Iterator[Entry]:
    for number, material in enumerate(materials, start=1):
        folder = f"{number:02}-{file_name(material.title)}"
        if material.text:
            yield Entry(f"{folder}/{TEXT_NAME}", text=material.text)
        for place, file in enumerate(_files(material), start=1):
            yield Entry(f"{folder}/{place}{file.path[file.path.rindex('.') :]}", path=file.path)


def file_name(title: str) -> str:
    """Return a name of at most 60 characters for a title, as all operating systems accept it."""
    words = " ".join(UNSAFE.sub(" ", title).split())
    return words.strip(" .")[:MAX_NAME].strip(" .") or "-"


def _files(material: Material) -> list[MaterialFile]:
    files: list[MaterialFile] = material.stored_files  # type: ignore[attr-defined]  # prefetched
    return files


def _content(entry: Entry) -> bytes | None:
    if not entry.path:
        return entry.text.encode()
    try:
        with default_storage.open(entry.path) as file:
            return bytes(file.read())
    except FileNotFoundError:  # after a restore without the folder
        return None


class _Window(RawIOBase):
    """A file in which only the part since the last ``drain`` is in memory.

    That is enough for ``ZipFile``: it seeks back to the header of the entry that it has just
    written, never further.
    """

    def __init__(self) -> None:
        super().__init__()
        self._start, self._buffer = 0, BytesIO()

    def seekable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._start + self._buffer.tell()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._start + self._buffer.seek(offset - self._start, whence)

    def write(self, data: Any) -> int:
        return self._buffer.write(data)

    def drain(self) -> bytes:
        data = self._buffer.getvalue()
        self._start, self._buffer = self._start + len(data), BytesIO()
        return data
