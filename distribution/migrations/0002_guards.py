"""Guard distributors, bindings and application forms, and insert the policy.

* An upline is an active distributor at the moment of binding, and never below its own member.
* Only the expiry and the end of a binding change; an ended binding does not change.
* The end reason of a binding is proven: the exit or the poaching took place.
* Referrals never change; periods end once; an exit is final.
* A published form never changes. An expiry moves to a later moment only, and who moved it is known.
"""

from django.db import migrations

from common import guards
from common.base_models import insert_singleton

GUARDS = [
    guards.read(__file__, "bindings", "distributors", "upline_chains"),
    guards.row_guard(
        "distribution_binding", name="ended_immutable", when="OLD.ended_at IS NOT NULL",
        constraint="binding_end_final", message="an ended binding does not change",
    ),
    guards.immutable(
        "distribution_binding", "id", "public_id", "member_id", "distributor_id", "source",
        "evidence_kind", "evidence_id", "started_at", name="immutable_start",
    ),
    guards.never_deleted("distribution_binding"),
    guards.immutable("distribution_distributor", "id", "member_id", name="immutable_member"),
    guards.never_deleted("distribution_distributor"),
    guards.transitions(
        "distribution_distributor",
        statuses=["active", "suspended", "frozen", "exited"],
        comes_from={
            "active": ["suspended", "frozen"],
            "suspended": ["active", "frozen"],
            "frozen": ["active", "suspended"],
            "exited": ["active", "suspended", "frozen"],
        },
        constraint="distributor_status_transitions",
    ),
    guards.transitions(
        "distribution_application",
        statuses=["submitted", "approved", "rejected"],
        comes_from={
            "submitted": ["rejected"],
            "approved": ["submitted"],
            "rejected": ["submitted"],
        },
        constraint="application_status_transitions",
    ),
    guards.append_only("distribution_referral"),
    guards.immutable(
        "distribution_distributorperiod", "id", "distributor_id", "status", "level_id",
        "segment_id", "started_at", name="immutable_start",
    ),
    guards.never_deleted("distribution_distributorperiod"),
    guards.row_guard(
        "distribution_distributorperiod", name="ended_immutable", when="OLD.ended_at IS NOT NULL",
        constraint="distributor_period_end_final", message="an ended period does not change",
    ),
    guards.row_guard(
        "distribution_applicationform", name="published_stays", on="UPDATE OR DELETE",
        when="OLD.published_at IS NOT NULL", constraint="application_form_published_final",
        message="a published form does not change",
    ),
    guards.read(__file__, "forms"),
    guards.append_only("distribution_bindingextension"),
    guards.read(__file__, "extensions"),
    # Orders and staff only ever move an expiry to a later moment: a writer with an old
    # copy of the row must not take back what another one has given.
    guards.row_guard(
        "distribution_binding", name="expiry_only_later",
        when="NEW.expires_at IS NOT NULL"
        " AND (OLD.expires_at IS NULL OR NEW.expires_at < OLD.expires_at)"
        " AND NEW.expires_at IS DISTINCT FROM OLD.expires_at",
        constraint="binding_expiry_only_later",
        message="an expiry moves to a later moment only",
    ),
]


class Migration(migrations.Migration):
    dependencies = [("distribution", "0001_initial"), ("events", "0002_guards")]

    operations = [
        guards.install(*GUARDS),
        migrations.RunPython(insert_singleton("distribution", "Policy"), migrations.RunPython.noop),
    ]
