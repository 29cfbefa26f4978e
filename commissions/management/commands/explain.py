"""``./manage.py explain ORDER_NO``: explain who is paid for each line of an order and why."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from commissions.explanations import explain
from commissions.explanations.report import report_lines
from orders.models import Order


class Command(BaseCommand):
    help = _("Explain for every line of an order who is paid, how much and why.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("order_no", metavar="ORDER_NO", help=_("the order's number"))

    def handle(self, *, order_no: str, **options: Any) -> None:
        order = Order.objects.select_related("buyer").filter(number=order_no).first()
        if order is None:
            raise CommandError(_("There is no order “%(number)s”.") % {"number": order_no})
        self.stdout.write(
            _("Order %(number)s of %(buyer)s: %(status)s")
            % {
                "number": order,
                "buyer": order.buyer,
                "status": Order.Status(order.status).label,
            }
        )
        lines = explain(order)
        for text in report_lines(lines):
            self.stdout.write(text)
        if not all(line.matches_stored for line in lines):
            raise CommandError(
                _("The stored commissions differ from those computed from the order.")
            )
