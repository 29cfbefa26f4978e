"""A person changes fields of a row, and what has changed is a fact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import DataError, IntegrityError, models, transaction

from common.errors import TwotierError
from events.services import happened

Row = TypeVar("Row", bound=models.Model)


@transaction.atomic
def change(
    row: Row,
    changes: Mapping[str, Any],
    *,
    name: str,
    refusal: type[TwotierError],
    at: datetime,
    by: models.Model,
) -> Row:
    """Set fields of a row, and record those that are other ones now; nothing if none is.

    :param changes: fields and their new values
    :param name: of the fact: ``room.what_happened``
    :param refusal: raised if the database does not take them; nothing has changed then
    :returns: the row, locked and read before it was changed
    """
    now: Row = type(row)._base_manager.select_for_update().get(pk=row.pk)
    before = {field: getattr(now, field) for field in changes}
    after = {field: value for field, value in changes.items() if value != before[field]}
    if not after:
        return now
    for field, value in after.items():
        setattr(now, field, value)
    try:
        with transaction.atomic():
            now.save(update_fields=after)
    except (IntegrityError, DataError):
        raise refusal from None
    happened(name, now, at=at, by=by, before={field: before[field] for field in after}, after=after)
    return now
