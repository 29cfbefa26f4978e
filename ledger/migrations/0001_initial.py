import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

from common.create_models import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('members', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name='Account',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('member', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='members.member', verbose_name='member')),
                    ('kind', models.CharField(choices=[('wallet', 'wallet'), ('held', 'held for withdrawals'), ('owed', 'owed'), ('commission_expense', 'commission expense'), ('incentive_expense', 'incentive expense'), ('issued', 'issued'), ('payout_clearing', 'payout clearing'), ('conversion', 'conversion into store credit'), ('provider_balance', 'balance at the payment provider'), ('bank', 'bank'), ('tax_payable', 'tax payable'), ('fee_income', 'fee income'), ('sales', 'sales'), ('payroll', 'payroll'), ('bad_debt', 'bad debt'), ('suspense', 'suspense')], max_length=20, verbose_name='kind')),
                    ('asset', models.CharField(choices=[('cash', 'cash'), ('store_credit', 'store credit'), ('points', 'points'), ('bonus', 'bonus')], max_length=12, verbose_name='asset')),
                    ('balance', models.BigIntegerField(blank=True, help_text='In minor units, on the normal side; empty for platform accounts.', null=True, verbose_name='balance')),
                    ('sign', models.GeneratedField(db_persist=True, expression=models.Case(models.When(kind='owed', then=-1), default=1, output_field=models.SmallIntegerField()), output_field=models.SmallIntegerField(), verbose_name='sign')),
                ],
                options={
                    'verbose_name': 'account',
                    'verbose_name_plural': 'accounts',
                    'constraints': [
                        models.UniqueConstraint(models.F('member'), models.F('asset'), models.F('kind'), name='account_member_unique'),
                        models.UniqueConstraint(models.F('kind'), models.F('asset'), condition=models.Q(('member__isnull', True)), name='account_platform_unique'),
                        models.CheckConstraint(condition=models.Q(('balance__gte', 0)), name='account_balance_not_negative'),
                        models.CheckConstraint(condition=models.Q(models.Q(('balance__isnull', True), ('member__isnull', True)), models.Q(('balance__isnull', False), ('member__isnull', False)), _connector='OR'), name='account_balance_members_only'),
                        models.CheckConstraint(condition=models.Q(models.Q(('member__isnull', False), models.Q(models.Q(('asset', 'cash'), ('kind__in', ('wallet', 'held', 'owed'))), models.Q(('asset', 'store_credit'), ('kind__in', ('wallet', 'owed'))), models.Q(('asset', 'points'), ('kind__in', ('wallet', 'owed'))), models.Q(('asset', 'bonus'), ('kind__in', ('wallet', 'owed'))), _connector='OR')), models.Q(('member__isnull', True), models.Q(models.Q(('asset__in', ('cash', 'bonus')), ('kind', 'commission_expense')), models.Q(('asset__in', ('cash', 'bonus')), ('kind', 'incentive_expense')), models.Q(('asset__in', ('store_credit', 'points')), ('kind', 'issued')), models.Q(('asset__in', ('cash',)), ('kind', 'payout_clearing')), models.Q(('asset__in', ('cash',)), ('kind', 'conversion')), models.Q(('asset__in', ('cash',)), ('kind', 'provider_balance')), models.Q(('asset__in', ('cash',)), ('kind', 'bank')), models.Q(('asset__in', ('cash',)), ('kind', 'tax_payable')), models.Q(('asset__in', ('cash',)), ('kind', 'fee_income')), models.Q(('asset__in', ('store_credit', 'points')), ('kind', 'sales')), models.Q(('asset__in', ('bonus',)), ('kind', 'payroll')), models.Q(('asset__in', ('cash', 'store_credit', 'points', 'bonus')), ('kind', 'bad_debt')), models.Q(('asset__in', ('cash',)), ('kind', 'suspense')), _connector='OR')), _connector='OR'), name='account_in_chart'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Transfer',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('key', models.CharField(max_length=200, verbose_name='key')),
                    ('debit', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account', verbose_name='debited account')),
                    ('credit', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account', verbose_name='credited account')),
                    ('asset', models.CharField(choices=[('cash', 'cash'), ('store_credit', 'store credit'), ('points', 'points'), ('bonus', 'bonus')], max_length=12, verbose_name='asset')),
                    ('amount', models.BigIntegerField(help_text='In minor units.', verbose_name='amount')),
                    ('reason', models.CharField(choices=[('commission', 'commission credited'), ('clawback', 'taken back after a refund'), ('award', 'award of an incentive'), ('award_return', 'award taken back'), ('recovery', 'debt recovered'), ('hold', 'held for a withdrawal'), ('release', 'withdrawal released'), ('payout', 'paid out'), ('conversion', 'converted into store credit'), ('tax', 'tax withheld'), ('fee', 'fee'), ('statement', "matched with the provider's statement"), ('treasury', 'top-up or remittance'), ('write_off', 'debt written off'), ('spending', 'spent in the shop'), ('payroll', 'paid with the wages'), ('adjustment', 'adjustment'), ('merge', 'merge of members'), ('reversal', 'reversal')], max_length=12, verbose_name='reason')),
                    ('source_kind', models.CharField(max_length=40, verbose_name='source kind')),
                    ('source_id', models.CharField(max_length=80, verbose_name='source')),
                    ('effective_at', models.DateTimeField(verbose_name='effective at')),
                    ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='posted at')),
                    ('debit_balance_after', models.BigIntegerField(null=True, verbose_name="debited account's balance after it")),
                    ('credit_balance_after', models.BigIntegerField(null=True, verbose_name="credited account's balance after it")),
                    ('occurred_at', models.DateTimeField(help_text='Set only for a late posting, whose own month was already closed.', null=True, verbose_name='occurred at')),
                    ('reverses', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversals', to='ledger.transfer', verbose_name='reverses')),
                ],
                options={
                    'verbose_name': 'transfer',
                    'verbose_name_plural': 'transfers',
                    'indexes': [
                        models.Index(models.F('debit'), models.F('id'), name='transfer_debit_idx'),
                        models.Index(models.F('credit'), models.F('id'), name='transfer_credit_idx'),
                        django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['created_at'], name='transfer_by_day'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('key',), name='transfer_key_unique'),
                        models.UniqueConstraint(models.F('reverses'), condition=models.Q(('reverses__isnull', False)), name='transfer_reverses_unique'),
                        models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='transfer_amount_positive'),
                        models.CheckConstraint(condition=models.Q(('amount__lte', 1000000000000000)), name='transfer_amount_max'),
                        models.CheckConstraint(condition=models.Q(django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('key'), 150), ('key__startswith', 'recover:'), ('key__startswith', 'reverse:'), _connector='OR'), name='transfer_key_length'),
                        models.CheckConstraint(condition=models.Q(('debit_balance_after__gte', 0), ('credit_balance_after__gte', 0)), name='transfer_balances_not_negative'),
                        models.CheckConstraint(condition=models.Q(('debit', models.F('credit')), _negated=True), name='transfer_accounts_differ'),
                        models.CheckConstraint(condition=models.Q(('key', ''), _negated=True), name='transfer_key_not_empty'),
                        models.CheckConstraint(condition=models.Q(models.Q(('key__startswith', 'recover:'), ('reason', 'recovery')), models.Q(models.Q(('reason', 'recovery'), _negated=True), models.Q(('key__startswith', 'recover:'), _negated=True)), _connector='OR'), name='transfer_recovery_key_prefix'),
                        models.CheckConstraint(condition=models.Q(models.Q(('reason', 'reversal'), ('reverses__isnull', False)), models.Q(models.Q(('reason', 'reversal'), _negated=True), ('reverses__isnull', True)), _connector='OR'), name='transfer_reversal_has_original'),
                        models.CheckConstraint(condition=models.Q(('reason__in', ['commission', 'clawback', 'award', 'award_return', 'recovery', 'hold', 'release', 'payout', 'conversion', 'tax', 'fee', 'statement', 'treasury', 'write_off', 'spending', 'payroll', 'adjustment', 'merge', 'reversal'])), name='transfer_reason_valid'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Total',
                fields=[
                    ('account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='ledger.account', verbose_name='account')),
                    ('credits', models.BigIntegerField(verbose_name='credits')),
                    ('debits', models.BigIntegerField(verbose_name='debits')),
                    ('last_transfer', models.BigIntegerField(verbose_name='last transfer')),
                ],
                options={
                    'verbose_name': 'total',
                    'verbose_name_plural': 'totals',
                },
            ),
            migrations.CreateModel(
                name='Period',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('month', models.DateField(help_text='The first day of the month.', unique=True, verbose_name='month')),
                    ('ends_at', models.DateTimeField(verbose_name='ends at')),
                    ('first_signer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='first signature')),
                    ('first_signer_member', models.BigIntegerField(editable=False)),
                    ('first_signed_at', models.DateTimeField(verbose_name='first signed at')),
                    ('second_signer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='second signature')),
                    ('second_signer_member', models.BigIntegerField(editable=False, null=True)),
                    ('closed_at', models.DateTimeField(null=True, verbose_name='closed at')),
                    ('hashed_at', models.DateTimeField(null=True, verbose_name='hashed at')),
                    ('transfer_count', models.BigIntegerField(null=True, verbose_name='transfers')),
                    ('content_hash', models.CharField(blank=True, max_length=64, verbose_name='hash of its transfers')),
                    ('chain_hash', models.CharField(blank=True, max_length=64, verbose_name='hash chained to the month before')),
                ],
                options={
                    'verbose_name': 'accounting month',
                    'verbose_name_plural': 'accounting months',
                    'ordering': ['-month'],
                    'permissions': [('sign_period', 'Can sign the close of a month')],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('month__day', 1)), name='period_month_first_day'),
                        models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('second_signer', None), ('second_signer_member', None)), models.Q(('closed_at__gte', models.F('ends_at')), ('second_signer__isnull', False), ('second_signer_member__isnull', False)), _connector='OR'), name='period_closed_complete'),
                        models.CheckConstraint(condition=models.Q(models.Q(('first_signer', models.F('second_signer')), _negated=True), models.Q(('first_signer_member', 0), models.Q(('first_signer_member', models.F('second_signer_member')), _negated=True), _connector='OR')), name='period_four_eyes'),
                        models.CheckConstraint(condition=models.Q(models.Q(('chain_hash', ''), ('content_hash', ''), ('hashed_at', None), ('transfer_count', None)), models.Q(('chain_hash__regex', '^[0-9a-f]{64}$'), ('closed_at__isnull', False), ('content_hash__regex', '^[0-9a-f]{64}$'), ('hashed_at__isnull', False), ('transfer_count__gte', 0)), _connector='OR'), name='period_hash_complete'),
                    ],
                },
            ),
        ),
    ]
