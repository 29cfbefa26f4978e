"""How far visits of shares get, and on which pages they end."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from members.models import Member
from reports.folding.visits import fold_visits
from reports.funnels import ChannelFunnel, Visits, by_channel, by_page
from reports.models import VisitDelta
from reports.services import differences
from reports.spans import Span
from sharing.models import Share
from sharing.services import record_page
from tests.reports.folding import fold_all
from tests.reports.sharers import VISITED, a_share, a_visit, sign_in
from tests.shop import DAY, ingest, open_shop, order

pytestmark = pytest.mark.django_db
NOVEMBER = Span(date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture
def share(db: None) -> Share:
    open_shop()
    return a_share("Lan")


def pages(span: Span = NOVEMBER) -> dict[str, Visits]:
    fold_all()
    return dict(by_page(span))


def see(share: Share, *paths: str, **visit: object) -> str:
    """Visit a share and then these pages; return the visitor's anonymous id."""
    seen = a_visit(share, **visit)  # type: ignore[arg-type]
    assert seen.visit
    for path in paths:
        record_page(visit=seen.visit.public_id, path=path, at=VISITED)
    return seen.anonymous_id


def test_a_visit_ends_on_the_last_page_that_it_saw(share: Share) -> None:
    see(share)
    see(share, "/p/abc123", "/join")
    see(share, "/p/zzz999/")

    assert pages() == {
        "": Visits(3, 2, 0), "/p/*": Visits(2, 1, 0), "/join": Visits(1, 0, 0),
    }  # fmt: skip
    assert [row.ended for row in pages().values()] == [1, 1, 1]
    assert pages()[""].exit_rate == 3_333
    assert differences() == []


def test_a_page_that_is_seen_twice_counts_once_and_ends_a_visit_if_it_is_the_last(
    share: Share,
) -> None:
    see(share, "/p/abc123", "/join", "/p/abc124")

    assert pages()["/p/*"] == Visits(1, 0, 0)
    assert pages()["/join"] == Visits(1, 1, 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "counted"),
    [
        ("/s/AbCdEfGhJk", "/s/*"), ("/u/lanlan", "/u/*"), ("/goods/12345", "/goods/*"),
        ("/goods/a-very-long-name-of-goods", "/goods/*"), ("/materials", "/materials"),
        ("/shop/cart", "/shop/cart"),
    ],
)  # fmt: skip
def test_ids_are_taken_out_of_paths(share: Share, path: str, counted: str) -> None:
    see(share, path)

    assert set(pages()) == {"", counted}


def test_steps_lead_from_the_share_to_the_order(share: Share) -> None:
    anonymous = see(share, "/p/abc123")
    see(share)
    hua = sign_in("Hua", anonymous_id=anonymous)
    ingest(order(hua))
    fold_all()

    funnel = by_channel(NOVEMBER)["chat"]

    assert list(funnel.steps().values()) == [1, 2, 1, 1, 1, 1]
    assert sum(by_channel(NOVEMBER).values(), ChannelFunnel()).steps() == funnel.steps()
    assert differences() == []


def test_channels_are_counted_apart_those_with_most_visits_first(share: Share) -> None:
    poster = a_share("Mei", channel="poster", template="tpl-1")
    see(poster)
    see(poster)
    see(share, at=VISITED + DAY)
    fold_all()

    assert [(key, row.visits.visits) for key, row in by_channel(NOVEMBER).items()] == [
        ("poster", 2), ("chat", 1),
    ]  # fmt: skip
    assert by_channel(Span(date(2026, 12, 1), date(2026, 12, 2))) == {}


def test_bots_and_own_visits_leave_no_step(share: Share) -> None:
    a_visit(share, agent="Googlebot/2.1")
    a_visit(share, by=Member.objects.get(nickname="Lan"))

    assert pages() == {}


def test_steps_are_folded_in_pieces(share: Share) -> None:
    see(share, "/p/abc123", "/join")
    while fold_visits(limit=1):
        assert differences() == []

    assert not VisitDelta.objects.exists()
    assert pages()["/join"] == Visits(1, 0, 0)


def test_a_changed_row_is_found(share: Share) -> None:
    see(share)
    fold_all()

    with connection.cursor() as cursor:
        cursor.execute("UPDATE reports_visitfigures SET further = 9 WHERE kind = 'page'")

    assert [text.split(":")[0] for text in differences()] == ["visits of page , 2026-11-01"]
