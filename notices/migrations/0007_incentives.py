from django.db import migrations, models

KINDS = [
    ("accrued", "new commission"),
    ("credited", "commission credited"),
    ("clawed_back", "commission taken back"),
    ("withdrawal_approved", "withdrawal approved"),
    ("withdrawal_rejected", "withdrawal rejected"),
    ("withdrawal_ready", "withdrawal waits to be collected"),
    ("withdrawal_paid", "withdrawal paid"),
    ("withdrawal_failed", "withdrawal failed"),
    ("application_approved", "application approved"),
    ("application_rejected", "application rejected"),
    ("claim_answered", "claim answered"),
    ("upline_bound", "bound to an upline"),
    ("direct_joined", "new member in the team"),
    ("level_changed", "level changed"),
    ("level_warning", "level about to be lost"),
    ("award_granted", "reward of an incentive"),
    ("award_held", "reward on hold"),
    ("award_refused", "reward no longer available"),
    ("award_taken_back", "reward taken back"),
    ("friend_ordered", "friend has ordered"),
    ("first_order_counts", "first order counts"),
]
TARGETS = [
    ("wallet", "wallet"),
    ("commissions", "commissions"),
    ("withdrawal", "withdrawal"),
    ("application", "application"),
    ("claim", "claim"),
    ("referrer", "upline"),
    ("team", "team"),
    ("levels", "levels"),
    ("incentive", "incentive"),
    ("award", "award"),
]


class Migration(migrations.Migration):

    dependencies = [("notices", "0006_level_warnings")]

    operations = [
        *(
            migrations.AlterField(
                model_name=model,
                name="kind",
                field=models.CharField(choices=KINDS, max_length=24, verbose_name="kind"),
            )
            for model in ("notice", "wording")
        ),
        migrations.AlterField(
            model_name="notice",
            name="target",
            field=models.CharField(choices=TARGETS, max_length=12, verbose_name="target"),
        ),
    ]
