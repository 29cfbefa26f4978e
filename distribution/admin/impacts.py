"""Say how many members and bindings the buttons of distributors and bindings touch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from backoffice.impacts import Effect, register
from distribution.models import Binding, Distributor

DISTRIBUTOR = "distribution.distributor"


@register(f"{DISTRIBUTOR}.suspend", f"{DISTRIBUTOR}.freeze")
def members_without_pay(row: Distributor, at: datetime) -> Iterator[Effect]:
    if count := Binding.objects.in_force(at).filter(distributor=row).count():
        text = _(
            "members are bound to them and stay bound. For orders from now on, tier 1 is not paid,"
            " and nobody moves up."
        )
        yield Effect(f"{count:,}", text)


@register(f"{DISTRIBUTOR}.activate")
def members_with_pay(row: Distributor, at: datetime) -> Iterator[Effect]:
    if count := Binding.objects.in_force(at).filter(distributor=row).count():
        yield Effect(f"{count:,}", _("members are bound to them: their new orders pay again."))


@register(f"{DISTRIBUTOR}.exit")
def bindings_to_end(row: Distributor, at: datetime) -> Iterator[Effect]:
    if count := Binding.objects.in_force(at).filter(distributor=row).count():
        yield Effect(
            f"{count:,}", _("members lose their upline at once, and their new orders pay nobody.")
        )


@register("distribution.binding.move", "distribution.binding.leave")
def team_that_moves(row: Binding, at: datetime) -> Iterator[Effect]:
    own = Distributor.objects.filter(member=row.member_id).first()
    if own is None:
        return
    if count := Binding.objects.in_force(at).filter(distributor=own).count():
        text = _(
            "members are in this member's own team. They stay there; as tier 2 they leave the team"
            " of %(upline)s."
        )
        yield Effect(f"{count:,}", text % {"upline": row.distributor})
