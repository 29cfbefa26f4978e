"""A distributor's team has two tiers and limited visibility."""

from __future__ import annotations

from typing import Any

import pytest

from distribution import rules
from distribution.models import Level, PurchaseTotals
from distribution.queries import TeamCounts, team, team_counts
from distribution.services import leave, set_level
from members.models import Member, User
from tests.cast import NOON, member
from tests.distribution.people import REASON, set_policy
from tests.shop import DAY, distributor, make_referral, referral_chain

AT = NOON + DAY


@pytest.fixture
def four(db: None, qian: User) -> list[Member]:
    """A chain of Mei, Lan, Bo and Chen; Mei's level sees team data."""
    people = referral_chain("Mei", "Lan", "Bo", "Chen")
    level = Level.objects.create(rank=1, name="Gold", sees_team_data=True)
    set_level(distributor=people[0].distributor, level=level, by=qian, at=NOON, reason=REASON)
    PurchaseTotals.objects.create(member=people[2], protected_orders=3, last_order_at=NOON)
    return people


def seen(owner: Member, tier: int, **options: Any) -> list[str]:
    names = team(distributor=owner.distributor, tier=tier, at=AT, **options)
    return [row.nickname for row in names]


def test_the_team_is_two_tiers_and_never_a_third(four: list[Member]) -> None:
    mei = four[0]
    mei.distributor.refresh_from_db()

    assert (seen(mei, 1), seen(mei, 2)) == (["Lan"], ["B**"])
    for tier in (0, 3):
        with pytest.raises(ValueError, match="no tier"):
            seen(mei, tier)
    assert team_counts(distributor=mei.distributor, at=AT) == TeamCounts(1, 1, 1)
    assert team_counts(distributor=four[2].distributor, at=AT) == TeamCounts(1, 0, 0)


def test_the_second_tier_is_masked(four: list[Member]) -> None:
    mei, lan, bo, _chen = four
    mei.distributor.refresh_from_db()

    [own] = team(distributor=mei.distributor, tier=1, at=AT)
    [theirs] = team(distributor=mei.distributor, tier=2, at=AT)

    assert (own.member, own.nickname, own.upline_nickname, own.is_distributor) == (
        lan.public_id, "Lan", "", True,
    )  # fmt: skip
    assert (theirs.nickname, theirs.upline_nickname, theirs.orders) == ("B**", "Lan", 3)
    assert bo.public_id not in repr(theirs)
    assert "Bo" not in repr(theirs)


def test_without_team_data_only_tier_1_is_visible(four: list[Member]) -> None:
    lan = four[1]
    PurchaseTotals.objects.filter(member=four[2]).update(protected_orders=5)

    [bo] = team(distributor=lan.distributor, tier=1, at=AT)

    assert (bo.nickname, bo.orders, bo.last_order_at) == ("Bo", None, None)
    assert seen(lan, 2) == []
    assert team_counts(distributor=lan.distributor, at=AT).tier2 == 1


def test_only_currently_bound_members_are_in_the_team(four: list[Member]) -> None:
    mei, lan, bo, _chen = four
    mei.distributor.refresh_from_db()
    leave(member=bo, by=bo, at=NOON + DAY / 2, reason=REASON)
    assert seen(mei, 2) == []
    leave(member=lan, by=lan, at=NOON + DAY / 2, reason=REASON)

    assert seen(mei, 1) == []
    assert seen(lan, 1) == []


def test_expired_bindings_are_not_in_the_team(mei: Member, lan: Member) -> None:
    set_policy(binding_days=1)
    distributor(mei)
    make_referral(mei, lan)

    assert seen(mei, 1) == []


def test_pages_continue_after_the_cursor(mei: Member) -> None:
    distributor(mei)
    for number in range(5):
        make_referral(mei, member(f"M{number}"))
    her, names = mei.distributor, []

    page = team(distributor=her, tier=1, at=AT, size=2)
    while page:
        names += [row.nickname for row in page]
        page = team(distributor=her, tier=1, at=AT, size=2, before=page[-1].page_cursor)

    assert names == ["M4", "M3", "M2", "M1", "M0"]


def test_a_page_needs_constant_queries(
    mei: Member, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    distributor(mei)
    for number in range(10):
        make_referral(mei, member(f"M{number}"))

    with django_assert_max_num_queries(2):
        assert len(team(distributor=mei.distributor, tier=1, at=AT)) == 10


@pytest.mark.parametrize(
    ("name", "masked"), [("张三丰", "张**"), ("李", "李**"), ("", "**"), ("  王 五", "王**")]
)
def test_a_masked_name_hides_its_length(name: str, masked: str) -> None:
    assert rules.masked_name(name) == masked


def test_a_masked_id_cannot_be_looked_up() -> None:
    assert rules.masked_id("abcdefghjkmnpqrstvwx") == "abc**"
