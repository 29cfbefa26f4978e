"""The shortest way through: a week is won, a gift is sent, a proof is approved."""

from __future__ import annotations

import pytest

from incentives.services.gifts import send_gift
from incentives.services.proofs import approve_proof, hand_in
from tests.cast import member
from tests.incentives.contests.gifts_stage import (
    decider,
    gift_for_each_order,
    gift_for_proofs,
    gift_task,
    sender,
    upload,
)
from tests.incentives.contests.stage import (
    CLOSES,
    RELEASED,
    close,
    contest,
    open_stage,
    release,
    sell,
    winners,
)

pytestmark = pytest.mark.django_db


def test_a_week_is_won() -> None:
    open_stage()
    contest()
    sell("Lan", 100_000)
    release()
    close(CLOSES)
    assert winners() == [("Lan", 1, 10_000, 10_000, "granted")]


def test_a_gift_is_sent() -> None:
    gift_for_each_order()
    task = gift_task()
    send_gift(task=task, note="SF 123", by=sender(), at=RELEASED)
    assert task.status == "sent"


@pytest.mark.slow
def test_a_proof_is_approved() -> None:
    version, lan = gift_for_proofs(), member("Lan")
    proof = hand_in(incentive=version.incentive, member=lan, upload=upload(lan), at=RELEASED)
    approve_proof(proof=proof, by=decider(), at=RELEASED)
    assert proof.status == "approved"
