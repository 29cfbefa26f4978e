# mypy: allow-subclassing-any, allow-any-generics
"""Review a plan while a person types it; nothing is saved."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import inlineformset_factory
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice.office import NO_STORE
from commissions.admin.plan_form import PlanForm
from commissions.admin.rule_form import RuleForm, RulesFormSet
from commissions.models import Plan, Rule
from commissions.plan_reviews import PlanReview, review
from common import clock
from common.money import percent

RULES = "rules"
MAX_ROWS = 1_000


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Return the review of the form that was posted, as JSON for the page's script."""
    if not any(map(request.user.has_perm, ("commissions.add_plan", "commissions.change_plan"))):
        raise PermissionDenied
    return JsonResponse(checked(request.POST), headers=NO_STORE)


def checked(data: Any) -> dict[str, Any]:
    """Return what the page shows of a review: the errors of fields first, then of the rules.

    ``rows``: of each row of the form, by its number, what is to be shown beside it.
    """
    form = PlanForm(data, instance=Plan())
    form.is_valid()
    plan: Plan = form.instance
    plan.layers = form.cleaned_data.get("layers") or plan.layers
    forms = _rule_forms(data)
    rows: dict[int, dict[str, Any]] = {}
    valid: list[tuple[int, Rule]] = []
    for place, rule_form in forms:
        errors = _typed_errors(rule_form)
        rows[place] = {"share": "", "above_cap": False, "errors": errors, "warnings": []}
        if rule_form.is_valid():
            valid.append((place, rule_form.instance))
    found = review(plan, [rule for _place, rule in valid], at=clock.now())
    for (place, _rule), row in zip(valid, found.rules, strict=True):
        rows[place] |= {
            "share": row.share_text, "above_cap": row.is_above_cap, "warnings": row.warnings,
            "errors": [*rows[place]["errors"], *row.errors],
        }  # fmt: skip
    return {
        "rows": rows,
        "errors": found.all_errors if len(valid) == len(forms) else [],
        "warnings": found.warnings,
        "summary": _summary(found) if valid else "",
        "above_cap": found.share > found.cap,
    }


def _rule_forms(data: Any) -> list[tuple[int, RuleForm]]:
    factory = inlineformset_factory(
        Plan, Rule, form=RuleForm, formset=RulesFormSet, extra=0, absolute_max=MAX_ROWS
    )
    formset = factory(data, instance=Plan(), prefix=RULES, queryset=Rule.objects.none())
    if not formset.management_form.is_valid():
        return []
    return [
        (place, form)
        for place, form in enumerate(_unsaved(formset))
        if f"{RULES}-{place}-layer" in data and f"{RULES}-{place}-DELETE" not in data
    ]


def _unsaved(formset: Any) -> list[Any]:
    """Return the forms of all rows without reading the saved rules: what is typed counts."""
    kwargs = formset.get_form_kwargs(None)
    total = min(formset.total_form_count(), MAX_ROWS)
    return [
        RuleForm(formset.data, prefix=f"{RULES}-{place}", instance=Rule(), **kwargs)
        for place in range(total)
    ]


def _typed_errors(form: RuleForm) -> list[str]:
    """Return the errors of fields in which something is typed: an empty row is not wrong yet."""
    return [
        str(text)
        for name, texts in form.errors.items()
        if name in form.fields and form[name].value()
        for text in texts
    ]


def _summary(found: PlanReview) -> str:
    data = {
        "share": found.share_text, "cap": percent(found.cap),
        "paid": found.share_after_cap_text,
    }  # fmt: skip
    if found.share > found.cap:
        return _(
            "At worst the rules add up to %(share)s of the amount paid; the cap of %(cap)s limits"
            " it to %(paid)s."
        ) % data  # fmt: skip
    return _("At worst the plan pays %(share)s of the amount paid (cap: %(cap)s).") % data
