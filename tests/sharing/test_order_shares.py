"""An order's share binds the buyer first, as of placement, with the visit as evidence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from distribution.models import Binding
from distribution.services import change_status, leave
from members.models import Member, User
from orders.models import Order
from sharing import cards
from sharing.models import Share
from sharing.targets import Target
from tests.cast import NOON
from tests.distribution.people import set_policy, upline
from tests.sharing.things import mask, share, sign_in, visit
from tests.shop import (
    DAY,
    PLACED,
    commissions,
    distributor,
    get_order,
    ingest,
    make_referral,
    order,
    plan,
)


@pytest.fixture
def shop(lan: Member) -> None:
    mask()
    plan()
    distributor(lan)


@pytest.mark.usefixtures("shop")
def test_the_share_binds_with_the_visit_as_evidence(lan: Member, bo: Member) -> None:
    set_policy(binding_trigger="first_order")
    code = share(lan).code
    came = visit(code, by=bo, at=NOON + timedelta(hours=1))
    assert not Binding.objects.exists()

    ingest(order(bo, share=code))

    bound = Binding.objects.get()
    assert came.visit
    assert (bound.started_at, bound.evidence_kind, bound.evidence_id) == (
        PLACED, "sharing.visit", came.visit.public_id,
    )  # fmt: skip
    assert commissions() == [(1, 1, "Lan", 1099, 1099, "pending")]
    assert get_order().share == code


@pytest.mark.usefixtures("shop")
def test_without_a_visit_the_order_is_the_evidence(lan: Member, bo: Member) -> None:
    ingest(order(bo, share=share(lan).code))
    bound = Binding.objects.get()
    assert (bound.source, bound.evidence_kind, bound.evidence_id) == (
        "order", "orders.order", get_order().public_id,
    )  # fmt: skip


@pytest.mark.usefixtures("shop")
def test_it_wins_over_the_first_referrer_who_waits_for_an_order(
    mei: Member, lan: Member, bo: Member
) -> None:
    distributor(mei)
    set_policy(binding_trigger="first_order")
    make_referral(mei, bo)
    ingest(order(bo, share=share(lan).code))
    assert upline(bo) == "Lan"


@pytest.mark.usefixtures("shop")
def test_an_existing_binding_wins(mei: Member, lan: Member, bo: Member) -> None:
    distributor(mei)
    make_referral(mei, bo)
    ingest(order(bo, share=share(lan).code))
    assert upline(bo) == "Mei"
    assert [row[2] for row in commissions()] == ["Mei"]


@pytest.mark.usefixtures("shop")
def test_it_does_not_replace_an_idle_upline(mei: Member, lan: Member, bo: Member) -> None:
    distributor(mei)
    make_referral(mei, bo)
    set_policy(poach_after_days=10)
    ingest(order(bo, share=share(lan).code, placed_at=PLACED + 20 * DAY))
    assert upline(bo) == "Mei"
    assert [row[2] for row in commissions()] == ["Mei"]


@pytest.mark.usefixtures("shop")
def test_the_compound_code_of_a_card_gets_its_row(lan: Member, bo: Member) -> None:
    product = mask("cream")
    ready = cards.ready_card(lan, Target("product", product.public_id), NOON)
    assert ready
    assert not Share.objects.exists()

    ingest(order(bo, share=ready.code))

    assert get_order().share == Share.objects.get().code
    assert upline(bo) == "Lan"
    # Told again, it is the same order.
    ingest(order(bo, share=ready.code, received=True))
    assert Order.objects.count() == 1


@pytest.mark.usefixtures("shop")
def test_after_leaving_neither_old_visits_nor_the_bare_code_bind(lan: Member, bo: Member) -> None:
    code = share(lan).code
    visit(code, by=bo, at=NOON)
    leave(member=bo, by=bo, at=NOON + timedelta(hours=1), reason="No thanks")

    ingest(order(bo, share=code))
    ingest(order(bo, share=share(lan, channel="qq").code, number="O-2"))
    assert upline(bo) == ""

    visit(share(lan, channel="moments").code, by=bo, at=PLACED + DAY)
    assert upline(bo) == "Lan"


@pytest.mark.usefixtures("shop")
def test_who_left_one_may_be_bound_by_the_order_of_another(
    mei: Member, lan: Member, bo: Member
) -> None:
    distributor(mei)
    make_referral(mei, bo)
    leave(member=bo, by=bo, at=NOON + timedelta(hours=1), reason="No thanks")
    ingest(order(bo, share=share(lan).code))
    assert upline(bo) == "Lan"


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("code", ["unknown-code", "1234567890", "1" * 22, "x" * 64])
def test_unknown_codes_are_kept_and_bind_nobody(bo: Member, code: str) -> None:
    ingest(order(bo, share=code))
    assert get_order().share == code
    assert not Binding.objects.exists()


@pytest.mark.usefixtures("shop")
def test_a_share_that_was_off_at_placement_binds_nobody(lan: Member, bo: Member) -> None:
    off, expired = share(lan), share(lan, channel="qq")
    Share.objects.filter(pk=off.pk).update(disabled_at=PLACED)
    Share.objects.filter(pk=expired.pk).update(expires_at=PLACED)
    ingest(order(bo, share=off.code), order(bo, share=expired.code, number="O-2"))
    assert not Binding.objects.exists()

    Share.objects.filter(pk=off.pk).update(disabled_at=PLACED + timedelta(seconds=1))
    ingest(order(bo, share=off.code, number="O-3"))
    assert upline(bo) == "Lan"


@pytest.mark.usefixtures("shop")
def test_the_own_share_binds_nobody(lan: Member) -> None:
    ingest(order(lan, share=share(lan).code))
    assert not Binding.objects.exists()


@pytest.mark.usefixtures("shop")
def test_the_share_of_a_frozen_distributor_binds_nobody(
    lan: Member, bo: Member, qian: User
) -> None:
    code = share(lan).code
    change_status(
        distributor=lan.distributor, to="frozen", reason="checked", by=qian, at=NOON + DAY / 2
    )
    ingest(order(bo, share=code))
    assert not Binding.objects.exists()
    assert commissions() == []


@pytest.mark.usefixtures("shop")
def test_a_sign_in_after_the_order_changes_no_order(lan: Member, bo: Member) -> None:
    ingest(order(bo))
    sign_in(bo, share=share(lan).code, at=PLACED + DAY)
    assert upline(bo) == "Lan"
    assert commissions() == []
