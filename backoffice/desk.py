"""How a queue is worked through: one row beside the list, its decisions, and many rows at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice.base import StrOrPromise
from backoffice.reveals import Reveal


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
    :param offered_in: the statuses in which it is offered; empty: while the row has no outcome
    :param applies: whether a row is of the kind that this decides; without it, every row is
    :param refusal: why this person cannot do it with this row; empty if they can
    :param ends: whether the row leaves the queue, so that the next one opens
    :param link: returns address and title of where the decision leads; without it, of the row
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
    applies: Callable[[Any], bool] | None = None
    refusal: Callable[[Any, Any], StrOrPromise] | None = None
    ends: bool = True
    link: Callable[[Any], tuple[str, StrOrPromise]] | None = None


@dataclass(frozen=True)
class Column:
    """A column of a batch's table.

    :param is_amount: whether the cells are fen
    """

    title: StrOrPromise
    cell: Callable[[Any], Any]
    is_amount: bool = False


@dataclass(frozen=True)
class Batch:
    """One decision for many rows: they are shown, then those without a refusal are decided.

    :param confirm: the label of the last button, with ``%(count)s``
    :param columns: returns the columns of these rows, with what their cells need loaded at once
    :param refusals: returns why each row cannot be decided by this person, by key
    :param run: gets the rows, ``by``, ``at`` and the form's values; decides the rows, and returns
        by key why it did not, or what else happened
    :param form: what is asked once for all rows, such as a reason
    :param total: the amount of a row in fen; with it, people type the total before they confirm
    """

    title: StrOrPromise
    question: StrOrPromise
    confirm: StrOrPromise
    columns: Callable[[Sequence[Any]], Sequence[Column]]
    refusals: Callable[[Sequence[Any], Any], Mapping[Any, StrOrPromise]]
    run: Callable[..., Mapping[Any, StrOrPromise]]
    _: KW_ONLY
    form: type[forms.Form] | None = None
    total: Callable[[Any], int] | None = None
    total_title: StrOrPromise = ""


@dataclass(frozen=True)
class Desk:
    """What people see of a row and do with it.

    :param prepare: loads what lines and context read of rows
    :param lines: returns the lines of rows, in their order and in a constant number of queries
    :param template: of the row beside the list; it gets ``row`` and the values of ``context``
    :param outcome: what was decided, by whom and when; empty while a row waits
    :param empty: what it means that nothing waits
    :param seal: identifies what was shown of a row; a row that has changed since is not decided
    :param search: returns the rows that match a term
    :param search_help: what the term may be
    :param reveal: masked values that a person may see in full
    :param has_notes: whether colleagues can leave notes and an assignee
    :param styles: style sheets that the template needs besides that of desks
    """

    prepare: Callable[[QuerySet[Any]], QuerySet[Any]]
    lines: Callable[[Sequence[Any]], Sequence[Line]]
    template: str
    context: Callable[[HttpRequest, Any], dict[str, Any]]
    decisions: Sequence[Decision]
    outcome: Callable[[Any], StrOrPromise]
    empty: StrOrPromise
    _: KW_ONLY
    seal: Callable[[Any], str] | None = None
    search: Callable[[QuerySet[Any], str], QuerySet[Any]] | None = None
    search_help: StrOrPromise = ""
    batch: Batch | None = None
    reveal: Reveal | None = None
    has_notes: bool = True
    styles: Sequence[str] = ()
