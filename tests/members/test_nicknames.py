"""Nicknames with characters that turn the words beside them around."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from members.models import Identity, Member
from members.profiles import change_profile
from members.search import search_members
from members.services import Newcomer, join, join_many
from tests.cast import NOON, member

pytestmark = pytest.mark.django_db

TURNED = "\u202e波\u2066\u200f小姐\u2069\u061c"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
"""One picture: the characters between its parts are no directions."""


def stored(who: Member) -> str:
    return Member.objects.values_list("nickname", flat=True).get(pk=who.pk)


def test_no_nickname_turns_the_text_behind_it(mei: Member) -> None:
    joined, _created = join(
        provider=Identity.Provider.MALL, external_id="t-1", nickname=TURNED, at=NOON
    )
    many = join_many(Identity.Provider.MALL, [Newcomer("t-2", NOON, TURNED)])
    changed = change_profile(member=mei, nickname=TURNED, at=datetime(2026, 12, 1, tzinfo=UTC))
    Member.objects.filter(pk=member("Lan").pk).update(nickname=TURNED)

    assert {joined.nickname, changed.nickname} == {"波小姐"}
    assert {stored(who) for who in (joined, *many.values(), mei, member("Lan"))} == {"波小姐"}


def test_it_is_found_as_it_is_stored(mei: Member) -> None:
    Member.objects.filter(pk=mei.pk).update(nickname=TURNED)

    assert list(search_members("波小姐")) == [mei]


def test_pictures_of_several_characters_stay_whole(mei: Member) -> None:
    Member.objects.filter(pk=mei.pk).update(nickname=FAMILY)

    assert stored(mei) == FAMILY
