"""Change fields of a row for a person and record what changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import DataError, IntegrityError, models, transaction

from common.errors import TwotierError
from events.declarations import EventType
from events.services import record

Row = TypeVar("Row", bound=models.Model)


@transaction.atomic
def change(
    queryset: models.QuerySet[Row],
    changes: Mapping[str, Any],
    *,
    event_type: EventType,
    refusal: type[TwotierError],
    at: datetime,
    by: models.Model,
    **data: Any,
) -> Row:
    """Set fields of a row and record those that changed; do nothing if none did.

    :param queryset: selects the row
    :param changes: fields and their new values
    :param event_type: recorded with the old and new values of the changed fields
    :param refusal: raised if a constraint refuses the values; nothing has changed then
    :param data: recorded with the event beside the values
    :returns: the row, locked
    """
    row = queryset.select_for_update().get()
    before = {field: getattr(row, field) for field in changes}
    after = {field: value for field, value in changes.items() if value != before[field]}
    if not after:
        return row
    for field, value in after.items():
        setattr(row, field, value)
    try:
        with transaction.atomic():
            row.save(update_fields=after)
    except (IntegrityError, DataError):
        raise refusal from None
    record(
        event_type, row, at=at, by=by,
        before={field: before[field] for field in after}, after=after, **data,
    )  # fmt: skip
    return row
