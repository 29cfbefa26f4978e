"""The staff uploads pictures of products, orders and removes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from catalog import picture_lists
from catalog.models import Product, ProductPicture
from catalog.picture_lists import (
    MAX_UPLOADS,
    PictureOfMall,
    PicturesChanged,
    ProductPictureRefused,
    TooManyProductPictures,
    add_pictures,
    order_pictures,
    remove_picture,
    show_first,
)
from catalog.queries import product_facts
from common.status import WrongStatus
from events.models import Event
from members.models import User
from members.pictures import PictureUnreadable
from tests.cast import NOON
from tests.catalog.pictures import listed, product, uploaded
from tests.members.pictures import picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def mask(db: None) -> Product:
    return product()


def shown(made: Product) -> list[ProductPicture]:
    return list(made.pictures.shown())


def main_picture(made: Product) -> str:
    return product_facts([made], at=NOON)[made.pk].picture


def changes(made: Product) -> int:
    events = Event.objects.filter(name="catalog.picture_changed", subject_id=made.public_id)
    return events.count()


def test_uploaded_pictures_are_shown_in_their_order(mask: Product) -> None:
    red, green = uploaded(mask), uploaded(mask, "green")
    assert shown(mask) == [red, green]
    assert main_picture(mask) == red.path
    assert changes(mask) == 2


def test_the_same_picture_again_is_the_same_row(mask: Product) -> None:
    assert uploaded(mask) == uploaded(mask)
    assert (len(shown(mask)), changes(mask)) == (1, 1)


def test_what_is_no_picture_is_refused(mask: Product, qian: User) -> None:
    with pytest.raises(PictureUnreadable):
        picture_lists.add_picture(product=mask, raw=b"text", by=qian, at=NOON)
    assert (mask.pictures.count(), changes(mask)) == (0, 0)


def test_of_several_pictures_all_are_added_or_none(mask: Product, qian: User) -> None:
    good, bad = ("a.jpg", picture(color="green")), ("b\u202egpj.html", b"<script>")
    with pytest.raises(ProductPictureRefused, match="JPEG"):
        add_pictures(product=mask, files=[good, bad], by=qian, at=NOON)
    many = [(f"{n}.png", picture("PNG", size=(20 + n, 20))) for n in range(MAX_UPLOADS + 1)]
    with pytest.raises(TooManyProductPictures):
        add_pictures(product=mask, files=many, by=qian, at=NOON)
    assert (mask.pictures.count(), changes(mask)) == (0, 0)
    add_pictures(product=mask, files=[good, good, *many[:-2]], by=qian, at=NOON)
    assert mask.pictures.count() == MAX_UPLOADS


def test_a_product_has_a_limit_of_pictures(mask: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_lists, "MAX_UPLOADS", 2)
    uploaded(mask)
    last = uploaded(mask, "green")
    with pytest.raises(TooManyProductPictures):
        uploaded(mask, "blue")
    assert (mask.pictures.count(), changes(mask)) == (2, 2)
    remove_picture(picture=last, by=User.objects.get(), at=NOON)
    uploaded(mask, "blue")


def test_another_becomes_the_main_picture(mask: Product, qian: User) -> None:
    red, green, blue = uploaded(mask), uploaded(mask, "green"), uploaded(mask, "blue")
    show_first(picture=blue, by=qian, at=NOON)
    assert shown(mask) == [blue, red, green]
    assert main_picture(mask) == blue.path


def test_a_picture_is_removed_once(mask: Product, qian: User) -> None:
    red, green = uploaded(mask), uploaded(mask, "green")
    remove_picture(picture=red, by=qian, at=NOON)
    assert main_picture(mask) == green.path
    before = changes(mask)
    with pytest.raises(WrongStatus):
        remove_picture(picture=red, by=qian, at=NOON)
    with pytest.raises(WrongStatus):
        show_first(picture=red, by=qian, at=NOON)
    assert (shown(mask), changes(mask)) == ([green], before)


def test_pictures_of_the_mall_follow_the_mall(mask: Product, qian: User) -> None:
    [row] = listed(mask, "https://img.example.com/1.jpg")
    for verb in (remove_picture, show_first):
        with pytest.raises(PictureOfMall):
            verb(picture=row, by=qian, at=NOON)
    row.refresh_from_db()
    assert (row.status, changes(mask)) == ("waiting", 0)


def test_many_additions_and_removals_leave_room(mask: Product, qian: User) -> None:
    ProductPicture.objects.filter(pk=uploaded(mask).pk).update(position=99)
    uploaded(mask, "green")
    assert [row.position for row in shown(mask)] == [0, 1]


def test_pictures_are_put_in_order(mask: Product, qian: User) -> None:
    red, green, blue = uploaded(mask), uploaded(mask, "green"), uploaded(mask, "blue")
    seen = [row.public_id for row in (red, green, blue)]
    order = [row.public_id for row in (blue, red, green)]
    before = changes(mask)
    order_pictures(product=mask, seen=seen, order=seen, by=qian, at=NOON)
    assert changes(mask) == before
    order_pictures(product=mask, seen=seen, order=order, by=qian, at=NOON)
    assert (shown(mask), main_picture(mask)) == ([blue, red, green], blue.path)
    assert changes(mask) == before + 1


def test_an_order_of_others_than_the_present_pictures_is_refused(mask: Product, qian: User) -> None:
    red, green = uploaded(mask), uploaded(mask, "green")
    seen = [red.public_id, green.public_id]
    for saw, order in (
        (seen[:1], seen[:1]), (seen, seen[:1]), (seen, [seen[0], seen[0]]), (seen[::-1], seen),
        (seen, [*seen, "x"]),
    ):  # fmt: skip
        with pytest.raises(PicturesChanged):
            order_pictures(product=mask, seen=saw, order=order, by=qian, at=NOON)
    assert shown(mask) == [red, green]


def order(client: Client, made: Product, **given: str) -> Any:
    url = reverse("admin:catalog_product_picture_order", args=[made.pk])
    return client.post(url, given, headers={"HX-Request": "true"})


def test_the_page_moves_a_picture(as_boss: Client, mask: Product) -> None:
    red, green = uploaded(mask), uploaded(mask, "green")
    seen = f"{red.public_id},{green.public_id}"
    answer = order(as_boss, mask, seen=seen, move=f"{green.public_id}:earlier")
    assert shown(mask) == [green, red]
    assert answer.content.decode().index(green.public_id) < answer.content.decode().index(
        red.public_id
    )
    refused = order(as_boss, mask, seen=seen, order=seen).content.decode()
    assert str(PicturesChanged()) in refused
    for move in ("", "x:earlier", f"{red.public_id}:away"):
        order(as_boss, mask, seen=f"{green.public_id},{red.public_id}", move=move)
    assert shown(mask) == [green, red]


def test_who_may_not_change_pictures_moves_none(as_qian: Client, mask: Product) -> None:
    red, green = uploaded(mask), uploaded(mask, "green")
    seen = f"{red.public_id},{green.public_id}"
    assert order(as_qian, mask, seen=seen, order=seen).status_code == 403
    assert shown(mask) == [red, green]


def post(client: Client, made: Product, *raws: bytes) -> Any:
    page = reverse("admin:catalog_product_add_pictures", args=[made.pk])
    given = [SimpleUploadedFile("a.jpg", raw, "image/jpeg") for raw in raws]
    return client.post(page, {"pictures": given})


def test_the_admin_takes_several_at_once(as_boss: Client, mask: Product) -> None:
    page = reverse("admin:catalog_product_change", args=[mask.pk])
    answer = post(as_boss, mask, picture(color="red"), picture("PNG", color="green"))
    assert (answer.status_code, answer["Location"]) == (302, page)
    assert len(shown(mask)) == 2
    assert as_boss.get(page).content.decode().count("-square.jpg") == 2


def test_the_admin_says_what_is_wrong(
    as_boss: Client, mask: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "JPEG" in post(as_boss, mask, b"text").content.decode()
    assert post(as_boss, mask).status_code == 200
    monkeypatch.setattr("catalog.admin.pictures.MAX_BYTES", 100)
    assert "MiB" in post(as_boss, mask, picture()).content.decode()
    assert shown(mask) == []


def test_who_may_only_look_adds_nothing(as_qian: Client, mask: Product) -> None:
    assert post(as_qian, mask, picture()).status_code == 403
    assert shown(mask) == []


def test_a_draft_is_deleted_with_its_files(as_boss: Client, mask: Product, media: Path) -> None:
    draft = Product.objects.create(name="Draft", category=mask.category)
    uploaded(draft, "blue")
    page = reverse("admin:catalog_product_delete", args=[draft.pk])
    assert as_boss.post(page, {"post": "yes"}).status_code == 302
    assert not Product.objects.filter(pk=draft.pk).exists()
    assert not [path for path in media.rglob("*") if path.is_file()]
