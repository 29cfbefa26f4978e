"""File orders that contradict what is stored; stop where so many do that the files are suspect."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from integration.mall.files import Files
from integration.mall.history import snapshots_until
from integration.mall.left_out import LeftOut
from integration.mall.problems import IMPLAUSIBLE, STORED, Problem
from integration.mall.retries import with_retries
from orders.intake import file_conflicts, find_contradictions
from orders.snapshots import OrderSnapshot

SOURCE = "import"
BATCH_SIZE = 500
MAX_PERCENT, ALWAYS_ALLOWED = 5, 19


class TooManyConflicts(TwotierError):
    code = "too_many_conflicts"
    message = _(
        "%(conflicting)s of %(orders)s orders contradict what is stored, or have times that cannot"
        " be true. A time zone or a column may be shifted: check --timezone and the columns."
        " Nothing was imported, and no order is held for it."
    )


def find_order_conflicts(
    files: Files, problems: Iterable[Problem], *, until: datetime | None, clock: datetime
) -> list[OrderSnapshot]:
    """Return the orders that contradict what is stored, or have times that cannot be true.

    Orders that could not be read as a whole are left out. Writes nothing.

    :param problems: those that the check found
    :param clock: the present time
    :raises TooManyConflicts: above 5 % of the orders and at least 20
    """
    unread = LeftOut(files)
    unread.add(problem for problem in problems if problem.kind not in (IMPLAUSIBLE, STORED))
    orders = snapshots_until(unread.remaining(), until)
    numbers = {
        contradiction.number
        for batch in _batches(orders)
        for contradiction in find_contradictions(batch, clock=clock)
    }
    if len(numbers) > max(ALWAYS_ALLOWED, len(orders) * MAX_PERCENT / 100):
        raise TooManyConflicts(conflicting=len(numbers), orders=len(orders))
    return [order for order in orders if order.number in numbers]


def file_order_conflicts(
    files: Files, problems: Iterable[Problem], *, until: datetime | None, clock: datetime
) -> int:
    """File what the orders contradict, so that their commissions are held until it is decided.

    :param problems: those that the check found
    :param clock: the present time
    :returns: the number of orders with conflicts
    :raises TooManyConflicts: above 5 % of the orders and at least 20; nothing was filed
    """
    orders = find_order_conflicts(files, problems, until=until, clock=clock)
    for batch in _batches(orders):
        with_retries(partial(file_conflicts, batch, source=SOURCE, at=clock, clock=clock))
    return len(orders)


def _batches(orders: list[OrderSnapshot]) -> Iterable[list[OrderSnapshot]]:
    return (orders[start : start + BATCH_SIZE] for start in range(0, len(orders), BATCH_SIZE))
