# mypy: allow-subclassing-any, allow-any-generics
"""What an order's page shows of commissions; orders themselves know nothing of them."""

from __future__ import annotations

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline

from commissions.admin.trying import said
from commissions.explaining import explain
from commissions.explaining.report import heading, result
from commissions.models import Terms
from common.admin import ReadOnly, column
from orders.admin import OrderAdmin


class TermsInline(ReadOnly, StackedInline):
    model = Terms
    extra = 0
    hide_title = True
    fields = readonly_fields = ["plan", "accrued_at", "why"]
    verbose_name = verbose_name_plural = _("commissions")

    def has_view_permission(self, *args: object) -> bool:
        return True  # whoever may see the order

    @column(_("explanation"))
    def why(self, terms: Terms) -> SafeString:
        return format_html_join(
            "",
            '<p class="font-semibold">{}</p>{}',
            (
                (
                    heading(line),
                    format_html_join(
                        "",
                        '<div class="my-2 ps-4"><p class="font-semibold">{}</p>{}</div>',
                        ((result(tier), said(tier.sentences)) for tier in line.tiers),
                    ),
                )
                for line in explain(terms.order)
            ),
        )


OrderAdmin.inlines = [*OrderAdmin.inlines, TermsInline]
