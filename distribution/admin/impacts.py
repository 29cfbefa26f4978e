"""Say how many members and bindings the buttons of distributors and bindings touch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.impacts import Effect, register
from backoffice.timeline import format_moment
from distribution.models import Binding, Distributor

DISTRIBUTOR = "distribution.distributor"


@register(f"{DISTRIBUTOR}.suspend", f"{DISTRIBUTOR}.freeze", order=10)
def members_without_pay(row: Distributor, at: datetime) -> Iterator[Effect]:
    yield from _members(
        row, at,
        _("bound to them and staying so. Tier 1 of new orders is not paid, and nobody moves up."),
    )  # fmt: skip


@register(f"{DISTRIBUTOR}.activate", order=10)
def members_with_pay(row: Distributor, at: datetime) -> Iterator[Effect]:
    yield from _members(row, at, _("bound to them: new orders pay again."))


@register(f"{DISTRIBUTOR}.exit", order=10)
def bindings_to_end(row: Distributor, at: datetime) -> Iterator[Effect]:
    yield from _members(row, at, _("without an upline at once: new orders pay nobody."))


@register("distribution.binding.move", "distribution.binding.leave", order=20)
def team_that_moves(row: Binding, at: datetime) -> Iterator[Effect]:
    own = Distributor.objects.filter(member=row.member_id).first()
    if own:
        text = _("in this member's own team: no longer in tier 2 of %(upline)s.")
        yield from _members(own, at, text % {"upline": row.distributor})


@register("distribution.binding.extend", order=10)
def days_left(row: Binding, at: datetime) -> Iterator[Effect]:
    if row.expires_at and row.expires_at > at:
        days = (row.expires_at - at).days
        figure = ngettext("%(days)s day", "%(days)s days", days) % {"days": f"{days:,}"}
        text = _("left until the present expiry, %(moment)s.")
        yield Effect(figure, text % {"moment": format_moment(row.expires_at)})


def _members(row: Distributor, at: datetime, text: str) -> Iterator[Effect]:
    """Yield the number of members bound to a distributor, with what happens to them."""
    if count := Binding.objects.in_force(at).filter(distributor=row).count():
        figure = ngettext("%(count)s member", "%(count)s members", count)
        yield Effect(figure % {"count": f"{count:,}"}, text)
