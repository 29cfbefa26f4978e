"""A picture is handed in as proof, once, and a person decides about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from common.errors import PermissionMissing, ReasonRequired
from common.status import WrongStatus
from distribution.models import Distributor
from distribution.services import change_status
from events.models import Event
from incentives.contest_followers import count_proofs
from incentives.models import Incentive, Proof, Version
from incentives.overview.audience import known_to
from incentives.services import proofs as module
from incentives.services.proofs import (
    NoProofsWanted,
    OwnProofForbidden,
    PictureUsed,
    ProofNeedsSale,
    TooManyProofs,
    approve_proof,
    earlier_uses,
    hand_in,
    reject_proof,
)
from members.models import Member, Upload, User
from members.reviews import ReviewTooEarly
from members.uploads import UploadUnknown, store_upload
from tests.cast import link, member, staff
from tests.incentives.contests.gifts_stage import (
    awards,
    decider,
    gift,
    gift_for_each_order,
    gift_for_proofs,
    stored,
    upload,
)
from tests.incentives.contests.screenshots import jpeg, screenshot
from tests.incentives.contests.stage import RELEASED, release, sell
from tests.incentives.offers import published
from tests.members.pictures import picture
from tests.shop import DAY, PLACED

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LATER = RELEASED + DAY


@pytest.fixture
def version(db: None) -> Version:
    return gift_for_proofs()


@pytest.fixture
def incentive(version: Version) -> Incentive:
    return version.incentive


def handed_in(incentive: Incentive, who: str = "Lan", color: Any = "red", **facts: Any) -> Proof:
    person = member(who)
    return hand_in(
        incentive=incentive, member=person, upload=upload(person, color), at=LATER, **facts
    )


def test_a_picture_is_handed_in(incentive: Incentive) -> None:
    proof = handed_in(incentive, text="  five   likes ")
    assert (proof.status, proof.member, proof.text) == ("open", member("Lan"), "five likes")
    assert Upload.objects.get().status == Upload.Status.USED
    assert Event.objects.filter(name="incentives.proof_handed_in").count() == 1


def test_the_same_upload_again_is_the_same_proof(incentive: Incentive) -> None:
    lan = member("Lan")
    key = upload(lan)
    first = hand_in(incentive=incentive, member=lan, upload=key, at=LATER)
    assert hand_in(incentive=incentive, member=lan, upload=key, at=LATER) == first
    assert Proof.objects.count() == 1


def refused(error: type[Exception], incentive: Incentive, who: str = "Lan", **facts: Any) -> None:
    person = member(who)
    values: dict[str, Any] = {"upload": "", "at": LATER} | facts
    values["upload"] = values["upload"] or upload(person, "blue")
    before = list(Proof.objects.values())
    with pytest.raises(error):
        hand_in(incentive=incentive, member=person, **values)
    assert list(Proof.objects.values()) == before
    assert Event.objects.filter(name="incentives.proof_handed_in").count() == len(before)


def sellers_too(*names: str) -> None:
    for name in names:
        sell(name, 100_000)
    release()


@pytest.mark.parametrize("who", ["Lan", "Chen"])
def test_a_picture_serves_once_whoever_hands_it_in(incentive: Incentive, who: str) -> None:
    sellers_too("Chen")
    handed_in(incentive, "Lan")
    raw = picture("PNG", size=(300, 200))  # the same pixels in another file
    refused(PictureUsed, incentive, who, upload=stored(member(who), raw).public_id)


def test_a_picture_serves_once_also_smaller_and_compressed_again(incentive: Incentive) -> None:
    sellers_too("Chen")
    lan, chen = member("Lan"), member("Chen")
    first = stored(lan, jpeg(screenshot(), 90))
    hand_in(incentive=incentive, member=lan, upload=first.public_id, at=LATER)

    again = stored(chen, jpeg(screenshot().resize((500, 889)), 55))
    refused(PictureUsed, incentive, "Chen", upload=again.public_id)

    other = stored(chen, jpeg(screenshot("Chen Xiaoyu", likes=4), 90))
    assert hand_in(incentive=incentive, member=chen, upload=other.public_id, at=LATER)


def test_a_picture_serves_one_incentive(incentive: Incentive) -> None:
    second = gift_for_proofs_again()
    handed_in(incentive)
    again = picture("PNG", size=(300, 200))
    refused(PictureUsed, second, upload=stored(member("Lan"), again).public_id)


def gift_for_proofs_again() -> Incentive:
    return published(metric="proof", rewards=[gift()], at=PLACED).incentive


def test_a_rejected_picture_may_come_again_and_reviewers_see_it(incentive: Incentive) -> None:
    first = handed_in(incentive)
    reject_proof(proof=first, reason="blurred", by=decider(), at=LATER)
    again = stored(member("Lan"), picture("PNG", size=(300, 200))).public_id
    second = hand_in(incentive=incentive, member=member("Lan"), upload=again, at=LATER)
    assert earlier_uses(second) == [first]


def test_somebody_else_s_upload_is_unknown(incentive: Incentive) -> None:
    refused(UploadUnknown, incentive, upload=upload(member("Chen")))
    refused(UploadUnknown, incentive, upload="nothing")


def test_an_upload_for_another_purpose_is_unknown(incentive: Incentive) -> None:
    row = store_upload(member=member("Lan"), purpose="claim", raw=picture(), at=PLACED)
    refused(UploadUnknown, incentive, upload=row.public_id)


def test_an_upload_of_another_incentive_s_proof_is_unknown(incentive: Incentive) -> None:
    key = upload(member("Lan"))
    hand_in(incentive=incentive, member=member("Lan"), upload=key, at=LATER)
    refused(UploadUnknown, gift_for_proofs_again(), upload=key)


def test_before_an_own_order_is_completed_nothing_is_taken(incentive: Incentive) -> None:
    refused(ProofNeedsSale, incentive, "Chen")
    sell("Chen", 100_000, received=False)
    release()
    refused(ProofNeedsSale, incentive, "Chen", upload=upload(member("Chen"), "green"))


def test_an_incentive_that_takes_no_proofs(db: None) -> None:
    refused(NoProofsWanted, gift_for_each_order().incentive)


def test_an_incentive_that_has_ended(db: None) -> None:
    version = gift_for_proofs(ends_at=RELEASED, period="campaign")
    refused(NoProofsWanted, version.incentive)


def test_a_buyer_is_not_the_audience(incentive: Incentive) -> None:
    refused(NoProofsWanted, incentive, "Lan's buyer")


@pytest.mark.parametrize("status", ["frozen", "suspended"])
def test_who_is_frozen_or_suspended_is_shown_it_and_hands_in(
    incentive: Incentive, status: str
) -> None:
    set_status("Lan", status)
    assert known_to(member("Lan"), at=LATER).filter(incentive=incentive).exists()

    assert handed_in(incentive).status == Proof.Status.OPEN


def test_who_has_exited_hands_in_nothing(incentive: Incentive) -> None:
    set_status("Lan", "exited")
    refused(NoProofsWanted, incentive)


def set_status(who: str, status: str) -> None:
    change_status(
        distributor=Distributor.objects.get(member=member(who)), to=status, reason="checked",
        by=staff("Qian"), at=RELEASED,
    )  # fmt: skip


def test_too_many_open_proofs(incentive: Incentive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_OPEN", 1)
    first = handed_in(incentive)
    refused(TooManyProofs, incentive)
    reject_proof(proof=first, reason="blurred", by=decider(), at=LATER)
    assert handed_in(incentive, color="green")


# Decisions


@pytest.fixture
def proof(incentive: Incentive) -> Proof:
    return handed_in(incentive)


def test_an_approved_proof_counts(proof: Proof) -> None:
    approve_proof(proof=proof, by=decider(), at=LATER)
    count_proofs(list(Event.objects.filter(name="incentives.proof_approved")))
    count_proofs(list(Event.objects.filter(name="incentives.proof_approved")))
    assert awards() == [("Lan", "gift", 1, "granted")]


def test_a_rejected_proof_counts_nothing(proof: Proof) -> None:
    qian = decider()
    reject_proof(proof=proof, reason=" too   blurred ", by=qian, at=LATER)
    proof.refresh_from_db()
    assert (proof.status, proof.reason, proof.decided_by) == ("rejected", "too blurred", qian)
    assert awards() == []


def not_decided(proof: Proof, by: User, error: type[Exception], **facts: Any) -> None:
    with pytest.raises(error):
        reject_proof(proof=proof, by=by, at=LATER, **{"reason": "no", **facts})
    if not facts:
        with pytest.raises(error):
            approve_proof(proof=proof, by=by, at=LATER)
    proof.refresh_from_db()
    assert (proof.status, proof.decided_by) == ("open", None)


def test_without_the_right_nobody_decides(proof: Proof) -> None:
    not_decided(proof, staff("Feng"), PermissionMissing)


def test_nobody_decides_about_the_own_proof(proof: Proof) -> None:
    qian = decider()
    link(qian, member("Lan"))
    not_decided(proof, qian, OwnProofForbidden)


def test_an_account_that_has_just_changed_does_not_decide(proof: Proof) -> None:
    qian = decider()
    User.objects.filter(pk=qian.pk).update(may_review_from=LATER + timedelta(days=3650))
    not_decided(proof, qian, ReviewTooEarly)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201])
def test_a_rejection_has_a_reason(proof: Proof, reason: str) -> None:
    not_decided(proof, decider(), ReasonRequired, reason=reason)


def test_a_proof_is_decided_once(proof: Proof) -> None:
    approve_proof(proof=proof, by=decider(), at=LATER)
    with pytest.raises(WrongStatus):
        reject_proof(proof=proof, reason="no", by=decider(), at=LATER)
    with pytest.raises(WrongStatus):
        approve_proof(proof=proof, by=decider(), at=LATER)


@pytest.mark.parametrize(
    "changes", [{"member": 1}, {"picture_hash": "0"}, {"status": "rejected", "reason": ""}]
)
def test_the_database_keeps_proofs_as_they_were(proof: Proof, changes: dict[str, Any]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Proof.objects.filter(pk=proof.pk).update(**changes)


def test_the_database_lets_a_picture_serve_once(proof: Proof, chen: Member) -> None:
    copy = Proof(
        incentive=proof.incentive, member=chen, upload_id=proof.upload_id, handed_in_at=LATER,
        picture_hash=proof.picture_hash,
    )  # fmt: skip
    with pytest.raises(DatabaseError, match="proof_picture_used_once"), transaction.atomic():
        copy.save()
