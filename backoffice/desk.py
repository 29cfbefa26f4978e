"""How a queue is worked through: one row beside the list, its decisions, and many rows at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice.base import StrOrPromise


@dataclass(frozen=True, slots=True)
class Line:
    """A row in the list of a desk.

    :param amount: in fen
    :param warning: what makes the row stand out, such as a hold
    """

    title: StrOrPromise
    detail: StrOrPromise = ""
    amount: int | None = None
    warning: StrOrPromise = ""


@dataclass(frozen=True)
class Decision:
    """A button beside a row, with the form that it posts. It makes one service call.

    :param run: gets the row, ``by``, ``at`` and the form's values; a text that it returns is shown
        as a warning instead of ``done``
    :param question: what follows from it, shown beside the button
    :param key: the letter that chooses it
    :param permission: if it is not the queue's own
    :param offered_in: the statuses in which it is offered; empty: always
    :param ends: whether the row leaves the queue, so that the next one opens
    """

    name: str
    title: StrOrPromise
    run: Callable[..., object]
    done: StrOrPromise
    _: KW_ONLY
    question: StrOrPromise = ""
    key: str = ""
    variant: str = "default"
    form: type[forms.Form] | None = None
    permission: str = ""
    offered_in: Collection[str] = ()
    ends: bool = True


@dataclass(frozen=True)
class Batch:
    """One decision for many rows: they are shown, then those without a refusal are decided.

    :param columns: title and cell of each column of the preview
    :param refusals: returns why each row cannot be decided by this person, by key
    :param run: decides the rows and returns, by key, why it did not or what else happened
    :param seal: identifies what of a row was shown; a row that has changed since is not decided
    :param total: the amount of a row in fen; with it, people type the total before they confirm
    """

    title: StrOrPromise
    question: StrOrPromise
    done: StrOrPromise
    columns: Sequence[tuple[StrOrPromise, Callable[[Any], object]]]
    refusals: Callable[[Sequence[Any], Any], Mapping[Any, StrOrPromise]]
    run: Callable[..., Mapping[Any, StrOrPromise]]
    _: KW_ONLY
    seal: Callable[[Any], str] | None = None
    total: Callable[[Any], int] | None = None


@dataclass(frozen=True)
class Desk:
    """What people see of a row and do with it.

    :param rows: all rows of the queue's tabs, with what lines and context read of them
    :param lines: returns the lines of rows, in their order and in a constant number of queries
    :param template: of the row beside the list; it gets ``row`` and the values of ``context``
    :param refusal: why this person cannot decide this row; empty if they can
    :param outcome: what was decided, by whom and when; empty while a row waits
    :param search: returns the rows that match a term
    :param empty: what it means that nothing waits
    :param has_notes: whether colleagues can leave notes and an assignee
    """

    rows: Callable[[], QuerySet[Any]]
    lines: Callable[[Sequence[Any]], Sequence[Line]]
    template: str
    context: Callable[[HttpRequest, Any], dict[str, Any]]
    decisions: Sequence[Decision]
    refusal: Callable[[Any, Any], StrOrPromise]
    outcome: Callable[[Any], StrOrPromise]
    empty: StrOrPromise
    _: KW_ONLY
    search: Callable[[QuerySet[Any], str], QuerySet[Any]] | None = None
    batch: Batch | None = None
    has_notes: bool = True
