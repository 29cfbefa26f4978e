"""Look up members by their ids in the mall, also those that were merged since."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from members.models import Identity, Member

MALL = Identity.Provider.MALL


class StoredMember(NamedTuple):
    """The member whom an id leads to, and the key of the one that the id belonged to first.

    Both are the same unless the member was merged. Rows of the past are the first one's: a file
    from before the merge tells about them.
    """

    member: Member
    first: int


def stored_members(names: Collection[str]) -> dict[str, StoredMember]:
    """Return the members with these ids; ids that are not known are left out."""
    identities = Identity.objects.filter(provider=MALL, external_id__in=names)
    return {
        row.external_id: StoredMember(row.member, row.moved_from_id or row.member_id)
        for row in identities.select_related("member")
    }
