"""Search of lists by whole values, so that indexes can answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import HttpRequest


def spellings(term: str) -> list[str]:
    """Return a copied id or number in the cases in which it may be stored.

    Ids are stored in one case, and people copy them in another; so an index can still answer.
    """
    return list(dict.fromkeys((term, term.lower(), term.upper())))


class Search:
    """Searches by fields that equal the term, in whatever case, and by related rows that match."""

    search_exact: ClassVar[Sequence[str]] = ()
    search_related: ClassVar[Mapping[str, Callable[[str], Any]]] = {}
    """By foreign key: the function that returns the related rows of a term."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        return (self.search(queryset, term) if term else queryset), False

    def search(self, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        condition = Q()
        for field in self.search_exact:
            condition |= Q(**{f"{field}__in": spellings(term)})
        for field, find in self.search_related.items():
            condition |= Q(**{f"{field}__in": find(term)})
        return rows.filter(condition)
