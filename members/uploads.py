"""Store the pictures of members, use them, and erase them.

A file never outlives its row: the row is written first, and is marked as removed before its file
is erased. What a crash leaves is erased by ``sweep_uploads``.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common import clock
from common.errors import TwotierError
from common.locks import lock_rows
from members.models import Member, Upload
from members.pictures import Picture, read_picture
from members.sessions.services import AccountClosed

MAX_BYTES = 5 * 2**20
A_DAY = 50  # uploads of a person
KEPT_UNUSED = timedelta(days=7)
KEPT_WRITING = timedelta(hours=1)
AVATAR_EDGE, EDGE = 640, 2_560  # pixels
BATCH = 500
MAX_ATTACHED = 9

Purpose, Status = Upload.Purpose, Upload.Status


class TooManyUploads(TwotierError):
    code = "too_many_uploads"
    message = _("%(limit)s pictures were uploaded today. Continue tomorrow.")
    status = 429


class UploadUnknown(TwotierError):
    """``data["upload"]`` is the id."""

    code = "upload_unknown"
    message = _("There is no unused upload %(upload)s for this purpose. Upload the picture again.")
    status = 400


class TooManyPictures(TwotierError):
    code = "too_many_pictures"
    message = _("At most %(limit)s different pictures can be attached.")
    status = 400


def store_upload(*, member: Member, purpose: str, raw: bytes, at: datetime) -> Upload:
    """Store a picture; the same one again is the same upload as long as it is unused.

    :param raw: the bytes as sent, at most ``MAX_BYTES``
    :raises AccountClosed: the member has closed the account
    :raises TooManyUploads: the person has uploaded ``A_DAY`` pictures today
    :raises PictureUnreadable: it is damaged, or neither JPEG, PNG nor WebP
    :raises PictureTooLarge: it has too many pixels
    """
    digest = hashlib.sha256(raw).hexdigest()
    stored = Upload.objects.filter(
        member=member, purpose=purpose, sha256=digest, status=Status.STORED
    )
    if repeated := stored.first():
        return repeated
    _require_room(member, at)
    picture = read_picture(raw, edge=AVATAR_EDGE if purpose == Purpose.AVATAR else EDGE)
    upload = _begin(member, purpose, digest, picture, at)
    default_storage.save(upload.path, ContentFile(picture.content))
    with transaction.atomic():
        lock_rows(Member.objects.filter(pk=member.pk))
        written = Upload.objects.filter(pk=upload.pk, status=Status.WRITING)
        if twin := stored.first():
            written.update(status=Status.REMOVED)
            return twin
        is_stored = written.update(status=Status.STORED)
    if not is_stored:
        # The account was closed meanwhile; its sweep may have been earlier than the file.
        default_storage.delete(upload.path)
        raise AccountClosed
    upload.refresh_from_db()
    return upload


@transaction.atomic
def _begin(member: Member, purpose: str, digest: str, picture: Picture, at: datetime) -> Upload:
    rows = Member.objects.filter(pk=member.pk)
    lock_rows(rows)
    if rows.get().closed_at:
        raise AccountClosed
    _require_room(member, at)
    folder = "avatars" if purpose == Purpose.AVATAR else "uploads"
    return Upload.objects.create(
        member=member, purpose=purpose, path=f"{folder}/{secrets.token_hex(20)}.jpg",
        sha256=digest, size=len(picture.content), width=picture.width, height=picture.height,
        created_at=at,
    )  # fmt: skip


def _require_room(member: Member, at: datetime) -> None:
    today = clock.day_start(clock.business_day(at))
    if Upload.objects.of_person(member).filter(created_at__gte=today).count() >= A_DAY:
        raise TooManyUploads(limit=A_DAY)


@transaction.atomic
def attach_uploads(*, member: Member, ids: Sequence[str], purpose: str) -> list[Upload]:
    """Use uploads of a member for what they were uploaded for; return them in this order.

    :param ids: public ids; each upload can be used once
    :raises TooManyPictures: there are more than ``MAX_ATTACHED``, or one is there twice
    :raises UploadUnknown: one is not the member's, has another purpose, is used or was swept
    """
    if len(ids) > MAX_ATTACHED or len(set(ids)) != len(ids):
        raise TooManyPictures(limit=MAX_ATTACHED)
    lock_rows(Member.objects.filter(pk=member.pk))
    rows = Upload.objects.of_person(member).filter(
        public_id__in=ids, purpose=purpose, status=Status.STORED
    )
    found = {row.public_id: row for row in rows}
    for public_id in ids:
        if public_id not in found:
            raise UploadUnknown(upload=public_id)
    keys = [row.pk for row in found.values()]
    used = Upload.objects.filter(pk__in=keys, status=Status.STORED).update(status=Status.USED)
    if used != len(keys):
        raise UploadUnknown(upload=ids[0])  # swept at this moment
    return [found[public_id] for public_id in ids]


def open_upload(upload: Upload) -> IO[bytes]:
    """Return the file of an upload, a JPEG, for reading."""
    return default_storage.open(upload.path)


def remove_uploads(rows: Iterable[Upload]) -> None:
    """Remove uploads; their files are erased after the transaction, or by the next sweep."""
    keys = [row.pk for row in rows]
    Upload.objects.filter(pk__in=keys).exclude(status__in=(Status.REMOVED, Status.ERASED)).update(
        status=Status.REMOVED
    )
    transaction.on_commit(lambda: _erase(keys), robust=True)


def sweep_uploads(*, at: datetime) -> int:
    """Erase uploads that nobody used within a week, and what was removed; return how many."""
    unused = Upload.objects.filter(status=Status.STORED, created_at__lt=at - KEPT_UNUSED)
    unused.update(status=Status.REMOVED)
    broken = Upload.objects.filter(status=Status.WRITING, created_at__lt=at - KEPT_WRITING)
    broken.update(status=Status.REMOVED)
    removed = Upload.objects.filter(status=Status.REMOVED).order_by("pk")
    return _erase(list(removed.values_list("pk", flat=True)[:BATCH]))


def _erase(keys: Sequence[int]) -> int:
    removed = Upload.objects.filter(pk__in=keys, status=Status.REMOVED)
    for upload in removed:
        default_storage.delete(upload.path)
        Upload.objects.filter(pk=upload.pk, status=Status.REMOVED).update(
            status=Status.ERASED, path="", sha256="", trace_id=""
        )
    return len(removed)
