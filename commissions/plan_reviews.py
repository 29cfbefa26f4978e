"""Review a plan, saved or only typed: what forbids its publication, and what it pays at worst."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from commissions import rules
from commissions.models import Plan, Rule
from commissions.plan_cache import terms_of
from commissions.plan_checks import findings_of
from commissions.sample_goods import Sample, SampleGoods
from commissions.services.boosts import highest_boost
from commissions.services.plans import plan_errors, rule_errors, rule_name
from common import money
from common.money import percent

MAX_REVIEWED = 200
"""More rules are reviewed only by what forbids their publication: each needs a calculation."""


@dataclass(slots=True)
class RuleReview:
    """What a person should know about one rule.

    ``share``: of the amount paid, what both tiers together get at worst, in basis points;
    ``None`` where it pays only points or was not computed.
    """

    rule: Rule
    share: int | None = None
    is_above_cap: bool = False
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def share_text(self) -> str:
        return "" if self.share is None else percent(self.share)


@dataclass(frozen=True, slots=True)
class PlanReview:
    """What a person should know about a plan: ``errors`` forbid its publication.

    ``share``: the worst case of all rules in basis points, before the cap. ``notes``: warnings
    that are about no single rule.
    """

    cap: int
    errors: list[str]
    rules: list[RuleReview]
    notes: list[str] = field(default_factory=list)

    @property
    def all_errors(self) -> list[str]:
        return [*self.errors, *(text for rule in self.rules for text in rule.errors)]

    @property
    def warnings(self) -> list[str]:
        texts = [*self.notes, *(text for rule in self.rules for text in rule.warnings)]
        return list(dict.fromkeys(texts))

    @property
    def share(self) -> int:
        return max((rule.share or 0 for rule in self.rules), default=0)

    @property
    def share_after_cap(self) -> int:
        return min(self.share, self.cap)

    @property
    def share_text(self) -> str:
        return percent(self.share)

    @property
    def share_after_cap_text(self) -> str:
        return percent(self.share_after_cap)


def review_plan(plan: Plan, *, at: datetime) -> PlanReview:
    """Review a saved plan as it will be from ``at`` on."""
    rows = plan.rules.select_related("product", "category", "level", "segment").order_by("pk")
    return review(plan, list(rows), at=at)


def review(plan: Plan, rows: Sequence[Rule], *, at: datetime) -> PlanReview:
    """Review a plan with these rules; neither needs to be saved. Queries are constant."""
    reviews = [
        RuleReview(row, errors=[str(text) for text in rule_errors(plan, row)]) for row in rows
    ]
    errors = [str(text) for text in plan_errors(plan, rows)]
    notes: list[str] = []
    if len(rows) <= MAX_REVIEWED:
        terms = terms_of(plan, [(place, row) for place, row in enumerate(rows)])
        samples = SampleGoods.read(rows)
        boost = highest_boost(at=at)
        for place, row_review in enumerate(reviews):
            _compute(row_review, place, terms, samples.of(row_review.rule), at, boost=boost)
        found = [] if errors else findings_of(plan, rows, at=at)
        errors += [row.text for row in found if row.forbids]
        notes = [row.text for row in found if not row.forbids]
    return PlanReview(plan.cap, errors, reviews, notes)


def _compute(
    row_review: RuleReview,
    place: int,
    terms: rules.Plan,
    samples: Iterable[Sample],
    at: datetime,
    *,
    boost: int,
) -> None:
    found = [
        (sample, rules.worst_case(terms, sample.goods, at=at, boost=boost)) for sample in samples
    ]
    sample, case = max(found, key=lambda pair: pair[1].share)
    share = -((-case.share.numerator) // case.share.denominator)  # rounded up
    row_review.share = int(share) if case.total else None
    row_review.is_above_cap = case.share > terms.cap
    row_review.warnings += [
        text
        for text in (
            _above_cap(row_review, sample, case, terms.cap),
            _never_applies(row_review, place, terms, found, at),
            _over(row_review.rule, at),
            _boost_outside(row_review.rule),
            _below_cost(row_review, found, terms.cap),
            _boosted(boost),
        )
        if text
    ]


def _above_cap(row_review: RuleReview, sample: Sample, case: rules.WorstCase, cap: int) -> str:
    if not row_review.is_above_cap:
        return ""
    data = {
        "rule": rule_name(row_review.rule), "tier1": _share(case, case.tier1),
        "tier2": _share(case, case.tier2), "total": _share(case, case.total),
        "cap": percent(cap), "goods": sample.name,
    }  # fmt: skip
    if sample.name and row_review.rule.kind != Rule.Kind.PERCENT:
        return _(
            "“%(rule)s”: on %(goods)s tier 1 gets up to %(tier1)s and tier 2 up to %(tier2)s."
            " Together that is %(total)s, above the cap of %(cap)s: tier 2 is cut first."
        ) % data  # fmt: skip
    return _(
        "“%(rule)s”: tier 1 gets up to %(tier1)s and tier 2 up to %(tier2)s. Together that is"
        " %(total)s, above the cap of %(cap)s: tier 2 is cut first."
    ) % data  # fmt: skip


def _share(case: rules.WorstCase, amount: Fraction) -> str:
    return percent(round(case.share_of(amount)))


def _never_applies(
    row_review: RuleReview,
    place: int,
    terms: rules.Plan,
    found: Sequence[tuple[Sample, rules.WorstCase]],
    at: datetime,
) -> str:
    if row_review.errors or _is_over(row_review.rule, at):
        return ""
    if any(place in rules.deciding_rules(terms, sample.goods, at=at) for sample, _case in found):
        return ""
    return _("“%(rule)s” never applies: another rule comes first for the same goods.") % {
        "rule": rule_name(row_review.rule)
    }


def _is_over(rule: Rule, at: datetime) -> bool:
    return rule.ends_at is not None and rule.ends_at <= at


def _over(rule: Rule, at: datetime) -> str:
    if not _is_over(rule, at):
        return ""
    return _("“%(rule)s” is over already: it pays nothing any more.") % {"rule": rule_name(rule)}


def _boost_outside(rule: Rule) -> str:
    if rule.boost_from is None or rule.boost_until is None:
        return ""
    begins_late = rule.ends_at is not None and rule.boost_from >= rule.ends_at
    ends_early = rule.starts_at is not None and rule.boost_until <= rule.starts_at
    if not (begins_late or ends_early):
        return ""
    return _("“%(rule)s”: its boost lies outside the time in which the rule is valid.") % {
        "rule": rule_name(rule)
    }


def _boosted(boost: int) -> str:
    if boost == rules.ONE_HUNDRED_PERCENT:
        return ""
    return _("Computed with the highest boost that a distributor has now or later: %(boost)s.") % {
        "boost": percent(boost)
    }


def _below_cost(
    row_review: RuleReview, found: Sequence[tuple[Sample, rules.WorstCase]], cap: int
) -> str:
    """Warn of SKUs whose commissions, after the cap, exceed their profit."""
    for sample, case in found:
        cost = sample.goods.unit_cost
        paid_out = min(case.total, Fraction(cap * case.paid, rules.ONE_HUNDRED_PERCENT))
        if not sample.is_real or cost is None or paid_out <= case.paid - cost:
            continue
        return _(
            "“%(rule)s”: %(goods)s sells at ¥%(price)s and costs ¥%(cost)s; commissions of up to"
            " ¥%(amount)s exceed the profit."
        ) % {
            "rule": rule_name(row_review.rule), "goods": sample.name,
            "price": money.format_yuan(case.paid), "cost": money.format_yuan(cost),
            "amount": money.format_yuan(money.floor(paid_out)),
        }  # fmt: skip
    return ""


def as_dict(plan_review: PlanReview) -> dict[str, Any]:
    """Return the review for the page that asks while a person types."""
    return {
        "errors": plan_review.all_errors,
        "warnings": plan_review.warnings,
        "rules": [
            {
                "share": row.share_text,
                "above_cap": row.is_above_cap,
                "errors": row.errors,
                "warnings": row.warnings,
            }
            for row in plan_review.rules
        ],
    }
