# mypy: allow-subclassing-any, allow-any-generics
"""The commissions on an order's page."""

from __future__ import annotations

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline

from backoffice.base import ReadOnly, column, register_inline
from commissions.admin.simulation import render_sentences
from commissions.explanations import explain
from commissions.explanations.report import heading, tier_summary
from commissions.models import OrderCommissionTerms
from orders.models import Order


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
        return format_html_join(
            "",
            '<p class="font-semibold">{}</p>{}',
            (
                (
                    heading(line),
                    format_html_join(
                        "",
                        '<div class="my-2 ps-4"><p class="font-semibold">{}</p>{}</div>',
                        (
                            (tier_summary(tier), render_sentences(tier.sentences))
                            for tier in line.tiers
                        ),
                    ),
                )
                for line in explain(terms.order)
            ),
        )
