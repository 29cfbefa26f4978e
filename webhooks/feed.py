"""The public events in their order, to be read from wherever a reader stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db import transaction

from api.errors import InvalidCursor
from events import feed
from webhooks.catalogue import PUBLIC
from webhooks.messages import as_message
from webhooks.models import FeedPosition

SALT = "webhooks.feed"
MAX_KEYS = 10_000
"""How many keys a page looks at, so that a rare type does not read the whole table."""


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Events, the cursor behind the last one, and whether there are more already."""

    events: list[dict[str, Any]]
    cursor: str
    has_more: bool


def read(cursor: str, *, types: Sequence[str] = (), limit: int) -> FeedPage:
    """Return the events after a cursor, oldest first.

    :param cursor: of the page before; an empty text: from the first event on
    :param types: public types of events; none: all
    :raises InvalidCursor: the cursor is not of this feed
    """
    after = _key(cursor) if cursor else 0
    tip = feed.tip()
    until = FeedPosition.current().settled_until if tip.writers else tip.key
    last = max(after, min(until, after + MAX_KEYS))
    rows = feed.events_between(after, last, names=types or list(PUBLIC), limit=limit)
    if len(rows) == limit:
        last = rows[-1].pk
    return FeedPage(
        [as_message(row) for row in rows], signing.dumps(last, salt=SALT), has_more=last < until
    )


def _key(cursor: str) -> int:
    try:
        return int(signing.loads(cursor, salt=SALT))
    except (signing.BadSignature, TypeError, ValueError):
        raise InvalidCursor from None


@transaction.atomic
def confirm() -> int:
    """Confirm the order of events: move the key below which no further one can appear.

    With transactions open all the time, no single look finds none. So the open ones are remembered
    with the tip, and once they have ended, that tip is confirmed.

    :returns: the key
    """
    row = FeedPosition.objects.select_for_update(no_key=True).get(pk=1)
    tip = feed.tip()
    if not tip.writers:
        row.settled_until = max(row.settled_until, tip.key)
    elif not set(row.pending_writers) & set(tip.writers):
        row.settled_until = max(row.settled_until, row.pending_until)
        row.pending_until, row.pending_writers = tip.key, tip.writers
    row.save(update_fields=["settled_until", "pending_until", "pending_writers"])
    return row.settled_until
