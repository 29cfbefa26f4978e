"""Workers fetch the pictures that the mall lists; files live exactly as long as they are shown."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from PIL import Image
from pytest_django import Settings

from catalog import pictures
from catalog.models import Product, ProductPicture
from catalog.picture_lists import fetch_again, list_forgotten, remove_picture, retry_listed_hosts
from catalog.pictures import PictureBeingErased, fetch_due_pictures, paths, sweep_pictures
from events.models import Event
from members.models import User
from tests.cast import NOON
from tests.catalog.pictures import listed, product, uploaded
from tests.common.file_host import FileHost, hosting, send
from tests.members.pictures import picture, png_of

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MONTH = 31 * DAY


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def host(settings: Settings) -> Iterator[FileHost]:
    settings.FETCH_ALLOW_LOOPBACK = True
    with hosting() as server:
        yield server


@pytest.fixture
def mask(db: None) -> Product:
    return product()


def files(media: Path) -> set[str]:
    return {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}


def die(*_: Any) -> None:
    raise SystemExit


def changes(made: Product) -> int:
    events = Event.objects.filter(name="catalog.picture_changed", subject_id=made.public_id)
    return events.count()


def size(path: str) -> tuple[int, int]:
    with default_storage.open(path) as file, Image.open(BytesIO(file.read())) as image:
        assert image.format == "JPEG"
        return image.size


def test_a_listed_picture_is_fetched_and_cut(mask: Product, host: FileHost) -> None:
    [row] = listed(mask, host.add("/1.png", picture("PNG", size=(2_000, 1_500))))
    assert (row.status, row.path, changes(mask)) == ("waiting", "", 0)

    assert fetch_due_pictures(at=NOON) == 1

    row.refresh_from_db()
    assert (row.status, row.width, row.height) == ("stored", 1_080, 810)
    assert size(row.path) == (1_080, 810)
    assert size(row.chat_path) == (750, 600)
    assert size(row.square_path) == (600, 600)
    with default_storage.open(row.path) as file:
        assert row.path == f"products/{hashlib.sha256(file.read()).hexdigest()}.jpg"
    assert changes(mask) == 1
    assert fetch_due_pictures(at=NOON + DAY) == 0


@pytest.mark.parametrize("shape", [(400, 1_000), (1_000, 400), (50, 50)])
def test_cuts_have_their_size_whatever_the_shape(
    mask: Product, host: FileHost, shape: tuple[int, int]
) -> None:
    [row] = listed(mask, host.add("/1.jpg", picture(size=shape)))
    fetch_due_pictures(at=NOON)
    row.refresh_from_db()
    assert (size(row.chat_path), size(row.square_path)) == ((750, 600), (600, 600))


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "picture_unreadable"),
        (picture()[:-300], "picture_unreadable"),
        (png_of(40_000, 40_000), "picture_too_large"),
        (b"x" * (pictures.MAX_BYTES + 1), "too_large"),
    ],
    ids=["svg", "cut off", "bomb", "long"],
)
def test_what_is_no_harmless_picture_is_refused_for_good(
    mask: Product, host: FileHost, media: Path, raw: bytes, reason: str
) -> None:
    [row] = listed(mask, host.add("/1.jpg", raw))
    fetch_due_pictures(at=NOON)
    row.refresh_from_db()
    assert (row.status, row.reason, row.failed_at, row.path) == ("failed", reason, NOON, "")
    assert files(media) == set()
    assert changes(mask) == 0


def test_a_host_that_is_not_listed_is_not_asked(mask: Product, settings: Settings) -> None:
    settings.PICTURE_HOSTS = []
    [row] = listed(mask, "https://img.example.com/1.jpg")
    fetch_due_pictures(at=NOON)
    row.refresh_from_db()
    assert (row.status, row.reason) == ("failed", "host")
    assert retry_listed_hosts(at=NOON + DAY) == 0
    settings.PICTURE_HOSTS = ["example.com"]
    assert retry_listed_hosts(at=NOON + DAY) == 1
    row.refresh_from_db()
    assert (row.status, row.attempts, row.due_at) == ("waiting", 0, NOON + DAY)


def test_a_host_that_fails_is_tried_again_later_and_later(mask: Product, host: FileHost) -> None:
    [row] = listed(mask, host.add("/1.jpg", lambda to: send(to, b"", status=503)))
    at, waits = NOON, []
    while fetch_due_pictures(at=at):
        row.refresh_from_db()
        if row.status == "failed":
            break
        assert fetch_due_pictures(at=row.due_at - MINUTE / 60) == 0
        waits.append((row.due_at - at) / MINUTE)
        at = row.due_at
    assert waits == [1, 2, 4, 8, 16]
    assert (row.reason, row.attempts, len(host.calls)) == ("status", 6, 6)

    host.add("/1.jpg", picture())
    assert fetch_again(product=mask, at=at) == 1
    assert fetch_again(product=mask, at=at) == 0
    fetch_due_pictures(at=at)
    row.refresh_from_db()
    assert (row.status, row.reason, row.failed_at) == ("stored", "", None)


def test_a_worker_that_dies_leaves_the_picture_to_the_next(
    mask: Product, host: FileHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    [row] = listed(mask, host.add("/1.jpg", picture()))
    with monkeypatch.context() as killed:
        killed.setattr(pictures, "save_files", die)
        with pytest.raises(SystemExit):
            fetch_due_pictures(at=NOON)
    row.refresh_from_db()
    assert (row.status, row.sha256 != "") == ("waiting", True)
    assert fetch_due_pictures(at=NOON + MINUTE) == 0
    assert fetch_due_pictures(at=NOON + pictures.LEASE) == 1
    row.refresh_from_db()
    assert row.status == "stored"


def test_a_picture_that_is_delisted_while_it_is_fetched_is_not_shown(
    mask: Product, media: Path
) -> None:
    [row] = listed(mask, "https://img.example.com/1.jpg")
    listed(mask)

    assert pictures.store(row, picture(), at=NOON) is False

    row.refresh_from_db()
    assert (row.status, row.sha256, files(media)) == ("removed", "", set())
    assert not mask.pictures.shown().exists()


def test_the_mall_changes_its_list(mask: Product, host: FileHost) -> None:
    one, two, three = (
        host.add(f"/{name}.jpg", picture(color=name)) for name in ("red", "green", "blue")
    )
    listed(mask, one, two)
    fetch_due_pictures(at=NOON)
    before = {row.source_url: row.pk for row in mask.pictures.shown()}

    rows = listed(mask, three, two, two)

    assert [(row.source_url, row.status) for row in rows] == [(three, "waiting"), (two, "stored")]
    assert rows[1].pk == before[two]
    assert mask.pictures.get(source_url=one).status == "removed"
    assert changes(mask) == 3  # two were stored, and the list is another one
    listed(mask, three, two)
    assert changes(mask) == 3

    again = listed(mask, one)
    assert [(row.source_url, row.status) for row in again] == [(one, "waiting")]
    assert mask.pictures.filter(source_url=one).count() == 2


def test_products_that_were_saved_without_are_listed_by_the_sweep(mask: Product) -> None:
    mask.images = ["https://img.example.com/1.jpg"]
    mask.save()
    assert not mask.pictures.exists()
    assert list_forgotten(at=NOON) == 1
    assert list_forgotten(at=NOON) == 0
    assert mask.pictures.get().status == "waiting"


def test_files_are_erased_a_month_after_nobody_shows_them(
    mask: Product, media: Path, qian: User
) -> None:
    other = product("Nuts")
    row, twin, stays = uploaded(mask), uploaded(other), uploaded(mask, "green")
    assert len(files(media)) == 6
    remove_picture(picture=row, by=qian, at=NOON)

    assert sweep_pictures(at=NOON + 29 * DAY) == 0
    assert sweep_pictures(at=NOON + MONTH) == 1
    assert set(paths(twin)) <= files(media)  # another product shows the same file

    remove_picture(picture=twin, by=qian, at=NOON)
    assert sweep_pictures(at=NOON + MONTH) == 1
    assert files(media) == set(paths(stays))
    assert list(ProductPicture.objects.all()) == [stays]


def test_a_sweep_that_died_is_finished_by_the_next(
    mask: Product, media: Path, qian: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = uploaded(mask)
    remove_picture(picture=row, by=qian, at=NOON)
    with monkeypatch.context() as killed:
        killed.setattr(default_storage, "delete", die)
        with pytest.raises(SystemExit):
            sweep_pictures(at=NOON + MONTH)
    row.refresh_from_db()
    assert row.status == "erasing"
    with pytest.raises(PictureBeingErased):
        uploaded(mask)
    assert sweep_pictures(at=NOON + MONTH) == 1
    assert files(media) == set()
    assert uploaded(mask).status == "stored"


def test_a_file_that_a_crash_left_half_written_is_replaced(mask: Product, media: Path) -> None:
    row = uploaded(mask)
    (media / row.path).write_bytes(b"half")
    uploaded(product("Nuts"))
    assert size(row.path) == (400, 300)


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "strange"}, {"status": "waiting"}, {"status": "failed"}, {"sha256": ""},
        {"status": "erasing"}, {"position": 100}, {"source_url": "https://a.example.com/1.jpg"},
        {"removed_at": NOON}, {"width": 0},
    ],
    ids=str,
)  # fmt: skip
def test_the_database_refuses_other_states(mask: Product, wrong: dict[str, Any]) -> None:
    row = uploaded(mask)
    with pytest.raises(DatabaseError), transaction.atomic():
        ProductPicture.objects.filter(pk=row.pk).update(**wrong)
