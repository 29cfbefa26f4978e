from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("closing", "0002_guards"), ("ledger", "0003_conversion"), ("withdrawals", "0003_store_credit")]

    operations = [
        migrations.AlterField("difference", "control", models.CharField(choices=[('accounts', "Each member's account is the sum of its transfers"), ('held', 'Held amounts equal the open withdrawals'), ('clearing', 'Payout clearing equals payments not yet matched with a statement'), ('statement_lines', 'Each successful payment is on exactly one statement line'), ('statements', 'Each day since the first payment has a statement'), ('provider', "The provider balance equals the statement's closing balance"), ('conversion', 'Cash turned into store credit equals the credit issued'), ('tax', 'Tax payable equals tax withheld less tax remitted'), ('expense', 'Commission expense equals credits less clawbacks'), ('credits', 'Each credited commission is in the ledger with its amount'), ('queue', 'Each protected commission is due as it stands, or held, and none is late'), ('amounts', 'Each commission is what its line still earns'), ('refunds', 'Each order line counts exactly its refunds'), ('suspense', 'Nothing stays in suspense for long'), ('chain', 'Closed months are unchanged')], max_length=16, verbose_name='control')),
        migrations.RemoveConstraint("difference", "difference_control_valid"),
        migrations.AddConstraint("difference", models.CheckConstraint(condition=models.Q(("control__in", ['accounts', 'held', 'clearing', 'statement_lines', 'statements', 'provider', 'conversion', 'tax', 'expense', 'credits', 'queue', 'amounts', 'refunds', 'suspense', 'chain'])), name="difference_control_valid")),
    ]
