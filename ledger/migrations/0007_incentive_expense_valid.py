from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_incentive_expense")]

    operations = [ValidateConstraint("transfer", "transfer_reason_valid")]
