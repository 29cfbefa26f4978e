"""Install the triggers that record what each statement changes."""

from django.db import migrations

from common import guards


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0001_initial"),
        ("commissions", "0002_guards"),
        ("orders", "0002_guards"),
    ]

    operations = [guards.install(guards.read(__file__, "deltas"))]
