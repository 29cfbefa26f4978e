"""Show transfers of awards by the name of their incentive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from incentives.models import Award
from ledger.sources import SourceLink


def awards(keys: Sequence[str]) -> Mapping[str, SourceLink]:
    rows = Award.objects.filter(public_id__in=keys)
    return {
        key: SourceLink(str(_("award of “%(name)s”") % {"name": name}), "incentives.award", pk)
        for key, name, pk in rows.values_list("public_id", "version__name", "pk")
    }
