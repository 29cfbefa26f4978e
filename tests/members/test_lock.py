"""The staff locks a member out; the sessions of the member end."""

from __future__ import annotations

import pytest

from common.errors import PermissionMissing, ReasonRequired
from members.accounts import LockUnchanged, lock_member, unlock_member
from members.models import Member, MemberSession, User
from members.sessions.services import AccountLocked, open_session
from tests.cast import NOON, give
from tests.integration.test_merges import merge
from tests.members.api.client import ApiClient, problem_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(qian: User) -> User:
    return give(qian, "lock_member")


def test_a_locked_member_is_signed_out_and_cannot_sign_in(lan: Member, operator: User) -> None:
    client = ApiClient(lan)

    lock_member(member=lan, by=operator, reason="fraud", at=NOON)

    assert problem_code(client.get("/me/sessions")) == (401, "session_revoked")
    answer = client.post("/auth/refresh", {"refresh": client.refresh})
    assert problem_code(answer) == (401, "session_revoked")
    with pytest.raises(AccountLocked):
        open_session(member=lan, at=NOON)
    assert MemberSession.objects.get().end_reason == "locked"


def test_locking_ends_the_sessions_of_merged_members(
    lan: Member, mei: Member, operator: User
) -> None:
    client = ApiClient(lan)
    merge(lan, mei)

    lock_member(member=mei, by=operator, reason="fraud", at=NOON)

    assert problem_code(client.get("/me/sessions")) == (401, "session_revoked")


def test_an_unlocked_member_signs_in_anew_and_old_sessions_stay_ended(
    lan: Member, operator: User
) -> None:
    old = ApiClient(lan)
    lock_member(member=lan, by=operator, reason="fraud", at=NOON)

    unlock_member(member=lan, by=operator, at=NOON)

    assert ApiClient(lan).get("/me/sessions").status_code == 200
    assert problem_code(old.get("/me/sessions")) == (401, "session_revoked")


def test_a_lock_needs_the_right_and_a_reason(lan: Member, operator: User, feng: User) -> None:
    with pytest.raises(PermissionMissing):
        lock_member(member=lan, by=feng, reason="fraud", at=NOON)
    with pytest.raises(ReasonRequired):
        lock_member(member=lan, by=operator, reason=" ", at=NOON)
    with pytest.raises(PermissionMissing):
        unlock_member(member=lan, by=feng, at=NOON)

    assert Member.objects.get(pk=lan.pk).locked_at is None


def test_a_second_lock_is_refused(lan: Member, operator: User) -> None:
    lock_member(member=lan, by=operator, reason="fraud", at=NOON)

    with pytest.raises(LockUnchanged):
        lock_member(member=lan, by=operator, reason="again", at=NOON)
    unlock_member(member=lan, by=operator, at=NOON)
    with pytest.raises(LockUnchanged):
        unlock_member(member=lan, by=operator, at=NOON)

    assert Member.objects.get(pk=lan.pk).lock_reason == ""
