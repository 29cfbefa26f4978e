"""Find the distributor that an address or a form names, and say what they are."""

from __future__ import annotations

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from distribution.admin.search import DistributorField
from distribution.models import Distributor


class DistributorForm(forms.Form):
    """Picks a person whose team is shown."""

    of = DistributorField(label=gettext_lazy("distributor"))


def distributor_named(text: str) -> Distributor | None:
    """Return a distributor by their own id, their invite code or their member's id, in any case."""
    term = text.strip().lower()
    if not term or "\0" in term:
        return None
    rows = Distributor.objects.filter(
        Q(public_id=term) | Q(code=term) | Q(member__public_id=term)
    ).select_related("member", "level", "segment")
    return rows.first()


def tier_name(tier: int) -> str:
    return _("tier 1") if tier == 1 else _("tier 2")


def role(own: Distributor | None) -> str:
    """Return the level of a distributor, or the status if it is not active; a buyer has neither."""
    if own is None:
        return _("buyer")
    if own.status != Distributor.Status.ACTIVE:
        return str(own.get_status_display())
    return own.level.name if own.level else _("distributor")
