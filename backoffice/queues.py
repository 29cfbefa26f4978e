"""What waits for people: rooms register their queues; home, menu and desks read them here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.core.exceptions import EmptyResultSet, ImproperlyConfigured
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from backoffice.access import Permission, is_allowed
from backoffice.base import StrOrPromise
from backoffice.desk import Desk

COUNTED = 1_000
"""Longer queues are counted no further: nobody works through the rest today."""
WAITING = "waiting"

Limit = timedelta | Callable[[], timedelta]


@dataclass(frozen=True)
class Tab:
    """A part of a queue's rows beside those that wait, such as the rejected ones."""

    name: str
    title: StrOrPromise
    condition: Q


@dataclass(frozen=True)
class Queue:
    """Rows of a model that wait for a decision.

    :param model: such as ``distribution.application``
    :param permission: that of the people who decide; with several, any of them
    :param waiting: returns the rows that wait for this person's role
    :param since: the field with the moment since when a row waits
    :param limit: rows that wait longer are late; a function reads it from a setting
    :param tabs: further lists, the latest first; the waiting rows are always the first tab
    :param order: small numbers come first in the menu and on the home
    :param desk: how a person works through it; without one it links to the model's list
    """

    name: str
    title: StrOrPromise
    icon: str
    model: str
    permission: Permission
    waiting: Callable[[Any], QuerySet[Any]]
    since: str
    limit: Limit | None = None
    tabs: Sequence[Tab] = ()
    _: KW_ONLY
    order: int = 50
    desk: Desk | None = None

    @property
    def permissions(self) -> tuple[str, ...]:
        return (self.permission,) if isinstance(self.permission, str) else self.permission

    def is_open_to(self, user: Any) -> bool:
        return is_allowed(user, self.permission)

    def all_rows(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = apps.get_model(self.model)._default_manager.all()
        return rows

    def oldest_first(self, user: Any) -> QuerySet[Any]:
        """Return the waiting rows in the order in which they should be decided."""
        return self.waiting(user).order_by(self.since, "pk")

    def limit_now(self) -> timedelta | None:
        return self.limit() if callable(self.limit) else self.limit


@dataclass(frozen=True)
class Summary:
    """What waits in a queue.

    :param count: exact up to ``COUNTED``; one more stands for any higher number
    :param oldest: since when the oldest row waits
    :param late: how many of the counted rows wait longer than the limit
    """

    count: int = 0
    oldest: datetime | None = None
    late: int = 0

    @property
    def label(self) -> str:
        """The count as a badge shows it."""
        return f"{COUNTED}+" if self.count > COUNTED else str(self.count)


_queues: dict[str, Queue] = {}


def register(queue: Queue) -> Queue:
    """Add a queue; its name is also part of its address."""
    if queue.name in _queues:
        raise ImproperlyConfigured(f"The queue {queue.name} is registered twice.")
    _queues[queue.name] = queue
    return queue


def get(name: str) -> Queue:
    """:raises KeyError: there is no queue of this name"""
    return _queues[name]


def of(user: Any) -> list[Queue]:
    """Return the queues that this person may decide, in the order of the menu."""
    mine = (queue for queue in _queues.values() if queue.is_open_to(user))
    return sorted(mine, key=lambda queue: queue.order)


def url(queue: Queue, *, row: object = None, tab: str = "") -> str:
    """Return the address of a queue, of one of its tabs or of a row in it."""
    if queue.desk is None:
        app, name = queue.model.split(".")
        return reverse(f"admin:{app}_{name}_changelist")
    page = reverse(f"admin:office_queue_{queue.name}")
    values = {"tab": tab if tab != WAITING else "", "row": row}
    query = {name: str(value) for name, value in values.items() if value}
    return f"{page}?{urlencode(query)}" if query else page


def summary(queue: Queue, user: Any, at: datetime) -> Summary:
    """Count what waits in a queue, in one query beside that of its limit."""
    return summaries([queue], user, at)[queue.name]


def summaries(queues: Iterable[Queue], user: Any, at: datetime) -> dict[str, Summary]:
    """Count what waits in several queues, by name, in one query for all of them."""
    found = {queue.name: Summary() for queue in queues}
    parts = []
    for name in found:
        queue = get(name)
        rows = queue.oldest_first(user).values_list(F(queue.since))[: COUNTED + 1]
        limit = queue.limit_now()
        parts.append((rows, [name, at - limit if limit is not None else None]))
    columns = "%s, count(*), min(since), count(*) FILTER (WHERE since < %s)"
    counted = _select_each(columns, parts)
    return found | {name: Summary(*values) for name, *values in counted}


def rows_of(queue: Queue, user: Any, tab: str = WAITING) -> QuerySet[Any]:
    """Return the rows of a tab: the waiting ones oldest first, others the latest first."""
    if tab == WAITING:
        return queue.oldest_first(user)
    condition = next(row.condition for row in queue.tabs if row.name == tab)
    return queue.all_rows().filter(condition).order_by("-pk")


def tab_counts(queue: Queue, user: Any) -> dict[str, int]:
    """Count the rows of each tab up to ``COUNTED``, in one query; one more stands for any more."""
    counted = {WAITING: 0} | {tab.name: 0 for tab in queue.tabs}
    parts = [
        (rows_of(queue, user, name).order_by().values_list("pk")[: COUNTED + 1], [name])
        for name in counted
    ]
    return counted | dict(_select_each("%s, count(*)", parts))


def next_row(queue: Queue, user: Any, after: Any) -> Any:
    """Return the waiting row that follows ``after``, else the oldest one, else nothing.

    ``after`` may itself have left the queue by a decision, which may have emptied the moment.
    """
    since = getattr(after, queue.since)
    rows = queue.oldest_first(user).exclude(pk=after.pk)
    if since is None:
        return rows.first()
    later = Q((f"{queue.since}__gt", since)) | Q((queue.since, since), pk__gt=after.pk)
    return rows.filter(later).first() or rows.first()


def _select_each(columns: str, parts: Sequence[tuple[QuerySet[Any], list[Any]]]) -> list[Any]:
    """Aggregate several querysets of one column, ``since``, in one query.

    :param columns: the same of each; the values of its placeholders come with each queryset
    """
    statements, values = [], []
    for rows, of_columns in parts:
        try:
            sql, params = rows.query.sql_with_params()
        except EmptyResultSet:  # such as those of ``none()``
            continue
        # Only compiled queries and the columns of this module are put together here.
        statements.append(f"SELECT {columns} FROM ({sql}) AS waiting (since)")  # noqa: S608
        values += [*of_columns, *params]
    if not statements:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(statements), values)
        return list(cursor.fetchall())
