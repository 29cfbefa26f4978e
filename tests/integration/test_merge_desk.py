"""Merges at their desk: both members side by side, and what was shown is what happens."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from events.models import Event
from integration.clients import create_client
from integration.merges import propose_merge, tell_merge
from members.models import Member, MemberMerge, User
from tests.backoffice.desks import act, address, counts, listed, opened, said
from tests.cast import NOON, give, member, staff
from tests.shop import PLACED, WEEK, ingest, open_shop, order
from tests.withdrawals.factories import earned

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files"), pytest.mark.slow]
QUEUE = "merges"
AT = PLACED + WEEK


def desk_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def proposer(qian: User) -> User:
    return give(qian, "propose_merge")


@pytest.fixture
def decider(feng: User) -> User:
    return give(feng, "decide_merge")


@pytest.fixture
def bo(db: None) -> Member:
    buyer = open_shop()
    ingest(order(buyer))
    return buyer


@pytest.fixture
def row(bo: Member, proposer: User) -> MemberMerge:
    """Bo is to go on as Bea."""
    return propose_merge(merged=bo, survivor=member("Bea"), reason="同一电话", by=proposer, at=AT)


@pytest.fixture
def told(bo: Member) -> MemberMerge:
    """The mall told that Bo and Bea are one."""
    client, _secret = create_client(name="商城", scopes=None, at=NOON)
    return tell_merge(merged=bo, survivor=member("Bea"), source="商城", at=AT, by=client)


def moved() -> Any:
    return (
        list(MemberMerge.objects.values("pk", "status", "decider")),
        list(Member.objects.order_by("pk").values_list("pk", "merged_into")),
        Event.objects.count(),
    )


def test_both_members_and_what_would_happen_are_shown(row: MemberMerge, decider: User) -> None:
    before = moved()

    page = opened(desk_of(decider), QUEUE)

    assert listed(page) == ["Bo → Bea"]
    for text in ("同一电话", "qian", "bo", "bea", "无法撤销"):
        assert text in page, text
    assert moved() == before


def test_another_person_agrees(row: MemberMerge, bo: Member, decider: User) -> None:
    desk = desk_of(decider)

    act(desk, QUEUE, row, "agree")

    bo.refresh_from_db()
    assert bo.merged_into == row.survivor
    assert counts(opened(desk, QUEUE)) == ["0", "1", "0"]


def test_what_has_changed_since_is_not_merged(row: MemberMerge, bo: Member, decider: User) -> None:
    desk = desk_of(decider)
    page = opened(desk, QUEUE, row)
    seal = page.split('name="seal" value="')[1].split('"')[0]
    earned(bo, 700, at=AT)
    before = moved()

    response = desk.post(address(QUEUE, row), {"action": "agree", "seal": seal})

    assert said(response)[0].startswith("warning: ")
    assert moved() == before


def test_the_proposer_does_not_agree(row: MemberMerge, proposer: User) -> None:
    both = give(proposer, "decide_merge")
    before = moved()

    assert "须由两位不同的人办理" in opened(desk_of(both), QUEUE)
    assert said(act(desk_of(both), QUEUE, row, "agree"))[0].startswith("error: ")
    assert moved() == before

    act(desk_of(both), QUEUE, row, "refuse")
    row.refresh_from_db()
    assert row.status == "refused"


def test_what_stands_against_it_is_said_before_the_press(
    row: MemberMerge, bo: Member, decider: User
) -> None:
    User.objects.filter(pk=staff("Tang").pk).update(member=bo)
    before = moved()

    page = opened(desk_of(decider), QUEUE)
    assert "与后台人员关联的会员不能合并" in page
    assert said(act(desk_of(decider), QUEUE, row, "agree"))[0].startswith("error: ")
    assert moved() == before


def test_what_the_mall_told_is_proposed_first(
    told: MemberMerge, proposer: User, decider: User
) -> None:
    assert listed(opened(desk_of(decider), QUEUE)) == []  # only a person's proposal
    desk = desk_of(proposer)
    assert listed(opened(desk, QUEUE)) == ["Bo → Bea"]
    forged = desk_of(decider).post(address(QUEUE, told), {"action": "agree"})
    assert said(forged)[0].startswith("warning: ")

    act(desk, QUEUE, told, "propose", reason="打电话核实过")

    told.refresh_from_db()
    proposal = MemberMerge.objects.get(status="proposed")
    assert (told.status, proposal.proposer) == ("refused", proposer)
    assert proposal.reason == "打电话核实过"
    assert listed(opened(desk, QUEUE)) == []
    act(desk_of(decider), QUEUE, proposal, "agree")
    proposal.refresh_from_db()
    assert proposal.status == "agreed"


def test_each_right_has_its_own_rows_and_buttons(
    row: MemberMerge, proposer: User, decider: User, chen: Member
) -> None:
    before = moved()

    assert listed(opened(desk_of(proposer), QUEUE)) == []
    refused = desk_of(proposer).post(address(QUEUE, row), {"action": "agree"})
    assert refused.status_code == 403
    assert desk_of(staff("Clerk")).get(address(QUEUE)).status_code == 403
    assert moved() == before


def test_it_is_found_by_either_member(row: MemberMerge, decider: User) -> None:
    for term in ("Bo", "bea"):
        assert listed(opened(desk_of(decider), QUEUE, q=term)) == ["Bo → Bea"], term
    assert listed(opened(desk_of(decider), QUEUE, q="Mei")) == []
