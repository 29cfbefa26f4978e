"""Enrol distributors and bind members to uplines."""

from distribution.services.applications import apply, approve, reject
from distribution.services.binding import ReferralResult, bind_pending_referrals, refer
from distribution.services.distributor_periods import (
    change_status,
    exit_distributor,
    set_level,
    set_segment,
)
from distribution.services.enrolment import enrol, enrol_by_staff
from distribution.services.exits import end_bindings_to_exited
from distribution.services.extension import extend, extend_many
from distribution.services.forms import publish_form
from distribution.services.imported_bindings import import_binding
from distribution.services.invitations import enter_code
from distribution.services.merging import (
    MergedBindings,
    TeamMerge,
    lock_for_merge,
    merge_distribution,
    preview_team_merge,
)
from distribution.services.policy import change_policy
from distribution.services.purchases import Purchase, record_purchases
from distribution.services.reassignment import ReassignmentResult, assign, reassign, reassign_many
from distribution.services.unbind import expire_bindings, leave, lock_members
