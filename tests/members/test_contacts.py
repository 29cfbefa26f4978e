"""Phone numbers are masked, and shown with a permission and a reason, on record."""

from __future__ import annotations

import pytest

from events.models import Event
from members.contacts import (
    ContactHidden,
    ContactUnknown,
    UnmaskReasonMissing,
    masked_phone,
    unmask_phone,
)
from members.models import Member, User
from members.profiles import save_phone
from tests.cast import NOON, give

pytestmark = pytest.mark.django_db
NUMBER = "13812345678"


@pytest.fixture
def caller(qian: User) -> User:
    return give(qian, "unmask_contact")


@pytest.fixture
def known(mei: Member) -> Member:
    return save_phone(member=mei, number=NUMBER, at=NOON)


def looks() -> list[Event]:
    return list(Event.objects.filter(name="members.contact_unmasked"))


@pytest.mark.parametrize(
    ("number", "mask"), [(NUMBER, "138****5678"), ("+85291234567", "****4567"), ("12345", "****")]
)
def test_the_mask_keeps_only_the_ends(mei: Member, number: str, mask: str) -> None:
    assert masked_phone(mei) == ""
    assert masked_phone(save_phone(member=mei, number=number, at=NOON)) == mask


def test_a_look_is_recorded_without_the_number(known: Member, caller: User) -> None:
    assert unmask_phone(member=known, reason=" 回访 ", by=caller, at=NOON) == NUMBER
    (look,) = looks()
    assert (look.actor_id, look.data) == ("qian", {"reason": "回访"})


def test_the_right_is_needed(known: Member, qian: User) -> None:
    with pytest.raises(ContactHidden):
        unmask_phone(member=known, reason="回访", by=qian, at=NOON)
    assert looks() == []


def test_a_reason_is_needed(known: Member, caller: User) -> None:
    with pytest.raises(UnmaskReasonMissing):
        unmask_phone(member=known, reason="  ", by=caller, at=NOON)
    assert looks() == []


def test_there_may_be_no_number(mei: Member, caller: User) -> None:
    with pytest.raises(ContactUnknown):
        unmask_phone(member=mei, reason="回访", by=caller, at=NOON)
    assert looks() == []
