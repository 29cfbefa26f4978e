"""Who works here: what each group of staff may do. ``manage.py roles`` writes it down."""

from __future__ import annotations

from fnmatch import fnmatchcase

from django.contrib.auth.models import Group, Permission
from django.db import transaction

VIEW_PERMISSIONS = [
    "members.view_member", "members.view_membergrade", "members.view_tag", "members.view_user",
    "catalog.view_*", "distribution.view_*", "orders.view_*", "commissions.view_*",
    "withdrawals.view_withdrawal", "withdrawals.view_attempt", "withdrawals.view_evidence",
    "withdrawals.view_payee", "withdrawals.view_person", "withdrawals.view_channel",
    "withdrawals.view_rejectionreason", "withdrawals.view_policy", "withdrawals.view_manualresolution",
    "risk.view_*", "events.view_event",
]  # fmt: skip
ROLES: dict[str, list[str]] = {
    "Operations": [
        *VIEW_PERMISSIONS, "distribution.add_*", "distribution.change_*", "members.change_member",
        "members.*_tag", "members.*_membergrade", "catalog.add_*", "catalog.change_*",
        "orders.change_policy", "commissions.add_plan", "commissions.change_plan",
        "commissions.*_rule", "commissions.change_commissionhold", "risk.change_*",
        "withdrawals.review_as_operations",
    ],
    "Finance": [
        *VIEW_PERMISSIONS, "withdrawals.review_as_finance", "withdrawals.unmask_person",
        "withdrawals.change_channel", "withdrawals.change_policy", "withdrawals.*_rejectionreason",
        "withdrawals.view_taxentry", "ledger.view_*", "ledger.sign_period", "closing.view_*",
        "closing.change_difference", "closing.import_bill", "closing.post_documents",
        "closing.propose_adjustment", "closing.decide_adjustment", "closing.export_payroll",
    ],
    "Administrators": [
        *VIEW_PERMISSIONS, "members.add_user", "members.change_user", "auth.view_group",
        "events.*_delivery",
    ],
}  # fmt: skip


@transaction.atomic
def sync_groups() -> dict[str, int]:
    """Give each group the rights that it has here, and no others; how many they are."""
    every = {
        f"{one.content_type.app_label}.{one.codename}": one
        for one in Permission.objects.select_related("content_type")
    }
    written = {}
    for role in ROLES:
        names = permissions_of(role, every)
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set([every[name] for name in names])
        written[role] = len(names)
    return written


def permissions_of(role: str, every: list[str] | dict[str, Permission]) -> list[str]:
    """Of all the rights that there are, those of a role."""
    return [name for name in every if any(fnmatchcase(name, one) for one in ROLES[role])]
