"""Find the distributor that an address or a form names."""

from __future__ import annotations

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from distribution.admin.search import DistributorField
from distribution.models import Distributor


class DistributorForm(forms.Form):
    """Picks a person whose team is shown."""

    of = DistributorField(label=_("distributor"))


def distributor_named(text: str) -> Distributor | None:
    """Return a distributor by their own id, their invite code or their member's id, in any case."""
    term = text.strip().lower()
    if not term or "\0" in term:
        return None
    rows = Distributor.objects.filter(
        Q(public_id=term) | Q(code=term) | Q(member__public_id=term)
    ).select_related("member", "level", "segment")
    return rows.first()
