"""Fetch the pictures of products, store them with their cuts, and erase what is no longer shown.

A file never outlives its row: the row has the hash before the file is written, and the status
ERASING before the file is deleted. Rows with the same hash share their files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from catalog.cards import CHAT, SQUARE, cut_card
from catalog.events import CATALOG_PICTURE_CHANGED
from catalog.models import ProductPicture
from common.errors import TwotierError
from common.fetch import FetchRefused, fetch
from common.locks import advisory_lock
from common.media import save_once
from events.services import record
from members.pictures import Picture, PictureTooLarge, PictureUnreadable, read_picture

log = structlog.get_logger(__name__)

Status = ProductPicture.Status
EDGE = 1_080  # pixels: as wide as a poster
MAX_BYTES = 10 * 2**20
SECONDS = 10.0  # for one picture
THREADS = 4
BATCH = 8
LEASE = timedelta(minutes=2)
"""Longer than a batch may take."""
MAX_ATTEMPTS = 6
FIRST_RETRY = timedelta(minutes=1)
ABANDONED = timedelta(hours=1)
KEPT_REMOVED = timedelta(days=30)
"""Cards in chats go on to show the address of a removed picture."""
SWEPT = 500


class PictureBeingErased(TwotierError):
    code = "picture_being_erased"
    message = _("The same picture is being erased at this moment. Try again in a minute.")


def fetch_due_pictures(*, at: datetime, limit: int = BATCH) -> int:
    """Fetch waiting pictures that are due, and store or refuse them; return how many were tried.

    No transaction is open while the network is used.
    """
    claimed = _claim(at=at, limit=limit)
    with ThreadPoolExecutor(THREADS, thread_name_prefix="picture") as pool:
        fetched = pool.map(_fetched, [row.source_url for row in claimed])
        for row, result in zip(claimed, fetched, strict=True):
            if isinstance(result, FetchRefused):
                _refuse(row, result.reason, is_final=not result.is_temporary, at=at)
            else:
                _store_fetched(row, result, at=at)
    return len(claimed)


@transaction.atomic
def _claim(*, at: datetime, limit: int) -> list[ProductPicture]:
    """Lease pictures: if this process ends, they are tried again after the lease."""
    due = ProductPicture.objects.due(at).order_by("due_at", "pk")
    rows = list(due.select_for_update(no_key=True, skip_locked=True)[:limit])
    for row in rows:
        row.attempts += 1
        row.due_at = at + LEASE
    ProductPicture.objects.bulk_update(rows, ["attempts", "due_at"])
    return rows


def _fetched(url: str) -> bytes | FetchRefused:
    try:
        return fetch(url, hosts=settings.PICTURE_HOSTS, max_bytes=MAX_BYTES, seconds=SECONDS)
    except FetchRefused as refused:
        return refused


def _store_fetched(row: ProductPicture, raw: bytes, *, at: datetime) -> None:
    try:
        store(row, raw, at=at)
    except (PictureUnreadable, PictureTooLarge) as error:
        _refuse(row, error.code, is_final=True, at=at)
    except PictureBeingErased as error:
        _refuse(row, error.code, is_final=False, at=at)


def _refuse(row: ProductPicture, reason: str, *, is_final: bool, at: datetime) -> None:
    log.warning("picture_not_fetched", picture=row.public_id, reason=reason)
    waiting = ProductPicture.objects.filter(pk=row.pk, status=Status.WAITING)
    if is_final or row.attempts >= MAX_ATTEMPTS:
        waiting.update(status=Status.FAILED, failed_at=at, reason=reason)
    else:
        delay = FIRST_RETRY * 2 ** (row.attempts - 1)
        waiting.update(due_at=at + delay, reason=reason)


def store(row: ProductPicture, raw: bytes, *, at: datetime) -> bool:
    """Store the picture of a waiting row; return whether the row was still waiting.

    :param raw: the bytes as fetched

    :raises PictureUnreadable: it is damaged, or neither JPEG, PNG nor WebP
    :raises PictureTooLarge: it has too many pixels
    :raises PictureBeingErased: the sweep deletes the same picture at this moment
    """
    picture = read_picture(raw, edge=EDGE)
    row.sha256 = hashlib.sha256(picture.content).hexdigest()
    if not _reserve(row):
        return False
    save_files(row, picture.content)
    return _show(row, picture, at=at)


@transaction.atomic
def _reserve(row: ProductPicture) -> bool:
    refuse_erasing(row.sha256)
    waiting = ProductPicture.objects.filter(pk=row.pk, status=Status.WAITING)
    return bool(waiting.update(sha256=row.sha256))


def refuse_erasing(sha256: str) -> None:
    """Prevent the erasure of a file until the transaction ends.

    :raises PictureBeingErased: the erasure has begun
    """
    advisory_lock(f"catalog.picture:{sha256}")
    if ProductPicture.objects.filter(sha256=sha256, status=Status.ERASING).exists():
        raise PictureBeingErased


def save_files(row: ProductPicture, content: bytes) -> None:
    """Save a picture and its cuts."""
    save_once(row.chat_path, cut_card(content, CHAT))
    save_once(row.square_path, cut_card(content, SQUARE))
    save_once(row.path, content)


@transaction.atomic
def _show(row: ProductPicture, picture: Picture, *, at: datetime) -> bool:
    waiting = ProductPicture.objects.filter(pk=row.pk, status=Status.WAITING)
    is_shown = waiting.update(
        status=Status.STORED, stored_at=at, width=picture.width, height=picture.height,
        failed_at=None, reason="",
    )  # fmt: skip
    if is_shown:
        record(CATALOG_PICTURE_CHANGED, row.product, at=at)
    return bool(is_shown)


def sweep_pictures(*, at: datetime) -> int:
    """Erase pictures that were removed 30 days ago, and mark uploads that a crash left as removed.

    Files that another row has stay. Returns the number of erased rows: call it until it is 0.
    """
    abandoned = ProductPicture.objects.filter(
        status=Status.WAITING, source_url="", due_at__lt=at - ABANDONED
    )
    abandoned.update(status=Status.REMOVED, removed_at=at)
    old = ProductPicture.objects.filter(
        status__in=(Status.REMOVED, Status.ERASING), removed_at__lt=at - KEPT_REMOVED
    )
    rows = list(old.order_by("removed_at", "pk")[:SWEPT])
    for row in rows:
        erase(row)
    return len(rows)


def erase(row: ProductPicture) -> None:
    """Delete the row of a picture, and its files if no other row has them."""
    if row.sha256 and _begin_erasing(row):
        for path in paths(row):
            default_storage.delete(path)
    ProductPicture.objects.filter(pk=row.pk).delete()


def paths(row: ProductPicture) -> Sequence[str]:
    """Return the paths of a picture and its cuts in the storage."""
    return row.path, row.chat_path, row.square_path


@transaction.atomic
def _begin_erasing(row: ProductPicture) -> bool:
    """Mark a removed row, so that nobody takes over its files; return whether to delete them."""
    advisory_lock(f"catalog.picture:{row.sha256}")
    others = ProductPicture.objects.filter(sha256=row.sha256).exclude(pk=row.pk)
    if others.exclude(status=Status.ERASING).exists():
        return False
    ProductPicture.objects.filter(pk=row.pk, status=Status.REMOVED).update(status=Status.ERASING)
    return True
