"""Install the triggers that record what each statement changes."""

from django.db import migrations

from common import guards
from common.base_models import insert_singleton

CHANGES = ("deltas", "teams", "shares", "corrections", "sales", "buyers", "visits")


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0001_initial"),
        ("commissions", "0002_guards"),
        ("distribution", "0002_guards"),
        ("ledger", "0002_guards"),
        ("orders", "0002_guards"),
        ("sharing", "0002_guards"),
    ]

    operations = [
        guards.install(guards.read(__file__, *CHANGES)),
        migrations.RunPython(insert_singleton("reports", "FoldedTransfers"), migrations.RunPython.noop),
    ]
