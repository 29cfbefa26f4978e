"""Find orders by what people have of a number: all of it, its beginning or its end."""

from __future__ import annotations

from django.db.models import Q
from django.db.models.functions import Collate, Reverse
from django.db.models.lookups import StartsWith

from backoffice.search import spellings

MIN_PART = 4
"""Shorter parts would match too many orders to be of use."""


def has_number(term: str, field: str = "number") -> Q:
    """Return the condition that an order has this number, in whatever case.

    From ``MIN_PART`` characters on, the beginning or the end of the number is enough: customers
    read out the last digits. Two indexes of orders answer; a part in the middle is not found.

    :param field: of a smaller table that has numbers of orders as well
    """
    terms = spellings(term)
    condition = Q((f"{field}__in", terms))
    if len(term) >= MIN_PART:
        for text in terms:
            condition |= Q((f"{field}__startswith", text))
            condition |= Q(StartsWith(Collate(Reverse(field), "C"), text[::-1]))
    return condition
