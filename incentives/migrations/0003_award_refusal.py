"""Say of each refused award why; those before were refused for the budget, as far as known."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("incentives", "0003_award_steps"),
    ]

    operations = [
        migrations.AddField(
            model_name="award",
            name="refusal",
            field=models.CharField(
                blank=True,
                choices=[
                    ("budget", "the budget was used up"),
                    ("account_closed", "the account is closed"),
                    ("not_distributor", "only distributors get this"),
                    ("coupon_limit_reached", "the limit per member of this coupon was reached"),
                    ("coupon_out_of_stock", "the coupon had run out"),
                    ("coupon_not_published", "the coupon had ended"),
                    ("coupon_over", "the time in which the coupon could be used was over"),
                ],
                default="",
                max_length=20,
                verbose_name="not given because",
            ),
        ),
        migrations.AlterField(
            model_name="award",
            name="status",
            field=models.CharField(
                choices=[
                    ("waiting", "waiting for a second person"),
                    ("held", "held"),
                    ("granted", "granted"),
                    ("refused", "not given"),
                    ("taken_back", "taken back"),
                ],
                max_length=10,
                verbose_name="status",
            ),
        ),
        migrations.RunSQL(
            "UPDATE incentives_award SET refusal = 'budget' WHERE status = 'refused'",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="award",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "refused"), models.Q(("refusal", ""), _negated=True)),
                    models.Q(models.Q(("status", "refused"), _negated=True), ("refusal", "")),
                    _connector="OR",
                ),
                name="award_refused_with_reason",
            ),
        ),
    ]
