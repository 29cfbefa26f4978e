"""Merge two members as two people of the staff would."""

from __future__ import annotations

from integration.merges import merge_members, propose_merge
from members.models import Member
from tests.cast import CLOCK, give, staff


def merge(merged: Member, *, into: Member) -> Member:
    """Return the merged member as it is afterwards."""
    proposal = propose_merge(
        merged=merged, survivor=into, reason="同一手机号", by=give(staff("Qian"), "propose_merge"),
        at=CLOCK,
    )  # fmt: skip
    merge_members(proposal=proposal, by=give(staff("Feng"), "decide_merge"), at=CLOCK)
    return Member.objects.get(pk=merged.pk)
