"""Find shares by their codes, also those that have no row yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from catalog.models import Product
from distribution.models import Distributor
from members.models import Member
from sharing import compound
from sharing.models import Share, SharingPolicy
from sharing.models.shares import ALPHABET, CODE_LENGTH
from sharing.targets import Target

Kind = Share.Target


def find_share(code: str, *, at: datetime) -> Share | None:
    """Return the share that a code opens at a moment; ``None`` for every other code.

    Unknown codes, and those of shares that are expired or switched off, take the same queries, so
    that neither the answer nor its time tells which codes exist. A share without a row is not
    saved: see ``services.save_share``.
    """
    if len(code) == compound.LENGTH:
        share = _of_compound(code, at=at)
        return share if share and share.is_live(at) else None
    if len(code) != CODE_LENGTH or not set(code) <= set(ALPHABET):
        return None
    return Share.objects.live(at).with_member().filter(code=code).first()


def find_shares(codes: Iterable[str]) -> dict[str, Share]:
    """Return the shares with a row by their codes, whether they are live or not."""
    rows = Share.objects.with_member().filter(code__in={code for code in codes if code})
    return {share.code: share for share in rows}


def complete_target(member: Member, target: Target) -> Target:
    """Return a target with its id: of a home page without one, the member's own."""
    if target.kind != Kind.HOME or target.id:
        return target
    return Target(target.kind, _own_home(member.pk) or "")


def target_of(share: Share) -> Target:
    """Return the target of a share as its resolver knows it."""
    return Target(share.target_kind, share.target_id)


def _of_compound(code: str, *, at: datetime) -> Share | None:
    parts = compound.unseal(code)
    if parts is None:
        return None
    members = Member.objects.select_related("merged_into").filter(closed_at=None)
    member = members.filter(pk=parts.member).first()
    target = _target_id(parts)
    if member is None or target is None or (member.merged_into and member.merged_into.closed_at):
        return None
    fields = {
        "member": member, "target_kind": parts.kind, "target_id": target,
        "channel": parts.channel, "label": "", "template": "",
    }  # fmt: skip
    share = Share.objects.with_member().filter(**fields).first() or Share(**fields, created_at=at)
    share.expires_at = _expiry_of_card(share, parts)
    return share


def _expiry_of_card(share: Share, parts: compound.Parts) -> datetime | None:
    """Return when a share expires that was last shared by a card of a week."""
    if share.pk and share.expires_at is None:
        return None
    days = SharingPolicy.current().share_days
    if days is None:
        return share.expires_at
    of_card = compound.end_of_week(parts.week) + timedelta(days=days)
    return max(of_card, share.expires_at or of_card)


def _target_id(parts: compound.Parts) -> str | None:
    if parts.kind == Kind.PRODUCT:
        return Product.objects.filter(pk=parts.target).values_list("public_id", flat=True).first()
    if parts.kind == Kind.HOME:
        return _own_home(parts.member)
    return ""


def _own_home(member: int) -> str | None:
    codes = Distributor.objects.filter(member=member).values_list("code", flat=True)
    return codes.first()
