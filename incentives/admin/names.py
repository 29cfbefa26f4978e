"""Name incentives in lists of what belongs to them."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import OuterRef, QuerySet, Subquery

from incentives.models import Version

Rows = TypeVar("Rows", bound=QuerySet[Any])


def with_incentive_name(rows: Rows) -> Rows:
    """Set ``incentive_name`` of rows with an incentive: that of its newest published version."""
    versions = Version.objects.published().filter(incentive=OuterRef("incentive"))
    return rows.annotate(incentive_name=Subquery(versions.order_by("-number").values("name")[:1]))
