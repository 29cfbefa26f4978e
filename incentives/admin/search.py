"""What the palette finds of incentives: by words of the name of any version, or by an id."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice import site_search
from backoffice.site_search import Hit, SearchSource
from incentives.models import Version

VIEW = "incentives.view_incentive"


def find_incentives(term: str, limit: int) -> list[Hit]:
    """Find incentives, each once, those of the latest versions first."""
    key = term.lower()
    rows = Version.objects.filter(
        Q(name__icontains=term) | Q(public_id=key) | Q(incentive__public_id=key)
    )
    latest = rows.order_by("incentive_id", "-pk").distinct("incentive_id")
    found = Version.objects.filter(pk__in=latest.values("pk")).order_by("-pk")[:limit]
    return [
        Hit(
            row.name,
            f"{row.get_metric_display()} · {row.get_status_display()}",
            reverse("admin:incentives_incentive_change", args=[row.incentive_id]),
            row.public_id,
        )
        for row in found
    ]


site_search.register(SearchSource("incentives", _("incentives"), VIEW, "trophy", find_incentives))
