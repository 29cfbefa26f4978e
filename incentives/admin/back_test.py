# mypy: allow-subclassing-any, allow-any-generics
"""Back-test a version on the orders of the last days: what it costs, and who gains."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from common import clock
from common.errors import TwotierError
from common.money import BASIS_POINTS, percent, yuan_text
from incentives.admin import version_state, words
from incentives.models import BackTest, Reward, Version
from incentives.services.back_tests import MAX_DAYS, request_back_test
from incentives.terms import as_json
from incentives.worth import Worth
from ledger.chart import Asset
from ledger.columns import amount_text

SHOWN = 20
"""How many members the list shows."""


class BackTestForm(forms.Form):
    days = forms.IntegerField(
        label=gettext_lazy("orders of the last days"), min_value=1, max_value=MAX_DAYS,
        initial=30, widget=UnfoldAdminIntegerFieldWidget,
    )  # fmt: skip


def show(request: HttpRequest, version: Version) -> HttpResponse:
    """Show the form and a result; a POST queues another back-test."""
    form = BackTestForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            request_back_test(
                version=version, days=form.cleaned_data["days"], by=request.user, at=clock.now()  # type: ignore[arg-type]
            )  # fmt: skip
            messages.success(request, _("The back-test is queued. The page shows its progress."))
            return HttpResponseRedirect(version_state.url("back_test", version.pk))
        except TwotierError as refusal:
            form.add_error(None, str(refusal))
    tests = list(version.back_tests.select_related("requested_by").order_by("-pk"))
    chosen = request.GET.get("test", "")
    test = next((row for row in tests if row.public_id == chosen), next(iter(tests), None))
    return TemplateResponse(
        request,
        "admin/incentives/back_test.html",
        {
            "title": _("Back-test “%(name)s”") % {"name": version.name},
            "form": form,
            "tests": tests,
            **(result(version, test) if test else {}),
        },
    )


def progress(request: HttpRequest, version: Version, test: str) -> HttpResponse:
    """Return the result or the progress of a back-test: the page asks until it is done."""
    row = get_object_or_404(version.back_tests.select_related("requested_by"), public_id=test)
    context = {"version": version, **result(version, row)}
    return render(request, "admin/incentives/back_test_result.html", context)


def result(version: Version, test: BackTest) -> dict[str, Any]:
    """Return the context of a result."""
    context: dict[str, Any] = {
        "test": test,
        "progress_url": version_state.url("back_test_progress", version.pk, test.public_id),
        "is_stale": as_json(version, list(version.rewards.all())) != test.terms,
    }
    if test.status != BackTest.Status.DONE:
        return context
    cost = _money(test)
    worth = Worth(test.worth, test.unvalued)
    return context | {
        "cost": yuan_text(cost),
        "share": _share_of_sales(cost, test),
        "worth": words.worth_text(worth) if worth != Worth() else "",
        "worth_share": _share_of_sales(test.worth, test) if test.worth else "",
        "sales": yuan_text(test.sales),
        "people": test.members.count(),
        "totals": [(total_title(name), total_text(name, n)) for name, n in test.totals.items()],
        "winners": _winners(test),
        "budget": words.budget_text(version),
        "is_above_budget": bool(version.budget_amount and cost > version.budget_amount)
        or bool(version.budget_awards and test.awards > version.budget_awards),
    }


def sentence(test: BackTest) -> str:
    """Return in one sentence what a finished back-test came to, for those who publish."""
    if not test.awards:
        return _("Nobody would have got anything.")
    text = _("%(people)s would have got %(money)s in money.") % {
        "people": people_text(test.members.count()), "money": yuan_text(_money(test)),
    }  # fmt: skip
    return text + things_sentence(Worth(test.worth, test.unvalued))


def things_sentence(worth: Worth) -> str:
    """Return what is given beside money, to add to another sentence; empty if it is nothing."""
    if worth == Worth():
        return ""
    text = _("Coupons, gifts and the like, at most: %(worth)s.")
    return f" {text}" % {"worth": words.worth_text(worth)}


def people_text(count: int) -> str:
    return ngettext("%(count)s person", "%(count)s people", count) % {"count": f"{count:,}"}


def _money(test: BackTest) -> int:
    """Return the money that a back-test came to, in fen; points are no money."""
    return sum(
        amount for asset, amount in test.totals.items()
        if asset in Asset.values and asset != Asset.POINTS
    )  # fmt: skip


def _share_of_sales(amount: int, test: BackTest) -> str:
    return percent(amount * BASIS_POINTS // test.sales) if test.sales else ""


def total_title(name: str) -> str:
    """Return the name of an asset, or of the kind of a reward that is no money."""
    return str(Asset(name).label) if name in Asset.values else str(Reward.Kind(name).label)


def total_text(name: str, total: int) -> str:
    return amount_text(total, name) if name in Asset.values else f"{total:,}"


def _winners(test: BackTest) -> list[tuple[Any, str, str, str, str, int]]:
    gained = (F("amount") + F("worth")).desc()
    rows = test.members.select_related("member").order_by(gained, "-points", "-others", "pk")
    return [
        (
            row.member, yuan_text(row.amount) if row.amount else "",
            f"{row.points:,}" if row.points else "", f"{row.others:,}" if row.others else "",
            words.worth_text(Worth(row.worth, row.unvalued)) if row.others else "", row.awards,
        )
        for row in rows[:SHOWN]
    ]  # fmt: skip
