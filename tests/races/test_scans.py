"""A thousand scans of one poster at once: visits are exact, and nobody waits for the sharer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.db.utils import OperationalError

from distribution.models import Binding
from members.models import Member
from reports.folding.periods import fold_periods
from reports.folding.shares import fold_shares
from reports.models import ShareFigures
from reports.services import differences
from reports.shares import share_report
from sharing.models import Share, Visit
from sharing.visitors import new_anonymous_id
from tests.cast import NOON, member
from tests.reports.sharers import VISITED, a_share, a_visit
from tests.shop import PLACED, ingest, open_shop, order

SCANS, AT_ONCE, MEMBERS = 1_000, 25, 100
# Every row that belongs to the sharer, who is member %(member)s.
ROWS_OF_SHARER = {
    "members_member": "id = %(member)s",
    "distribution_distributor": "member_id = %(member)s",
    "distribution_distributorperiod": "distributor_id = (SELECT id FROM distribution_distributor"
    " WHERE member_id = %(member)s)",
    "sharing_share": "member_id = %(member)s",
    "ledger_account": "member_id = %(member)s",
    "reports_sharefigures": "true",
    "reports_periodfigures": "true",
    "reports_teamsize": "true",
}


@pytest.fixture
def poster(committed: str) -> Share:
    """Lan's poster; everything of hers that can be folded is."""
    bo = open_shop()
    ingest(order(bo))
    poster = a_share("Lan", channel="poster", template="tpl-1")
    a_visit(poster)
    while fold_periods() or fold_shares():
        pass
    return poster


def run_scans(scans: list[Callable[[], Any]]) -> list[Any]:
    """Run scans, ``AT_ONCE`` of them at a time; return their results or exceptions."""

    def run(scan: Callable[[], Any]) -> Any:
        try:
            return scan()
        except Exception as raised:  # noqa: BLE001 - handed to the test
            return raised

    def close(_number: int) -> None:
        connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(run, scans))
        list(pool.map(close, range(AT_ONCE * 4)))
    return results


@contextmanager
def sharer_is_read_by_others(sharer: int) -> Iterator[None]:
    """Hold a shared lock on every row of the sharer: who updates one waits, and fails."""
    versions = _versions(sharer)
    with transaction.atomic():
        with connection.cursor() as cursor:
            for table, condition in ROWS_OF_SHARER.items():
                cursor.execute(
                    f"SELECT 1 FROM {table} WHERE {condition} FOR SHARE", {"member": sharer}
                )
        yield
    assert _versions(sharer) == versions


def _versions(sharer: int) -> dict[str, list[Any]]:
    """Return the version of each row: an UPDATE moves it."""
    with connection.cursor() as cursor:
        found = {}
        for table, condition in ROWS_OF_SHARER.items():
            cursor.execute(
                f"SELECT ctid::text, xmin::text FROM {table} WHERE {condition} ORDER BY 1",
                {"member": sharer},
            )
            found[table] = cursor.fetchall()
        return found


def impatient(action: Callable[[], Any]) -> Any:
    """Run an action that fails instead of waiting long for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '20s'")
    return action()


def test_a_thousand_scans_are_counted_and_nobody_waits_for_the_sharer(poster: Share) -> None:
    people = [member(f"Visitor {number}") for number in range(MEMBERS)]
    anonymous = [new_anonymous_id(VISITED) for _ in range(200)]
    # Each person scans five times at once; each anonymous visitor two and a half times.
    scans = [partial(a_visit, poster, by=people[number % MEMBERS]) for number in range(500)]
    scans += [
        partial(a_visit, poster, anonymous_id=anonymous[number % 200]) for number in range(500)
    ]
    mixed = [scans[(number * 617) % SCANS] for number in range(SCANS)]

    with sharer_is_read_by_others(poster.member_id):
        results = run_scans([partial(impatient, scan) for scan in mixed])

    assert [row for row in results if isinstance(row, Exception)] == []
    assert sum(row.is_new for row in results) == MEMBERS + 200
    assert Visit.objects.filter(share=poster).count() == 1 + MEMBERS + 200
    bound = Binding.objects.filter(distributor__member=poster.member, member__in=people)
    assert bound.count() == bound.values("member").distinct().count() == MEMBERS
    assert set(bound.values_list("evidence_kind", flat=True)) == {"sharing.visit"}
    assert share_report(poster, first=NOON.date(), last=NOON.date()).life.visits == 301
    while fold_shares(limit=7):
        pass
    assert ShareFigures.objects.get(kind="template", day="1970-01-01").visits == 301
    assert differences() == []


def test_control_a_counter_on_the_share_makes_its_row_hot(poster: Share) -> None:
    """Show that the lock of the test above finds it when a scan updates a row of the sharer."""

    def count(table: str, column: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '100ms'")
            cursor.execute(f"UPDATE {table} SET {column} = {column}")

    with sharer_is_read_by_others(poster.member_id):
        results = run_scans(
            [
                partial(count, "sharing_share", "label"),
                partial(count, "members_member", "nickname"),
                partial(count, "reports_sharefigures", "visits"),
            ]
        )

    assert [type(row) for row in results] == [OperationalError] * 3


def test_orders_and_folds_of_one_share_lose_nothing(poster: Share) -> None:
    people = [member(f"Visitor {number}") for number in range(20)]
    for person in people:
        a_visit(poster, by=person)
    jobs: list[Callable[[], Any]] = [
        partial(ingest, order(person, number=f"S-{person.pk}", placed_at=PLACED))
        for person in people
    ]
    jobs += [partial(fold_shares, limit=3) for _ in range(20)]
    jobs += [partial(a_visit, poster) for _ in range(20)]

    with sharer_of_shares(poster):
        results = run_scans([jobs[(number * 23) % 60] for number in range(60)])

    assert [row for row in results if isinstance(row, Exception)] == []
    assert differences() == []
    report = share_report(poster, first=PLACED.date(), last=PLACED.date())
    assert (report.life.orders, report.life.earned) == (20, 20 * 1_099)
    assert Member.objects.get(nickname="Lan").orders.count() == 0


@contextmanager
def sharer_of_shares(poster: Share) -> Iterator[None]:
    """Hold a shared lock on the share: an order that came by it must not update it."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM sharing_share WHERE id = %s FOR SHARE", [poster.pk])
        yield
