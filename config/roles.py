"""Permissions of each group of staff; ``manage.py roles`` writes them to the database."""

from __future__ import annotations

from datetime import datetime
from fnmatch import fnmatchcase

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from members.rights import change_group

VIEW_PERMISSIONS = [
    "members.view_member", "members.view_membergrade", "members.view_tag", "members.view_user",
    "members.view_membermerge", "members.view_agreement",
    "catalog.view_*", "distribution.view_*", "sharing.view_*", "orders.view_*",
    "commissions.view_*",
    "withdrawals.view_withdrawal", "withdrawals.view_attempt", "withdrawals.view_evidence",
    "withdrawals.view_payee", "withdrawals.view_person", "withdrawals.view_channel",
    "withdrawals.view_rejectionreason", "withdrawals.view_policy",
    "withdrawals.view_manualresolution", "withdrawals.view_payoutauthorization",
    "risk.view_*", "incentives.view_level*", "incentives.view_distributorlevel",
    "incentives.view_gifttask", "incentives.view_proof", "incentives.view_periodclosing",
    "promotions.view_*", "materials.view_*", "posters.view_*", "reports.view_sharefigures",
    "reports.view_teammember", "reports.view_periodfigures", "reports.view_salesfigures",
    "events.view_event", "alarms.view_*", "backoffice.export_list", "notices.view_notice",
    "notices.view_message", "notices.view_wording",
    "incentives.view_incentive", "incentives.view_version", "incentives.view_award",
    "incentives.view_policy",
]  # fmt: skip
ROLES: dict[str, list[str]] = {
    "Operations": [
        *VIEW_PERMISSIONS, "distribution.add_*", "distribution.change_*",
        "distribution.delete_applicationform", "distribution.delete_question",
        "members.change_member",
        "members.propose_merge", "members.lock_member", "members.unmask_contact",
        "members.view_upload",
        "members.add_agreement", "members.change_agreement",
        "members.*_tag", "members.*_membergrade", "catalog.add_*", "catalog.change_*",
        "catalog.import_product",
        "sharing.change_share", "sharing.change_homepage", "sharing.change_sharingpolicy",
        "sharing.*_forbiddenword", "sharing.*_landingpolicy",
        "orders.change_policy", "commissions.add_plan", "commissions.change_plan",
        "commissions.publish_plan", "integration.*_mallimport", "integration.import_member",
        "commissions.*_rule", "commissions.change_commissionhold", "commissions.change_claim",
        "orders.decide_orderconflict", "risk.change_*",
        "posters.add_postertemplate", "posters.change_postertemplate",
        "posters.publish_postertemplate", "posters.*_recommendationline", "posters.change_shoplook",
        "incentives.*_levelcondition", "incentives.pin_level",
        "incentives.change_gifttask", "incentives.decide_proof", "incentives.confirm_closing",
        "materials.*_announcement", "materials.*_campaign", "materials.*_course",
        "materials.*_material",
        "promotions.*_coupon",
        "materials.change_materialfile", "materials.delete_materialfile",
        "withdrawals.review_as_operations", "alarms.change_alarm",
        "notices.change_wording", "notices.change_message",
        "incentives.*_version", "incentives.change_policy",
    ],
    "Finance": [
        *VIEW_PERMISSIONS, "withdrawals.review_as_finance", "withdrawals.unmask_person",
        "withdrawals.change_channel", "withdrawals.change_policy", "withdrawals.*_rejectionreason",
        "withdrawals.view_taxentry", "ledger.view_*", "ledger.sign_period", "closing.view_*",
        "closing.change_difference", "closing.import_bill", "closing.post_documents",
        "withdrawals.view_payoutbatch", "closing.export_journal", "closing.*_journalformat",
        "closing.*_journalaccount", "members.decide_merge", "closing.propose_adjustment",
        "closing.decide_adjustment",
        "closing.export_payroll", "orders.decide_orderconflict", "alarms.change_alarm",
        "commissions.publish_plan", "integration.view_mallimport", "integration.start_mallimport",
        "incentives.publish_version", "incentives.change_policy",
        "incentives.confirm_closing",
    ],
    "Administrators": [
        *VIEW_PERMISSIONS, "members.add_user", "members.change_user", "auth.view_group",
        "backoffice.view_export", "backoffice.view_import",
        "events.*_delivery", "alarms.change_alarm", "integration.view_apiclient",
        "integration.change_apiclient", "integration.*_mallimport",
        "webhooks.view_webhookendpoint", "webhooks.view_webhookdelivery",
        "webhooks.change_webhookendpoint", "webhooks.change_webhookdelivery",
    ],
}  # fmt: skip


@transaction.atomic
def sync_groups(*, at: datetime) -> dict[str, int]:
    """Set the permissions of each group, and return their number by group.

    What an upgrade adds does not restart the wait for reviews: nobody could pay for a day.
    """
    permissions = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    written = {}
    for role in ROLES:
        names = permissions_of(role, permissions)
        group = Group.objects.filter(name=role).first() or Group(name=role)
        given = [permissions[name] for name in names]
        change_group(group=group, permissions=given, by=None, at=at, restart_wait=False)
        written[role] = len(names)
    return written


def permissions_of(role: str, permissions: list[str] | dict[str, Permission]) -> list[str]:
    """Return the names of the permissions of a role."""
    return [
        name for name in permissions if any(fnmatchcase(name, pattern) for pattern in ROLES[role])
    ]
