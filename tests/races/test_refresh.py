"""Parallel refreshes of a member's device log nobody out."""

from __future__ import annotations

import threading
from datetime import datetime
from functools import partial

from members.models import Member, MemberSession
from members.sessions.services import _rotate, open_session, refresh
from members.sessions.tokens import SessionRevoked, read_refresh, tokens
from tests.cast import NOON
from tests.concurrency import run_concurrently


def test_sixteen_refreshes_of_one_token_get_one_successor(lan: Member) -> None:
    _, first = open_session(member=lan, at=NOON)

    ends = run_concurrently(*[partial(refresh, token=first.refresh, at=NOON)] * 16)

    (successor,) = {given.refresh for _session, given in ends}
    refresh(token=successor, at=NOON)
    assert MemberSession.objects.get().ended_at is None


def test_a_repeated_and_a_new_refresh_leave_the_newest_token_valid(lan: Member) -> None:
    _, first = open_session(member=lan, at=NOON)
    _, second = refresh(token=first.refresh, at=NOON)

    for _ in range(8):
        ends = run_concurrently(
            partial(refresh, token=first.refresh, at=NOON),
            partial(refresh, token=second.refresh, at=NOON),
        )
        assert not [end for end in ends if isinstance(end, Exception)]

    _, third = ends[1]
    refresh(token=third.refresh, at=NOON)
    assert MemberSession.objects.get().ended_at is None


def test_control_without_the_lock_a_repeated_refresh_signs_the_device_out(lan: Member) -> None:
    _, first = open_session(member=lan, at=NOON)
    _, second = refresh(token=first.refresh, at=NOON)
    read, new_saved = threading.Barrier(2), threading.Event()

    def naive(token: str, *, waits: bool, at: datetime = NOON) -> str:
        session_id, number = read_refresh(token)
        session = MemberSession.objects.select_related("member").get(public_id=session_id)
        read.wait(30)
        if waits:
            assert new_saved.wait(30)
        successor = _rotate(session, number, at)
        session.save()
        new_saved.set()
        return tokens(session, number=successor or 0, at=at).refresh

    _, third = run_concurrently(
        partial(naive, first.refresh, waits=True), partial(naive, second.refresh, waits=False)
    )

    refusal = run_concurrently(partial(refresh, token=third, at=NOON))[0]
    assert isinstance(refusal, SessionRevoked)
