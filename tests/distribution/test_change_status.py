"""Distributors have a history of periods; an exit is final."""

from __future__ import annotations

from itertools import pairwise

import pytest

from common.errors import ReasonRequired
from common.status import WrongStatus
from distribution.models import Binding, Distributor, DistributorPeriod, Level, Segment
from distribution.queries import upline_chains
from distribution.services import (
    change_status,
    exit_distributor,
    leave,
    set_level,
    set_segment,
)
from distribution.services.distributor_periods import (
    DistributorExited,
    NoChange,
    SelfChangeForbidden,
)
from distribution.services.unbind import NoUpline
from members.models import Member, User
from tests.cast import NOON
from tests.distribution.people import REASON, end_bindings, last_event, rows, set_policy, upline
from tests.shop import DAY, distributor, make_referral

Status = Distributor.Status


def periods_of(distributor: Distributor) -> list[tuple[str, object, object]]:
    periods = DistributorPeriod.objects.filter(distributor=distributor).order_by("started_at", "pk")
    return list(periods.values_list("status", "started_at", "ended_at"))


def test_each_change_ends_a_period_and_starts_the_next(mei: Member, qian: User) -> None:
    her = distributor(mei)

    change_status(distributor=her, to=Status.SUSPENDED, by=qian, at=NOON + DAY, reason="Complaints")
    change_status(distributor=her, to=Status.FROZEN, by=qian, at=NOON + 2 * DAY, reason=REASON)
    change_status(distributor=her, to=Status.ACTIVE, by=None, at=NOON + 3 * DAY, reason=REASON)

    assert periods_of(her) == [
        ("active", NOON, NOON + DAY),
        ("suspended", NOON + DAY, NOON + 2 * DAY),
        ("frozen", NOON + 2 * DAY, NOON + 3 * DAY),
        ("active", NOON + 3 * DAY, None),
    ]
    at = [NOON, NOON + DAY, NOON + 2.5 * DAY, NOON + 30 * DAY]
    asked = upline_chains([(mei.pk, moment) for moment in at])
    assert [chain.own and chain.own.status for chain in asked] == [
        "active", "suspended", "frozen", "active",
    ]  # fmt: skip


def test_the_event_has_before_after_and_reason(mei: Member, qian: User) -> None:
    her = distributor(mei)

    change_status(distributor=her, to=Status.FROZEN, by=qian, at=NOON + DAY, reason=" Fake orders ")

    event = last_event("status_changed")
    assert (event.subject_kind, event.subject_id, event.at) == (
        "distribution.distributor", her.public_id, NOON + DAY,
    )  # fmt: skip
    assert (event.before, event.after, event.data["reason"], event.actor_id) == (
        {"status": "active"}, {"status": "frozen"}, "Fake orders", "qian",
    )  # fmt: skip


def test_a_change_dated_before_the_last_one_leaves_no_gap(mei: Member, qian: User) -> None:
    her = distributor(mei, at=NOON)
    change_status(distributor=her, to=Status.SUSPENDED, by=qian, at=NOON + 5 * DAY, reason=REASON)

    change_status(distributor=her, to=Status.FROZEN, by=qian, at=NOON + DAY, reason=REASON)

    history = periods_of(her)
    assert history[-1] == ("frozen", NOON + 5 * DAY, None)
    assert all(period[2] == following[1] for period, following in pairwise(history))
    assert DistributorPeriod.objects.filter(distributor=her, ended_at=None).count() == 1


def test_an_invalid_or_unchanged_status_is_refused(mei: Member, qian: User) -> None:
    her = distributor(mei)
    before = rows()

    with pytest.raises(WrongStatus):
        change_status(distributor=her, to=Status.ACTIVE, by=qian, at=NOON + DAY, reason=REASON)
    with pytest.raises(ReasonRequired):
        change_status(distributor=her, to=Status.FROZEN, by=qian, at=NOON + DAY, reason=" ")
    with pytest.raises(ReasonRequired):
        set_level(distributor=her, level=None, by=qian, at=NOON + DAY, reason="")
    qian.member = mei
    for to in (Status.SUSPENDED, Status.EXITED):
        with pytest.raises(SelfChangeForbidden):
            change_status(distributor=her, to=to, by=qian, at=NOON + DAY, reason=REASON)

    assert rows() == before


def test_an_exit_ends_the_bindings_to_the_distributor_but_not_their_own(
    mei: Member, lan: Member, bo: Member, chen: Member, qian: User
) -> None:
    for person in (mei, lan):
        distributor(person)
    make_referral(mei, lan)
    make_referral(lan, bo)
    make_referral(lan, chen, at=NOON + 10 * DAY)

    exit_distributor(distributor=lan.distributor, by=qian, at=NOON + 5 * DAY, reason=REASON)
    end_bindings()

    ends = Binding.objects.filter(distributor__member=lan).order_by("pk")
    assert list(ends.values_list("end_reason", "ended_at")) == [
        ("upline_exit", NOON + 5 * DAY),
        ("upline_exit", NOON + 10 * DAY),  # started later: ends at its start
    ]
    assert upline(lan) == "Mei"
    before, after = upline_chains([(bo.pk, NOON + DAY), (bo.pk, NOON + 6 * DAY)])
    assert before.tier1
    assert before.tier1.distributor_id == lan.distributor.pk
    assert after.tier1 is None


def test_an_exit_dated_before_the_last_change_ends_bindings_at_that_change(
    mei: Member, bo: Member, qian: User
) -> None:
    her = distributor(mei)
    make_referral(mei, bo)
    change_status(distributor=her, to=Status.FROZEN, by=qian, at=NOON + 5 * DAY, reason=REASON)

    exit_distributor(distributor=her, by=qian, at=NOON + 3 * DAY, reason=REASON)
    end_bindings()

    assert periods_of(her)[-1] == ("exited", NOON + 5 * DAY, None)
    assert Binding.objects.get().ended_at == NOON + 5 * DAY


def test_a_binding_expired_before_the_exit_ends_at_its_expiry(
    mei: Member, bo: Member, qian: User
) -> None:
    set_policy(binding_days=3)
    her = distributor(mei)
    make_referral(mei, bo)

    change_status(distributor=her, to=Status.EXITED, by=qian, at=NOON + 5 * DAY, reason=REASON)
    end_bindings()

    ended = Binding.objects.get()
    assert (ended.end_reason, ended.ended_at) == ("expired", NOON + 3 * DAY)


def test_an_exited_distributor_cannot_be_changed(
    mei: Member, lan: Member, bo: Member, qian: User
) -> None:
    her = distributor(mei)
    make_referral(mei, bo)
    exit_distributor(distributor=her, by=qian, at=NOON + DAY, reason=REASON)
    before = rows()

    for to in Status:
        with pytest.raises(WrongStatus):
            change_status(distributor=her, to=to, by=qian, at=NOON + 2 * DAY, reason=REASON)
    level = Level.objects.create(rank=1, name="Gold")
    with pytest.raises(DistributorExited):
        set_level(distributor=her, level=level, by=qian, at=NOON + 2 * DAY, reason=REASON)
    assert rows() == before
    # A referral of the active time may be reported late.
    assert make_referral(mei, lan, at=NOON).outcome == "not_active"
    assert rows()["Binding"] == before["Binding"]


def test_level_and_segment_have_a_history(mei: Member, qian: User) -> None:
    her = distributor(mei)
    gold = Level.objects.create(rank=1, name="Gold")
    koc = Segment.objects.create(code="koc", name="KOC")

    set_level(distributor=her, level=gold, by=qian, at=NOON + DAY, reason="Sells well")
    set_segment(distributor=her, segment=koc, by=qian, at=NOON + 2 * DAY, reason=REASON)
    change_status(distributor=her, to=Status.SUSPENDED, by=qian, at=NOON + 3 * DAY, reason=REASON)
    set_level(distributor=her, level=None, by=qian, at=NOON + 4 * DAY, reason=REASON)

    asked = upline_chains([(mei.pk, NOON + days * DAY) for days in (0, 1, 2, 3, 4)])
    assert [
        (chain.own.status, chain.own.level_id, chain.own.segment_id) for chain in asked if chain.own
    ] == [
        ("active", None, None),
        ("active", gold.pk, None),
        ("active", gold.pk, koc.pk),
        ("suspended", gold.pk, koc.pk),
        ("suspended", None, koc.pk),
    ]
    her.refresh_from_db()
    assert (her.level, her.segment) == (None, koc)
    event = last_event("segment_changed")
    assert (event.before, event.after) == ({"segment": None}, {"segment": "koc"})
    before = rows()
    with pytest.raises(NoChange):
        set_segment(distributor=her, segment=koc, by=qian, at=NOON + 5 * DAY, reason=REASON)
    with pytest.raises(NoChange):
        set_level(distributor=her, level=None, by=qian, at=NOON + 5 * DAY, reason=REASON)
    assert rows() == before


def test_leaving_after_the_uplines_exit_is_refused(mei: Member, bo: Member, qian: User) -> None:
    her = distributor(mei)
    make_referral(mei, bo)
    exit_distributor(distributor=her, by=qian, at=NOON + DAY, reason=REASON)

    with pytest.raises(NoUpline):
        leave(member=bo, by=bo, at=NOON + 2 * DAY, reason=REASON)
