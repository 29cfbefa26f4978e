"""Maintain the pictures of products: those that the mall lists, and those that staff upload."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from catalog import pictures
from catalog.events import CATALOG_PICTURE_CHANGED
from catalog.models import FROM_MALL, Product, ProductPicture, lock_tree
from common import status
from common.errors import TwotierError
from common.fetch import Refusal, is_listed
from common.locks import advisory_lock
from events.services import record
from events.wakeup import ring_on_commit
from members.models import User
from members.pictures import Picture, read_picture

Status = ProductPicture.Status
FETCH = "catalog.tasks.fetch_pictures"
MAX_UPLOADS = 20
BATCH = 500


class TooManyProductPictures(TwotierError):
    code = "too_many_product_pictures"
    message = _("A product has at most %(limit)s uploaded pictures. Remove one first.")


class ProductPictureRefused(TwotierError):
    code = "product_picture_refused"
    message = _("“%(file)s”: %(reason)s No picture was added.")
    status = 400


class PicturesChanged(TwotierError):
    code = "pictures_changed"
    message = _(
        "The pictures have changed since you opened the page. They are shown as they are now;"
        " nothing was moved."
    )


class PictureOfMall(TwotierError):
    code = "picture_of_mall"
    message = _("The mall lists this picture and its place: change it there. Nothing was changed.")


def sync_pictures(
    products: Collection[Product], *, at: datetime, by: models.Model | None = None
) -> None:
    """Make the pictures of products equal to the mall's lists; workers fetch the new ones.

    The caller holds the lock of the tree, so that nobody else changes these lists meanwhile.
    """
    if not products:
        return
    listed = {product.pk: _positions(product.images) for product in products}
    stored = ProductPicture.objects.filter(product__in=listed, status__in=ProductPicture.LISTED)
    rows = list(stored.exclude(source_url=""))
    gone = [row for row in rows if row.source_url not in listed[row.product_id]]
    moved = [row for row in rows if listed[row.product_id].get(row.source_url) != row.position]
    _remove([row.pk for row in gone], at=at)
    _move([row for row in moved if row not in gone], listed)
    known = {(row.product_id, row.source_url) for row in rows}
    new = [
        ProductPicture(product_id=key, source_url=url, position=position, due_at=at)
        for key, positions in listed.items()
        for url, position in positions.items()
        if (key, url) not in known
    ]
    ProductPicture.objects.bulk_create(new)
    if new:
        ring_on_commit(FETCH)
    changed = {row.product_id for row in moved}
    subjects = {product.pk: product for product in products if product.pk in changed}
    if subjects:
        record(CATALOG_PICTURE_CHANGED, list(subjects.values()), at=at, by=by)


def _positions(urls: Sequence[str]) -> dict[str, int]:
    """Return the position of each address, behind the uploads; of a repeated one the first."""
    return {url: FROM_MALL + place for place, url in enumerate(dict.fromkeys(urls))}


def _remove(keys: Sequence[int], *, at: datetime) -> None:
    rows = ProductPicture.objects.filter(pk__in=keys, status__in=ProductPicture.LISTED)
    rows.update(status=Status.REMOVED, removed_at=at)


def _move(rows: Sequence[ProductPicture], listed: dict[int, dict[str, int]]) -> None:
    for row in rows:
        row.position = listed[row.product_id][row.source_url]
    ProductPicture.objects.bulk_update(rows, ["position"])


@transaction.atomic
def list_forgotten(*, at: datetime) -> int:
    """Add the rows of pictures to products that were saved without ``sync_pictures``.

    Returns the number of products: call it until it is 0.
    """
    lock_tree()
    rows = ProductPicture.objects.filter(product=OuterRef("pk")).exclude(source_url="")
    products = list(Product.objects.exclude(images=[]).filter(~Exists(rows))[:BATCH])
    sync_pictures(products, at=at)
    return len(products)


def add_picture(*, product: Product, raw: bytes, by: User, at: datetime) -> ProductPicture:
    """Add an uploaded picture behind the other uploads; an equal one is not added again.

    :param raw: the bytes as sent
    :raises PictureUnreadable: it is damaged, or neither JPEG, PNG nor WebP
    :raises PictureTooLarge: it has too many pixels
    :raises TooManyProductPictures: the product has ``MAX_UPLOADS``
    :raises PictureBeingErased: the sweep deletes the same picture at this moment
    """
    return _add(product, read_picture(raw, edge=pictures.EDGE), by=by, at=at)


def add_pictures(
    *, product: Product, files: Sequence[tuple[str, bytes]], by: User, at: datetime
) -> list[ProductPicture]:
    """Add several uploaded pictures; if one of them is refused, none is added.

    :param files: the name and the bytes of each
    :raises ProductPictureRefused: one is no picture, or too large
    :raises TooManyProductPictures: the product would have more than ``MAX_UPLOADS``
    :raises PictureBeingErased: the sweep deletes the same picture at this moment
    """
    read = [_read(name, raw) for name, raw in files]
    hashes = {hashlib.sha256(picture.content).hexdigest() for picture in read}
    present = set(_uploads(product).values_list("sha256", flat=True))
    if len(present | hashes) > MAX_UPLOADS:
        raise TooManyProductPictures(limit=MAX_UPLOADS)
    return [_add(product, picture, by=by, at=at) for picture in read]


def _read(name: str, raw: bytes) -> Picture:
    try:
        return read_picture(raw, edge=pictures.EDGE)
    except TwotierError as error:
        shown = "".join(filter(str.isprintable, name))
        raise ProductPictureRefused(file=shown[:80], reason=error) from None


def _add(product: Product, picture: Picture, *, by: User, at: datetime) -> ProductPicture:
    row = _begin(product, hashlib.sha256(picture.content).hexdigest(), at=at)
    if row.status == Status.STORED:
        return row
    pictures.save_files(row, picture.content)
    with transaction.atomic():
        status.move(row, to=Status.STORED, stored_at=at, width=picture.width, height=picture.height)
        record(CATALOG_PICTURE_CHANGED, product, at=at, by=by)
    return row


@transaction.atomic
def _begin(product: Product, sha256: str, *, at: datetime) -> ProductPicture:
    _lock_uploads(product)
    pictures.refuse_erasing(sha256)
    uploads = _uploads(product)
    if twin := uploads.filter(sha256=sha256).first():
        return twin
    if uploads.count() >= MAX_UPLOADS:
        raise TooManyProductPictures(limit=MAX_UPLOADS)
    _number(list(uploads.order_by("position", "pk")))
    return ProductPicture.objects.create(
        product=product, position=uploads.count(), sha256=sha256, due_at=at
    )


@transaction.atomic
def remove_picture(*, picture: ProductPicture, by: User, at: datetime) -> None:
    """Remove an uploaded picture. Its file stays for 30 days, for cards in chats.

    :raises PictureOfMall: the mall lists it
    :raises WrongStatus: it is removed already
    """
    if picture.source_url:
        raise PictureOfMall
    _lock_uploads(picture.product)
    status.move(picture, to=Status.REMOVED, removed_at=at)
    record(CATALOG_PICTURE_CHANGED, picture.product, at=at, by=by)


@transaction.atomic
def show_first(*, picture: ProductPicture, by: User, at: datetime) -> None:
    """Move an uploaded picture to the front, so that it is the main one.

    :raises PictureOfMall: the mall lists it
    :raises WrongStatus: it is not shown
    """
    if picture.source_url:
        raise PictureOfMall
    _lock_uploads(picture.product)
    rows = list(_uploads(picture.product).order_by("position", "pk"))
    if picture not in rows:
        picture.refresh_from_db()
        status.expect(picture, Status.STORED, to=Status.STORED)
    rows.sort(key=lambda row: row != picture)  # stable: only the first changes its place
    _number(rows)
    picture.position = 0
    record(CATALOG_PICTURE_CHANGED, picture.product, at=at, by=by)


@transaction.atomic
def order_pictures(
    *, product: Product, seen: Sequence[str], order: Sequence[str], by: User, at: datetime
) -> None:
    """Show the uploaded pictures of a product in this order; the first is the main one.

    :param seen: the ids of all of them, in the order that the person has seen
    :param order: the same ids in the new order
    :raises PicturesChanged: another picture was added, removed or moved since
    """
    _lock_uploads(product)
    rows = {row.public_id: row for row in _uploads(product).order_by("position", "pk")}
    shown = [key for key, row in rows.items() if row.status == Status.STORED]
    if list(seen) != shown or sorted(order) != sorted(shown):
        raise PicturesChanged
    if list(order) == shown:
        return
    being_stored = [key for key in rows if key not in shown]
    _number([rows[key] for key in (*order, *being_stored)])
    record(CATALOG_PICTURE_CHANGED, product, at=at, by=by)


def retry_listed_hosts(*, at: datetime) -> int:
    """Let workers retry pictures whose hosts are in ``PICTURE_HOSTS`` by now; return how many."""
    refused = ProductPicture.objects.filter(status=Status.FAILED, reason=Refusal.HOST)
    keys = [
        key
        for key, url in refused.values_list("pk", "source_url")
        if is_listed(urlsplit(url).hostname or "", settings.PICTURE_HOSTS)
    ][:BATCH]
    again = ProductPicture.objects.filter(pk__in=keys, status=Status.FAILED)
    return again.update(status=Status.WAITING, due_at=at, attempts=0)


@transaction.atomic
def fetch_again(*, product: Product, at: datetime) -> int:
    """Let workers retry the failed pictures of a product; return how many."""
    failed = ProductPicture.objects.filter(product=product, status=Status.FAILED)
    count = failed.update(status=Status.WAITING, due_at=at, attempts=0)
    if count:
        ring_on_commit(FETCH)
    return count


def delete_draft(*, product: Product) -> None:
    """Delete a product that was never on sale, with its pictures and their files."""
    rows = list(ProductPicture.objects.filter(product=product))
    with transaction.atomic():
        product.delete()
    for row in rows:
        pictures.erase(row)


def _number(rows: Sequence[ProductPicture]) -> None:
    """Number pictures from 0 on, in this order."""
    for position, row in enumerate(rows):
        row.position = position
    ProductPicture.objects.bulk_update(rows, ["position"])


def _uploads(product: Product) -> models.QuerySet[ProductPicture]:
    listed = (Status.WAITING, Status.STORED)
    return ProductPicture.objects.filter(product=product, source_url="", status__in=listed)


def _lock_uploads(product: Product) -> None:
    # Not a lock of the product's row, which would wait for a batch of the mall.
    advisory_lock(f"catalog.uploads:{product.pk}")
