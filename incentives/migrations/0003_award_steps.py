"""Let the step of an award follow the merge of members, and nothing else."""

from django.db import migrations

from common import guards

IDENTITY = (
    "id", "public_id", "incentive_id", "version_id", "reward_id", "side", "period_start", "kind",
    "asset", "reached_at",
)  # fmt: skip
DROP = "DROP TRIGGER immutable_columns ON incentives_award;"


class Migration(migrations.Migration):
    dependencies = [("incentives", "0002_guards")]

    operations = [
        migrations.RunSQL(DROP, guards.immutable("incentives_award", *IDENTITY, "step")),
        guards.install(
            guards.immutable("incentives_award", *IDENTITY),
            guards.read(__file__, "award_steps"),
        ),
    ]
