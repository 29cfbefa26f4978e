"""What the palette finds of the provider's statements and of documents."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice import site_search
from backoffice.site_search import Hit, SearchSource
from backoffice.timeline import format_moment
from closing.models import StatementLine, TreasuryDocument
from common.money import yuan_text


def find_lines(term: str, limit: int) -> list[Hit]:
    """Find lines of statements by the number of the movement, or by our number."""
    terms = {term, term.upper(), term.lower()}
    found = StatementLine.objects.filter(number__in=terms).values("pk").union(
        StatementLine.objects.filter(voucher__in=terms).values("pk")
    )  # fmt: skip
    return [
        Hit(
            f"{line.number} · {yuan_text(line.amount)}",
            f"{line.kind or line.name} · {format_moment(line.at)} · {line.get_status_display()}",
            reverse("admin:closing_statementline_change", args=[line.pk]),
            line.number,
        )
        for line in StatementLine.objects.filter(pk__in=found).order_by("-pk")[:limit]
    ]


def find_documents(term: str, limit: int) -> list[Hit]:
    """Find documents by their whole number."""
    rows = TreasuryDocument.objects.filter(number__in={term, term.upper(), term.lower()})
    return [
        Hit(
            f"{row.number} · {yuan_text(row.amount)}",
            f"{row.get_kind_display()} · {format_moment(row.at)}",
            reverse("admin:closing_treasurydocument_change", args=[row.pk]),
            row.number,
        )
        for row in rows.order_by("-pk")[:limit]
    ]


site_search.register(
    SearchSource(
        "statement_lines", _("lines of statements"), "closing.view_statementline", "receipt",
        find_lines,
    )
)  # fmt: skip
site_search.register(
    SearchSource(
        "documents", _("documents"), "closing.view_treasurydocument", "description",
        find_documents,
    )
)  # fmt: skip
