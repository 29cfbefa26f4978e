"""Whatever is wrong with terms, they are neither handed over nor published, and nothing moves."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Model

from events.models import Event
from incentives.models import Award, Budget, Incentive, Reward, Version
from incentives.services.drafts import create_draft, edit
from incentives.services.publication import IncentiveStartInvalid, publish, submit
from incentives.services.versions import IncentiveInvalid, IncentiveNotLawful
from incentives.terms import VERSION_FIELDS
from ledger.models import Account, Transfer
from promotions.models import CouponGrant
from tests.cast import NOON, member, staff
from tests.incentives.wrong_terms import CASES, Case, terms
from tests.promotions import coupons

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

MOVED: tuple[type[Model], ...] = (
    Incentive, Version, Reward, Budget, Award, CouponGrant, Account, Transfer, Event,
)  # fmt: skip
REFUSED = (IncentiveInvalid, IncentiveNotLawful, IncentiveStartInvalid)


def everything() -> dict[str, list[dict[str, Any]]]:
    """Return all rows that a publication may write."""
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in MOVED}


def drafted(case: Case) -> Version:
    """Return a draft of these terms; what cannot even be stored leaves it blank."""
    values = terms(**case.terms)
    fields = {name: getattr(values, name) for name in VERSION_FIELDS}
    version = create_draft(by=staff("Qian"), at=NOON)
    before = everything()
    try:
        edit(version=version, by=staff("Qian"), at=NOON, rewards=case.rewards, **fields)
    except REFUSED:
        assert everything() == before
    return version


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_bad_terms_are_not_published_and_move_nothing(case: Case) -> None:
    version, feng = drafted(case), staff("Feng")
    before = everything()

    with pytest.raises(REFUSED):
        submit(version=version, by=staff("Qian"), at=NOON)
    assert everything() == before
    with pytest.raises(REFUSED):
        publish(version=version, by=feng, at=NOON)
    assert everything() == before

    version.refresh_from_db()
    assert (version.status, version.number, version.published_at) == ("draft", None, None)


def test_a_coupon_that_ran_out_since_the_hand_over_is_not_promised() -> None:
    coupon = coupons.claimable(stock=2, per_member=2)
    campaign = terms(period="campaign", reach="each", budget_awards=2, most_per_member=2)
    version = create_draft(by=staff("Qian"), at=NOON)
    fields = {name: getattr(campaign, name) for name in VERSION_FIELDS}
    rewards = [Reward(kind="coupon", coupon=coupon)]
    edit(version=version, by=staff("Qian"), at=NOON, rewards=rewards, **fields)
    submit(version=version, by=staff("Qian"), at=NOON)
    coupons.claim_coupon(coupon=coupon, member=member("Chen"), at=NOON)
    before = everything()

    with pytest.raises(IncentiveInvalid) as refusal:
        publish(version=version, by=staff("Feng"), at=NOON)

    assert set(refusal.value.data["errors"]) == {"rewards.0.coupon"}
    assert everything() == before
