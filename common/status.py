"""Change a status: the only way in which it may change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError


class WrongStatus(TwotierError):
    code = "wrong_status"
    message = _(
        "The status is now “%(status_label)s” and cannot change to “%(to_label)s”. Reload the page."
    )


@transaction.atomic
def move(row: models.Model, *, to: str, **changes: Any) -> str:
    """Set the status of ``row`` to ``to`` and other fields with it, if ``COMES_FROM`` allows it.

    ``COMES_FROM`` of the row's class lists, for each status, those that it may follow. Of two
    people at once the second waits, finds the new status and is refused.

    :returns: the status before
    :raises WrongStatus: the present status may not change to ``to``; nothing has changed
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
    """Move many rows of one class in a single UPDATE, with the same changes: all or none.

    The caller holds the rows' locks in its transaction and has read the rows since.

    :raises WrongStatus: for the first row whose status may not change; the caller rolls back
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
    """Check that the row has exactly this status, for a verb that is stricter than ``COMES_FROM``.

    The caller holds the row's lock and has read the row since.

    :raises WrongStatus: the status is another one
    """
    if row.status != status:  # type: ignore[attr-defined]
        raise _wrong(type(row), row.status, to)  # type: ignore[attr-defined]


def require_move(row: models.Model, *, to: str) -> None:
    """Check that ``COMES_FROM`` allows a move, for a verb that has other rules to check before it.

    The caller holds the row's lock and has read the row since.

    :raises WrongStatus: the present status may not change to ``to``
    """
    if row.status not in row.COMES_FROM[to]:  # type: ignore[attr-defined]
        raise _wrong(type(row), row.status, to)  # type: ignore[attr-defined]


def _wrong(model: type[models.Model], before: str, to: str) -> WrongStatus:
    labels = dict(model._meta.get_field("status").flatchoices)  # type: ignore[union-attr]
    return WrongStatus(status=before, to=to, status_label=labels[before], to_label=labels[to])
