"""Store batches of manual payouts, and guard that a batch equals its lines and never changes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common import guards


class Migration(migrations.Migration):
    dependencies = [("withdrawals", "0004_authorizations"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="PayoutBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, unique=True, verbose_name="batch number")),
                ("channel", models.CharField(choices=[("wechat", "WeChat wallet"), ("alipay", "Alipay"), ("bank", "bank account"), ("store_credit", "store credit")], max_length=12, verbose_name="channel")),
                ("count", models.PositiveIntegerField(verbose_name="payments")),
                ("total", models.BigIntegerField(verbose_name="control total")),
                ("at", models.DateTimeField(verbose_name="created at")),
                ("exported_at", models.DateTimeField(null=True, verbose_name="file last downloaded at")),
                ("export_count", models.PositiveSmallIntegerField(default=0, verbose_name="file downloaded")),
                ("by", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="paid manually by")),
            ],
            options={
                "verbose_name": "payout batch",
                "verbose_name_plural": "payout batches",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("count__gt", 0), ("total__gt", 0)), name="payout_batch_not_empty"),
                    models.CheckConstraint(condition=models.Q(("channel__in", ["wechat", "alipay", "bank"])), name="payout_batch_channel_valid"),
                    models.CheckConstraint(condition=models.Q(models.Q(("export_count", 0), ("exported_at", None)), models.Q(("export_count__gt", 0), ("exported_at__isnull", False)), _connector="OR"), name="payout_batch_export_complete"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PayoutBatchLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField(verbose_name="line")),
                ("attempt", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="batch_line", to="withdrawals.attempt", verbose_name="payment attempt")),
                ("batch", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="withdrawals.payoutbatch", verbose_name="payout batch")),
            ],
            options={
                "verbose_name": "line of a payout batch",
                "verbose_name_plural": "lines of payout batches",
                "ordering": ["batch", "position"],
                "constraints": [
                    models.UniqueConstraint(fields=("batch", "position"), name="payout_batch_line_position_unique"),
                    models.CheckConstraint(condition=models.Q(("position__gt", 0)), name="payout_batch_line_position_positive"),
                ],
            },
        ),
        guards.install(
            guards.read(__file__, "payout_batches"),
            guards.immutable("withdrawals_payoutbatch", "id", "number", "channel", "count", "total", "by_id", "at"),
            guards.never_deleted("withdrawals_payoutbatch"),
            guards.append_only("withdrawals_payoutbatchline"),
        ),
    ]
