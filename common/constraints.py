"""CHECK constraints that several models share."""

from __future__ import annotations

from django.db.models import CheckConstraint, F, Q


def four_eyes(
    name: str, first: tuple[str, str], second: tuple[str, str], *, unless: Q | None = None
) -> CheckConstraint:
    """Require two people: two accounts that do not belong to one member.

    :param first: the names of its fields for the account and for that account's member (0: none)
    :param unless: where it holds, one person is enough
    """
    (account, member), (other_account, other_member) = first, second
    different = ~Q((account, F(other_account))) & (Q((member, 0)) | ~Q((member, F(other_member))))
    return CheckConstraint(condition=different if unless is None else unless | different, name=name)
