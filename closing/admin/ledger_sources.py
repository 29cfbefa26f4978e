"""Show transfers of documents, adjustments and statement lines with theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from closing.models import Adjustment, StatementLine, TreasuryDocument
from ledger.sources import SourceLink, register


def documents(keys: Sequence[str]) -> Mapping[str, SourceLink]:
    rows = TreasuryDocument.objects.filter(pk__in=[key for key in keys if key.isdecimal()])
    return {str(row.pk): SourceLink(str(row), "closing.treasurydocument", row.pk) for row in rows}


def adjustments(keys: Sequence[str]) -> Mapping[str, SourceLink]:
    rows = Adjustment.objects.filter(public_id__in=keys)
    return {row.public_id: SourceLink(row.reason, "closing.adjustment", row.pk) for row in rows}


def statement_lines(keys: Sequence[str]) -> Mapping[str, SourceLink]:
    rows = StatementLine.objects.filter(number__in=keys).values_list("number", "pk")
    return {number: SourceLink(number, "closing.statementline", pk) for number, pk in rows}


register("closing.treasurydocument", documents)
register("closing.adjustment", adjustments)
register("closing.statementline", statement_lines)
