"""Cases are opened, assigned, annotated and closed."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import TwotierError
from events.models import Event, Reference
from members.models import Member, User
from risk.models import Case, Hold, Note
from risk.services import assign, close, note, open_case, release
from tests.cast import NOON
from tests.risk.shop import LATER, WITHDRAWAL, assess, recorded
from tests.shop import DAY, referral_chain

pytestmark = pytest.mark.django_db


@pytest.fixture
def lan(db: None) -> Member:
    return referral_chain("Lan", "Bo")[0]


@pytest.fixture
def hold(lan: Member) -> Hold:
    return assess(lan, at=NOON + DAY).holds[0]


@pytest.fixture
def case(hold: Hold) -> Case:
    return Case.objects.get()


def error_code(action: Any, **arguments: Any) -> str:
    """Return the error code, and check that nothing has changed."""
    before = list(Case.objects.values()), Note.objects.count(), Event.objects.count()
    with pytest.raises(TwotierError) as refusal:
        action(**{"at": LATER, **arguments})
    assert (list(Case.objects.values()), Note.objects.count(), Event.objects.count()) == before
    return refusal.value.code


def test_a_case_is_assigned_noted_and_closed(case: Case, hold: Hold, qian: User) -> None:
    assign(case=case, assignee=qian, by=qian, at=LATER)
    note(case=case, by=qian, at=LATER, text=" Asked her on the phone. ")
    release(hold=hold, by=qian, at=LATER, reason="known in person")
    close(case=case, by=qian, at=LATER, reason="all is well")

    case.refresh_from_db()
    assert (case.status, case.assignee, case.closed_by, case.conclusion) == (
        Case.Status.CLOSED, qian, qian, "all is well",
    )  # fmt: skip
    assert case.notes.get().text == "Asked her on the phone."
    for name in ("opened", "assigned", "noted", "closed"):
        assert recorded(f"risk.case_{name}") == 1
    event = Event.objects.get(name="risk.case_assigned")
    assert (event.before, event.after) == ({"assignee": None}, {"assignee": "qian"})


def test_a_case_with_an_open_hold_is_not_closed(case: Case, qian: User) -> None:
    assert error_code(close, case=case, by=qian, reason="no time") == "case_has_open_holds"


def test_a_closed_case_stays_closed_and_a_new_hold_opens_another(
    case: Case, hold: Hold, lan: Member, qian: User, feng: User
) -> None:
    release(hold=hold, by=qian, at=LATER, reason="known in person")
    close(case=case, by=qian, at=LATER, reason="all is well")

    assert error_code(close, case=case, by=feng, reason="again") == "wrong_status"
    assert error_code(assign, case=case, assignee=feng, by=feng) == "case_closed"
    assert error_code(note, case=case, by=feng, text="but") == "case_closed"
    assess(lan, payee_shared_with=[99])
    assert Case.objects.filter(status=Case.Status.OPEN).get() != case


@pytest.mark.parametrize("text", ["", "   ", "x" * 1001])
def test_an_empty_or_long_note_is_refused(case: Case, qian: User, text: str) -> None:
    assert error_code(note, case=case, by=qian, text=text) == "note_required"


def test_a_case_is_not_closed_without_a_conclusion(case: Case, hold: Hold, qian: User) -> None:
    release(hold=hold, by=qian, at=LATER, reason="known in person")

    assert error_code(close, case=case, by=qian, reason=" ") == "reason_required"


def test_a_person_opens_one_case_a_subject(lan: Member, qian: User) -> None:
    subject = Reference.to(lan)
    case_row = open_case(subject=subject, member=lan, by=qian, at=LATER, text="A buyer has called.")

    assert case_row.notes.get().by == qian
    again = {"subject": subject, "member": lan, "by": qian, "text": "Another one."}
    assert error_code(open_case, **again) == "case_already_open"


def test_a_hold_joins_an_open_case(lan: Member, qian: User) -> None:
    case_row = open_case(subject=WITHDRAWAL, member=lan, by=qian, at=LATER, text="Looks odd.")

    assert assess(lan, at=NOON + DAY).holds[0].case == case_row
    assert recorded("risk.case_opened") == 1
