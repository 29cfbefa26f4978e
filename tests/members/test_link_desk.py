"""Links of staff at their desk: a second superuser compares account and member."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from events.models import Event
from members.models import Member, StaffLinkProposal, User
from members.staff_links import propose_staff_link
from tests.backoffice.desks import act, address, counts, opened, said
from tests.cast import LONG_AGO, NOON, give

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files"), pytest.mark.slow]
QUEUE = "staff_links"


def superuser(name: str) -> User:
    return User.objects.create_superuser(name, may_review_from=LONG_AGO)


def desk_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def row(qian: User, mei: Member) -> StaffLinkProposal:
    return propose_staff_link(
        user=qian, member=mei, reason="当面见过", by=superuser("first"), at=NOON
    )


def moved() -> Any:
    return (
        list(StaffLinkProposal.objects.values()),
        list(User.objects.order_by("pk").values_list("pk", "member")),
        Event.objects.count(),
    )


def test_account_and_member_stand_side_by_side(row: StaffLinkProposal) -> None:
    desk = desk_of(superuser("second"))
    before = moved()

    page = opened(desk, QUEUE)

    for text in ("qian", "Mei", "当面见过", "first"):
        assert text in page
    assert moved() == before


def test_a_second_superuser_agrees(row: StaffLinkProposal, qian: User, mei: Member) -> None:
    desk = desk_of(superuser("second"))

    act(desk, QUEUE, row, "agree")

    qian.refresh_from_db()
    assert qian.member == mei
    assert counts(opened(desk, QUEUE)) == ["0", "1", "0"]


def test_a_second_superuser_refuses(row: StaffLinkProposal, qian: User) -> None:
    act(desk_of(superuser("second")), QUEUE, row, "refuse")

    row.refresh_from_db()
    qian.refresh_from_db()
    assert (row.status, qian.member) == ("refused", None)


def test_the_proposer_may_only_withdraw_it(row: StaffLinkProposal) -> None:
    own = desk_of(User.objects.get(username="first"))
    before = moved()

    assert "须由两位不同的人办理" in opened(own, QUEUE)
    [message] = said(act(own, QUEUE, row, "agree"))
    assert message.startswith("error: 须由两位不同的人办理")
    assert moved() == before

    act(own, QUEUE, row, "refuse")
    row.refresh_from_db()
    assert row.status == "refused"


def test_only_superusers_decide(row: StaffLinkProposal, feng: User) -> None:
    before = moved()

    assert desk_of(feng).get(address(QUEUE)).status_code == 403
    with_right = desk_of(give(feng, "change_stafflinkproposal"))
    for action in ("agree", "refuse"):
        assert said(act(with_right, QUEUE, row, action))[0].startswith("error: ")
    assert moved() == before
