# mypy: allow-subclassing-any, allow-any-generics
"""Back-test a plan on the orders of the last days: cost before and after, who gains and loses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Case, Count, F, QuerySet, Sum, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from backoffice.charts import bar_chart
from backoffice.fields import MomentField
from commissions.admin import plan_state
from commissions.explanations.amounts import amount
from commissions.models import BackTest, Plan
from commissions.plan_cache import plan_terms
from commissions.rules import ONE_HUNDRED_PERCENT, POINTS
from commissions.services import request_back_test
from commissions.services.back_tests import MAX_DAYS
from common import clock
from common.errors import TwotierError
from common.money import format_yuan, percent, yuan_text
from ledger.chart import Asset

SHOWN = 10
"""How many distributors and products each list shows."""


class BackTestForm(forms.Form):
    days = forms.IntegerField(
        label=_("orders of the last days"), min_value=1, max_value=MAX_DAYS, initial=30,
        widget=UnfoldAdminIntegerFieldWidget,
    )  # fmt: skip
    starts_at = MomentField(
        label=_("as if they were placed from"),
        help_text=_("Empty: from now. Dates and boosts of rules count as they will then."),
    )


@dataclass(frozen=True, slots=True)
class Change:
    """An amount before and after, as people write it."""

    label: str
    old: str
    new: str
    difference: int
    difference_text: str
    percent_text: str = ""


def show(request: HttpRequest, plan: Plan) -> HttpResponse:
    """Show the form and a result; a POST queues another back-test."""
    form = BackTestForm(
        request.POST or None, initial={"starts_at": plan.starts_at or plan.planned_start}
    )
    if request.method == "POST" and form.is_valid():
        try:
            request_back_test(plan=plan, by=request.user, at=clock.now(), **form.cleaned_data)  # type: ignore[arg-type]
            messages.success(request, _("The back-test is queued. The page shows its progress."))
            return HttpResponseRedirect(plan_state.url("back_test", plan.pk))
        except TwotierError as refusal:
            form.add_error(None, str(refusal))
    tests = list(plan.back_tests.select_related("requested_by").order_by("-pk"))
    chosen = request.GET.get("test", "")
    test = next((row for row in tests if row.public_id == chosen), next(iter(tests), None))
    return TemplateResponse(
        request,
        "admin/commissions/back_test.html",
        {
            "title": _("Back-test “%(plan)s”") % {"plan": plan.name},
            "form": form,
            "tests": tests,
            **(result(plan, test) if test else {}),
        },
    )


def progress(request: HttpRequest, plan: Plan, test: str) -> HttpResponse:
    """Return the result or the progress of a back-test: the page asks until it is done."""
    row = get_object_or_404(plan.back_tests.select_related("requested_by"), public_id=test)
    context = {"plan": plan, **result(plan, row)}
    return render(request, "admin/commissions/back_test_result.html", context)


def result(plan: Plan, test: BackTest) -> dict[str, Any]:
    """Return the context of a result."""
    context: dict[str, Any] = {
        "test": test,
        "progress_url": plan_state.url("back_test_progress", plan.pk, test.public_id),
        "is_stale": plan_terms(plan).as_json() != test.terms,
    }
    if test.status != BackTest.Status.DONE:
        return context
    return context | {
        "costs": _costs(test),
        "total": _total(test),
        "sales": format_yuan(test.sales),
        "margin": _margin(test),
        "people": _people(test),
        "winners": _parts(test.distributors.select_related("distributor__member"), "-"),
        "losers": _parts(test.distributors.select_related("distributor__member"), ""),
        "products": _products(test),
        "chart": _chart(test),
    }


def _costs(test: BackTest) -> list[Change]:
    """Return the commissions before and after, of each tier and asset."""
    return [
        _change(
            f"{_tier(tier)} · {Asset(asset).label}", amounts[tier - 1], amounts[tier + 1], asset
        )
        for asset, amounts in sorted(test.totals.items())
        for tier in (1, 2)
        if amounts[tier - 1] or amounts[tier + 1]
    ]


def _total(test: BackTest) -> Change:
    """Return the sum of all assets that are money."""
    money = [amounts for asset, amounts in test.totals.items() if asset != POINTS]
    old = sum(amounts[0] + amounts[1] for amounts in money)
    new = sum(amounts[2] + amounts[3] for amounts in money)
    return _change(str(_("Commissions")), old, new, Asset.CASH)


def _tier(number: int) -> str:
    return str(_("tier 1") if number == 1 else _("tier 2"))


def _change(label: str, old: int, new: int, asset: str) -> Change:
    rate = f"{(new - old) / old:+.1%}" if old else ""
    return Change(
        label, _text(old, asset), _text(new, asset), new - old, _signed(new - old, asset), rate
    )


def _text(minor: int, asset: str = Asset.CASH) -> str:
    return amount(minor, asset) if asset == POINTS else yuan_text(minor)


def _signed(minor: int, asset: str = Asset.CASH) -> str:
    sign = "+" if minor > 0 else "−" if minor < 0 else "±"
    return f"{sign}{_text(abs(minor), asset)}"


def _margin(test: BackTest) -> dict[str, Any] | None:
    """Return the gross margin of the lines whose cost is known; ``None`` if there are none."""
    if not test.known_sales:
        return None
    gross = test.known_sales - test.known_cost
    return {
        "lines": test.lines - test.lines_without_cost,
        "all_lines": test.lines,
        "rows": [
            (label, _text(value), percent(round(value * ONE_HUNDRED_PERCENT / test.known_sales)))
            for label, value in (
                (_("before commissions"), gross),
                (_("after commissions, so far"), gross - test.known_old),
                (_("after commissions, with this plan"), gross - test.known_new),
            )
        ],
    }


def _people(test: BackTest) -> dict[str, Any]:
    sums: dict[str, Any] = test.distributors.aggregate(
        more=Count(Case(When(new__gt=F("old"), then=1))),
        less=Count(Case(When(new__lt=F("old"), then=1))),
        same=Count(Case(When(new=F("old"), then=1))),
        gained=Sum(Case(When(new__gt=F("old"), then=F("new") - F("old")))),
        lost=Sum(Case(When(new__lt=F("old"), then=F("old") - F("new")))),
    )
    for name in ("gained", "lost"):
        sums[name] = _text(sums[name] or 0)
    return sums


def _parts(rows: QuerySet[Any], sign: str) -> list[tuple[Any, Change]]:
    """Return the distributors who gain most (``-``) or lose most."""
    changed = rows.annotate(difference=F("new") - F("old"))
    changed = changed.filter(difference__gt=0) if sign else changed.filter(difference__lt=0)
    return [
        (row.distributor, _change(str(row.distributor), row.old, row.new, Asset.CASH))
        for row in changed.order_by(f"{sign}difference", "pk")[:SHOWN]
    ]


def _products(test: BackTest) -> list[tuple[Any, str, Change, str]]:
    """Return the products whose cost changes most, with the part of their sales after it."""
    changed = test.products.select_related("product").annotate(difference=F("new") - F("old"))
    size = Case(When(difference__lt=0, then=-F("difference")), default=F("difference"))
    return [
        (
            row.product,
            _text(row.sales),
            _change(row.product.name, row.old, row.new, Asset.CASH),
            percent(round(row.new * ONE_HUNDRED_PERCENT / row.sales)) if row.sales else "",
        )
        for row in changed.exclude(difference=0).order_by(size.desc(), "pk")[:SHOWN]
    ]


def _chart(test: BackTest) -> dict[str, Any]:
    money = [amounts for asset, amounts in test.totals.items() if asset != POINTS]
    tiers = [sum(column) for column in zip(*money, strict=True)] if money else [0] * 4
    return bar_chart(
        _("Commissions by tier"),
        [_("tier 1"), _("tier 2")],
        {_("so far"): tiers[:2], _("with this plan"): tiers[2:]},
        money=True,
    )
