"""Tell what a plan comes to together with the incentives that run: asked before it is published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from commissions.models import Plan, Rule
from commissions.plan_checks import Finding
from common.money import percent
from incentives.worst_case import WorstCase, worst_case_of_plan


def worst_case_findings(plan: Plan, rules: Sequence[Rule], at: datetime) -> Iterator[Finding]:
    """Yield the worst case with all that is published; it forbids what is above the settings."""
    case = worst_case_of_plan(plan, rules, at=at)
    if case is None or not any(share for _name, share in case.awards):
        return
    if case.is_above_limit:
        text = _(
            "With the incentives that run, commissions and awards come to %(share)s of an order of"
            " “%(product)s” at worst (%(parts)s), more than the %(limit)s of the settings of"
            " incentives. Lower a rule, or stop an incentive first."
        )
    else:
        text = _(
            "With the incentives that run, commissions and awards come to %(share)s of an order of"
            " “%(product)s” at worst (%(parts)s; most: %(limit)s)."
        )
    yield Finding(text % _data(case), forbids=case.is_above_limit)


def _data(case: WorstCase) -> dict[str, str]:
    parts = [(_("commissions"), case.commissions), *case.awards]
    shares = (f"{name} {percent(share)}" for name, share in parts if share)
    return {
        "product": case.product, "share": percent(case.total), "limit": percent(case.limit),
        "parts": pgettext("between parts of a list", ", ").join(shares),
    }  # fmt: skip
