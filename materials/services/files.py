"""Store the files of materials, and erase them.

The row is written before its file and deleted after it. What a crash leaves is erased by
``sweep_files``.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from common.locks import lock_rows
from common.requirements import require_permission
from events.services import record
from materials.events import MATERIALS_FILE_REMOVED
from materials.models import Material, MaterialFile
from materials.pictures import read_official_picture
from materials.videos import is_video, read_video
from members.models import User

MAX_PICTURE, MAX_VIDEO = 15 * 2**20, 19 * 2**20
"""In bytes. A request may have 20 MiB, which leaves room for the rest of the form."""
MOST: dict[str, dict[str, int]] = {
    Material.Kind.IMAGE: {MaterialFile.Kind.PICTURE: 9},
    Material.Kind.VIDEO: {MaterialFile.Kind.VIDEO: 1, MaterialFile.Kind.PICTURE: 1},
    Material.Kind.COPY: {},
}
"""Limits by kind of material and of file: WeChat's Moments take nine pictures or one video."""
KEPT_WRITING = timedelta(hours=1)
BATCH = 200
FOLDER = "materials"
CHANGE = "materials.change_material"

Kind, Status, Variant = MaterialFile.Kind, MaterialFile.Status, MaterialFile.Variant


class MaterialPublished(TwotierError):
    code = "material_published"
    message = _("Withdraw the material first: what is published does not change.")


class FileUnfit(TwotierError):
    code = "material_file_unfit"
    message = _(
        "Pictures have at most nine files, a video has one and a picture as its cover, and a text"
        " has none. Nothing was stored."
    )
    status = 400


class FileTooLarge(TwotierError):
    code = "material_file_too_large"
    message = _("A picture may have %(picture)s MiB and a video %(video)s MiB.")
    status = 400


@dataclass(frozen=True, slots=True)
class _Content:
    """A checked file, before it is stored; ``sha256`` is the hash of the file as sent."""

    kind: str
    sha256: str
    full: bytes
    width: int = 0
    height: int = 0
    variants: dict[str, bytes] = field(default_factory=dict)


def add_files(
    *, material: Material, raws: Sequence[bytes], by: User, at: datetime
) -> list[MaterialFile]:
    """Store pictures and videos of a material; return the new ones, without those that it has.

    All files are checked before any is stored.

    :param raws: the content of the files as sent
    :raises PermissionMissing: ``by`` may not change materials
    :raises MaterialPublished: members see it
    :raises FileTooLarge, PictureUnreadable, PictureTooLarge, PictureTooSmall, VideoUnreadable:
        the first file that is refused
    :raises FileUnfit: the kind of the material does not allow the files, or so many
    """
    require_permission(by, CHANGE)
    contents = {content.sha256: content for content in map(_read, raws)}
    rows = _begin(material, list(contents.values()), at)
    for row in rows:
        _write(row, contents[row.sha256])
    try:
        stored = _finish(material, rows)
    except TwotierError:
        _remove(rows)
        raise
    _remove([row for row in rows if row not in stored])
    return stored


def _read(raw: bytes) -> _Content:
    digest = hashlib.sha256(raw).hexdigest()
    is_mp4 = is_video(raw)
    if len(raw) > (MAX_VIDEO if is_mp4 else MAX_PICTURE):
        raise FileTooLarge(picture=MAX_PICTURE // 2**20, video=MAX_VIDEO // 2**20)
    if is_mp4:
        return _Content(Kind.VIDEO, digest, read_video(raw))
    picture = read_official_picture(raw)
    return _Content(
        Kind.PICTURE, digest, picture.full.content, picture.full.width, picture.full.height,
        picture.variants,
    )  # fmt: skip


@transaction.atomic
def _begin(material: Material, contents: list[_Content], at: datetime) -> list[MaterialFile]:
    """Insert a row, in the status WRITING, for each content that the material does not have."""
    stored = _lock_files(material)
    known = {row.sha256 for row in stored}
    new = [content for content in contents if content.sha256 not in known]
    _require_room(material, [*stored, *new])
    last = max((row.position for row in stored), default=0)
    return [
        MaterialFile.objects.create(
            material=material, kind=content.kind, position=last + place, sha256=content.sha256,
            path=_new_path(content.kind), size=len(content.full), width=content.width,
            height=content.height, created_at=at,
        )
        for place, content in enumerate(new, start=1)
    ]  # fmt: skip


@transaction.atomic
def _finish(material: Material, rows: Sequence[MaterialFile]) -> list[MaterialFile]:
    """Mark written files as stored, except those that a colleague has added meanwhile.

    :raises MaterialPublished, FileUnfit: the material has changed meanwhile
    """
    stored = _lock_files(material)
    known = {row.sha256 for row in stored}
    new = [row for row in rows if row.sha256 not in known]
    _require_room(material, [*stored, *new])
    keys = [row.pk for row in new]
    MaterialFile.objects.filter(pk__in=keys, status=Status.WRITING).update(status=Status.STORED)
    for row in new:
        row.status = Status.STORED
    return new


def _lock_files(material: Material) -> list[MaterialFile]:
    """Lock a material, and return its stored files.

    :raises MaterialPublished: its files must not change
    """
    lock_rows(Material.objects.filter(pk=material.pk))
    material.refresh_from_db()
    if material.is_published:
        raise MaterialPublished
    return list(material.files.filter(status=Status.STORED))


def _require_room(material: Material, files: Sequence[MaterialFile | _Content]) -> None:
    most = MOST[material.kind]
    if any(count > most.get(kind, 0) for kind, count in Counter(f.kind for f in files).items()):
        raise FileUnfit


def _new_path(kind: str) -> str:
    return f"{FOLDER}/{secrets.token_hex(20)}.{'mp4' if kind == Kind.VIDEO else 'jpg'}"


def _write(row: MaterialFile, content: _Content) -> None:
    files = {Variant.FULL.value: content.full, **content.variants}
    for variant, data in files.items():
        default_storage.save(row.path_of(variant), ContentFile(data))


@transaction.atomic
def remove_file(*, file: MaterialFile, by: User, at: datetime) -> None:
    """Remove a file of a material that is not published; it is erased after the commit.

    :raises PermissionMissing: ``by`` may not change materials
    :raises MaterialPublished: members see it
    """
    require_permission(by, CHANGE)
    _lock_files(file.material)
    rows = MaterialFile.objects.filter(pk=file.pk, status=Status.STORED)
    if rows.update(status=Status.REMOVED):
        record(MATERIALS_FILE_REMOVED, file.material, at=at, by=by, file=file.public_id)
        transaction.on_commit(lambda: _erase([file.pk]), robust=True)


def sweep_files(*, at: datetime) -> int:
    """Erase removed files, and those that a crash left half-written; return how many rows.

    Call it until it returns 0.
    """
    broken = MaterialFile.objects.filter(status=Status.WRITING, created_at__lt=at - KEPT_WRITING)
    broken.update(status=Status.REMOVED)
    removed = MaterialFile.objects.filter(status=Status.REMOVED).order_by("pk")
    return _erase(list(removed.values_list("pk", flat=True)[:BATCH]))


def _remove(rows: Sequence[MaterialFile]) -> None:
    keys = [row.pk for row in rows]
    MaterialFile.objects.filter(pk__in=keys).update(status=Status.REMOVED)
    _erase(keys)


def _erase(keys: Sequence[int]) -> int:
    removed = MaterialFile.objects.filter(pk__in=keys, status=Status.REMOVED)
    for row in removed:
        for path in row.paths:
            default_storage.delete(path)
        MaterialFile.objects.filter(pk=row.pk, status=Status.REMOVED).delete()
    return len(removed)
