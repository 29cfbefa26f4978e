"""The rows of an import, encrypted: the file's cells and, in each language, what a check found."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils import translation

from backoffice.imports import Finding, Outcome, Row, Text
from backoffice.models import Import, ImportRow
from backoffice.models.imports import in_language
from common import bulk_insert, encryption

CHUNK = 500
ByLanguage = dict[str, dict[str, str]]
"""Texts by column, by language."""


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row as it is stored."""

    line: int
    outcome: str
    cells: Mapping[str, str]
    problems: ByLanguage = field(default_factory=dict)
    old: ByLanguage = field(default_factory=dict)

    @property
    def row(self) -> Row:
        return Row(self.line, self.cells)

    @property
    def shown_problems(self) -> Mapping[str, str]:
        """The sentences by column, in the present language."""
        return in_language(self.problems) or {}

    @property
    def shown_old(self) -> Mapping[str, str]:
        return in_language(self.old) or {}


def store_rows(of: Import, rows: Iterable[Row]) -> None:
    """Store the rows of a new import."""
    bulk_insert.insert([
        ImportRow(
            of=of, line=row.line, outcome=Outcome.UNKNOWN,
            content_encrypted=_sealed({"cells": row.cells}),
        )
        for row in rows
    ])  # fmt: skip


def read_rows(of: Import, *, limit: int | None = None, **conditions: Any) -> Iterator[StoredRow]:
    """Read rows in the order of the file, some at a time; all of them, or the first ones."""
    rows = ImportRow.objects.filter(of=of, **conditions).order_by("line")[:limit]
    return map(opened, rows.iterator(chunk_size=CHUNK))


def opened(row: ImportRow) -> StoredRow:
    return StoredRow(row.line, row.outcome, **json.loads(encryption.decrypt(row.content_encrypted)))


def store_findings(of: Import, rows: Sequence[StoredRow]) -> None:
    """Store what a check found, in the order of the lines."""
    stored = list(ImportRow.objects.filter(of=of).order_by("line").only("pk", "line"))
    for kept, row in zip(stored, rows, strict=True):
        kept.outcome = row.outcome
        kept.content_encrypted = _sealed(
            {"cells": row.cells, "problems": row.problems, "old": row.old}
        )
    for start in range(0, len(stored), CHUNK):
        bulk_insert.update(stored[start : start + CHUNK], ["outcome", "content_encrypted"])


def with_finding(row: Row, finding: Finding) -> StoredRow:
    """Write a finding in every language."""
    return StoredRow(
        row.line, str(finding.outcome), row.cells,
        _by_language(finding.problems), _by_language(finding.old),
    )  # fmt: skip


def in_all_languages(text: Text) -> dict[str, str]:
    """Return a sentence by language."""
    texts = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            texts[language] = str(text)
    return texts


def _by_language(texts: Mapping[str, Text]) -> ByLanguage:
    if not texts:
        return {}
    written: ByLanguage = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            written[language] = {column: str(text) for column, text in texts.items()}
    return written


def _sealed(content: Mapping[str, Any]) -> str:
    return encryption.encrypt(json.dumps(content, ensure_ascii=False))
