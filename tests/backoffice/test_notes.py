"""Notes and assignees beside a row: for colleagues, and never changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, transaction

from backoffice.models import Assignment, Note
from backoffice.notes import (
    InvalidNote,
    NotStaff,
    add_note,
    assign,
    assignee_of,
    assignees,
    colleagues,
    notes_of,
)
from common.errors import violated_constraint
from members.models import Member, User
from tests.cast import NOON, give, staff

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)


def test_notes_belong_to_their_row(lan: Member, bo: Member, qian: User, feng: User) -> None:
    add_note(row=lan, text="  Asked her. ", by=qian, at=NOON)
    add_note(row=lan, text="She called back.", by=feng, at=LATER)
    add_note(row=bo, text="About Bo.", by=qian, at=NOON)

    found = [(note.text, note.by, note.at) for note in notes_of(lan)]
    assert found == [("She called back.", feng, LATER), ("Asked her.", qian, NOON)]
    assert not notes_of(qian).exists()


@pytest.mark.parametrize("text", ["", " \n ", "x" * 1_001])
def test_an_empty_or_endless_note_is_refused(lan: Member, qian: User, text: str) -> None:
    with pytest.raises(InvalidNote):
        add_note(row=lan, text=text, by=qian, at=NOON)
    assert not Note.objects.exists()


def test_the_latest_assignee_counts(lan: Member, bo: Member, qian: User, feng: User) -> None:
    assign(row=lan, to=qian, by=qian, at=NOON)
    assign(row=lan, to=feng, by=qian, at=LATER)
    assign(row=bo, to=qian, by=feng, at=NOON)
    assert assignees([lan, bo]) == {lan.pk: feng, bo.pk: qian}

    assign(row=lan, to=None, by=feng, at=LATER)

    assert assignee_of(lan) is None
    assert assignees([lan, bo]) == {bo.pk: qian}
    assert Assignment.objects.count() == 4
    assert assignees([]) == {}


def test_the_same_assignee_again_leaves_no_row(lan: Member, qian: User) -> None:
    assign(row=lan, to=None, by=qian, at=NOON)
    assign(row=lan, to=qian, by=qian, at=NOON)
    assign(row=lan, to=qian, by=qian, at=LATER)
    assert Assignment.objects.count() == 1


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}])
def test_only_staff_look_after_rows(lan: Member, qian: User, feng: User, change: object) -> None:
    User.objects.filter(pk=feng.pk).update(**change)  # type: ignore[arg-type]
    feng.refresh_from_db()
    with pytest.raises(NotStaff):
        assign(row=lan, to=feng, by=qian, at=NOON)
    assert not Assignment.objects.exists()


def test_colleagues_have_one_of_the_rights(qian: User, feng: User) -> None:
    give(qian, "change_application")
    boss = User.objects.create_superuser("boss")
    staff("Wei")
    group = Group.objects.create(name="Reviewers")
    group.permissions.set(give(qian, "change_case").user_permissions.all())
    feng.groups.add(group)

    assert list(colleagues(["distribution.change_application"])) == [boss, feng, qian]
    assert list(colleagues(["withdrawals.review_as_finance"])) == [boss]


@pytest.mark.parametrize("table", ["note", "assignment"])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_they_are_append_only(lan: Member, qian: User, table: str, statement: str) -> None:
    add_note(row=lan, text="x", by=qian, at=NOON)
    assign(row=lan, to=qian, by=qian, at=NOON)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError) as error, transaction.atomic():
            cursor.execute(statement.format(f"backoffice_{table}"))
    assert violated_constraint(error.value) == f"backoffice_{table}_append_only"
