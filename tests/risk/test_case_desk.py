"""Risk cases at their desk: cleared in one step, or investigated."""

from __future__ import annotations

import pytest
from django.test import Client

from common.errors import ReasonRequired
from events.models import Event
from members.models import Member, User
from risk.models import Case, Hold, Note
from risk.services import clear_case
from risk.services.cases import CaseClosed
from risk.services.holds import SelfReleaseForbidden
from tests.backoffice.desks import act, address, listed, opened, said
from tests.cast import NOON, give, link
from tests.risk.shop import LATER, assess, recorded
from tests.shop import DAY, referral_chain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files")]
QUEUE = "risk_cases"


@pytest.fixture
def lan(db: None) -> Member:
    return referral_chain("Lan", "Bo")[0]


@pytest.fixture
def case(lan: Member) -> Case:
    assess(lan, at=NOON + DAY)
    return Case.objects.get()


@pytest.fixture
def ops(qian: User) -> Client:
    client = Client()
    client.force_login(give(qian, "change_case", "view_hold", "view_member"))
    return client


def picture() -> list[object]:
    return [list(Case.objects.values()), list(Hold.objects.values()), Event.objects.count()]


def test_clearing_releases_all_holds_and_closes(case: Case, lan: Member, qian: User) -> None:
    assess(lan, payee_shared_with=[99])
    held = case.holds.filter(released_at=None).count()
    assert held > 1

    assert clear_case(case=case, by=qian, at=LATER, reason=" 本人说明清楚 ") == held

    case.refresh_from_db()
    assert (case.status, case.closed_by, case.conclusion) == ("closed", qian, "本人说明清楚")
    assert not case.holds.filter(released_at=None).exists()
    assert set(case.holds.values_list("release_reason", flat=True)) == {"本人说明清楚"}
    assert recorded("risk.released") == held
    assert recorded("risk.case_closed") == 1


def test_clearing_again_or_without_a_reason_is_refused(case: Case, qian: User) -> None:
    before = picture()
    for reason in ("", "x" * 201):
        with pytest.raises(ReasonRequired):
            clear_case(case=case, by=qian, at=LATER, reason=reason)
    assert picture() == before
    clear_case(case=case, by=qian, at=LATER, reason="fine")
    before = picture()
    with pytest.raises(CaseClosed):
        clear_case(case=case, by=qian, at=LATER, reason="fine")
    assert picture() == before


def test_nobody_clears_their_own_case(case: Case, lan: Member, qian: User, ops: Client) -> None:
    link(qian, lan)
    before = picture()
    with pytest.raises(SelfReleaseForbidden):
        clear_case(case=case, by=qian, at=LATER, reason="fine")
    assert "与您本人有关" in opened(ops, QUEUE)
    act(ops, QUEUE, case, "clear", reason="fine")
    assert picture() == before


def test_the_desk_shows_what_is_held_and_clears_it(ops: Client, case: Case) -> None:
    page = opened(ops, QUEUE)
    assert listed(page) == ["Lan"]
    assert "新分销员" in page
    assert "尚无人跟进" in page

    response = act(ops, QUEUE, case, "clear", reason="认识本人")

    assert response.headers["Location"] == address(QUEUE)
    assert said(response) == ["success: 已放行并结案： Lan"]
    assert "没有未结案件" in opened(ops, QUEUE)
    assert "认识本人" in opened(ops, QUEUE, case, tab="closed")


def test_a_case_keeps_its_own_notes_and_assignee(ops: Client, case: Case, qian: User) -> None:
    response = act(ops, QUEUE, case, "take")
    assert response.headers["Location"] == address(QUEUE, case)
    case.refresh_from_db()
    assert case.assignee == qian
    assert "正由您跟进。" in opened(ops, QUEUE)

    act(ops, QUEUE, case, "note", note="电话无人接听")

    assert Note.objects.get().text == "电话无人接听"
    assert "电话无人接听" in opened(ops, QUEUE)
    assert act(ops, QUEUE, case, "note", note=" ").status_code == 200
    assert Note.objects.count() == 1


def test_the_slower_of_two_learns_who_was_faster(ops: Client, case: Case, feng: User) -> None:
    clear_case(case=case, by=feng, at=LATER, reason="fine")
    before = picture()
    response = ops.post(address(QUEUE, case), {"action": "clear", "reason": "late"})
    [message] = said(response)
    assert message.startswith("warning: 已有同事先处理（feng 已于")
    assert picture() == before


def test_cases_are_found_by_nickname(ops: Client, case: Case) -> None:
    assert listed(opened(ops, QUEUE, q="Lan")) == ["Lan"]
    assert listed(opened(ops, QUEUE, q="Bo")) == []


@pytest.mark.slow
def test_it_opens_in_english(ops: Client, case: Case) -> None:
    ops.cookies["django_language"] = "en"
    page = opened(ops, QUEUE)
    assert "new distributor" in page
    assert "Nothing is wrong" in page
