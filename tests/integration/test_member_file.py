"""A file of members: the check says what the service of the API would refuse or change."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from backoffice.imports import ROW, Finding, Row, RowRefused
from distribution.models import Binding, Distributor, Referral
from integration.member_file import apply_members, check_members
from members.closing import close_member
from members.models import Member, User
from tests.cast import CLOCK, link, member
from tests.integration.test_merges import merge
from tests.shop import referral_chain

pytestmark = pytest.mark.django_db

JOINED = "2025/1/5 9:03"


def rows(*cells: dict[str, str]) -> list[Row]:
    return [Row(line, each) for line, each in enumerate(cells, start=2)]


def check(*cells: dict[str, str]) -> list[Finding]:
    return check_members(rows(*cells), at=CLOCK, progress=lambda _count: None)


def outcomes(*cells: dict[str, str]) -> list[str]:
    return [str(finding.outcome) for finding in check(*cells)]


def problems(*cells: dict[str, str]) -> dict[str, str]:
    """Return what is wrong with the last row, in English."""
    with translation.override("en"):
        return {name: str(text) for name, text in check(*cells)[-1].problems.items()}


def apply(by: User, *cells: dict[str, str]) -> None:
    for row in rows(*cells):
        apply_members([row], by=by, at=CLOCK)


def person(name: str, **cells: str) -> dict[str, str]:
    return {"external_id": name, **cells}


MEI = person("mei", nickname="梅", joined_at=JOINED, distributor="是")
LAN = person("lan", joined_at=JOINED, distributor="1", referrer="mei", bound_at=JOINED)
BO = person("bo", joined_at=JOINED, referrer="lan")


def test_a_file_moves_a_team_in(qian: User) -> None:
    assert outcomes(MEI, LAN, BO) == ["new", "new", "new"]

    apply(qian, MEI, LAN, BO)

    assert (Member.objects.count(), Distributor.objects.count()) == (3, 2)
    uplines = dict(
        Binding.objects.values_list(
            "member__identities__external_id", "distributor__member__nickname"
        )
    )
    assert uplines == {"lan": "梅", "bo": ""}
    assert outcomes(MEI, LAN, BO) == ["unchanged"] * 3


def test_applying_again_changes_nothing(qian: User) -> None:
    apply(qian, MEI, LAN, BO)
    before = [list(model._default_manager.order_by("pk").values()) for model in (Member, Referral)]

    apply(qian, MEI, LAN, BO)

    after = [list(model._default_manager.order_by("pk").values()) for model in (Member, Referral)]
    assert after == before


def test_what_changes_is_shown_with_what_is_stored(qian: User) -> None:
    apply(qian, MEI, person("lan", nickname="兰", joined_at="2026/1/5 9:03"))
    (_mei, lan) = check(MEI, LAN | {"nickname": "小兰", "city": ""})

    assert str(lan.outcome) == "changed"
    with translation.override("en"):
        assert {name: str(text) for name, text in lan.old.items()} == {
            "nickname": "兰", "joined_at": "2026/01/05 09:03:00", "distributor": "no",
            "referrer": "–",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "value", "sentence"),
    [
        ("external_id", "2.5E+17", "dropped its last digits"),
        ("joined_at", "3/11/2025", "which is the day"),
        ("joined_at", "2999/1/1", "is impossible"),
        ("joined_at", "2100/1/1 9:00", "cannot be"),
        ("distributor", "maybe", "Write yes or no"),
        ("bound_at", JOINED, "Give the referrer, too."),
        ("nickname", "梅" * 81, "more than 80 characters"),
        ("referrer", "'0123", "starts with an apostrophe"),
        ("referrer", "nobody", "There is no member “nobody”"),
        ("referrer", "chen", "Nobody refers themselves."),
    ],
)
def test_a_wrong_cell_has_its_sentence(cell: str, value: str, sentence: str) -> None:
    found = problems(person("chen", **{cell: value}))

    assert list(found) == [cell]
    assert sentence in found[cell]


def test_a_sentence_is_in_the_language_of_its_reader() -> None:
    (finding,) = check(person("chen", joined_at="3/11/2025"))

    with translation.override("zh-hans"):
        assert "年" in str(finding.problems["joined_at"])


def test_an_id_stands_in_one_row() -> None:
    found = check(MEI, BO | {"referrer": ""}, MEI)

    assert [str(each.outcome) for each in found] == ["wrong", "new", "wrong"]


def test_a_referrer_stands_above() -> None:
    found = check(LAN, MEI)
    with translation.override("en"):
        assert "is in line 3, below" in str(found[0].problems["referrer"])


def test_a_binding_before_the_member_joined_is_refused() -> None:
    found = problems(MEI, LAN | {"bound_at": "2025/1/4 9:00"})

    assert list(found) == ["bound_at"]


REFUSED: dict[str, dict[str, str]] = {
    "another referrer": {"external_id": "bo", "referrer": "chen"},
    "another moment": {"external_id": "bo", "referrer": "lan", "bound_at": "2026/11/9 9:00"},
    "a circle": {"external_id": "mei", "referrer": "lan"},
    "before the referrer was a distributor": {
        "external_id": "chen", "referrer": "lan", "joined_at": JOINED, "bound_at": JOINED,
    },
    "in the future": {"external_id": "chen", "joined_at": "2027/12/1 9:00"},
    "an unknown referrer": {"external_id": "chen", "referrer": "nobody"},
    "themselves": {"external_id": "chen", "referrer": "chen"},
}  # fmt: skip


@pytest.fixture
def chain(db: None) -> None:
    """Mei refers Lan, Lan refers Bo; Chen is a stranger."""
    referral_chain("Mei", "Lan", "Bo")
    member("Chen")


@pytest.mark.parametrize("cells", REFUSED.values(), ids=REFUSED)
def test_the_check_refuses_what_the_service_refuses(
    chain: None, qian: User, cells: dict[str, str]
) -> None:
    """The check reads; the service decides. Neither may let through what the other refuses."""
    assert outcomes(cells) == ["wrong"]
    before = [Member.objects.count(), Referral.objects.count(), Binding.objects.count()]

    with pytest.raises(RowRefused):
        apply(qian, cells)

    assert [Member.objects.count(), Referral.objects.count(), Binding.objects.count()] == before


ACCEPTED: dict[str, dict[str, str]] = {
    "the same referrer": {"external_id": "bo", "referrer": "lan"},
    "a distributor again": {"external_id": "lan", "distributor": "是"},
    "no demotion": {"external_id": "lan", "distributor": "否"},
    "nothing said": {"external_id": "bo", "nickname": "", "joined_at": ""},
}


@pytest.mark.parametrize("cells", ACCEPTED.values(), ids=ACCEPTED)
def test_what_is_known_is_unchanged(chain: None, qian: User, cells: dict[str, str]) -> None:
    assert outcomes(cells) == ["unchanged"]
    apply(qian, cells)
    assert Distributor.objects.get(member__nickname="Lan").status == "active"


def test_a_referrer_who_is_no_distributor_is_remembered(chain: None, qian: User) -> None:
    cells = person("chen", referrer="bo")

    assert outcomes(cells) == ["changed"]
    apply(qian, cells)
    assert Referral.objects.filter(member__nickname="Chen").exists()
    assert not Binding.objects.filter(member__nickname="Chen").exists()


def test_a_circle_within_the_file_is_refused(chain: None) -> None:
    found = problems(person("new", referrer="lan", distributor="1"), person("mei", referrer="new"))

    assert "circle" in found["referrer"]


def test_a_closed_account_is_refused(chain: None, qian: User) -> None:
    close_member(member=member("Chen"), at=CLOCK)
    cells = person("chen", nickname="晨")

    assert list(problems(cells)) == [ROW]
    with pytest.raises(RowRefused):
        apply(qian, cells)
    assert not Member.objects.filter(nickname="晨").exists()


def test_the_ids_of_merged_members_are_those_of_the_survivor(chain: None, qian: User) -> None:
    merge(member("Chen"), member("Bo"))

    assert outcomes(person("chen", nickname="Bo")) == ["unchanged"]
    assert outcomes(person("new", referrer="chen")) == ["new"]


def test_nobody_makes_themselves_a_distributor(chain: None, qian: User) -> None:
    link(qian, member("Chen"))

    with pytest.raises(RowRefused):
        apply(qian, person("chen", distributor="1"))

    assert not Distributor.objects.filter(member__nickname="Chen").exists()


def test_the_check_costs_the_same_for_many_rows(chain: None) -> None:
    def queries(count: int) -> int:
        cells = [person(f"m{number}", referrer="lan") for number in range(count)]
        with CaptureQueriesContext(connection) as seen:
            check(*cells)
        return len(seen)

    assert queries(500) == queries(1)
