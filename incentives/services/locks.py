"""Lock the people whom incentives count, before anything is read about them."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from common.locks import advisory_lock
from incentives.metrics.facts import person
from members.persons import survivor_keys
from orders.models import Order


def lock_people(members: Collection[int]) -> None:
    """Let nobody else change the progress and the awards of members until the transaction ends.

    Take it once, for all members of the transaction, before other locks. Contributions, progress,
    awards and their moves are written under it only.
    """
    people = set(survivor_keys(members).values())
    advisory_lock(*map(people_lock, people))


def people_lock(person_key: int) -> str:
    """Return the name of a person's lock."""
    return f"incentives:{person_key}"


def people_of(orders: Collection[int]) -> set[int]:
    """Return the persons for whom orders may count: buyers, bringers and distributors."""
    rows = Order.objects.filter(pk__in=list(orders)).values_list(
        person("buyer"),
        person("buyer__referral__referrer"),
        person("buyer__merged_into__referral__referrer"),
        person("attribution__tier1__member"),
        person("attribution__tier2__member"),
    )
    return {key for row in rows for key in row if key is not None}


def keep_periods_open(incentives: Collection[int]) -> None:
    """Let no period of these incentives be closed until the transaction ends.

    A close locks the row of its incentive before it writes its own.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM incentives_incentive WHERE id = ANY (%s) ORDER BY id FOR KEY SHARE",
            [sorted(incentives)],
        )
