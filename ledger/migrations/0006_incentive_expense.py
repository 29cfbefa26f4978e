"""Let awards of incentives be paid: accounts for their cash and bonus, and their two reasons."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


def open_accounts(apps, schema_editor):
    Account = apps.get_model("ledger", "Account")
    for asset in ("cash", "bonus"):
        Account.objects.get_or_create(member=None, kind="incentive_expense", asset=asset)


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0005_lists_by_day'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='account',
            name='account_in_chart',
        ),
        migrations.RemoveConstraint(
            model_name='transfer',
            name='transfer_reason_valid',
        ),
        migrations.AlterField(
            model_name='account',
            name='kind',
            field=models.CharField(choices=[('wallet', 'wallet'), ('held', 'held for withdrawals'), ('owed', 'owed'), ('commission_expense', 'commission expense'), ('incentive_expense', 'incentive expense'), ('issued', 'issued'), ('payout_clearing', 'payout clearing'), ('conversion', 'conversion into store credit'), ('provider_balance', 'balance at the payment provider'), ('bank', 'bank'), ('tax_payable', 'tax payable'), ('fee_income', 'fee income'), ('sales', 'sales'), ('payroll', 'payroll'), ('bad_debt', 'bad debt'), ('suspense', 'suspense')], max_length=20, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='transfer',
            name='reason',
            field=models.CharField(choices=[('commission', 'commission credited'), ('clawback', 'taken back after a refund'), ('award', 'award of an incentive'), ('award_return', 'award taken back'), ('recovery', 'debt recovered'), ('hold', 'held for a withdrawal'), ('release', 'withdrawal released'), ('payout', 'paid out'), ('conversion', 'converted into store credit'), ('tax', 'tax withheld'), ('fee', 'fee'), ('statement', "matched with the provider's statement"), ('treasury', 'top-up or remittance'), ('write_off', 'debt written off'), ('spending', 'spent in the shop'), ('payroll', 'paid with the wages'), ('adjustment', 'adjustment'), ('merge', 'merge of members'), ('reversal', 'reversal')], max_length=12, verbose_name='reason'),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('member__isnull', False), models.Q(models.Q(('asset', 'cash'), ('kind__in', ('wallet', 'held', 'owed'))), models.Q(('asset', 'store_credit'), ('kind__in', ('wallet', 'owed'))), models.Q(('asset', 'points'), ('kind__in', ('wallet', 'owed'))), models.Q(('asset', 'bonus'), ('kind__in', ('wallet', 'owed'))), _connector='OR')), models.Q(('member__isnull', True), models.Q(models.Q(('asset__in', ('cash', 'bonus')), ('kind', 'commission_expense')), models.Q(('asset__in', ('cash', 'bonus')), ('kind', 'incentive_expense')), models.Q(('asset__in', ('store_credit', 'points')), ('kind', 'issued')), models.Q(('asset__in', ('cash',)), ('kind', 'payout_clearing')), models.Q(('asset__in', ('cash',)), ('kind', 'conversion')), models.Q(('asset__in', ('cash',)), ('kind', 'provider_balance')), models.Q(('asset__in', ('cash',)), ('kind', 'bank')), models.Q(('asset__in', ('cash',)), ('kind', 'tax_payable')), models.Q(('asset__in', ('cash',)), ('kind', 'fee_income')), models.Q(('asset__in', ('store_credit', 'points')), ('kind', 'sales')), models.Q(('asset__in', ('bonus',)), ('kind', 'payroll')), models.Q(('asset__in', ('cash', 'store_credit', 'points', 'bonus')), ('kind', 'bad_debt')), models.Q(('asset__in', ('cash',)), ('kind', 'suspense')), _connector='OR')), _connector='OR'), name='account_in_chart'),
        ),
        # The table is large: the next migration reads it without a lock against writers.
        AddConstraintNotValid(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['commission', 'clawback', 'award', 'award_return', 'recovery', 'hold', 'release', 'payout', 'conversion', 'tax', 'fee', 'statement', 'treasury', 'write_off', 'spending', 'payroll', 'adjustment', 'merge', 'reversal'])), name='transfer_reason_valid'),
        ),
        migrations.RunPython(open_accounts, migrations.RunPython.noop),
    ]
