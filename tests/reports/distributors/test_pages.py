"""The pages of teams, the ranking and the comparison: who sees them, what they show and refuse."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from python_calamine import load_workbook

from backoffice.models import Export
from common import clock
from distribution.models import Distributor
from members.models import Member, User
from reports.distributors import team_list
from reports.models import PeriodFigures
from reports.periods import LIFE, Period
from tests.cast import give, member
from tests.reports.distributors.shop import of, open_team
from tests.reports.folding import fold_all
from tests.shop import distributor, make_referral

pytestmark = pytest.mark.django_db
TEAM, RANKING, COMPARE = "/admin/team/", "/admin/ranking/", "/admin/compare/"
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def mei(db: None) -> Distributor:
    root = open_team()
    fold_all()
    return root


@pytest.fixture
def reader(as_qian: Client, qian: User) -> Client:
    """Qian may see distributors and members, and export nothing."""
    give(qian, "view_distributor", "view_member")
    return as_qian


def sold(own: Distributor, sales: int) -> None:
    today = clock.business_day(clock.now())
    for period, start in ((Period.MONTH, today.replace(day=1)), (Period.ALL, LIFE)):
        PeriodFigures.objects.update_or_create(
            distributor=own, period=period, start=start, asset="cash",
            defaults={"sales": sales, "orders": 1, "income": sales // 10},
        )  # fmt: skip


@pytest.mark.parametrize("path", [TEAM, RANKING, COMPARE])
def test_a_page_needs_the_permission(as_qian: Client, qian: User, path: str) -> None:
    assert as_qian.get(path).status_code == 403
    give(qian, "view_distributor")
    assert as_qian.get(path).status_code == 200


@pytest.mark.parametrize("key", ["public_id", "code", "member", "shouted"])
def test_a_team_is_shown_by_any_id_in_any_case(reader: Client, mei: Distributor, key: str) -> None:
    name = {
        "public_id": mei.public_id, "code": mei.code, "member": mei.member.public_id,
        "shouted": mei.public_id.upper(),
    }[key]  # fmt: skip

    page = reader.get(TEAM, {"of": name}, headers=ENGLISH)

    assert [card.title for card in page.context["cards"]] == ["Mei", "Ben", "Ann", "Lan"]
    assert page["Cache-Control"].startswith("no-store")


def test_the_graph_is_a_tree_for_screen_readers(reader: Client, mei: Distributor) -> None:
    key = of("Lan").member.bindings.get().pk

    text = reader.get(TEAM, {"of": mei.code, "open": key}, headers=ENGLISH).content.decode()

    assert text.count('role="treeitem"') == 5
    assert 'aria-expanded="true"' in text
    assert 'aria-level="3"' in text
    assert "Bo, tier 2" in text


def test_a_list_of_each_tier_leads_to_persons(reader: Client, mei: Distributor) -> None:
    first = reader.get(TEAM, {"of": mei.code, "view": "list"}, headers=ENGLISH)
    second = reader.get(TEAM, {"of": mei.code, "view": "list", "tier": 2}, headers=ENGLISH)

    assert {str(row["node"].member) for row in first.context["rows"]} == {"Lan", "Ann", "Ben"}
    [bo] = second.context["rows"]
    assert (str(bo["node"].member), str(bo["node"].via)) == ("Bo", "Lan")
    assert bo["url"] == f"/admin/members/member/{bo['node'].member.pk}/change/"


def test_a_list_is_paged_by_a_cursor(
    reader: Client, mei: Distributor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.distributors.team_list.PAGE_SIZE", 2)
    page = reader.get(TEAM, {"of": mei.code, "view": "list", "sort": "joined"})
    names = [str(row["node"].member) for row in page.context["rows"]]

    last = reader.get(page.context["next_url"])

    assert (names, last.context["next_url"]) == (["Ben", "Ann"], "")
    assert [str(row["node"].member) for row in last.context["rows"]] == ["Lan"]


@pytest.mark.parametrize(
    "given",
    [
        {"of": "nobody"}, {"of": "x" * 5_000}, {"sort": "recruits"},
        {"shown": "9" * 40}, {"open": "²"}, {"after": "NaN", "view": "list"},
        {"after": "1e9999999", "view": "list"}, {"after": "x", "view": "list"},
        {"tier": "3", "view": "list"}, {"q": "%_'\""}, {"q": "x" * 5_000},
        {"focus": "9" * 25},
    ],
    ids=str,
)  # fmt: skip
def test_odd_addresses_are_answered(reader: Client, mei: Distributor, given: Any) -> None:
    assert reader.get(TEAM, {"of": mei.code, **given}).status_code == 200


def test_names_are_text_never_markup(reader: Client, mei: Distributor) -> None:
    Member.objects.filter(nickname="Ann").update(nickname='"><script>x</script>\u202e')

    text = reader.get(TEAM, {"of": mei.code}).content.decode()

    assert "<script>x" not in text


def test_a_page_to_choose_leads_to_the_team(reader: Client, mei: Distributor) -> None:
    sold(mei, 10_990)

    page = reader.get(TEAM)
    assert [str(row["place"].distributor) for row in page.context["best"]] == ["Mei"]
    assert reader.get(page.context["best"][0]["url"]).context["root"] == mei
    chosen = reader.get(TEAM, {"of": "Mei"})  # typed, not picked
    assert chosen.status_code == 302
    refused = reader.get(TEAM, {"of": member("Ann").public_id}, headers=ENGLISH)
    assert "Nothing is found by" in refused.content.decode()


def test_the_ranking_of_this_month(reader: Client, mei: Distributor) -> None:
    sold(mei, 500)
    sold(of("Lan"), 900)

    page = reader.get(RANKING, headers=ENGLISH)

    assert [str(row["standing"].distributor) for row in page.context["rows"]] == ["Lan", "Mei"]
    assert [row["meter"] for row in page.context["rows"]] == [100, 55]
    assert page.context["files"] == []  # Qian may not export
    text = page.content.decode()
    assert "¥9.00" in text


@pytest.mark.parametrize(
    "given",
    [
        {"period": "century"}, {"metric": "recruits"}, {"day": "31.12.2026"},
        {"day": "0001-01-01"}, {"day": "9999-12-31"}, {"level": "9" * 30}, {"level": "²"},
        {"period": "week"}, {"period": "day"}, {"period": "all"},
    ],
    ids=str,
)  # fmt: skip
def test_odd_choices_of_the_ranking_are_answered(reader: Client, given: Any) -> None:
    page = reader.get(RANKING, given, headers=ENGLISH)

    assert page.status_code == 200
    assert "Nobody sold anything" in page.content.decode()


def test_an_export_has_a_record_and_needs_the_right(
    reader: Client, qian: User, mei: Distributor
) -> None:
    Member.objects.filter(pk=mei.member_id).update(nickname="=1+1 [x]")
    sold(mei, 123_456)
    for path in (RANKING, f"{TEAM}?of={mei.code}&view=list"):
        assert reader.post(path, {"format": "xlsx"}).status_code == 302
    assert not Export.objects.exists()
    give(qian, "export_list")
    for path in (RANKING, f"{TEAM}?of={mei.code}&view=list"):
        assert reader.post(path, {"format": "xlsx"}).status_code == 302
    assert not Export.objects.exists()
    give(qian, "view_periodfigures", "view_teammember")

    file = reader.post(RANKING, {"format": "xlsx"}, headers=ENGLISH)
    reader.post(f"{TEAM}?of={mei.code}&view=list", {"format": "xlsx"})

    titles, row = load_workbook(io.BytesIO(file.content)).get_sheet_by_index(0).to_python()
    assert titles[2:4] == ["distributor", "invite code"]
    assert (row[2], row[6]) == ("=1+1 [x]", 1234.56)
    exports = Export.objects.order_by("pk").values_list("label", "rows", "by")
    assert list(exports) == [
        ("reports.periodfigures", 1, qian.pk), ("reports.teammember", 3, qian.pk),
    ]  # fmt: skip


def test_a_get_exports_nothing(as_boss: Client, mei: Distributor) -> None:
    as_boss.get(RANKING, {"format": "xlsx"})
    as_boss.get(TEAM, {"of": mei.code, "view": "list", "format": "xlsx"})

    assert not Export.objects.exists()


def test_a_large_team_is_left_to_the_worker(
    as_boss: Client, mei: Distributor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backoffice.export_files.DIRECT_ROWS", 2)

    page = as_boss.post(f"{TEAM}?of={mei.code}&view=list&sort=joined", {"format": "csv"})

    assert (page.status_code, page["Location"]) == (302, "/admin/exports/")
    [export] = Export.objects.all()
    assert (export.status, export.expected_rows) == ("waiting", 3)
    rows = list(team_list.open_stored(QueryDict(export.query)).rows)
    assert [row[0] for row in rows] == ["Ben", "Ann", "Lan"]


def test_far_too_large_a_team_is_refused_in_words(
    as_boss: Client, mei: Distributor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backoffice.export_files.MAX_ROWS", {Export.Format.XLSX: 2})

    page = as_boss.post(
        f"{TEAM}?of={mei.code}&view=list", {"format": "xlsx"}, headers=ENGLISH, follow=True
    )

    assert "Nothing was exported." in page.content.decode()
    assert not Export.objects.exists()


@pytest.mark.parametrize("kind", ["", "pdf"])
def test_other_formats_do_not_exist(as_boss: Client, kind: str) -> None:
    assert as_boss.post(RANKING, {"format": kind}).status_code == 404


def test_two_ticked_distributors_are_compared(reader: Client, mei: Distributor) -> None:
    lan = of("Lan")
    sold(mei, 500)
    sold(lan, 900)

    page = reader.get(COMPARE, {"with": [mei.public_id, lan.public_id]}, headers=ENGLISH)

    assert [str(row["distributor"]) for row in page.context["people"]] == ["Mei", "Lan"]
    ever = page.context["sections"][1]["lines"]
    sales = {str(line["title"]): line["cells"] for line in ever}["Sales"]
    assert [cell["text"] for cell in sales] == ["¥5.00", "¥9.00"]
    assert [cell["is_better"] for cell in sales] == [False, True]
    assert len(page.context["charts"]) == 2


def test_a_comparison_needs_two_different_distributors(reader: Client, mei: Distributor) -> None:
    own, ann = mei.public_id, member("Ann").public_id
    for given, said in (
        ({"first": own, "second": own}, "Choose two different persons."),
        ({"first": own, "second": ann}, "Nothing is found by"),
        ({"first": own, "second": ""}, "This field is required."),
        ({"with": [own, own]}, "Pick two distributors"),
    ):
        page = reader.get(COMPARE, given, headers=ENGLISH)
        assert "people" not in page.context
        assert said in page.content.decode()


def test_the_pages_speak_chinese(reader: Client, mei: Distributor) -> None:
    sold(mei, 500)
    addresses = (
        f"{TEAM}?of={mei.code}", f"{TEAM}?of={mei.code}&view=list", TEAM, RANKING,
        f"{COMPARE}?with={mei.code}&with={of('Lan').code}",
    )  # fmt: skip
    for address in addresses:
        text = reader.get(address, headers={"accept-language": "zh-hans"}).content.decode()
        for word in ("Team of", "Bought", "Sales", "Commission", "Compare", "Ranking", "Orders"):
            assert f">{word}" not in text, (address, word)


def test_more_rows_of_the_ranking_need_no_more_queries(
    reader: Client, mei: Distributor, django_assert_max_num_queries: Any
) -> None:
    for number in range(10):
        own = distributor(member(f"M{number}"))
        make_referral(mei.member, own.member)
        sold(own, number + 1)
    fold_all()
    reader.get(RANKING)

    with django_assert_max_num_queries(14):
        reader.get(RANKING)
    with django_assert_max_num_queries(20):
        reader.get(TEAM, {"of": mei.code})
