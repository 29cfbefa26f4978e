"""A material of a product can be shared: cards show its picture, friends open the product."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from common import clock
from materials.models import Material
from members.models import Member
from sharing import targets
from sharing.cards import card
from sharing.services import open_share
from sharing.targets import Target, TargetUnknown
from tests.materials.media import draft, mp4, photo, published, withdraw
from tests.shop import sku

pytestmark = pytest.mark.django_db


@pytest.fixture
def tea(db: None) -> Product:
    product = sku("tea").product
    Product.objects.update(status="on_sale")
    return product


def share(who: Member, row: Material) -> Any:
    target = Target("material", row.public_id)
    return open_share(member=who, target=target, channel="moments", at=clock.now())[0]


def fetch(url: str) -> Any:
    response = Client().get(urlsplit(url).path)
    if response.streaming:
        b"".join(response.streaming_content)  # type: ignore[arg-type]  # of a sync client
    return response


def test_a_share_shows_the_picture_and_leads_to_the_product(lan: Member, tea: Product) -> None:
    row = published(photo(), kind="image", title="新茶", text=" 喝\n一口 ", product=tea)

    made = card(share(lan, row), clock.now())

    assert made
    assert (made.chat.title, made.h5.desc) == ("新茶", "喝 一口")
    facts = targets.find(Target("material", row.public_id), at=clock.now())
    assert facts
    assert (facts.h5_path, facts.sku) == (f"/p/{tea.public_id}", "tea")
    for url, variant in ((made.chat.image, "chat"), (made.timeline.image, "square")):
        answer = fetch(url)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
        assert f"-{variant}.jpg" in url
        assert answer["Cache-Control"].startswith("public")


def test_a_video_shows_its_cover_and_a_text_no_picture(lan: Member, tea: Product) -> None:
    video = published(mp4(), photo(), kind="video", product=tea)
    text = published(product=tea)

    with_cover, without = card(share(lan, video), clock.now()), card(share(lan, text), clock.now())

    assert with_cover
    assert fetch(with_cover.chat.image).status_code == 200
    assert without
    assert without.chat.image == ""


def test_what_leads_nowhere_cannot_be_shared(lan: Member, tea: Product) -> None:
    rows = [published(), draft(product=tea), withdraw(published(product=tea))]

    for row in rows:
        with pytest.raises(TargetUnknown):
            share(lan, row)
    Product.objects.update(status="off_sale")
    with pytest.raises(TargetUnknown):
        share(lan, published(product=tea))


def test_the_picture_of_a_withdrawn_material_is_gone(lan: Member, tea: Product) -> None:
    row = published(photo(), kind="image", product=tea)
    shared = share(lan, row)
    made = card(shared, clock.now())
    assert made

    withdraw(row)

    assert fetch(made.chat.image).status_code == 404
    assert card(shared, clock.now()) is None


def test_only_pictures_of_cards_are_public(tea: Product) -> None:
    file = published(photo(), kind="image", product=tea).files.get()
    stem = file.path.removeprefix("materials/").removesuffix(".jpg")

    for name in (f"{stem}.jpg", f"{stem}-full.jpg", f"{stem}-preview.jpg", "-chat.jpg", "x.mp4"):
        assert fetch(f"/media/materials/cards/{name}").status_code == 404, name
    assert fetch(f"/media/materials/cards/{stem}-chat.jpg").status_code == 200


def test_many_targets_cost_as_much_as_one(tea: Product) -> None:
    def cost() -> int:
        ids = Material.objects.values_list("public_id", flat=True)
        wanted = [Target("material", public_id) for public_id in ids]
        with CaptureQueriesContext(connection) as queries:
            assert len(targets.find_many(wanted, at=clock.now())) == len(wanted)
        return len(queries)

    published(product=tea)
    one = cost()
    published(product=tea)
    published(product=tea)

    assert cost() == one
