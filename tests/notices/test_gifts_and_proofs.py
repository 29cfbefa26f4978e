"""Members read what became of a gift and of a picture that they handed in."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from events.models import Event
from incentives.models import GiftTask, Proof
from incentives.services.gifts import cancel_gift, cancel_task, send_gift
from incentives.services.proofs import approve_proof, hand_in, reject_proof
from notices import followers, texts
from notices.models import Notice
from notices.samples import sample
from tests.api.phone import Phone
from tests.cast import NOON, member
from tests.incentives.contests.gifts_stage import (
    decider,
    gift_for_each_order,
    gift_for_proofs,
    gift_task,
    sender,
    upload,
)
from tests.incentives.contests.stage import RELEASED
from tests.incentives.present import deliver
from tests.shop import DAY

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LATER = RELEASED + DAY
KINDS = ("gift_sent", "gift_cancelled", "proof_approved", "proof_rejected")


def told() -> list[tuple[str, str, dict[str, str]]]:
    """Return kind, body and target of Lan's notices about gifts and pictures."""
    deliver()
    rows: list[Any] = Phone(member("Lan")).get("/notices", page_size=100).json()["results"]
    return [(row["kind"], row["body"], row["target"]) for row in rows if row["kind"] in KINDS]


@pytest.fixture
def task(db: None) -> GiftTask:
    gift_for_each_order(name="Tea")
    return gift_task()


@pytest.fixture
def proof(db: None) -> Proof:
    version = gift_for_proofs(name="Tea")
    lan = member("Lan")
    return hand_in(
        incentive=version.incentive, member=lan, upload=upload(lan), text="", at=RELEASED
    )


def test_a_gift_that_was_sent_is_told_with_its_note(task: GiftTask) -> None:
    send_gift(task=task, note="SF 123", by=sender(), at=LATER)

    [(kind, body, target)] = told()

    assert (kind, target) == ("gift_sent", {"kind": "award", "id": task.award.public_id})
    assert body.startswith("“Tea”: ")
    assert body.endswith(" was sent to you: SF 123")


def test_a_gift_that_the_shop_cancelled_is_told_with_the_reason(task: GiftTask) -> None:
    cancel_gift(task=task, reason="sold out", by=sender(), at=LATER)

    [(kind, body, target)] = told()

    assert (kind, target) == ("gift_cancelled", {"kind": "award", "id": task.award.public_id})
    assert body.endswith(" cannot be sent: sold out")


def test_a_gift_that_goes_with_its_award_is_not_told_by_itself(task: GiftTask) -> None:
    assert cancel_task(award=task.award, at=LATER)

    assert told() == []


def test_a_picture_that_was_approved_is_told(proof: Proof) -> None:
    approve_proof(proof=proof, by=decider(), at=LATER)

    target = {"kind": "incentive", "id": proof.incentive.public_id}
    assert told() == [("proof_approved", "“Tea”: your picture was approved, and counts.", target)]


def test_a_picture_that_was_rejected_is_told_with_the_reason(proof: Proof) -> None:
    reject_proof(proof=proof, reason="too dark", by=decider(), at=LATER)

    target = {"kind": "incentive", "id": proof.incentive.public_id}
    assert told() == [("proof_rejected", "“Tea”: your picture was rejected: too dark", target)]


def test_a_repeated_delivery_tells_nothing_twice(task: GiftTask) -> None:
    send_gift(task=task, note="SF 123", by=sender(), at=LATER)
    assert len(told()) == 1

    followers.tell_of_gifts(list(Event.objects.filter(name="incentives.gift_sent")))

    assert Notice.objects.filter(kind="gift_sent").count() == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_has_words_in_both_languages(kind: str, language: str) -> None:
    with translation.override(language):
        notice = sample(kind, None, at=NOON)
        body = texts.body(notice)

    assert ("picture" in body or "sent" in body) == (language == "en")
