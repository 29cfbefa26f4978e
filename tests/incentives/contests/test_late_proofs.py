"""A proof counts in the period in which it was handed in, or its approval is refused."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from common.clock import business_day, day_start
from events.models import Event
from incentives.contest_followers import count_proofs
from incentives.models import Contribution, GiftTask, PeriodClosing, Proof, Version
from incentives.services.closing import close_periods
from incentives.services.proof_periods import decide_before
from incentives.services.proofs import (
    ProofNeedsSale,
    ProofTooLate,
    ProofWithoutSale,
    approve_proof,
    hand_in,
    reject_proof,
)
from incentives.services.publication import stop
from risk.models import Hold
from tests.backoffice.desks import opened
from tests.cast import member, staff
from tests.incentives.contests.gifts_stage import awards, decider, gift_for_proofs, upload
from tests.incentives.contests.stage import RELEASED, buyer_of, locks_of_people
from tests.incentives.engine.story import hold_payee, merge, work
from tests.shop import DAY, distributor

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

LATER = RELEASED + DAY


@pytest.fixture
def proof(db: None) -> Proof:
    """Return a proof of Lan for a gift that each week gives."""
    version = gift_for_proofs(period="week", reach="each", close_days=15)
    lan = member("Lan")
    return hand_in(incentive=version.incentive, member=lan, upload=upload(lan), at=LATER)


def desk() -> str:
    client = Client()
    client.force_login(decider())
    return opened(client, "proofs")


def closes(proof: Proof) -> datetime:
    moment = decide_before(proof)
    assert moment
    return moment


def close_at(moment: datetime) -> None:
    while close_periods(at=moment, limit=10):
        pass


def test_an_approval_before_the_close_counts_whenever_the_close_comes(proof: Proof) -> None:
    moment = closes(proof)
    approve_proof(proof=proof, by=decider(), at=moment - timedelta(seconds=1))
    close_at(moment + DAY)
    count_proofs(list(Event.objects.filter(name="incentives.proof_approved")))

    assert awards() == [("Lan", "gift", 1, "granted")]


def test_after_the_close_nothing_is_approved(proof: Proof) -> None:
    count_proofs(list(Event.objects.filter(name="incentives.proof_handed_in")))
    moment = closes(proof)
    close_at(moment + DAY)
    assert PeriodClosing.objects.exists()
    before = list(Contribution.objects.values())

    with pytest.raises(ProofTooLate):
        approve_proof(proof=proof, by=decider(), at=moment + DAY)

    proof.refresh_from_db()
    assert (proof.status, proof.decided_by) == ("open", None)
    assert list(Contribution.objects.values()) == before
    assert awards() == []
    assert not Event.objects.filter(name="incentives.proof_approved").exists()
    reject_proof(proof=proof, reason="too late", by=decider(), at=moment + DAY)


def test_a_proof_of_no_period_is_approved_at_any_time(db: None) -> None:
    version = gift_for_proofs()
    lan = member("Lan")
    proof = hand_in(incentive=version.incentive, member=lan, upload=upload(lan), at=LATER)
    assert decide_before(proof) is None
    approve_proof(proof=proof, by=decider(), at=LATER + 90 * DAY)
    assert awards() == [("Lan", "gift", 1, "granted")]


def test_a_stopped_campaign_says_when_it_closes_and_closes_then(db: None) -> None:
    version = gift_for_proofs(period="campaign", reach="steps", close_days=15)
    lan = member("Lan")
    proof = hand_in(incentive=version.incentive, member=lan, upload=upload(lan), at=LATER)
    assert decide_before(proof) is None
    stop(incentive=version.incentive, by=staff("Feng"), at=LATER + DAY, reason="no gifts left")

    moment = closes(proof)

    assert moment == business_midnight(LATER + DAY) + 16 * DAY
    close_at(moment - timedelta(seconds=1))
    assert not PeriodClosing.objects.exists()
    assert "请在结算前审核" in desk()
    close_at(moment)
    assert PeriodClosing.objects.exists()
    with pytest.raises(ProofTooLate):
        approve_proof(proof=proof, by=decider(), at=moment)


def business_midnight(moment: datetime) -> datetime:
    return day_start(business_day(moment))


def test_the_desk_says_when_the_period_closes_and_then_offers_no_approval(proof: Proof) -> None:
    assert "请在结算前审核" in desk()
    PeriodClosing.objects.create(
        incentive=proof.incentive, closed_at=LATER, status="counting",
        period_start=(LATER - timedelta(days=LATER.weekday())).date(),
    )  # fmt: skip
    assert "通过也不会有奖励" in desk()


def test_a_proof_is_counted_after_a_merge_of_who_handed_it_in() -> None:
    """Lan goes on as Lena; of the two proofs one gives a gift."""
    version = gift_for_proofs(period="week", reach="each", close_days=15, most_per_member=1)
    lan, lena = member("Lan"), member("Lena")
    distributor(lena)
    first, second = (
        hand_in(incentive=version.incentive, member=lan, upload=upload(lan, color), at=LATER)
        for color in ("red", "blue")
    )
    approve_proof(proof=first, by=decider(), at=LATER)
    assert awards() == [("Lan", "gift", 1, "granted")]
    merge(lan, lena, is_followed=False)

    approve_proof(proof=second, by=decider(), at=LATER)

    given = [("Lena", "gift", 1, "granted")]
    assert awards() == given
    work()
    assert awards() == given
    assert GiftTask.objects.count() == 1


def test_an_approval_locks_its_people_once(proof: Proof) -> None:
    """A merge between two locks could add a person who is locked out of order."""
    with locks_of_people() as locks:
        approve_proof(proof=proof, by=decider(), at=LATER)

    assert len(locks) == 1
    assert awards() == [("Lan", "gift", 1, "granted")]


@pytest.fixture
def shared(db: None) -> tuple[Version, Hold]:
    """Return proofs that are wanted of Lan, whose only buyer has the same payee."""
    version = gift_for_proofs()
    return version, hold_payee(member("Lan"), member(buyer_of("Lan")))


def test_a_sale_to_the_same_payee_is_none(shared: tuple[Version, Hold]) -> None:
    version, _hold = shared
    lan = member("Lan")
    with pytest.raises(ProofNeedsSale):
        hand_in(incentive=version.incentive, member=lan, upload=upload(lan), at=LATER)
    assert not Proof.objects.exists()


def test_a_sale_that_no_longer_counts_leaves_nothing_to_approve(db: None) -> None:
    version = gift_for_proofs()
    lan = member("Lan")
    proof = hand_in(incentive=version.incentive, member=lan, upload=upload(lan), at=LATER)
    hold_payee(lan, member(buyer_of("Lan")))
    with pytest.raises(ProofWithoutSale):
        approve_proof(proof=proof, by=decider(), at=LATER)
    proof.refresh_from_db()
    assert (proof.status, awards()) == ("open", [])
