"""The room's verbs. Commissions follow the facts of orders through ``sync_commissions`` alone."""

from commissions.services.holds import release_holds, release_unfrozen, sync_freeze_holds
from commissions.services.plans import (
    PlanNotCompliant,
    SelfApprovalForbidden,
    draft,
    publish,
    record_edit,
    roll_back_to,
)
from commissions.services.settlement import settle
from commissions.services.sync import sync_commissions

__all__ = [
    "PlanNotCompliant",
    "SelfApprovalForbidden",
    "draft",
    "publish",
    "record_edit",
    "release_holds",
    "release_unfrozen",
    "roll_back_to",
    "settle",
    "sync_commissions",
    "sync_freeze_holds",
]
