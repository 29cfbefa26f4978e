# mypy: allow-subclassing-any, allow-any-generics
"""Show a coupon as members see it, also while it is typed; nothing is saved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice.office import NO_STORE
from promotions import rules
from promotions.admin.coupon_form import OF_SCOPE, CouponForm
from promotions.models import Coupon
from promotions.rules import CouponTerms, discount_of
from promotions.sentences import condition, face, goods_sentence, validity_sentence, yuan

EXAMPLES = (5_000, 10_000, 20_000, 50_000, 100_000)
"""Amounts of orders in fen; those near the threshold or below it are left out."""
SHOWN_EXAMPLES = 2
SHOWN_ERRORS = 4


@dataclass(frozen=True, slots=True)
class Ticket:
    face: str
    condition: str
    name: str
    goods: str
    validity: str
    examples: Sequence[str] = ()


def ticket_of(terms: CouponTerms, names: Sequence[str]) -> Ticket:
    """Return what is drawn of a coupon.

    :param names: of the goods that it is valid for
    """
    return Ticket(
        face(terms), condition(terms), terms.name, goods_sentence(terms, names),
        validity_sentence(terms), list(_examples(terms)),
    )  # fmt: skip


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Return the coupon that the posted form describes, or what it still lacks."""
    if not any(map(request.user.has_perm, ("promotions.add_coupon", "promotions.change_coupon"))):
        raise PermissionDenied
    form = CouponForm(request.POST, instance=Coupon())
    context: dict[str, Any] = {}
    if form.is_valid() and form.terms:
        rows = form.cleaned_data.get(OF_SCOPE.get(form.terms.scope, "")) or []
        context["ticket"] = ticket_of(form.terms, [row.name for row in rows])
    else:
        context["errors"] = list(_missing(form))[:SHOWN_ERRORS]
    return TemplateResponse(request, "admin/promotions/live.html", context, headers=NO_STORE)


def _missing(form: CouponForm) -> Iterator[str]:
    """Yield what is wrong with each field, with its name."""
    for name, sentences in form.errors.items():
        label = capfirst(str(form.fields[name].label or "")) if name in form.fields else ""
        yield " · ".join(filter(None, [label, *map(str, sentences)]))


def _examples(terms: CouponTerms) -> Iterator[str]:
    """Say what orders of some amounts pay with the coupon."""
    if terms.kind == rules.PRODUCT:
        return
    amounts = [terms.threshold] if terms.threshold else []
    amounts += [amount for amount in EXAMPLES if amount >= 1.5 * terms.threshold]
    for amount in amounts[:SHOWN_EXAMPLES]:
        reduction = discount_of(terms, in_scope=amount)
        yield _("Goods for %(amount)s cost %(paid)s with it.") % {
            "amount": yuan(amount), "paid": yuan(amount - reduction),
        }  # fmt: skip
