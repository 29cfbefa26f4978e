"""Refresh tokens: lost answers and parallel requests log nobody out, a stolen token ends all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from members.models import Member, MemberSession
from members.sessions.services import open_session as sign_in
from members.sessions.services import refresh
from members.sessions.tokens import (
    SessionRevoked,
    TokenExpired,
    TokenInvalid,
    session_of_access,
)
from tests.cast import NOON

pytestmark = pytest.mark.django_db
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


def first_token(member: Member) -> str:
    _session, tokens = sign_in(member=member, at=NOON)
    return tokens.refresh


def test_each_refresh_gives_the_next_token(lan: Member) -> None:
    seen = [first_token(lan)]

    for hour in range(1, 4):
        _session, tokens = refresh(token=seen[-1], at=NOON + hour * HOUR)
        seen.append(tokens.refresh)

    assert len(set(seen)) == 4
    assert session_of_access(tokens.access, at=NOON + 3 * HOUR)


def test_a_repeated_refresh_gives_the_same_successor(lan: Member) -> None:
    token = first_token(lan)

    successors = {refresh(token=token, at=NOON + n * HOUR)[1].refresh for n in range(24)}

    assert len(successors) == 1


def test_the_token_before_has_30_seconds(lan: Member) -> None:
    old = first_token(lan)
    _, new = refresh(token=old, at=NOON)
    refresh(token=new.refresh, at=NOON + HOUR)

    _, again = refresh(token=old, at=NOON + HOUR + 30 * SECOND)

    assert again.refresh == new.refresh


def test_a_later_use_of_an_old_token_ends_the_session(lan: Member) -> None:
    old = first_token(lan)
    _, new = refresh(token=old, at=NOON)
    _, newest = refresh(token=new.refresh, at=NOON + HOUR)

    with pytest.raises(SessionRevoked):
        refresh(token=old, at=NOON + HOUR + 31 * SECOND)

    with pytest.raises(SessionRevoked):
        refresh(token=newest.refresh, at=NOON + HOUR + 32 * SECOND)
    assert MemberSession.objects.get().end_reason == "reused"


def test_a_token_whose_successor_never_came_back_works_for_a_day(lan: Member) -> None:
    token = first_token(lan)
    refresh(token=token, at=NOON)

    refresh(token=token, at=NOON + 24 * HOUR)

    with pytest.raises(SessionRevoked):
        refresh(token=token, at=NOON + 24 * HOUR + SECOND)


@pytest.mark.parametrize("token", ["", "a.b.c", "é.1.x", "a.99999999999.x", "a.1"])
def test_a_token_of_nobody_is_refused(db: None, token: str) -> None:
    with pytest.raises(TokenInvalid):
        refresh(token=token, at=NOON)


def test_a_tampered_token_is_refused(lan: Member) -> None:
    session, _number, signature = first_token(lan).split(".")

    with pytest.raises(TokenInvalid):
        refresh(token=f"{session}.1.{signature}", at=NOON)
    assert MemberSession.objects.get().ended_at is None


def test_an_access_token_lasts_15_minutes(lan: Member) -> None:
    session, tokens = sign_in(member=lan, at=NOON)

    assert session_of_access(tokens.access, at=NOON + 899 * SECOND) == session.public_id
    with pytest.raises(TokenExpired):
        session_of_access(tokens.access, at=NOON + 900 * SECOND)
    with pytest.raises(TokenInvalid):
        session_of_access(tokens.access + "x", at=NOON)


def test_each_refresh_prolongs_the_session(lan: Member) -> None:
    token = first_token(lan)

    for day in (80, 160, 240):
        _session, tokens = refresh(token=token, at=NOON + day * 24 * HOUR)
        token = tokens.refresh

    with pytest.raises(SessionRevoked):
        refresh(token=token, at=NOON + (240 + 90) * 24 * HOUR)


def test_a_short_session_is_not_prolonged(lan: Member) -> None:
    _session, tokens = sign_in(member=lan, at=NOON, lifetime=HOUR)

    _session, again = refresh(token=tokens.refresh, at=NOON + HOUR - SECOND)

    with pytest.raises(SessionRevoked):
        refresh(token=again.refresh, at=NOON + HOUR)
