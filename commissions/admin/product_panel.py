# mypy: allow-subclassing-any, allow-any-generics
"""What a product pays, on its page; and a page that proposes what it should pay."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice import office, panels
from backoffice.panels import Panel
from catalog.models import Product
from commissions import rules
from commissions.admin.plan_state import url
from commissions.admin.rule_form import ValueForm
from commissions.explanations.amounts import amount
from commissions.models import Plan, Rule
from commissions.product_pay import Pay, ProductPay, product_pay
from commissions.services import propose_for_product
from commissions.services.plans import rule_name
from commissions.services.proposals import open_drafts
from common import clock
from common.clock import format_moment
from common.errors import TwotierError
from common.money import percent, yuan_text

PRODUCT = "catalog.product"
NEW_DRAFT = ""


class ProposalForm(ValueForm):
    """What a product should pay everyone, and into which draft it goes."""

    into = forms.ChoiceField(label=gettext_lazy("draft"), required=False)

    field_order = ("basis", "tier1", "tier2", "asset", "into")

    def __init__(self, *args: Any, drafts: Iterable[Plan], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.drafts = {str(plan.pk): plan for plan in drafts}
        self.fields["into"].choices = [  # type: ignore[attr-defined]
            *((key, str(plan)) for key, plan in self.drafts.items()),
            (NEW_DRAFT, _("a new draft with the terms of the plan in force")),
        ]

    def clean_into(self) -> Plan | None:
        return self.drafts.get(self.cleaned_data["into"])


def pay_context(request: HttpRequest, product: Product) -> dict[str, Any]:
    """Return the context of the panel."""
    at = clock.now()
    return {
        "plans": [_table(pay) for pay in product_pay(product, at=at)],
        "propose_url": (
            url("propose", product.pk) if request.user.has_perm("commissions.add_plan") else ""
        ),
    }


def _table(pay: ProductPay) -> dict[str, Any]:
    starts = pay.plan.starts_at
    later = starts is not None and starts > clock.now()
    return {
        "plan": pay.plan,
        "url": url("change", pay.plan.pk),
        "title": _("From %(at)s: %(plan)s") % {"at": format_moment(starts), "plan": pay.plan}
        if starts and later
        else _("Now: %(plan)s") % {"plan": pay.plan},
        "rows": [_row(row) for row in pay.rows],
    }


def _row(row: Pay) -> dict[str, Any]:
    return {
        "sku": str(row.sku),
        "price": yuan_text(row.sku.price),
        "audience": str(row.audience) if row.audience else _("everyone"),
        "tiers": [_award(award, row.sku.price) for award in (row.tier1, row.tier2)],
        "rules": "、".join(map(rule_name, row.rows)) or _("no rule"),
        "is_capped": row.is_capped,
    }


def _award(award: rules.Award, price: int) -> str:
    if not award.amount:
        return "–"
    if award.asset == rules.POINTS:
        return amount(award.amount, award.asset)
    part = percent(round(award.amount * rules.ONE_HUNDRED_PERCENT / price)) if price else ""
    return f"¥{amount(award.amount, award.asset)} ({part})"


def propose(admin: Any, request: HttpRequest, product: int) -> HttpResponse:
    """Show the form, filled in with the rule of today, and put the proposal into a draft."""
    if not request.user.has_perm("commissions.add_plan"):
        raise PermissionDenied
    row = get_object_or_404(Product, pk=product)
    user: Any = request.user
    form = ProposalForm(
        request.POST or None, instance=_today(row), drafts=open_drafts(user, at=clock.now())
    )
    if request.method == "POST" and form.is_valid():
        into = form.cleaned_data["into"]
        form.instance.asset = form.cleaned_data["asset"]
        try:
            plan = propose_for_product(
                product=row, rule=form.instance, by=user, at=clock.now(), into=into
            )
        except TwotierError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, _("“%(product)s” is in the draft. Hand it over when it is complete.")
                % {"product": row.name},
            )  # fmt: skip
            return HttpResponseRedirect(url("change", plan.pk))
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": _("Propose what “%(product)s” pays") % {"product": row.name},
        "form": form,
        "back": f"{_product_url(row)}#panel-commissions",
        **pay_context(request, row),
    }
    return TemplateResponse(
        request, "admin/commissions/propose.html", context, headers=office.NO_STORE
    )


def _product_url(product: Product) -> str:
    return reverse("admin:catalog_product_change", args=[product.pk])


def _today(product: Product) -> Rule:
    """Return a copy of the rule that the plan in force has for a product and everyone."""
    plan = Plan.objects.in_force(clock.now()).first()
    known = plan and plan.rules.filter(product=product, level=None, segment=None).first()
    rule: Rule = known or Rule()
    rule.pk, rule._state.adding = None, True
    return rule


panels.register(
    Panel(
        "commissions", gettext_lazy("commissions that it pays"), PRODUCT, "commissions.view_plan",
        "admin/commissions/product_pay.html", pay_context, 200,
    )
)  # fmt: skip
