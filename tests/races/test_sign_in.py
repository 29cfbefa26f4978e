"""Sign-ins at the same moment: one person is one member, and a lock-out misses no session."""

from __future__ import annotations

from functools import partial

import pytest

from members.accounts import lock
from members.models import Identity, Member, MemberSession
from members.services import join, join_person
from members.sessions.services import AccountLocked, open_session
from tests.cast import NOON
from tests.concurrency import run_concurrently, run_during_transaction

MINI, OFFICIAL, UNION = (
    Identity.Provider.WECHAT_MINI, Identity.Provider.WECHAT_OFFICIAL,
    Identity.Provider.WECHAT_UNION,
)  # fmt: skip


def test_eight_first_logins_of_one_person_create_one_member(committed: str) -> None:
    identities = {MINI: "open-1", UNION: "union-1"}

    ends = run_concurrently(*[partial(join_person, identities, at=NOON)] * 8)

    assert len({member.pk for member, _created in ends}) == 1
    assert [created for _member, created in ends].count(True) == 1
    assert Member.objects.count() == 1


def test_two_apps_of_one_person_at_the_same_moment_are_one_member(committed: str) -> None:
    for number in range(4):
        union = {UNION: f"union-{number}"}
        run_concurrently(
            partial(join_person, {MINI: f"mini-{number}", **union}, at=NOON),
            partial(join_person, {OFFICIAL: f"page-{number}", **union}, at=NOON),
        )

    assert Member.objects.count() == 4
    assert Identity.objects.count() == 12


def test_a_mall_that_tells_the_same_identity_first_wins(committed: str) -> None:
    ends = run_during_transaction(
        partial(join, provider=MINI, external_id="open-1", nickname="Lan", at=NOON),
        partial(join_person, {MINI: "open-1", UNION: "union-1"}, at=NOON),
    )

    assert [member.nickname for member, _created in ends] == ["Lan", "Lan"]
    assert Identity.objects.filter(member=Member.objects.get()).count() == 2


@pytest.mark.parametrize("lock_first", [True, False])
def test_a_lock_out_leaves_no_session_open(lan: Member, *, lock_first: bool) -> None:
    locks = partial(lock, member=lan, by=None, reason="fraud", at=NOON)
    opens = partial(open_session, member=lan, at=NOON)
    actions = (locks, opens) if lock_first else (opens, locks)

    ends = run_during_transaction(*actions)

    assert MemberSession.objects.filter(ended_at=None).count() == 0
    assert any(isinstance(end, AccountLocked) for end in ends) is lock_first
