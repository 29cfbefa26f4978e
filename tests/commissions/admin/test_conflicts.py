"""Conflicts in the back office: filtered, and accepted or dismissed alone or many at once."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from commissions.models import CommissionHold, ConflictAcceptance
from members.models import Member
from orders.intake import ingest_orders
from orders.models import OrderConflict
from tests.cast import CLOCK, give, staff
from tests.commissions.admin.pages import count_rows, listed, messages, press, url
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    commissions,
    ingest,
    line,
    open_shop,
    order,
    settle_all,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

LATER = PLACED + 8 * WEEK
REASON = {"reason": "问过商城"}


@pytest.fixture
def bo(db: None) -> Member:
    """Bo, whose orders O-1 to O-3 were reported cheaper."""
    buyer = open_shop()
    numbers = ["O-1", "O-2", "O-3"]
    ingest(*(order(buyer, number=number, received=True) for number in numbers))
    cheaper = [order(buyer, line(price=9_990), number=number) for number in numbers]
    ingest_orders(cheaper, at=PLACED, clock=CLOCK)
    return buyer


def decider(name: str) -> Client:
    names = ["decide_orderconflict", "view_orderconflict", "view_conflictacceptance"]
    person = give(staff(name), *names)
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def as_decider(bo: Member) -> Client:
    return decider("Qian")


def chosen(action: str) -> dict[str, object]:
    return {
        "action": action,
        "_selected_action": [row.pk for row in OrderConflict.objects.order_by("pk")],
    }


def statuses() -> list[str]:
    return list(OrderConflict.objects.order_by("pk").values_list("status", flat=True))


def test_the_list_is_filtered_and_searched(bo: Member, as_decider: Client) -> None:
    ingest_orders(
        [order(bo, placed_at=PLACED + DAY, paid=False)], at=PLACED, clock=CLOCK, source="import"
    )

    assert count_rows(as_decider, OrderConflict) == 4
    assert count_rows(as_decider, OrderConflict, source="import") == 1
    assert count_rows(as_decider, OrderConflict, field="unit_price") == 3
    assert count_rows(as_decider, OrderConflict, field="placed_at") == 1
    assert count_rows(as_decider, OrderConflict, status__exact="open") == 4
    assert count_rows(as_decider, OrderConflict, status__exact="dismissed") == 0
    assert count_rows(as_decider, OrderConflict, q="O-2") == 1
    page = as_decider.get(listed(OrderConflict)).content.decode()
    assert "单价" in page
    assert "lines[1]" not in page
    assert "109.90" in page
    assert "99.90" in page


def test_one_is_dismissed(bo: Member, as_decider: Client) -> None:
    row = OrderConflict.objects.get(number="O-1")

    answer = press(as_decider, row, "dismiss", **REASON)

    assert messages(answer) == [("success", "已驳回。")]
    assert statuses() == ["dismissed", "open", "open"]
    assert settle_all(at=LATER) == 2


def test_one_is_accepted(bo: Member, as_decider: Client) -> None:
    answer = press(as_decider, OrderConflict.objects.get(number="O-1"), "accept", **REASON)

    assert messages(answer) == [("success", "已采纳。")]
    assert [row[4] for row in commissions("O-1")] == [999, 499]


def test_many_are_dismissed_with_one_reason(bo: Member, as_decider: Client) -> None:
    form = as_decider.post(listed(OrderConflict), chosen("dismiss_many"))
    assert "O-2" in form.content.decode()
    assert as_decider.post(listed(OrderConflict), chosen("dismiss_many") | {"reason": ""})
    assert statuses() == ["open"] * 3

    answer = as_decider.post(listed(OrderConflict), chosen("dismiss_many") | REASON)

    assert messages(answer) == [("success", "已驳回 3 条。")]
    assert statuses() == ["dismissed"] * 3
    assert not CommissionHold.objects.exists()


def test_many_are_accepted_or_none(bo: Member, as_decider: Client) -> None:
    wrong = order(bo, line(price=11_990), number="O-2")
    ingest_orders([wrong], at=PLACED, clock=CLOCK, source="import")

    answer = as_decider.post(listed(OrderConflict), chosen("accept_many") | REASON)

    ((level, text),) = messages(answer)
    assert (level, "O-2" in text, "只能驳回" in text) == ("error", True, True)
    assert statuses() == ["open"] * 4

    OrderConflict.objects.filter(source="import").update(
        status="dismissed", reason="x", decided_by=staff("Qian"), ended_at=PLACED
    )
    answer = as_decider.post(listed(OrderConflict), chosen("accept_many") | REASON)
    assert messages(answer) == [("success", "已采纳 3 条；0 条等待另一位同事同意。")]


def test_credited_commissions_need_another_person(bo: Member, as_decider: Client) -> None:
    ingest(order(bo, number="O-9", received=True))
    settle_all(at=LATER)
    ingest_orders([order(bo, line(price=9_990), number="O-9")], at=PLACED, clock=CLOCK)

    answer = press(as_decider, OrderConflict.objects.get(number="O-9"), "accept", **REASON)

    ((level, _text),) = messages(answer)
    proposal = ConflictAcceptance.objects.get()
    assert (level, proposal.status) == ("warning", "proposed")
    own = as_decider.get(url(proposal)).content.decode()
    assert url(proposal, "refuse") in own
    assert url(proposal, "agree") not in own
    as_feng = decider("Feng")
    assert url(proposal, "agree") in as_feng.get(url(proposal)).content.decode()

    press(as_feng, proposal, "agree")

    assert [row[4] for row in commissions("O-9")] == [999, 499]
    assert OrderConflict.objects.get(number="O-9").status == "accepted"


def test_deciding_needs_its_own_right(bo: Member) -> None:
    watcher = staff("Wei")
    watcher.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client = Client()
    client.force_login(watcher)

    page = client.get(url(OrderConflict.objects.earliest("pk")))

    assert page.status_code == 200
    assert "dismiss" not in page.content.decode()
    client.post(listed(OrderConflict), chosen("dismiss_many") | REASON)
    assert statuses() == ["open"] * 3


def test_a_decided_conflict_offers_no_buttons(bo: Member, as_decider: Client) -> None:
    row = OrderConflict.objects.get(number="O-1")
    assert url(row, "dismiss") in as_decider.get(url(row)).content.decode()
    press(as_decider, row, "dismiss", **REASON)

    page = as_decider.get(url(row)).content.decode()

    assert url(row, "dismiss") not in page
    assert "问过商城" in page
