"""Find orders by what people have of a number: all of it, its beginning or its end."""

from __future__ import annotations

from django.db.models import Q
from django.db.models.functions import Reverse
from django.db.models.lookups import StartsWith

from backoffice.search import spellings

MIN_PART = 4
"""Shorter parts would match too many orders to be of use."""


def has_number(term: str) -> Q:
    """Return the condition that an order has this number, in whatever case.

    From ``MIN_PART`` characters on, the beginning or the end of the number is enough: customers
    read out the last digits. Two indexes answer; a part in the middle is not found.
    """
    terms = spellings(term)
    condition = Q(number__in=terms)
    if len(term) >= MIN_PART:
        for text in terms:
            condition |= Q(number__startswith=text)
            condition |= Q(StartsWith(Reverse("number"), text[::-1]))
    return condition
