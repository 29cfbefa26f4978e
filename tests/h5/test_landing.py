"""``/s/<code>`` shows who recommends what; codes that open nothing look all alike."""

from __future__ import annotations

from datetime import timedelta

import pytest

from catalog.models import Product
from common import clock
from distribution.models import Distributor
from distribution.services import change_status
from sharing.models import Share
from tests.cast import staff
from tests.h5 import mall
from tests.sharing.things import rows

pytestmark = pytest.mark.django_db


def test_it_shows_the_sender_and_the_product_and_writes_nothing() -> None:
    product = mall.product(name="Silk mask")
    code = mall.share(mall.distributor("lan"), "product", product.public_id).code
    before = rows()

    page = mall.visitor().get(f"/s/{code}")

    text = page.content.decode()
    assert page.status_code == 200
    assert "兰" in text
    assert "Silk mask" in text
    assert "<b>109</b>" in text
    assert f'href="/p/{product.public_id}?share={code}"' in text
    assert "You can leave within 30 days" in text
    assert rows() == before


@pytest.mark.parametrize("kind", ["home", "recruit"])
def test_it_shows_other_kinds(kind: str) -> None:
    code = mall.share(mall.distributor("lan"), kind).code

    assert "invites you" in mall.visitor().get(f"/s/{code}").content.decode()


def _expired(share: Share) -> str:
    Share.objects.filter(pk=share.pk).update(expires_at=share.created_at + timedelta(seconds=1))
    return share.code


def _switched_off(share: Share) -> str:
    Share.objects.filter(pk=share.pk).update(disabled_at=clock.now() - timedelta(hours=1))
    return share.code


def _sold_out(share: Share) -> str:
    Product.objects.filter(public_id=share.target_id).update(status=Product.Status.OFF_SALE)
    return share.code


def _unknown(_share: Share) -> str:
    return "2222222222"


def _foreign(_share: Share) -> str:
    return "9" * 22


def _nonsense(_share: Share) -> str:
    return "🎭 ' OR 1=1"


@pytest.mark.parametrize(
    "closed", [_expired, _switched_off, _sold_out, _unknown, _foreign, _nonsense]
)
def test_codes_that_open_nothing_get_one_answer(closed: object) -> None:
    product = mall.product()
    share = mall.share(
        mall.distributor("lan"), "product", product.public_id, at=clock.now() - timedelta(days=1)
    )
    nothing = mall.visitor().get("/s/zzzzzzzzzz")

    page = mall.visitor().get(f"/s/{closed(share)}")  # type: ignore[operator]

    assert page.status_code == nothing.status_code == 404
    assert page.content == nothing.content
    assert set(page.headers) == set(nothing.headers)
    assert "opens nothing any more" in page.content.decode()


def test_a_frozen_distributor_is_not_named() -> None:
    product = mall.product()
    lan = mall.distributor("lan")
    code = mall.share(lan, "product", product.public_id).code
    change_status(
        distributor=Distributor.objects.get(member=lan), to=Distributor.Status.FROZEN,
        by=staff("qian"), at=clock.now(), reason="A complaint",
    )  # fmt: skip

    text = mall.visitor().get(f"/s/{code}").content.decode()

    assert "兰" not in text
    assert "A friend" in text
    assert "You can leave" not in text


def test_names_are_text() -> None:
    product = mall.product(name=mall.HOSTILE)
    lan = mall.distributor("lan")
    type(lan).objects.filter(pk=lan.pk).update(nickname=mall.HOSTILE)
    code = mall.share(lan, "product", product.public_id).code

    text = mall.visitor().get(f"/s/{code}").content.decode()

    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text
