"""A member may leave an upline in the first thirty days."""

from __future__ import annotations

from datetime import timedelta

import pytest

from common.errors import ReasonRequired
from distribution.models import Binding
from distribution.queries import upline_chains
from distribution.services import leave
from distribution.services.unbind import NoUpline, TooLateToLeave
from members.models import Member, User
from tests.cast import NOON
from tests.distribution.people import last_event, rows, set_policy, upline
from tests.shop import DAY, distributor, make_referral


@pytest.fixture
def bound(mei: Member, lan: Member) -> Member:
    distributor(mei)
    make_referral(mei, lan)
    return lan


@pytest.mark.parametrize("days", [0, 1, 30])
def test_leaving_within_thirty_days_ends_the_binding(bound: Member, days: int) -> None:
    leave(member=bound, by=bound, at=NOON + days * DAY, reason=" I do not know her ")

    ended = Binding.objects.get()
    assert (ended.ended_at, ended.end_reason, ended.end_note) == (
        NOON + days * DAY, "left", "I do not know her",
    )  # fmt: skip
    event = last_event("unbound")
    assert (event.actor_id, event.data["end_reason"], event.data["reason"]) == (
        bound.public_id, "left", "I do not know her",
    )  # fmt: skip


def test_staff_may_end_a_binding_for_a_member(bound: Member, qian: User) -> None:
    leave(member=bound, by=qian, at=NOON + DAY, reason="By telephone")

    assert last_event("unbound").actor_id == "qian"


def test_after_thirty_days_the_upline_stays(bound: Member, qian: User) -> None:
    before = rows()

    for by in (bound, qian):
        with pytest.raises(TooLateToLeave):
            leave(member=bound, by=by, at=NOON + 30 * DAY + timedelta(seconds=1), reason="Why not")

    assert rows() == before
    assert upline(bound) == "Mei"


def test_leaving_needs_a_reason(bound: Member) -> None:
    before = rows()

    with pytest.raises(ReasonRequired):
        leave(member=bound, by=bound, at=NOON, reason="  ")

    assert rows() == before


def test_a_member_without_upline_cannot_leave(bound: Member, chen: Member) -> None:
    leave(member=bound, by=bound, at=NOON + DAY, reason="Once")
    before = rows()

    for user in (chen, bound):
        with pytest.raises(NoUpline):
            leave(member=user, by=user, at=NOON + 2 * DAY, reason="Twice")

    assert rows() == before


def test_an_expired_binding_cannot_be_left(mei: Member, lan: Member) -> None:
    set_policy(binding_days=3)
    distributor(mei)
    make_referral(mei, lan)

    with pytest.raises(NoUpline):
        leave(member=lan, by=lan, at=NOON + 5 * DAY, reason="Late")

    assert Binding.objects.get().end_reason in ("", "expired")


def test_orders_placed_before_keep_their_upline(bound: Member, mei: Member) -> None:
    leave(member=bound, by=bound, at=NOON + DAY, reason="Bye")

    before, after = upline_chains([(bound.pk, NOON), (bound.pk, NOON + DAY)])
    assert before.tier1
    assert before.tier1.distributor_id == mei.distributor.pk
    assert after.tier1 is None


def test_a_member_who_left_may_be_bound_again(bound: Member, bo: Member) -> None:
    distributor(bo)
    leave(member=bound, by=bound, at=NOON + DAY, reason="Bye")

    assert make_referral(bo, bound, at=NOON + DAY).outcome == "bound"
