"""Cards have all that a tap needs; ready ones write nothing."""

from __future__ import annotations

import secrets

import pytest
from pytest_django import Settings

from catalog.models import Product
from members.models import Member
from sharing import compound
from sharing.cards import card, ready_card
from sharing.checks import short_links_fit
from sharing.codes import find_share
from sharing.landing import Landing, landing_of
from sharing.links import short_url
from sharing.models import LandingPolicy, Share, SharingPolicy, Visit
from sharing.models.shares import ALPHABET
from sharing.targets import Target, TargetFacts, register
from tests.cast import NOON
from tests.distribution.people import upline
from tests.sharing.things import mask, rows, share, visit
from tests.shop import DAY, distributor


def test_the_card_of_a_share(lan: Member, settings: Settings) -> None:
    product = mask()
    opened = share(lan, "product", product.public_id, channel="other")

    shown = card(opened, NOON)

    assert shown
    assert shown.code == shown.scene == opened.code
    assert shown.chat.path == f"pages/share/index?share={opened.code}"
    assert shown.timeline.query == f"share={opened.code}"
    assert shown.h5.link == short_url(opened) == f"{settings.PUBLIC_URL}/s/{opened.code}"
    assert shown.h5.title == shown.chat.title == "mask"
    assert shown.qr_url.endswith(f"/api/v1/shares/{opened.code}/qr")


def test_a_product_without_a_target_has_no_card(lan: Member) -> None:
    opened = share(lan, "product", mask().public_id)
    Product.objects.update(status="off_sale")
    assert card(opened, NOON) is None
    assert ready_card(lan, Target("product", opened.target_id), NOON) is None


@pytest.mark.slow
def test_a_ready_card_writes_nothing_and_opens_the_same(lan: Member, bo: Member) -> None:
    distributor(lan)
    product, before = mask(), rows()

    ready = ready_card(lan, Target("product", product.public_id), NOON)

    assert ready
    assert rows() == before
    codes = {ready.code, ready.timeline.query.removeprefix("share="), ready.chat.path[-22:]}
    assert len(codes) == 3
    assert len(ready.scene) <= 32
    assert visit(ready.code, by=bo, at=NOON + DAY).is_bound
    stored = Share.objects.get()
    assert (stored.member, stored.target_id, stored.channel) == (lan, product.public_id, "other")
    assert upline(bo) == "Lan"
    again = visit(ready.code)
    assert again.share == stored
    assert Share.objects.count() == 1


@pytest.mark.parametrize("kind", ["home", "recruit"])
def test_home_and_recruiting_have_ready_cards(lan: Member, kind: str) -> None:
    distributor(lan)
    ready = ready_card(lan, Target(kind), NOON)
    assert ready
    found = find_share(ready.code, at=NOON)
    assert found
    assert (found.pk, found.member, found.target_kind) == (None, lan, kind)


def test_other_kinds_and_other_homes_have_none(lan: Member, bo: Member) -> None:
    distributor(bo)
    for target in (Target("coupon", "c"), Target("home", bo.distributor.code), Target("home")):
        assert ready_card(lan, target, NOON) is None


def test_compound_codes_hide_keys_and_cannot_be_made_up() -> None:
    parts = compound.Parts(7, "product", 9, "chat", 2968)
    code = compound.seal(parts)

    assert compound.unseal(code) == parts
    assert compound.seal(parts) == code
    other = compound.seal(compound.Parts(7, "product", 10, "chat", 2968))
    assert sum(a == b for a, b in zip(code, other, strict=True)) < 8
    forged = {
        *("".join(secrets.choice(ALPHABET) for _ in range(22)) for _ in range(200)),
        *(code[:place] + "2" + code[place + 1 :] for place in range(22) if code[place] != "2"),
        code[:-1], code + "1", "0" * 22, "z" * 22,
    }  # fmt: skip
    assert [text for text in forged if compound.unseal(text)] == []


def test_a_card_that_is_read_later_renews_a_share_that_expires(lan: Member) -> None:
    SharingPolicy.objects.update(share_days=10)
    old = ready_card(lan, Target("recruit"), NOON)
    assert old
    stored = visit(old.code).share
    assert stored

    much_later = NOON + 60 * DAY
    assert visit(old.code, at=much_later).share is None
    new = ready_card(lan, Target("recruit"), much_later)
    assert new
    assert new.code != old.code
    assert visit(new.code, at=much_later + 9 * DAY).share == stored
    stored.refresh_from_db()
    assert much_later + 10 * DAY < stored.expires_at <= much_later + 17 * DAY
    assert visit(stored.code, at=much_later + 9 * DAY).share == stored
    assert visit(new.code, at=much_later + 17 * DAY).share is None


def test_a_card_that_nobody_has_opened_expires_too(lan: Member) -> None:
    SharingPolicy.objects.update(share_days=10)
    card = ready_card(lan, Target("recruit"), NOON)
    assert card
    assert visit(card.code, at=NOON + 17 * DAY).share is None
    assert not Share.objects.exists()


def test_a_compound_code_of_a_switched_off_share_opens_nothing(lan: Member) -> None:
    ready = ready_card(lan, Target("recruit"), NOON)
    assert ready
    visit(ready.code)
    Share.objects.update(disabled_at=NOON)
    before = rows()
    assert visit(ready.code, at=NOON + DAY).share is None
    assert rows() == before
    assert Visit.objects.count() == 1


def test_the_merchant_sets_where_each_kind_lands(lan: Member) -> None:
    opened = share(lan, "product", mask("m/1 码").public_id)
    facts = TargetFacts("mask", f"/p/{opened.target_id}", sku="m/1 码", mini_path="pages/item?id=7")
    own = f"share={opened.code}"
    assert landing_of(opened, facts) == Landing(
        f"/p/{opened.target_id}?{own}", f"pages/item?id=7&{own}"
    )

    LandingPolicy.objects.create(
        kind="product", url="https://mall.example.com/goods/{sku}?from={code}",
        mini_path="pages/goods?id={id}&c={code}",
    )  # fmt: skip

    assert landing_of(opened, facts) == Landing(
        f"https://mall.example.com/goods/m%2F1%20%E7%A0%81?from={opened.code}",
        f"pages/goods?id={opened.target_id}&c={opened.code}",
    )


def test_links_are_short_enough_for_posters(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://m.shop.example.com"
    assert short_links_fit() == []
    settings.PUBLIC_URL = "https://very-long-name.shop.example.com"
    assert [problem.id for problem in short_links_fit()] == ["sharing.W001"]


def test_two_rooms_cannot_resolve_one_kind() -> None:
    with pytest.raises(ValueError, match="product"):
        register("product", lambda _id, _at: None)
