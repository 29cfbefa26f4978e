# mypy: allow-subclassing-any, allow-any-generics
"""Simulate a plan beside the one in force, with people and goods picked by their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from backoffice.fields import MomentField, YuanField
from backoffice.pickers import PickerField
from catalog.admin.search import SKUS
from commissions.explanations import LineExplanation
from commissions.explanations.amounts import amount
from commissions.models import Plan
from commissions.simulation import BasketItem, simulate
from common import clock
from common.clock import format_moment
from common.errors import TwotierError
from common.money import format_yuan
from members.models import Member
from members.search import SEARCH as PEOPLE

GOODS = "goods"
MAX_ITEMS = 20
MAX_QUANTITY = 9_999


class BuyerForm(forms.Form):
    buyer = PickerField(
        PEOPLE, label=_("buyer"), help_text=_("Type a nickname, a number of the mall or an id."),
        to_row=lambda key: Member.objects.get(public_id=key),
    )  # fmt: skip
    at = MomentField(label=_("ordered at"), help_text=_("Empty: now, or when the plan starts."))


class ItemForm(forms.Form):
    sku = PickerField(SKUS, label=_("goods"), required=False)
    quantity = forms.IntegerField(
        label=_("quantity"), min_value=1, max_value=MAX_QUANTITY, initial=1, required=False,
        widget=UnfoldAdminIntegerFieldWidget,
    )  # fmt: skip
    price = YuanField(label=_("unit price"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = str(field.label)

    @property
    def item(self) -> BasketItem | None:
        given = self.cleaned_data
        if not given.get("sku"):
            return None
        return BasketItem(given["sku"], given.get("quantity") or 1, given.get("price"))


Items = forms.formset_factory(
    ItemForm, extra=1, max_num=MAX_ITEMS, absolute_max=MAX_ITEMS, validate_max=True
)


@dataclass(frozen=True, slots=True)
class Side:
    """What one plan pays for the basket."""

    plan: Plan
    title: str
    lines: tuple[LineExplanation, ...]

    @property
    def totals(self) -> list[tuple[int, str]]:
        """Return both tiers' sums, as people write them."""
        return [(tier, self._total(tier)) for tier in (1, 2)]

    def _total(self, number: int) -> str:
        sums: dict[str, int] = {}
        for line in self.lines:
            tier = line.tiers[number - 1]
            if tier.original:
                sums[tier.asset] = sums.get(tier.asset, 0) + tier.original
        texts = [_amount(minor, asset) for asset, minor in sums.items()]
        return " + ".join(texts) or "¥0.00"


def show(request: HttpRequest, plan: Plan) -> HttpResponse:
    """Show the form, and once it is filled in what both plans pay; nothing is saved."""
    asked = f"{GOODS}-TOTAL_FORMS" in request.GET
    form = BuyerForm(request.GET if asked else None)
    items = Items(request.GET if asked else None, prefix=GOODS)
    sides: list[Side] = []
    at = clock.now()
    if asked and form.is_valid() and items.is_valid():
        basket = [item for row in items.forms if (item := row.item)]
        at = form.cleaned_data["at"] or _usual_moment(plan, at)
        if basket:
            sides = _simulate(form, plan, basket, at)
        else:
            form.add_error(None, _("Choose at least one item."))
    return TemplateResponse(
        request,
        "admin/commissions/simulate.html",
        {
            "title": _("Simulate “%(plan)s”") % {"plan": plan.name},
            "form": form,
            "items": items,
            "sides": sides,
            "pairs": _pairs(sides),
            "moment": format_moment(at),
            "media": form.media + items.media,
        },
    )


def _usual_moment(plan: Plan, now: datetime) -> datetime:
    return max(now, plan.starts_at or plan.planned_start or now)


def _simulate(
    form: BuyerForm, plan: Plan, basket: Sequence[BasketItem], at: datetime
) -> list[Side]:
    current = Plan.objects.in_force(at).exclude(pk=plan.pk).first()
    sides = [(plan, str(_("This plan")))]
    if current:
        sides.append((current, str(_("In force: %(plan)s") % {"plan": current})))
    try:
        return [
            Side(row, title, simulate(
                plan=row, basket=basket, buyer=form.cleaned_data["buyer"], at=at
            ))
            for row, title in sides
        ]  # fmt: skip
    except TwotierError as refusal:
        form.add_error(None, str(refusal))
        return []


def _pairs(sides: Sequence[Side]) -> list[dict[str, Any]]:
    """Return each line with what both plans pay for it."""
    return [
        {
            "line": lines[0],
            "paid": format_yuan(lines[0].paid),
            "tiers": [
                {
                    "number": number,
                    "who": lines[0].tiers[number - 1].distributor,
                    "amounts": [
                        _amount(line.tiers[number - 1].original, line.tiers[number - 1].asset)
                        for line in lines
                    ],
                    "sentences": lines[0].tiers[number - 1].sentences,
                }
                for number in (1, 2)
            ],
        }
        for lines in zip(*(side.lines for side in sides), strict=True)
    ]


def _amount(minor: int, asset: str) -> str:
    return amount(minor, asset) if asset == "points" else f"¥{amount(minor, asset)}"
