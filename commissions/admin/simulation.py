# mypy: allow-subclassing-any
"""Simulate a plan on a basket in a dialog, without writing anything."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from backoffice.fields import text_field
from commissions.admin.explanations import render_lines
from commissions.explanations import LineExplanation
from commissions.models import Plan
from commissions.simulation import BasketItem, simulate
from common import clock, money
from common.errors import TwotierError
from members.models import Identity, Member


class SimulationForm(BaseDialogForm):
    """Keep the dialog open with the result: a form that is never valid stays open."""

    buyer = text_field(_("buyer's id in the mall"), required=False)
    goods = forms.CharField(
        label=_("goods"), required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("One item per line: SKU, quantity and, if different, the unit price in yuan."),
    )  # fmt: skip

    explanations: tuple[LineExplanation, ...] = ()

    def is_valid(self) -> bool:
        return bool(super().is_valid() and not self.explanations)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("buyer") and not given.get("goods"):
            return given  # an empty form: the page shows a hint
        name = given.get("buyer", "")
        buyer = Member.objects.with_identity(Identity.Provider.MALL, name).first()
        if buyer is None:
            self.add_error("buyer", _("No member has this id in the mall."))
            return given
        try:
            plan = Plan.objects.filter(pk=self.object_id).first()
            basket = [_item(line) for line in given.get("goods", "").splitlines() if line.strip()]
            if plan and basket:
                self.explanations = simulate(plan=plan, basket=basket, buyer=buyer, at=clock.now())
            else:
                self.add_error("goods", _("Enter some goods."))
        except (ValueError, TwotierError) as refusal:
            self.add_error("goods", str(refusal))
        return given

    def render_after_template(self) -> SafeString:
        return render_lines(self.explanations)


def _item(line: str) -> BasketItem:
    sku, *rest = line.split()
    quantity, *price = rest or ["1"]
    if not quantity.isdecimal() or len(price) > 1:
        raise ValueError(
            _("“%(line)s” is not a valid item. Write it like: mask 2 99.50") % {"line": line[:80]}
        )
    return BasketItem(sku, int(quantity), money.parse_yuan(price[0]) if price else None)
