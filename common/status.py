"""The one way in which a status changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError


class WrongStatus(TwotierError):
    code = "wrong_status"
    message = _(
        "This is “%(status_label)s” now and cannot become “%(to_label)s”."
        " Reload the page to see it."
    )


@transaction.atomic
def move(row: models.Model, *, to: str, **changes: Any) -> str:
    """Bring ``row`` to status ``to``, and set ``changes`` with it, if its status now allows that.

    The row's class keeps ``COMES_FROM``: for each status, those it may follow. Whoever comes second
    waits for the first, then finds the new status and is refused, so two people cannot both win.

    :returns: the status that it had before, for the record
    :raises WrongStatus: its status now is none that may become ``to``; nothing has changed
    """
    model = type(row)
    same_row = model._base_manager.filter(pk=row.pk)
    before = same_row.select_for_update(no_key=True).values_list("status", flat=True).get()
    ready = same_row.filter(status__in=model.COMES_FROM[to])  # type: ignore[attr-defined]
    if ready.update(status=to, **changes) != 1:
        raise _wrong(model, before, to)
    for field, value in {"status": to, **changes}.items():
        setattr(row, field, value)
    return str(before)


def move_all(rows: Sequence[models.Model], *, to: str, **changes: Any) -> None:
    """``move`` for many rows of one class, with the same changes, in one UPDATE: all or none.

    The caller is within a transaction, holds the rows' locks and has read them since.

    :raises WrongStatus: for the first row whose status may not become ``to``; the caller rolls back
    """
    if not rows:
        return
    model = type(rows[0])
    allowed = model.COMES_FROM[to]  # type: ignore[attr-defined]
    ready = model._base_manager.filter(pk__in=[row.pk for row in rows], status__in=allowed)
    if ready.update(status=to, **changes) != len(rows):
        now = model._base_manager.filter(pk__in=[row.pk for row in rows]).order_by("pk")
        wrong = [before for before in now.values_list("status", flat=True) if before not in allowed]
        raise _wrong(model, wrong[0] if wrong else to, to)
    for row in rows:
        for field, value in {"status": to, **changes}.items():
            setattr(row, field, value)


def expect(row: models.Model, status: str, *, to: str) -> None:
    """Refuse what may come after several statuses, but by this verb only after one.

    The row is locked, and has been read since.

    :raises WrongStatus: its status is another
    """
    if row.status != status:  # type: ignore[attr-defined]
        raise _wrong(type(row), row.status, to)  # type: ignore[attr-defined]


def _wrong(model: type[models.Model], before: str, to: str) -> WrongStatus:
    labels = dict(model._meta.get_field("status").flatchoices)  # type: ignore[union-attr]
    return WrongStatus(status=before, to=to, status_label=labels[before], to_label=labels[to])
