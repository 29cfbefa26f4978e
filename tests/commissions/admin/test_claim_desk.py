"""Claims at their desk: explained for the member, answered, copied."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from commissions.models import Claim
from commissions.services import open_claim
from common import clock
from members.models import Member, User
from tests.backoffice.desks import act, address, counts, listed, opened, said
from tests.cast import give, link, member
from tests.shop import DAY, PLACED, distributor, ingest, open_shop, order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files"), pytest.mark.slow]
QUEUE = "claims"
NOW = PLACED + 10 * DAY


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def bo(db: None) -> Member:
    buyer = open_shop()
    ingest(order(buyer))
    return buyer


@pytest.fixture
def ops(qian: User) -> Client:
    client = Client()
    client.force_login(give(qian, "change_claim", "view_claim"))
    return client


def claim(name: str = "Lan", number: str = "O-1", *, days: int = 0) -> Claim:
    return open_claim(
        member=member(name), order_no=number, reason="missing", text=f"{name}没收到",
        at=NOW - days * DAY,
    )  # fmt: skip


def for_member(page: str) -> str:
    found = re.search(r'<p id="desk-explanation"[^>]*>(.*?)</p>', page, re.DOTALL)
    assert found
    return found[1]


def test_the_claimant_s_own_tier_is_explained(bo: Member, ops: Client) -> None:
    claim("Lan", days=4)

    page = opened(ops, QUEUE)

    assert "Lan没收到" in page
    assert "desk-late" in page
    assert "Lan" in for_member(page)
    assert "Mei" not in for_member(page)
    assert "Mei" in page  # in the whole explanation, for colleagues
    assert "复制这段说明" in page


def test_a_stranger_to_the_order_reads_no_names(bo: Member, ops: Client) -> None:
    distributor(member("Chen"))
    claim("Chen")
    text = for_member(opened(ops, QUEUE))
    assert text == "订单 O-1 不产生您的佣金：下单时您不是该买家的上级。"


def test_an_order_that_never_came_says_so(bo: Member, ops: Client) -> None:
    claim("Lan", "O-404")
    assert for_member(opened(ops, QUEUE)) == "我们尚未收到订单 O-404。"


@pytest.mark.parametrize(("action", "status"), [("accept", "accepted"), ("reject", "rejected")])
def test_an_answer_opens_the_next_claim(
    bo: Member, ops: Client, qian: User, action: str, status: str
) -> None:
    first, second = claim("Lan", days=2), claim("Mei", days=1)
    assert listed(opened(ops, QUEUE)) == ["Lan", "Mei"]

    response = act(ops, QUEUE, first, action, reason="已核对")

    first.refresh_from_db()
    assert (first.status, first.answer, first.answered_by) == (status, "已核对", qian)
    assert response.headers["Location"] == address(QUEUE, second)
    assert "已核对" in opened(ops, QUEUE, first, tab=status)
    assert counts(opened(ops, QUEUE))[0] == "1"


def test_an_answer_is_needed_and_kept_if_too_long(bo: Member, ops: Client) -> None:
    row = claim()
    for answer in ("", "长" * 201):
        response = act(ops, QUEUE, row, "reject", reason=answer)
        assert response.status_code == 200
        assert answer in response.text
    row.refresh_from_db()
    assert row.status == "open"


def test_ones_own_claim_is_for_a_colleague(bo: Member, ops: Client, qian: User) -> None:
    row = claim()
    link(qian, row.member)
    assert "这是你自己的申诉" in opened(ops, QUEUE)
    act(ops, QUEUE, row, "accept", reason="ok")
    row.refresh_from_db()
    assert row.status == "open"


def test_without_the_right_the_desk_is_closed(bo: Member, feng: User) -> None:
    row = claim()
    client = Client()
    client.force_login(give(feng, "view_claim"))
    assert client.get(address(QUEUE)).status_code == 403
    assert client.post(address(QUEUE, row), {"action": "accept"}).status_code == 403


def test_the_slower_of_two_learns_who_was_faster(bo: Member, ops: Client) -> None:
    row = claim()
    act(ops, QUEUE, row, "accept", reason="first")
    *_, message = said(ops.post(address(QUEUE, row), {"action": "reject", "reason": "second"}))
    assert message.startswith("warning: 已有同事先处理（已采纳 · qian")
