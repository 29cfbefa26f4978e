"""Back-test plans on the orders of the last days, by a worker and batch by batch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Max, Min, QuerySet
from django.utils.translation import gettext_lazy as _

from commissions import rules
from commissions.back_testing import Figures, Part, compare
from commissions.models import BackTest, BackTestDistributor, BackTestProduct, Plan
from commissions.plan_cache import plan_terms
from common import status
from common.errors import FAULTS, TwotierError, violated_constraint
from members.models import User
from orders.intake import OrderWithLines
from orders.models import Order

log = structlog.get_logger(__name__)

BATCH = 500
MAX_DAYS = 366
KEPT = 5
"""How many back-tests of a plan are kept, the last ones."""
SUMS = (
    "orders", "lines", "lines_without_cost", "sales", "known_sales", "known_cost", "known_old",
    "known_new",
)  # fmt: skip


class BackTestDaysInvalid(TwotierError):
    code = "back_test_days_invalid"
    message = _("A back-test covers between 1 and %(most)s days. Nothing was started.")
    status = 422


class BackTestRunning(TwotierError):
    code = "back_test_running"
    message = _("A back-test of this plan is running. Wait until it is done.")


@transaction.atomic
def request_back_test(
    *, plan: Plan, days: int, by: User, at: datetime, starts_at: datetime | None = None
) -> BackTest:
    """Queue a back-test of a plan, as it is now, on the paid orders of the last days.

    :param starts_at: from when the plan would be in force; the orders are computed as if the first
        of the days were this one
    :raises BackTestDaysInvalid: not between 1 and ``MAX_DAYS`` days
    :raises BackTestRunning: one of the plan is queued or running
    """
    if not 1 <= days <= MAX_DAYS:
        raise BackTestDaysInvalid(most=MAX_DAYS)
    since = at - timedelta(days=days)
    try:
        with transaction.atomic():
            test = BackTest.objects.create(
                plan=plan, terms=plan_terms(plan).as_json(), requested_by=by, requested_at=at,
                days=days, since=since, until=at, replayed_from=starts_at or at,
            )  # fmt: skip
    except IntegrityError as error:
        if violated_constraint(error) == "backtest_one_open_per_plan":
            raise BackTestRunning from None
        raise
    older = plan.back_tests.order_by("-pk").values_list("pk", flat=True)[KEPT:]
    BackTest.objects.filter(pk__in=list(older)).delete()
    return test


def run_back_tests(*, at: datetime) -> int:
    """Compute a batch of the oldest open back-test; return the number of open ones that are left.

    A batch is added to the sums in one transaction with the cursor, so that each order counts once,
    also after a crash. Several workers take different tests.
    """
    with transaction.atomic():
        open_tests = BackTest.objects.filter(status__in=BackTest.EDITABLE_IN).order_by("pk")
        test = open_tests.select_for_update(skip_locked=True, of=("self",)).first()
        if test is None:
            return 0
        try:
            with transaction.atomic():
                _run_batch(test, at=at)
        except OperationalError:
            raise
        except FAULTS as fault:
            log.exception("back_test_failed", back_test=test.public_id, error=str(fault))
            test.refresh_from_db()
            status.move(test, to=BackTest.Status.FAILED, finished_at=at)
    return open_tests.count()


def _run_batch(test: BackTest, *, at: datetime) -> None:
    if test.status == BackTest.Status.QUEUED:
        keys = _orders(test).aggregate(first=Min("pk"), last=Max("pk"))
        first, last = keys["first"] or 0, keys["last"] or 0
        status.move(
            test, to=BackTest.Status.RUNNING, first_order=first, last_order=last,
            cursor=first - 1,
        )  # fmt: skip
    orders = list(_next_orders(test))
    figures = compare(
        (OrderWithLines(order, tuple(order.lines.all()), order.attribution) for order in orders),
        rules.Plan.from_json(test.terms),
        shift=test.replayed_from - test.since,
    )
    _add_parts(BackTestDistributor._meta.db_table, "distributor_id", test, figures.distributors)
    _add_parts(BackTestProduct._meta.db_table, "product_id", test, figures.products, sales=True)
    _add_figures(test, figures, orders)
    if len(orders) < BATCH:
        status.move(test, to=BackTest.Status.DONE, finished_at=at)


def _orders(test: BackTest) -> QuerySet[Order]:
    return Order.objects.filter(
        placed_at__gte=test.since, placed_at__lt=test.until, paid_at__isnull=False
    )


def _next_orders(test: BackTest) -> QuerySet[Order]:
    """Return the next paid orders by key: the index of the keys finds them without sorting."""
    rows = _orders(test).filter(pk__gt=test.cursor, pk__lte=test.last_order).order_by("pk")
    return rows.select_related("attribution", "terms__plan").prefetch_related("lines")[:BATCH]


def _add_figures(test: BackTest, figures: Figures, orders: list[Order]) -> None:
    for name in SUMS:
        setattr(test, name, getattr(test, name) + getattr(figures, name))
    for asset, amounts in figures.totals.items():
        before = test.totals.get(asset, [0] * len(amounts))
        test.totals[asset] = [sum(pair) for pair in zip(before, amounts, strict=True)]
    if orders:
        test.cursor = orders[-1].pk
    test.save(update_fields=[*SUMS, "totals", "cursor"])


def _add_parts(
    table: str, column: str, test: BackTest, parts: Mapping[int, Part], *, sales: bool = False
) -> None:
    """Add the parts of a batch to the rows of the test, in the order of their keys."""
    names = ["old", "new", "old_points", "new_points", *(["sales"] if sales else [])]
    rows = [(key, parts[key]) for key in sorted(parts) if sales or not parts[key].is_empty]
    if not rows:
        return
    columns = [[key for key, _part in rows]]
    columns += [[getattr(part, name) for _key, part in rows] for name in names]
    arrays = ", ".join(["%s::bigint[]"] * len(columns))
    sums = ", ".join(f"{name} = known.{name} + EXCLUDED.{name}" for name in names)
    sql = f"""
        INSERT INTO {table} AS known (back_test_id, {column}, {", ".join(names)})
        SELECT %s, added.* FROM unnest({arrays}) AS added
        ON CONFLICT (back_test_id, {column}) DO UPDATE SET {sums}
    """  # noqa: S608 - names of this module
    with connection.cursor() as cursor:
        cursor.execute(sql, [test.pk, *columns])
