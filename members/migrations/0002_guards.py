"""Guard staff, merges, agreements and uploads.

* The member of a staff user is set once, and changed accounts wait before they review.
* A member is merged once, as two people agreed, into a member that is not merged itself.
* A closed member stays closed; a published agreement and its acceptances never change.
* What was uploaded, and what WeChat told, never changes.
"""

from django.db import migrations

from common import guards

GUARDS = [
    guards.read(__file__, "review_wait"),
    guards.set_once(
        "members_user", "member_id", name="member_set_once",
        constraint="staff_member_set_once",
        message="the member of a staff user does not change",
    ),
    guards.immutable(
        "members_stafflinkproposal", "id", "user_id", "member_id", "reason", "proposer_id",
        "proposer_member", "proposed_at",
    ),
    guards.never_deleted("members_stafflinkproposal"),
    guards.transitions(
        "members_stafflinkproposal",
        statuses=["proposed", "agreed", "refused"],
        comes_from={"agreed": ["proposed"], "refused": ["proposed"]},
        editable_in=["proposed"],
        constraint="staff_link_decided_final",
    ),
    guards.no_early_review("members_stafflinkproposal", "proposer_id", "decider_id"),
    guards.read(__file__, "merges"),
    guards.set_once(
        "members_member", "merged_into_id", "merged_at", name="merged_once",
        constraint="member_merged_once", message="a merged member stays merged",
    ),
    guards.immutable(
        "members_membermerge", "id", "public_id", "merged_id", "survivor_id", "reason",
        "proposer_id", "proposer_member", "proposed_at",
    ),
    guards.never_deleted("members_membermerge"),
    guards.transitions(
        "members_membermerge",
        statuses=["proposed", "agreed", "refused"],
        comes_from={"agreed": ["proposed"], "refused": ["proposed"]},
        editable_in=["proposed"],
        constraint="merge_decided_final",
    ),
    guards.no_early_review("members_membermerge", "proposer_id", "decider_id"),
    guards.set_once(
        "members_member", "closed_at", name="closed_once",
        constraint="member_closed_once", message="a closed member stays closed",
    ),
    guards.row_guard(
        "members_agreement", name="published_stays", on="UPDATE OR DELETE",
        when="OLD.published_at IS NOT NULL", constraint="agreement_published_final",
        message="a published agreement does not change",
    ),
    guards.append_only("members_agreementacceptance"),
    guards.immutable(
        "members_wechatmessage", "id", "key", "event", "member_id", "received_at"
    ),
    guards.never_deleted("members_wechatmessage"),
    guards.transitions(
        "members_upload",
        statuses=(
            "writing", "stored", "used", "pending", "approved", "blocked", "removed",
            "erased",
        ),
        comes_from={
            "stored": ["writing"],
            "used": ["stored"],
            "pending": ["stored"],
            "approved": ["stored", "pending"],
            "blocked": ["pending"],
            "removed": ["writing", "stored", "used", "pending", "approved", "blocked"],
            "erased": ["removed"],
        },
        constraint="upload_status_moves",
    ),
    guards.immutable(
        "members_upload", "id", "public_id", "member_id", "purpose", "size", "width",
        "height", "created_at",
    ),
    guards.never_deleted("members_upload"),
]


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial"), ("events", "0002_guards")]

    operations = [
        guards.install(*GUARDS),
    ]
