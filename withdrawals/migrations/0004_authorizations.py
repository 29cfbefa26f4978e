"""Store members' authorizations of payouts without confirmation, and the app of a WeChat account."""

import django.db.models.deletion
from django.db import migrations, models

from common import guards

PAYEE_GUARD = guards.immutable(
    "withdrawals_payee", "id", "public_id", "member_id", "channel", "account_mask", "account_fingerprint", "bank",
    "since",
)
PAYEE_GUARD_WITH_APP = guards.immutable(
    "withdrawals_payee", "id", "public_id", "member_id", "channel", "account_mask", "account_fingerprint", "bank",
    "app", "since",
)
DROP_PAYEE_GUARD = "DROP TRIGGER immutable_columns ON withdrawals_payee;"
STATUSES = [("asked", "asked WeChat Pay"), ("wait_user_confirm", "awaiting the member's confirmation"), ("taking_effect", "in effect"), ("closed", "closed")]


class Migration(migrations.Migration):
    dependencies = [("withdrawals", "0003_store_credit"), ("members", "0003_membersession")]

    operations = [
        migrations.AddField("policy", "authorizations", models.BooleanField(db_default=False, default=False, help_text="Members may allow WeChat Pay to pay them without confirming each payout.", verbose_name="payouts without confirmation")),
        migrations.AddField("payee", "app", models.CharField(blank=True, db_default="", default="", help_text="Of a WeChat account: empty for the mini-program.", max_length=32, verbose_name="app id")),
        migrations.AddConstraint("payee", models.CheckConstraint(condition=models.Q(("channel", "wechat"), ("app", ""), _connector="OR"), name="payee_app_only_for_wechat")),
        migrations.RunSQL(DROP_PAYEE_GUARD + PAYEE_GUARD_WITH_APP, DROP_PAYEE_GUARD + PAYEE_GUARD),
        migrations.CreateModel(
            name="PayoutAuthorization",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=32, unique=True, verbose_name="number at the provider")),
                ("merchant", models.CharField(max_length=32, verbose_name="merchant")),
                ("app", models.CharField(max_length=32, verbose_name="app id")),
                ("account_encrypted", models.TextField(verbose_name="encrypted account")),
                ("account_fingerprint", models.CharField(max_length=64, verbose_name="fingerprint of the account")),
                ("display_name", models.CharField(max_length=32, verbose_name="name of the account in the shop")),
                ("status", models.CharField(choices=STATUSES, default="asked", max_length=18, verbose_name="status")),
                ("authorization_encrypted", models.TextField(blank=True, verbose_name="encrypted authorization")),
                ("package_info", models.TextField(blank=True, verbose_name="for the member's phone")),
                ("close_reason", models.CharField(blank=True, max_length=64, verbose_name="reason of the end")),
                ("last_error", models.CharField(blank=True, max_length=64, verbose_name="last error")),
                ("send_count", models.PositiveSmallIntegerField(default=0, verbose_name="times sent")),
                ("poll_count", models.PositiveIntegerField(default=0, verbose_name="times polled")),
                ("asked_at", models.DateTimeField(verbose_name="asked for at")),
                ("authorized_at", models.DateTimeField(null=True, verbose_name="authorized at")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed at")),
                ("next_poll_at", models.DateTimeField(null=True, verbose_name="next poll at")),
                ("evidence", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="withdrawals.evidence", verbose_name="evidence")),
                ("member", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="authorizations", to="members.member", verbose_name="member")),
            ],
            options={
                "verbose_name": "payout authorization",
                "verbose_name_plural": "payout authorizations",
                "ordering": ["-id"],
                "indexes": [models.Index(condition=models.Q(("next_poll_at__isnull", False)), fields=["next_poll_at"], name="authorization_due_idx")],
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("closed_at", None)), fields=("account_fingerprint",), name="authorization_live_unique"),
                    models.CheckConstraint(condition=models.Q(("number__regex", "^[0-9A-Za-z]{1,32}$")), name="authorization_number_format"),
                    models.CheckConstraint(condition=models.Q(("status__in", ["asked", "wait_user_confirm", "taking_effect", "closed"])), name="authorization_status_valid"),
                    models.CheckConstraint(condition=models.Q(models.Q(("status", "taking_effect"), _negated=True), models.Q(("authorized_at__isnull", False), ("evidence__isnull", False), models.Q(("authorization_encrypted", ""), _negated=True)), _connector="OR"), name="authorization_effect_has_evidence"),
                    models.CheckConstraint(condition=models.Q(models.Q(("closed_at__isnull", False), ("next_poll_at", None), ("status", "closed"), ("evidence__isnull", False), models.Q(("close_reason", ""), _negated=True)), models.Q(models.Q(("status", "closed"), _negated=True), ("close_reason", ""), ("closed_at", None)), _connector="OR"), name="authorization_end_has_evidence"),
                ],
            },
        ),
        guards.install(
            guards.immutable(
                "withdrawals_payoutauthorization", "id", "member_id", "number", "merchant", "app", "account_fingerprint",
                "display_name", "asked_at",
            ),
            guards.set_once(
                "withdrawals_payoutauthorization", "authorized_at", name="authorized_once",
                constraint="authorization_authorized_once", message="an authorization takes effect once",
            ),
            guards.never_deleted("withdrawals_payoutauthorization"),
            guards.transitions(
                "withdrawals_payoutauthorization",
                statuses=["asked", "wait_user_confirm", "taking_effect", "closed"],
                comes_from={
                    "asked": [],
                    "wait_user_confirm": ["asked"],
                    "taking_effect": ["asked", "wait_user_confirm"],
                    "closed": ["asked", "wait_user_confirm", "taking_effect"],
                },
                constraint="authorization_status_transitions",
            ),
            # All but what is encrypted: that may be encrypted with another key.
            guards.row_guard(
                "withdrawals_payoutauthorization", name="closed_immutable",
                on="UPDATE OF status, package_info, close_reason, last_error, evidence_id, send_count, poll_count,"
                " authorized_at, closed_at, next_poll_at",
                when="OLD.closed_at IS NOT NULL", constraint="authorization_closed_immutable",
                message="a closed authorization does not change",
            ),
        ),
    ]
