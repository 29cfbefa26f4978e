"""``./manage.py simulate``: what a plan would pay for a basket, without an order."""

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
from common.arguments import aware_datetime
from common.errors import TwotierError
from common.money import parse_yuan
from members.models import Identity, Member


def item(text: str) -> BasketItem:
    """``SKU:QTY`` or ``SKU:QTY:PRICE``, the price of a unit in yuan."""
    sku, _colon, rest = text.partition(":")
    quantity, _colon, price = rest.partition(":")
    try:
        if not sku or not quantity.isdecimal():
            raise ValueError
        return BasketItem(sku, int(quantity), parse_yuan(price) if price else None)
    except (ValueError, TwotierError):
        raise ArgumentTypeError(
            _("“%(text)s” is no item: write SKU:QUANTITY[:PRICE], such as mask:2:99.50")
            % {"text": text[:80]}
        ) from None  # fmt: skip


class Command(BaseCommand):
    help = _("Tell what a plan, a draft too, would pay for a basket. Nothing is written.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--plan", metavar="PLAN",
            help=_("a plan's version, or the id of a draft; without it, the plan in force"),
        )  # fmt: skip
        parser.add_argument(
            "--buyer", required=True, metavar="MEMBER", help=_("the buyer's id in the mall")
        )
        parser.add_argument(
            "--item", required=True, action="append", type=item, dest="basket",
            metavar="SKU:QUANTITY[:PRICE]",
            help=_("what is bought; give it once for each line. The price is in yuan a unit"),
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
        when = at or clock.now()
        found = _plan(plan, when)
        try:
            lines = simulate(plan=found, basket=basket, buyer=_buyer(buyer), at=when)
        except TwotierError as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(_("By the plan %(plan)s:") % {"plan": found})
        for text in report_lines(lines):
            self.stdout.write(text)


def _buyer(name: str) -> Member:
    known = Identity.objects.filter(provider=Identity.Provider.MALL, external_id=name)
    identity = known.select_related("member").first()
    if identity is None:
        raise CommandError(_("Nobody is known in the mall as “%(name)s”.") % {"name": name})
    return identity.member


def _plan(name: str | None, at: datetime) -> Plan:
    if name is None:
        plan = plans_in_force([at])[at]
        if plan is None:
            raise CommandError(_("No plan is in force at that time: name one with --plan."))
        return plan
    plans = Plan.objects.filter(public_id=name)
    if name.lstrip("#").isdecimal():
        plans |= Plan.objects.filter(number=int(name.lstrip("#")))
    found = plans.first()
    if found is None:
        raise CommandError(_("There is no plan “%(name)s”.") % {"name": name})
    return found
