"""Let cash become store credit: an account for the cash, and a reason for both sides."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

KINDS = [('wallet', 'wallet'), ('held', 'held for withdrawals'), ('owed', 'owed'), ('commission_expense', 'commission expense'), ('issued', 'issued'), ('payout_clearing', 'payout clearing'), ('conversion', 'conversion into store credit'), ('provider_balance', 'balance at the payment provider'), ('bank', 'bank'), ('tax_payable', 'tax payable'), ('fee_income', 'fee income'), ('sales', 'sales'), ('payroll', 'payroll'), ('bad_debt', 'bad debt'), ('suspense', 'suspense')]
REASONS = [('commission', 'commission credited'), ('clawback', 'taken back after a refund'), ('recovery', 'debt recovered'), ('hold', 'held for a withdrawal'), ('release', 'withdrawal released'), ('payout', 'paid out'), ('conversion', 'converted into store credit'), ('tax', 'tax withheld'), ('fee', 'fee'), ('statement', "matched with the provider's statement"), ('treasury', 'top-up or remittance'), ('write_off', 'debt written off'), ('spending', 'spent in the shop'), ('payroll', 'paid with the wages'), ('adjustment', 'adjustment'), ('merge', 'merge of members'), ('reversal', 'reversal')]


def open_account(apps, schema_editor):
    apps.get_model("ledger", "Account").objects.get_or_create(
        member=None, kind="conversion", asset="cash"
    )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_guards")]

    operations = [
        migrations.AlterField("account", "kind", models.CharField(choices=KINDS, max_length=20, verbose_name="kind")),
        migrations.AlterField("transfer", "reason", models.CharField(choices=REASONS, max_length=12, verbose_name="reason")),
        migrations.RemoveConstraint("account", "account_in_chart"),
        migrations.AddConstraint("account", models.CheckConstraint(condition=models.Q(models.Q(('member__isnull', False), models.Q(models.Q(('asset', 'cash'), ('kind__in', ('wallet', 'held', 'owed'))), models.Q(('asset', 'store_credit'), ('kind__in', ('wallet', 'owed'))), models.Q(('asset', 'points'), ('kind__in', ('wallet', 'owed'))), models.Q(('asset', 'bonus'), ('kind__in', ('wallet', 'owed'))), _connector='OR')), models.Q(('member__isnull', True), models.Q(models.Q(('asset__in', ('cash', 'bonus')), ('kind', 'commission_expense')), models.Q(('asset__in', ('store_credit', 'points')), ('kind', 'issued')), models.Q(('asset__in', ('cash',)), ('kind', 'payout_clearing')), models.Q(('asset__in', ('cash',)), ('kind', 'conversion')), models.Q(('asset__in', ('cash',)), ('kind', 'provider_balance')), models.Q(('asset__in', ('cash',)), ('kind', 'bank')), models.Q(('asset__in', ('cash',)), ('kind', 'tax_payable')), models.Q(('asset__in', ('cash',)), ('kind', 'fee_income')), models.Q(('asset__in', ('store_credit', 'points')), ('kind', 'sales')), models.Q(('asset__in', ('bonus',)), ('kind', 'payroll')), models.Q(('asset__in', ('cash', 'store_credit', 'points', 'bonus')), ('kind', 'bad_debt')), models.Q(('asset__in', ('cash',)), ('kind', 'suspense')), _connector='OR')), _connector='OR'), name='account_in_chart')),
        # The table is large: the next migration reads it without a lock against writers.
        migrations.RemoveConstraint("transfer", "transfer_reason_valid"),
        AddConstraintNotValid("transfer", models.CheckConstraint(condition=models.Q(("reason__in", [reason for reason, _ in REASONS])), name="transfer_reason_valid")),
        migrations.RunPython(open_account, migrations.RunPython.noop),
    ]
