"""Show what a merge of two members would do; change nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum
from django.utils.translation import gettext as _

from commissions.services import due_credits_of
from common.errors import TwotierError
from common.money import format_yuan
from distribution.models import Binding, Distributor
from distribution.services import TeamMerge, preview_team_merge
from integration.merges import obstacles
from ledger.chart import Asset, Kind
from ledger.models import Account
from members.models import Member
from orders.models import Order
from promotions.models import CouponGrant

MAX_NAMES = 20


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What would move and what would end; amounts in minor units."""

    merged: Member
    survivor: Member
    obstacles: list[TwotierError]
    identities: list[str]
    balances: list[tuple[Asset, Kind, int]]
    due_credits: int
    due_amounts: list[tuple[Asset, int]]
    orders: int
    coupons: int
    """Those that can be used now."""
    exits: Distributor | None
    """The merged distributor, who exits."""
    upline: Binding | None
    """The binding of the merged member, which ends."""
    team: TeamMerge


def preview_merge(*, merged: Member, survivor: Member, at: datetime) -> MergePreview:
    """Return what ``merges.merge_members`` would do now."""
    accounts = Account.objects.filter(member=merged, balance__gt=0).order_by("asset", "kind")
    due = due_credits_of(merged)
    sums = due.values_list("asset").annotate(Sum("amount")).order_by("asset")
    exiting = Distributor.objects.filter(member=merged).exclude(status="exited")
    return MergePreview(
        merged=merged,
        survivor=survivor,
        obstacles=list(obstacles(merged=merged, survivor=survivor)),
        identities=[str(row) for row in merged.identities.order_by("pk")],
        balances=[(Asset(row.asset), Kind(row.kind), row.balance or 0) for row in accounts],
        due_credits=due.count(),
        due_amounts=[(Asset(asset), amount) for asset, amount in sums],
        orders=Order.objects.filter(buyer=merged).count(),
        coupons=CouponGrant.objects.usable(at).filter(member=merged).count(),
        exits=exiting.first(),
        upline=Binding.objects.all().in_force(at).filter(member=merged).first(),
        team=preview_team_merge(merged=merged, survivor=survivor, at=at),
    )


def preview_lines(preview: MergePreview) -> list[str]:
    """Return the preview as sentences for people."""
    return [*map(str, preview.obstacles), *effect_lines(preview)]


def effect_lines(preview: MergePreview) -> list[str]:
    """Return what would happen if nothing stood against it."""
    return list(_effects(preview))


def _effects(preview: MergePreview) -> Iterator[str]:
    names = {"merged": preview.merged, "survivor": preview.survivor}
    yield _("%(merged)s goes on as %(survivor)s. This cannot be undone.") % names
    if preview.identities:
        yield _("These ids lead to the survivor: %(ids)s.") % {"ids": _some(preview.identities)}
    for asset, kind, amount in preview.balances:
        shown = {"asset": asset.label, "kind": kind.label, "amount": _amount(asset, amount)}
        yield _("Moves: %(asset)s, %(kind)s, %(amount)s.") % shown
    for asset, amount in preview.due_amounts:
        shown = {"asset": asset.label, "amount": _amount(asset, amount)}
        yield _("Not credited yet, to the survivor's wallet: %(asset)s, %(amount)s.") % shown
    if preview.orders:
        yield _("Orders that count for the survivor: %(count)s.") % {"count": preview.orders}
    if preview.coupons:
        yield _("Coupons that the survivor may use: %(count)s.") % {"count": preview.coupons}
    yield from _distribution_lines(preview)


def _distribution_lines(preview: MergePreview) -> Iterator[str]:
    if preview.exits:
        yield _("%(merged)s exits as a distributor.") % {"merged": preview.merged}
    if preview.upline:
        upline = preview.upline.distributor
        yield _("Ends: the binding of %(merged)s to %(upline)s.") % {
            "merged": preview.merged, "upline": upline,
        }  # fmt: skip
    team = preview.team
    if team.moving:
        yield _("Bound to the survivor from now on: %(names)s.") % {"names": _some(team.moving)}
    if team.ending:
        yield _(
            "Ends, because the survivor is no active distributor: the bindings of %(names)s."
        ) % {"names": _some(team.ending)}
    if team.circles:
        yield _("Ends, because it would be a circle: the bindings of %(names)s.") % {
            "names": _some(team.circles)
        }


def _some(items: Iterable[object]) -> str:
    """Join the first names, and count the others."""
    names = [str(item) for item in items]
    shown = ", ".join(names[:MAX_NAMES])
    if len(names) <= MAX_NAMES:
        return shown
    return _("%(first)s and %(count)s more") % {"first": shown, "count": len(names) - MAX_NAMES}


def _amount(asset: Asset, amount: int) -> str:
    return f"{amount:,}" if asset == Asset.POINTS else format_yuan(amount)
