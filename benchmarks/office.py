"""Measure the back office: home, lists, pages of a person and reports of a shop of years."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from statistics import median
from time import perf_counter

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import override_settings
from django.urls import include, path, reverse

from backoffice import office
from benchmarks import shop, stage
from benchmarks.past_orders import add_credited
from benchmarks.report import Row, Section, median_with_range
from benchmarks.sizes import COMMISSIONS_PER_ORDER, LEADERS, OLDER_ORDERS, scaled
from closing import day_flows
from common import clock
from common.batches import run_until_idle
from distribution.models import Distributor
from members.models import User
from reports.admin.catalogue import REPORTS
from reports.folding.movements import fold_transfers
from reports.services import rebuild

OFFICE = "bench_office"
MEMBERS = scaled(200_000, least=1_000)
DAYS = 180
VISITS = scaled(15, least=3)
HOME_MS, LIST_MS, PERSON_MS = 400, 300, 400
LISTS = (
    "orders.order", "commissions.commission", "members.member", "distribution.distributor",
    "distribution.binding", "ledger.transfer", "ledger.account", "withdrawals.withdrawal",
)  # fmt: skip
EMPTY_PAGE = "/admin/bench-empty/"

_MORE_MEMBERS = """
INSERT INTO members_member (id, public_id, nickname, province, city, joined_at)
SELECT id, substr(md5('member' || id), 1, 20), 'Member ' || id, '', '', %(opened)s
FROM generate_series((SELECT max(id) + 1 FROM members_member), %(last)s) AS id;
SELECT setval(pg_get_serial_sequence('members_member', 'id'), %(last)s)
"""


def empty_page(request: HttpRequest) -> HttpResponse:
    """The frame of the office with nothing in it: what every page costs."""
    return office.render(request, "admin/base_site.html", title="Empty")


def _urls() -> list[object]:
    from django.contrib import admin  # noqa: PLC0415 - the site is ready by now

    return [
        path(EMPTY_PAGE.strip("/") + "/", admin.site.admin_view(empty_page)),
        path("", include("config.urls")),
    ]


@override_settings(ROOT_URLCONF="benchmarks.office", ALLOWED_HOSTS=["testserver"], DEBUG=False)
def measure() -> Section:
    logging.disable(logging.INFO)
    with stage.seeded(OFFICE, on=shop.SHOP):
        _seed()
    with stage.fresh(OFFICE):
        client = Client()
        client.force_login(User.objects.get(username="boss"))
        client.cookies["django_language"] = "zh-hans"
        times = {name: _measure(client, name, url) for name, url in _pages().items()}
    empty = median(times.pop("empty page"))
    return Section(
        "The back office",
        f"{OLDER_ORDERS * COMMISSIONS_PER_ORDER:,} commissions of {DAYS} days, and {MEMBERS:,} "
        "members. In one process, through all middleware, without a socket, as an administrator, "
        f"in Chinese. {VISITS} visits of each page; medians, the range in brackets, and how many "
        f"times as long as the frame with nothing in it, which takes {empty:,.0f} ms.",
        [
            Row(
                name,
                f"{median_with_range(values, ' ms', 0)}, {median(values) / empty:.1f} ×",
                f"≤ {_goal(name)} ms",
                median(values) <= _goal(name),
            )
            for name, values in times.items()
        ],
    )


def _goal(name: str) -> int:
    return HOME_MS if name == "home" else PERSON_MS if name.startswith("person") else LIST_MS


def _pages() -> dict[str, str]:
    """Return the addresses of what is measured, by name."""
    leader = Distributor.objects.order_by("pk")[0]
    below = Distributor.objects.order_by("pk")[LEADERS]
    year = {"first": f"{_today() - timedelta(days=364)}", "last": f"{_today()}"}
    return {
        "empty page": EMPTY_PAGE,
        "home": reverse("admin:index"),
        **{
            f"list of {model}": reverse(f"admin:{model.replace('.', '_')}_changelist")
            for model in LISTS
        },
        "person, a leader": reverse("admin:members_member_change", args=[leader.member_id]),
        "person, a distributor": reverse("admin:members_member_change", args=[below.member_id]),
        **{
            f"report {name}, a year": f"{office.url('reports')}?report={name}"
            f"&first={year['first']}&last={year['last']}"
            for name in REPORTS
        },
    }


def _measure(client: Client, name: str, url: str) -> list[float]:
    """Return the milliseconds of each visit, after one that warms the caches."""
    print(f"office: {name} …", flush=True)
    times = []
    for number in range(VISITS + 1):
        started = perf_counter()
        response = client.get(url)
        content = response.content
        took = 1_000 * (perf_counter() - started)
        assert response.status_code == 200, (name, response.status_code)
        assert content
        if number:
            times.append(took)
    return times


def _seed() -> None:
    until = datetime.combine(_today() - timedelta(days=1), datetime.min.time(), UTC)
    with connection.cursor() as cursor:
        cursor.execute(_MORE_MEMBERS, {"opened": shop.OPENED, "last": MEMBERS})
    add_credited(OLDER_ORDERS, until=until, days=DAYS)
    run_until_idle(fold_transfers)
    run_until_idle(day_flows.fold)
    rebuild()
    User.objects.create_superuser("boss", may_review_from=shop.OPENED)


def _today() -> date:
    return clock.business_day(clock.now())


urlpatterns = _urls()
