"""Adjustments at their desk: the wallet before and after, and a second person who decides."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from backoffice import queues
from closing.models import Adjustment
from closing.services import propose_adjustment
from events.models import Event
from ledger.chart import Asset, Kind
from ledger.models import Transfer
from ledger.queries import balance
from ledger.services import account
from members.models import Member, User
from tests.backoffice.desks import act, address, counts, listed, opened, said, title
from tests.cast import give, link, staff
from tests.closing.books import EARNED, PAID
from tests.withdrawals.factories import owe

pytestmark = [pytest.mark.usefixtures("no_static_files"), pytest.mark.slow]
QUEUE = "adjustments"


def desk_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def fangs_desk(fang: User) -> Client:
    return desk_of(give(fang, "view_member"))


def proposed(member: Member, by: User, *, amount: int = 300, **more: Any) -> Adjustment:
    values = {
        "key": f"a-{amount}", "member": member, "asset": Asset.CASH, "direction": "to_member",
        "reason": "电话里答应的", "at": PAID, **more,
    }  # fmt: skip
    return propose_adjustment(amount=amount, by=by, **values)


def moved() -> Any:
    return (
        list(Adjustment.objects.values("pk", "status", "decider")),
        Transfer.objects.count(),
        Event.objects.count(),
    )


def test_the_wallet_before_and_after_stands_beside_the_list(
    lan: Member, feng: User, fangs_desk: Client
) -> None:
    proposed(lan, feng, amount=300)
    taken = proposed(lan, feng, amount=500, direction="from_member")
    before = moved()

    page = opened(fangs_desk, QUEUE)

    assert listed(page) == ["Lan", "Lan"]
    assert "¥5,495.00 → ¥5,498.00" in page
    assert "电话里答应的" in page
    assert "¥5,495.00 → ¥5,490.00" in opened(fangs_desk, QUEUE, taken)
    assert moved() == before


def test_agreeing_moves_the_money_and_opens_the_next(
    lan: Member, feng: User, fang: User, fangs_desk: Client
) -> None:
    first, second = proposed(lan, feng, amount=300), proposed(lan, feng, amount=500)

    response = act(fangs_desk, QUEUE, first, "post")

    assert response.headers["Location"] == address(QUEUE, second)
    first.refresh_from_db()
    assert (first.status, first.decider) == ("posted", fang)
    assert balance(account(lan, Asset.CASH)) == EARNED + 300
    page = opened(fangs_desk, QUEUE)
    assert (counts(page), title(page)) == (["1", "1", "0"], "Lan")


def test_refusing_moves_nothing(lan: Member, feng: User, fangs_desk: Client) -> None:
    row = proposed(lan, feng)
    transfers = Transfer.objects.count()

    act(fangs_desk, QUEUE, row, "refuse")

    row.refresh_from_db()
    assert (row.status, Transfer.objects.count()) == ("refused", transfers)
    assert "没有待他人确认的调账。" in opened(fangs_desk, QUEUE)


def test_the_proposer_and_the_owner_cannot_decide(lan: Member, feng: User, fang: User) -> None:
    row = proposed(lan, feng)
    link(fang, lan)
    before = moved()

    for client in (desk_of(feng), desk_of(fang)):
        page = opened(client, QUEUE, row)
        assert page.count("须由两位不同的人办理") == 2
        for action in ("post", "refuse"):
            [message] = said(act(client, QUEUE, row, action))
            assert message.startswith("error: 须由两位不同的人办理")
    assert moved() == before


def test_a_wallet_that_is_too_small_is_said_before_the_press(
    lan: Member, feng: User, fangs_desk: Client
) -> None:
    row = proposed(lan, feng, amount=EARNED + 1, direction="from_member")
    before = moved()

    assert "余额不足" in opened(fangs_desk, QUEUE, row)
    assert said(act(fangs_desk, QUEUE, row, "post"))[0].startswith("error: ")

    assert moved() == before


def test_what_is_owed_is_repaid_first(lan: Member, feng: User, fangs_desk: Client) -> None:
    owe(lan, EARNED + 200)
    assert balance(account(lan, Asset.CASH, Kind.OWED)) == 200
    row = proposed(lan, feng, amount=500)

    page = opened(fangs_desk, QUEUE, row)
    assert "¥2.00 → ¥0.00" in page
    assert "¥0.00 → ¥3.00" in page
    act(fangs_desk, QUEUE, row, "post")

    assert balance(account(lan, Asset.CASH)) == 300


def test_the_slower_of_two_people_learns_who_was_faster(
    lan: Member, feng: User, fangs_desk: Client
) -> None:
    row = proposed(lan, feng)
    third = give(staff("Gu"), "decide_adjustment")
    act(fangs_desk, QUEUE, row, "post")
    before = moved()

    [message] = said(act(desk_of(third), QUEUE, row, "refuse"))

    assert message.startswith("warning: ")
    assert "fang" in message
    assert moved() == before


def test_points_are_no_money(lan: Member, feng: User, fangs_desk: Client) -> None:
    row = proposed(lan, feng, amount=30, asset=Asset.POINTS)

    page = opened(fangs_desk, QUEUE, row)

    assert "+30" in page
    assert "¥0.30" not in page


def test_nobody_else_has_this_desk(lan: Member, qian: User, feng: User) -> None:
    row = proposed(lan, feng)
    clerk = desk_of(qian)
    before = moved()

    assert clerk.get(address(QUEUE)).status_code == 403
    assert clerk.post(address(QUEUE, row), {"action": "post"}).status_code == 403
    assert moved() == before
    assert QUEUE not in [queue.name for queue in queues.of(qian)]


def test_it_is_found_by_name_and_id(lan: Member, feng: User, fangs_desk: Client) -> None:
    row = proposed(lan, feng)

    for term in ("La", row.public_id.upper()):
        assert listed(opened(fangs_desk, QUEUE, q=term)) == ["Lan"], term
    assert listed(opened(fangs_desk, QUEUE, q="Mei")) == []
