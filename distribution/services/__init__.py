"""The room's verbs: who becomes a distributor, and who is bound to whom."""

from distribution.services.applications import apply, approve, reject
from distribution.services.binding import Referred, bind_waiting, refer
from distribution.services.ending import expire_bindings, leave, lock
from distribution.services.enrolment import enrol, enrol_by_staff
from distribution.services.policy import change_policy
from distribution.services.purchases import Purchase, purchased
from distribution.services.reassignment import Reassigned, assign, reassign, reassign_many
from distribution.services.spells import change_status, exit_for_good, set_level, set_segment

__all__ = [
    "Purchase",
    "Reassigned",
    "Referred",
    "apply",
    "approve",
    "assign",
    "bind_waiting",
    "change_policy",
    "change_status",
    "enrol",
    "enrol_by_staff",
    "exit_for_good",
    "expire_bindings",
    "leave",
    "lock",
    "purchased",
    "reassign",
    "reassign_many",
    "refer",
    "reject",
    "set_level",
    "set_segment",
]
