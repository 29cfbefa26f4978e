"""Insert the rules that compare friends with who brought them; they are on at first."""

from django.db import migrations, models

STAGES = [
    ("withdrawal", "withdrawal"), ("order", "order"), ("referral", "friend who was brought"),
]  # fmt: skip


def insert_rules(apps, schema_editor):
    Rule = apps.get_model("risk", "Rule")
    for name in ("shared_phone", "shared_device", "shared_address"):
        # Only the orders of friends are compared, once each, which costs little.
        Rule.objects.create(stage="referral", name=name, threshold=1, min_sample=0, enabled=True)


class Migration(migrations.Migration):
    dependencies = [("risk", "0002_guards")]

    operations = [
        migrations.AlterField(
            "rule",
            "stage",
            models.CharField(choices=STAGES, max_length=10, verbose_name="stage"),
        ),
        migrations.AlterField(
            "assessment",
            "stage",
            models.CharField(choices=STAGES, max_length=10, verbose_name="stage"),
        ),
        migrations.RemoveConstraint("rule", "risk_rule_stage_valid"),
        migrations.AddConstraint(
            "rule",
            models.CheckConstraint(
                condition=models.Q(stage__in=["withdrawal", "order", "referral"]),
                name="risk_rule_stage_valid",
            ),
        ),
        migrations.RunPython(insert_rules, migrations.RunPython.noop),
    ]
