"""Lock the people whom incentives count, before anything is read about them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol, TypeVar

from django.db import connection, transaction

from common.locks import advisory_lock
from members.persons import survivor_keys


class Found(Protocol):
    """What was found out about people, who are to be locked."""

    @property
    def people(self) -> Collection[int]:
        """The primary keys of the persons."""


AnyFound = TypeVar("AnyFound", bound=Found)


def lock_people(members: Collection[int]) -> None:
    """Let nobody else change the progress and the awards of members until the transaction ends.

    Take it once, for all members of the transaction, before other locks. Contributions, progress,
    awards and their moves are written under it only.
    """
    lock_persons(set(survivor_keys(members).values()))


def lock_found(find: Callable[[], AnyFound]) -> AnyFound:
    """Lock the people whom ``find`` finds, and return what it finds under their locks.

    Where others have changed meanwhile whom it concerns, the locks are given back and all taken
    again: a transaction that holds some and waits for one more could wait for somebody who waits
    for it.
    """
    people = set(find().people)
    while True:
        before_locks = transaction.savepoint()
        lock_persons(people)
        found = find()
        if people.issuperset(found.people):
            transaction.savepoint_commit(before_locks)
            return found
        transaction.savepoint_rollback(before_locks)
        people.update(found.people)


def lock_persons(persons: Collection[int]) -> None:
    """Lock persons by their primary keys, or those of members that were merged into them."""
    advisory_lock(*(f"incentives:{key}" for key in persons))


def keep_periods_open(incentives: Collection[int]) -> None:
    """Let no period of these incentives be closed until the transaction ends.

    A close locks the row of its incentive before it writes its own.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM incentives_incentive WHERE id = ANY (%s) ORDER BY id FOR KEY SHARE",
            [sorted(incentives)],
        )
