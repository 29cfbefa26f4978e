"""Members are found by any part of the nickname, a whole id, or the whole phone number."""

from __future__ import annotations

import pytest
from django.db import connection

from common import encryption
from members.models import Identity, Member
from members.profiles import save_phone
from members.search import best_members, members_by_name, normalised_phone, search_members
from tests.cast import NOON, member
from tests.members.admin.merging import merge

pytestmark = pytest.mark.django_db


def named(nickname: str) -> Member:
    row = member(nickname or "nameless")
    Member.objects.filter(pk=row.pk).update(nickname=nickname)
    return Member.objects.get(pk=row.pk)


@pytest.mark.parametrize(
    "term",
    ["欧", "阳", "欧阳", "阳修", "欧阳修", "mei", "MEI", "Me", "e", "修Mei", " 欧阳".strip()],
)
def test_any_part_of_the_nickname_finds(term: str) -> None:
    ouyang = named("欧阳修Mei")
    named("王安石")
    assert [*search_members(term)] == [ouyang]


@pytest.mark.parametrize("term", ["欧修", "iM", "%", "_", "欧%修", "'", "\\", "💎x"])
def test_what_is_not_in_the_nickname_finds_nothing(term: str) -> None:
    named("欧阳修Mei")
    assert not search_members(term).exists()


def test_a_nickname_of_signs_is_found_by_its_signs() -> None:
    odd = named("100%_\\'💎")
    for term in ("%", "_", "\\", "'", "💎", "0%_"):
        assert [*search_members(term)] == [odd], term


def test_ids_are_found_whatever_their_case(mei: Member, lan: Member) -> None:
    for term in (mei.public_id, mei.public_id.upper(), "mei"):
        assert [*search_members(term)] == [mei]


@pytest.mark.parametrize(
    "term", ["13800000001", "+86 138 0000 0001", "8613800000001", "138-0000-0001"]
)
def test_a_phone_number_is_found_as_people_write_it(mei: Member, lan: Member, term: str) -> None:
    save_phone(member=mei, number="13800000001", at=NOON)
    assert [*search_members(term)] == [mei]


def test_a_part_of_a_phone_number_finds_nobody(mei: Member) -> None:
    save_phone(member=mei, number="13800000001", at=NOON)
    assert not search_members("1380000000").exists()
    assert not search_members("0001").exists()


@pytest.mark.parametrize(
    ("term", "number"),
    [("+85291234567", "+85291234567"), ("mei", ""), ("123", ""), ("13800000001", "13800000001")],
)
def test_numbers_of_other_countries_keep_their_code(term: str, number: str) -> None:
    assert normalised_phone(term) == number


def test_whole_nicknames_only_where_a_whole_one_is_asked(mei: Member) -> None:
    named("Mei mei")
    assert [*members_by_name("Mei")] == [mei]


def test_the_best_come_first_and_the_merged_as_their_survivors(mei: Member) -> None:
    later = [named(f"小{name}") for name in ("梅", "兰")]
    first = named("梅花")
    old = named("老梅")
    merge(old, into=mei)
    found = best_members("梅", 10)
    assert found == [first, mei, later[0]] or found == [first, later[0], mei]
    assert best_members("小", 1) == [later[1]]


def test_two_of_one_name_differ_by_their_number_at_the_mall() -> None:
    one, other = named("李雷"), member("lei")
    Member.objects.filter(pk=other.pk).update(nickname="李雷")
    numbers = {row.pk: row.mall_identities[0].external_id for row in best_members("李雷", 5)}
    assert numbers == {one.pk: "李雷", other.pk: "lei"}
    assert Identity.objects.count() == 2


@pytest.mark.slow
def test_the_index_answers_a_rare_name() -> None:
    for count in range(300):
        named(f"member {count}")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE members_member")
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = Member.objects.nicknamed("欧阳").explain()
    assert "member_nickname_grams" in plan


def test_a_fingerprint_is_not_a_phone_number(mei: Member) -> None:
    save_phone(member=mei, number="13800000001", at=NOON)
    assert not search_members(encryption.fingerprint("13800000001")).exists()
