"""``./manage.py simulate``: show what a plan would pay for a basket, without an order."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from commissions.explanations.report import report_lines
from commissions.models import Plan
from commissions.plan_cache import plans_in_force
from commissions.simulation import BasketItem, simulate
from common import clock
from common.clock import aware_datetime
from common.errors import TwotierError
from common.money import parse_yuan
from members.models import Identity, Member


def item(text: str) -> BasketItem:
    """Parse ``SKU:QTY`` or ``SKU:QTY:PRICE``, with the unit price in yuan."""
    sku, _colon, rest = text.partition(":")
    quantity, _colon, price = rest.partition(":")
    try:
        if not sku or not quantity.isdecimal():
            raise ValueError
        return BasketItem(sku, int(quantity), parse_yuan(price) if price else None)
    except (ValueError, TwotierError):
        raise ArgumentTypeError(
            _("“%(text)s” is not an item: write SKU:QUANTITY[:PRICE], such as mask:2:99.50")
            % {"text": text[:80]}
        ) from None  # fmt: skip


class Command(BaseCommand):
    help = _("Show what a published or draft plan would pay for a basket. Nothing is written.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--plan", metavar="PLAN",
            help=_("a plan's version, or the id of a draft; default: the plan in force"),
        )  # fmt: skip
        parser.add_argument(
            "--buyer", required=True, metavar="MEMBER", help=_("the buyer's id in the mall")
        )
        parser.add_argument(
            "--item", required=True, action="append", type=item, dest="basket",
            metavar="SKU:QUANTITY[:PRICE]",
            help=_("an item of the basket, with the unit price in yuan; repeat it for more items"),
        )  # fmt: skip
        parser.add_argument(
            "--at", type=aware_datetime, metavar="TIME",
            help=_("as of this time instead of now (ISO 8601 with offset)"),
        )  # fmt: skip

    def handle(
        self,
        *,
        plan: str | None,
        buyer: str,
        basket: list[BasketItem],
        at: datetime | None,
        **options: Any,
    ) -> None:
        placed_at = at or clock.now()
        chosen = _plan(plan, placed_at)
        try:
            lines = simulate(plan=chosen, basket=basket, buyer=_buyer(buyer), at=placed_at)
        except TwotierError as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(_("With plan %(plan)s:") % {"plan": chosen})
        for text in report_lines(lines):
            self.stdout.write(text)


def _buyer(name: str) -> Member:
    buyer = Member.objects.with_identity(Identity.Provider.MALL, name).first()
    if buyer is None:
        raise CommandError(_("There is no member with the mall id “%(name)s”.") % {"name": name})
    return buyer


def _plan(name: str | None, at: datetime) -> Plan:
    if name is None:
        plan = plans_in_force([at])[at]
        if plan is None:
            raise CommandError(_("No plan is in force at that time: choose one with --plan."))
        return plan
    plans = Plan.objects.filter(public_id=name)
    if name.lstrip("#").isdecimal():
        plans |= Plan.objects.filter(number=int(name.lstrip("#")))
    chosen = plans.first()
    if chosen is None:
        raise CommandError(_("There is no plan “%(name)s”.") % {"name": name})
    return chosen
