"""The desks of gifts, proofs and awards to confirm: what they show, and who decides."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from common import clock
from incentives.models import GiftTask, PeriodClosing, Proof
from incentives.services.proofs import hand_in, reject_proof
from members.models import User
from tests.backoffice.desks import act, address, counts, listed, opened, said
from tests.cast import give, link, member, staff
from tests.incentives.contests.gifts_stage import (
    decider,
    gift_for_each_order,
    gift_for_proofs,
    gift_task,
    sender,
    stored,
    upload,
)
from tests.incentives.contests.stage import (
    CLOSES,
    RELEASED,
    close,
    confirmer,
    contest,
    open_stage,
    release,
    sell,
)
from tests.members.pictures import picture
from tests.shop import DAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files"), pytest.mark.slow]
NOW = CLOSES + DAY


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


# Gifts


@pytest.fixture
def task(db: None) -> GiftTask:
    gift_for_each_order()
    return gift_task()


def test_a_gift_is_sent_and_the_next_opens(task: GiftTask) -> None:
    second = gift_task("Chen")
    client = signed_in(sender())
    page = opened(client, "gifts")
    assert listed(page) == ["Lan", "Chen"]
    assert "tea" in page

    response = act(client, "gifts", task, "send", note="顺丰 SF123")

    task.refresh_from_db()
    assert (task.status, task.note) == ("sent", "顺丰 SF123")
    assert response.headers["Location"] == address("gifts", second)
    assert "顺丰 SF123" in opened(client, "gifts", task, tab="sent")


def test_a_gift_is_cancelled_with_a_reason(task: GiftTask) -> None:
    client = signed_in(sender())
    act(client, "gifts", task, "cancel", reason="缺货")
    task.refresh_from_db()
    assert (task.status, task.note) == ("cancelled", "缺货")
    assert "缺货" in opened(client, "gifts", task, tab="cancelled")


@pytest.mark.parametrize("note", ["", "长" * 201])
def test_the_note_is_needed(task: GiftTask, note: str) -> None:
    response = act(signed_in(sender()), "gifts", task, "send", note=note)
    assert response.status_code == 200
    task.refresh_from_db()
    assert task.status == "open"


def test_ones_own_gift_is_for_a_colleague(task: GiftTask) -> None:
    qian = sender()
    link(qian, member("Lan"))
    act(signed_in(qian), "gifts", task, "send", note="SF123")
    task.refresh_from_db()
    assert task.status == "open"


def test_the_slower_of_two_learns_who_was_faster(task: GiftTask) -> None:
    client = signed_in(sender())
    act(client, "gifts", task, "send", note="SF123")
    *_, message = said(client.post(address("gifts", task), {"action": "send", "note": "SF124"}))
    assert message.startswith("warning: ")
    assert "qian" in message
    task.refresh_from_db()
    assert task.note == "SF123"


# Proofs


@pytest.fixture
def proof(db: None) -> Proof:
    version = gift_for_proofs()
    lan = member("Lan")
    return hand_in(
        incentive=version.incentive, member=lan, upload=upload(lan), text="五个赞", at=RELEASED
    )


def test_a_proof_is_shown_with_its_picture(proof: Proof) -> None:
    page = opened(signed_in(decider()), "proofs")
    assert f"/members/uploads/{proof.upload.public_id}" in page or proof.upload.public_id in page
    assert "五个赞" in page


def test_a_proof_is_approved(proof: Proof) -> None:
    client = signed_in(decider())
    act(client, "proofs", proof, "approve")
    proof.refresh_from_db()
    assert proof.status == "approved"
    assert counts(opened(client, "proofs"))[:2] == ["0", "1"]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"common": "1", "words": ""}, "图片看不清。"),
        ({"common": "", "words": "日期不对"}, "日期不对"),
        ({"common": "1", "words": "请重拍"}, "图片看不清。 请重拍"),
    ],
)
def test_a_proof_is_rejected_with_a_common_reason_or_own_words(
    proof: Proof, values: dict[str, str], reason: str
) -> None:
    act(signed_in(decider()), "proofs", proof, "reject", **values)
    proof.refresh_from_db()
    assert (proof.status, proof.reason) == ("rejected", reason)


def test_a_rejection_needs_one_of_both(proof: Proof) -> None:
    response = act(signed_in(decider()), "proofs", proof, "reject", common="", words=" ")
    assert response.status_code == 200
    proof.refresh_from_db()
    assert proof.status == "open"


def test_reviewers_see_that_a_picture_was_rejected_before(proof: Proof) -> None:
    qian = decider()
    reject_proof(proof=proof, reason="看不清", by=qian, at=RELEASED)
    lan = member("Lan")
    again = stored(lan, picture("PNG", size=(300, 200))).public_id
    hand_in(incentive=proof.incentive, member=lan, upload=again, at=RELEASED)
    page = opened(signed_in(qian), "proofs")
    assert "看不清" in page
    assert address("proofs", proof, tab="rejected").split("?")[1].split("&")[0] in page


# Awards to confirm


@pytest.fixture
def closing(db: None) -> PeriodClosing:
    open_stage()
    contest(confirm_above=1, name="周冲刺")
    sell("Lan", 200_000)
    sell("Chen", 100_000)
    release()
    row = close()
    assert row
    return row


def test_the_list_says_who_gets_what(closing: PeriodClosing) -> None:
    page = opened(signed_in(confirmer()), "closings")
    assert listed(page) == ["周冲刺"]
    for text in ("Lan", "Chen", "¥2,000.00", "¥100.00", "¥180.00", "feng"):
        assert text in page


def test_a_second_person_confirms(closing: PeriodClosing) -> None:
    client = signed_in(confirmer())
    act(client, "closings", closing, "confirm")
    closing.refresh_from_db()
    assert closing.status == "final"
    assert counts(opened(client, "closings"))[:2] == ["0", "1"]


@pytest.mark.parametrize("name", ["Feng", "Wen"])
def test_who_published_or_wins_reads_why_not(closing: PeriodClosing, name: str) -> None:
    by = confirmer(name)
    if name == "Wen":
        link(by, member("Chen"))
    client = signed_in(by)
    act(client, "closings", closing, "confirm")
    closing.refresh_from_db()
    assert closing.status == "waiting"


# For all of them


QUEUES = ("gifts", "proofs", "closings")


@pytest.mark.parametrize("queue", QUEUES)
def test_without_the_right_a_desk_is_closed(db: None, queue: str) -> None:
    rights = ("view_gifttask", "view_proof", "view_periodclosing")
    client = signed_in(give(staff("Wen"), *rights))
    assert client.get(address(queue)).status_code == 403
    assert client.post(address(queue), {"action": "approve"}).status_code == 403


def queries(client: Client, queue: str, row: Any = None) -> int:
    opened(client, queue, row)
    with CaptureQueriesContext(connection) as seen:
        opened(client, queue, row)
    return len(seen)


def test_more_gifts_need_no_more_queries(task: GiftTask) -> None:
    client = signed_in(sender())
    one = queries(client, "gifts")
    for name in ("Chen", "Mei", "Lan", "Chen"):
        gift_task(name)
    assert queries(client, "gifts") == one


def test_more_proofs_need_no_more_queries(proof: Proof) -> None:
    client = signed_in(decider())
    one = queries(client, "proofs")
    for color in ("blue", "black", "white"):
        lan = member("Lan")
        hand_in(incentive=proof.incentive, member=lan, upload=upload(lan, color), at=NOW)
    assert queries(client, "proofs") == one


def test_more_closes_and_more_winners_need_no_more_queries(closing: PeriodClosing) -> None:
    client = signed_in(confirmer())
    first, chosen = queries(client, "closings"), queries(client, "closings", closing)
    sell("Mei", 50_000)
    for number in range(3):
        contest(confirm_above=1, name=f"周冲刺 {number}")
    release()
    close(NOW)
    latest = PeriodClosing.objects.filter(awards=3).latest("pk")

    assert PeriodClosing.objects.filter(status="waiting").count() == 4
    assert queries(client, "closings") == first
    assert queries(client, "closings", latest) == chosen


LISTS: dict[str, Any] = {
    "gifttask": "task", "proof": "proof", "periodclosing": "closing"
}  # fmt: skip


@pytest.mark.parametrize("model", LISTS)
def test_the_lists_and_their_rows_open(
    model: str, as_boss: Client, request: pytest.FixtureRequest
) -> None:
    row = request.getfixturevalue(LISTS[model])
    page = f"/admin/incentives/{model}/"
    assert as_boss.get(page).status_code == 200
    assert as_boss.get(page, {"q": "Lan"}).status_code == 200
    assert as_boss.get(f"{page}{row.pk}/change/").status_code == 200
