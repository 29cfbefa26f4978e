# mypy: allow-subclassing-any, allow-any-generics
"""Render explanations, and show them on an order's page."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline

from backoffice.base import ReadOnly, column, register_inline
from commissions.explanations import LineExplanation, explain
from commissions.explanations.report import heading, tier_summary
from commissions.models import OrderCommissionTerms
from orders.models import Order


def render_lines(lines: Iterable[LineExplanation]) -> SafeString:
    return format_html_join(
        "",
        '<div class="mt-4"><p class="font-semibold text-important">{}</p>{}</div>',
        ((heading(line), _render_tiers(line)) for line in lines),
    )


def _render_tiers(line: LineExplanation) -> SafeString:
    return format_html_join(
        "",
        '<div class="my-2 ps-4"><p class="font-semibold">{}</p>{}</div>',
        ((tier_summary(tier), render_sentences(tier.sentences)) for tier in line.tiers),
    )


def render_sentences(sentences: tuple[str, ...]) -> SafeString:
    return format_html_join("", "<p>{}</p>", ((sentence,) for sentence in sentences))


@register_inline(Order)
class OrderCommissionTermsInline(ReadOnly, StackedInline):
    model = OrderCommissionTerms
    extra = 0
    hide_title = True
    fields = readonly_fields = ["plan", "accrued_at", "explanation"]
    verbose_name = verbose_name_plural = _("commissions")

    def has_view_permission(self, *args: object) -> bool:
        return True  # of everyone who may see the order

    @column(_("explanation"))
    def explanation(self, terms: OrderCommissionTerms) -> SafeString:
        return render_lines(explain(terms.order))
