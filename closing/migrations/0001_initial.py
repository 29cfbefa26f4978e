import closing.models.journal
import common.base_models
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.create_models import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('members', '0001_initial'),
        ('withdrawals', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name='Difference',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('control', models.CharField(choices=[('accounts', "Each member's account is the sum of its transfers"), ('held', 'Held amounts equal the open withdrawals'), ('clearing', 'Payout clearing equals payments not yet matched with a statement'), ('statement_lines', 'Each successful payment is on exactly one statement line'), ('statements', 'Each day since the first payment has a statement'), ('provider', "The provider balance equals the statement's closing balance"), ('conversion', 'Cash turned into store credit equals the credit issued'), ('tax', 'Tax payable equals tax withheld less tax remitted'), ('expense', 'Commission and incentive expense equal credits less clawbacks'), ('credits', 'Each credited commission is in the ledger with its amount'), ('queue', 'Each protected commission is due as it stands, or held, and none is late'), ('amounts', 'Each commission is what its line still earns'), ('refunds', 'Each order line counts exactly its refunds'), ('awards', 'Each award is in the ledger with what it gave'), ('suspense', 'Nothing stays in suspense for long'), ('chain', 'Closed months are unchanged')], max_length=16, verbose_name='control')),
                    ('subject', models.CharField(max_length=200, verbose_name='subject')),
                    ('expected', models.BigIntegerField(null=True, verbose_name='expected value')),
                    ('actual', models.BigIntegerField(null=True, verbose_name='actual value')),
                    ('day', models.DateField(verbose_name='books up to')),
                    ('first_seen', models.DateTimeField(verbose_name='first seen at')),
                    ('last_seen', models.DateTimeField(verbose_name='last seen at')),
                    ('disappeared_at', models.DateTimeField(help_text='The last control no longer found it.', null=True, verbose_name='resolved since')),
                    ('assignee', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='assignee')),
                    ('closed_at', models.DateTimeField(null=True, verbose_name='closed at')),
                    ('closed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='closed by')),
                    ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ],
                options={
                    'verbose_name': 'difference',
                    'verbose_name_plural': 'differences',
                    'ordering': ['-id'],
                    'constraints': [
                        models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('control', 'subject'), name='difference_open_unique'),
                        models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closed_by', None), ('reason', '')), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='difference_closed_complete'),
                        models.CheckConstraint(condition=models.Q(('control__in', ['accounts', 'held', 'clearing', 'statement_lines', 'statements', 'provider', 'conversion', 'tax', 'expense', 'credits', 'queue', 'amounts', 'refunds', 'awards', 'suspense', 'chain'])), name='difference_control_valid'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='TreasuryDocument',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('top_up', 'provider top-up'), ('remittance', 'tax remittance'), ('write_off', 'debt write-off'), ('bank_payment', 'manual bank payment'), ('bank_return', 'returned bank payment')], max_length=12, verbose_name='kind')),
                    ('number', models.CharField(max_length=64, verbose_name='document number')),
                    ('amount', models.BigIntegerField(verbose_name='amount')),
                    ('member', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member', verbose_name='member')),
                    ('attempt', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='withdrawals.attempt', verbose_name='payment attempt')),
                    ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                    ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                    ('at', models.DateTimeField(verbose_name='at')),
                    ('by_member', models.BigIntegerField(editable=False)),
                    ('reuse_count', models.PositiveSmallIntegerField(db_default=0, editable=False)),
                    ('reversed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reversed by')),
                    ('reversed_by_member', models.BigIntegerField(editable=False, null=True)),
                    ('reversed_at', models.DateTimeField(null=True, verbose_name='reversed at')),
                    ('reversal_reason', models.CharField(blank=True, db_default='', max_length=200, verbose_name='reversal reason')),
                ],
                options={
                    'verbose_name': 'document',
                    'verbose_name_plural': 'documents',
                    'ordering': ['-id'],
                    'permissions': [('post_documents', 'Can post treasury documents')],
                    'constraints': [
                        models.UniqueConstraint(condition=models.Q(('reversed_at', None)), fields=('kind', 'number'), name='document_number_unique'),
                        models.UniqueConstraint(condition=models.Q(('reversed_at', None)), fields=('kind', 'attempt'), name='document_attempt_unique'),
                        models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='document_amount_positive'),
                        models.CheckConstraint(condition=models.Q(('number', ''), _negated=True), name='document_number_not_empty'),
                        models.CheckConstraint(condition=models.Q(models.Q(('attempt', None), ('kind__in', ['top_up', 'remittance']), ('member', None)), models.Q(('attempt', None), ('kind', 'write_off'), ('member__isnull', False), models.Q(('note', ''), _negated=True)), models.Q(('attempt__isnull', False), ('kind__in', ['bank_payment', 'bank_return']), ('member', None)), _connector='OR'), name='document_kind_fields'),
                        models.CheckConstraint(condition=models.Q(models.Q(('reversal_reason', ''), ('reversed_at', None), ('reversed_by', None), ('reversed_by_member', None)), models.Q(('reversed_at__isnull', False), ('reversed_by__isnull', False), ('reversed_by_member__isnull', False), models.Q(('reversal_reason', ''), _negated=True)), _connector='OR'), name='document_reversal_complete'),
                        models.CheckConstraint(condition=models.Q(models.Q(('by', models.F('reversed_by')), _negated=True), models.Q(('by_member', 0), models.Q(('by_member', models.F('reversed_by_member')), _negated=True), _connector='OR')), name='document_reversed_four_eyes'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Adjustment',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('reason', models.CharField(max_length=200, verbose_name='reason')),
                    ('proposer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
                    ('proposer_member', models.BigIntegerField(editable=False)),
                    ('proposed_at', models.DateTimeField(verbose_name='proposed at')),
                    ('decider', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                    ('decider_member', models.BigIntegerField(editable=False, null=True)),
                    ('decided_at', models.DateTimeField(null=True, verbose_name='decided at')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('key', models.CharField(max_length=64, unique=True, verbose_name='key')),
                    ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member', verbose_name='member')),
                    ('asset', models.CharField(choices=[('cash', 'cash'), ('store_credit', 'store credit'), ('points', 'points'), ('bonus', 'bonus')], max_length=12, verbose_name='asset')),
                    ('direction', models.CharField(choices=[('to_member', 'to the member'), ('from_member', 'from the member')], max_length=12, verbose_name='direction')),
                    ('amount', models.BigIntegerField(verbose_name='amount')),
                    ('status', models.CharField(choices=[('proposed', 'proposed'), ('posted', 'posted'), ('refused', 'refused')], default='proposed', max_length=8, verbose_name='status')),
                ],
                options={
                    'verbose_name': 'adjustment',
                    'verbose_name_plural': 'adjustments',
                    'ordering': ['-id'],
                    'permissions': [('propose_adjustment', 'Can propose adjustments'), ('decide_adjustment', 'Can decide on adjustments')],
                    'indexes': [
                        models.Index(condition=models.Q(('status', 'proposed')), fields=['proposed_at'], name='adjustment_waiting'),
                    ],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='adjustment_amount_positive'),
                        models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='adjustment_reason_not_empty'),
                        models.CheckConstraint(condition=models.Q(('direction__in', ['to_member', 'from_member'])), name='adjustment_direction_valid'),
                        models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decider', None), ('decider_member', None), ('status', 'proposed')), models.Q(('decided_at__isnull', False), ('decider__isnull', False), ('decider_member__isnull', False), ('status__in', ['posted', 'refused'])), _connector='OR'), name='adjustment_decision_complete'),
                        models.CheckConstraint(condition=models.Q(models.Q(('proposer', models.F('decider')), _negated=True), models.Q(('proposer_member', 0), models.Q(('proposer_member', models.F('decider_member')), _negated=True), _connector='OR')), name='adjustment_four_eyes'),
                        models.CheckConstraint(condition=models.Q(models.Q(('proposer_member', models.F('member')), _negated=True), models.Q(('decider_member', models.F('member')), _negated=True)), name='adjustment_not_own_wallet'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Payroll',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('month', models.DateField(help_text='First day of the month.', verbose_name='month')),
                    ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member', verbose_name='member')),
                    ('amount', models.BigIntegerField(verbose_name='amount')),
                    ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                    ('at', models.DateTimeField(verbose_name='at')),
                ],
                options={
                    'verbose_name': 'payroll bonus',
                    'verbose_name_plural': 'payroll bonuses',
                    'ordering': ['-month', 'member'],
                    'permissions': [('export_payroll', 'Can hand over bonuses to payroll')],
                    'constraints': [
                        models.UniqueConstraint(fields=('month', 'member'), name='payroll_month_member_unique'),
                        models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='payroll_amount_positive'),
                        models.CheckConstraint(condition=models.Q(('month__day', 1)), name='payroll_month_first_day'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='DayFlow',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateField(verbose_name='day')),
                    ('asset', models.CharField(choices=[('cash', 'cash'), ('store_credit', 'store credit'), ('points', 'points'), ('bonus', 'bonus')], max_length=12, verbose_name='asset')),
                    ('reason', models.CharField(choices=[('commission', 'commission credited'), ('clawback', 'taken back after a refund'), ('award', 'award of an incentive'), ('award_return', 'award taken back'), ('recovery', 'debt recovered'), ('hold', 'held for a withdrawal'), ('release', 'withdrawal released'), ('payout', 'paid out'), ('conversion', 'converted into store credit'), ('tax', 'tax withheld'), ('fee', 'fee'), ('statement', "matched with the provider's statement"), ('treasury', 'top-up or remittance'), ('write_off', 'debt written off'), ('spending', 'spent in the shop'), ('payroll', 'paid with the wages'), ('adjustment', 'adjustment'), ('merge', 'merge of members'), ('reversal', 'reversal')], max_length=12, verbose_name='reason')),
                    ('debit_kind', models.CharField(choices=[('wallet', 'wallet'), ('held', 'held for withdrawals'), ('owed', 'owed'), ('commission_expense', 'commission expense'), ('incentive_expense', 'incentive expense'), ('issued', 'issued'), ('payout_clearing', 'payout clearing'), ('conversion', 'conversion into store credit'), ('provider_balance', 'balance at the payment provider'), ('bank', 'bank'), ('tax_payable', 'tax payable'), ('fee_income', 'fee income'), ('sales', 'sales'), ('payroll', 'payroll'), ('bad_debt', 'bad debt'), ('suspense', 'suspense')], max_length=20, verbose_name='debited account')),
                    ('credit_kind', models.CharField(choices=[('wallet', 'wallet'), ('held', 'held for withdrawals'), ('owed', 'owed'), ('commission_expense', 'commission expense'), ('incentive_expense', 'incentive expense'), ('issued', 'issued'), ('payout_clearing', 'payout clearing'), ('conversion', 'conversion into store credit'), ('provider_balance', 'balance at the payment provider'), ('bank', 'bank'), ('tax_payable', 'tax payable'), ('fee_income', 'fee income'), ('sales', 'sales'), ('payroll', 'payroll'), ('bad_debt', 'bad debt'), ('suspense', 'suspense')], max_length=20, verbose_name='credited account')),
                    ('amount', models.BigIntegerField(verbose_name='amount')),
                    ('count', models.BigIntegerField(verbose_name='transfers')),
                ],
                options={
                    'verbose_name': 'flow of a day',
                    'verbose_name_plural': 'flows of days',
                    'constraints': [
                        models.UniqueConstraint(fields=('day', 'asset', 'reason', 'debit_kind', 'credit_kind'), name='day_flow_unique'),
                        models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('count__gt', 0)), name='day_flow_not_empty'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='FoldedFlows',
                fields=[
                    ('id', models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                    ('last_transfer', models.BigIntegerField(default=0, verbose_name='last transfer')),
                    ('tip', models.BigIntegerField(default=0, verbose_name='highest transfer')),
                    ('writers', models.JSONField(default=list, verbose_name='transactions')),
                ],
                options={
                    'verbose_name': 'folded flows',
                    'verbose_name_plural': 'folded flows',
                    'abstract': False,
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('id', 1)), name='closing_foldedflows_singleton'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='JournalAccount',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('asset', models.CharField(choices=[('cash', 'cash'), ('store_credit', 'store credit'), ('points', 'points'), ('bonus', 'bonus')], max_length=12, verbose_name='asset')),
                    ('kind', models.CharField(choices=[('wallet', 'wallet'), ('held', 'held for withdrawals'), ('owed', 'owed'), ('commission_expense', 'commission expense'), ('incentive_expense', 'incentive expense'), ('issued', 'issued'), ('payout_clearing', 'payout clearing'), ('conversion', 'conversion into store credit'), ('provider_balance', 'balance at the payment provider'), ('bank', 'bank'), ('tax_payable', 'tax payable'), ('fee_income', 'fee income'), ('sales', 'sales'), ('payroll', 'payroll'), ('bad_debt', 'bad debt'), ('suspense', 'suspense')], max_length=20, verbose_name='kind')),
                    ('code', models.CharField(max_length=40, verbose_name='code of the account')),
                    ('name', models.CharField(max_length=100, verbose_name='name of the account')),
                ],
                options={
                    'verbose_name': 'account of the books',
                    'verbose_name_plural': 'accounts of the books',
                    'ordering': ['code', 'id'],
                    'constraints': [
                        models.UniqueConstraint(fields=('asset', 'kind'), name='journal_account_unique'),
                        models.CheckConstraint(condition=models.Q(models.Q(('code', ''), _negated=True), models.Q(('name', ''), _negated=True)), name='journal_account_not_empty'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='JournalFormat',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=40, unique=True, verbose_name='name')),
                    ('columns', models.TextField(validators=[closing.models.journal.validate_columns], verbose_name='columns')),
                    ('word', models.CharField(default='记', max_length=10, verbose_name='word of the voucher')),
                    ('encoding', models.CharField(choices=[('gb18030', 'GB18030 (UFIDA, Kingdee)'), ('utf-8-sig', 'UTF-8 (spreadsheets)')], default='gb18030', max_length=12, verbose_name='encoding')),
                    ('date_pattern', models.CharField(choices=[('%Y-%m-%d', '2026-11-27'), ('%Y/%m/%d', '2026/11/27'), ('%Y%m%d', '20261127')], default='%Y-%m-%d', max_length=12, verbose_name='date')),
                ],
                options={
                    'verbose_name': 'format of vouchers',
                    'verbose_name_plural': 'formats of vouchers',
                    'ordering': ['id'],
                    'permissions': [('export_journal', 'Can export journal vouchers')],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('encoding__in', ['gb18030', 'utf-8-sig'])), name='journal_format_encoding_valid'),
                        models.CheckConstraint(condition=models.Q(('date_pattern__in', ['%Y-%m-%d', '%Y/%m/%d', '%Y%m%d'])), name='journal_format_date_valid'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='ControlRun',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateField(verbose_name='books up to')),
                    ('requested_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='started by')),
                    ('requested_at', models.DateTimeField(verbose_name='requested at')),
                    ('started_at', models.DateTimeField(null=True, verbose_name='started at')),
                    ('ended_at', models.DateTimeField(null=True, verbose_name='ended at')),
                    ('differences', models.JSONField(default=dict, verbose_name='differences')),
                    ('fault', models.CharField(blank=True, max_length=64, verbose_name='fault')),
                ],
                options={
                    'verbose_name': 'run of the controls',
                    'verbose_name_plural': 'runs of the controls',
                    'ordering': ['-id'],
                    'constraints': [
                        models.UniqueConstraint(models.ExpressionWrapper(models.Q(('ended_at', None)), output_field=models.BooleanField()), condition=models.Q(('ended_at', None)), name='control_run_open_unique'),
                        models.CheckConstraint(condition=models.Q(('fault', ''), ('ended_at__isnull', False), _connector='OR'), name='control_run_fault_ended'),
                        models.CheckConstraint(condition=models.Q(('ended_at', None), ('started_at__isnull', False), models.Q(('fault', ''), _negated=True), _connector='OR'), name='control_run_ended_started'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='ProviderStatement',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('gateway', models.CharField(max_length=10, verbose_name='gateway')),
                    ('day', models.DateField(verbose_name='statement date')),
                    ('sha1', models.CharField(max_length=40, verbose_name='SHA1 from the provider')),
                    ('content', models.BinaryField(verbose_name='file')),
                    ('rows', models.PositiveIntegerField(verbose_name='lines')),
                    ('closing_balance', models.BigIntegerField(verbose_name='closing balance')),
                    ('imported_at', models.DateTimeField(verbose_name='imported at')),
                    ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='imported by')),
                ],
                options={
                    'verbose_name': 'statement',
                    'verbose_name_plural': 'statements',
                    'ordering': ['-day', '-id'],
                    'permissions': [('import_bill', 'Can import provider statements')],
                    'constraints': [
                        models.UniqueConstraint(condition=models.Q(('rows__gt', 0)), fields=('gateway', 'day'), name='statement_unique_day'),
                        models.UniqueConstraint(condition=models.Q(('rows', 0)), fields=('gateway', 'day'), name='statement_empty_unique_day'),
                        models.CheckConstraint(condition=models.Q(('sha1__regex', '^[0-9a-f]{40}$')), name='statement_sha1_format'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='StatementLine',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('statement', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='closing.providerstatement', verbose_name='statement')),
                    ('line', models.PositiveIntegerField(verbose_name='line')),
                    ('number', models.CharField(max_length=64, verbose_name='movement number')),
                    ('at', models.DateTimeField(verbose_name='booked at')),
                    ('provider_no', models.CharField(blank=True, max_length=64, verbose_name='provider number')),
                    ('name', models.CharField(blank=True, max_length=64, verbose_name='business name')),
                    ('kind', models.CharField(blank=True, max_length=64, verbose_name='kind')),
                    ('amount', models.BigIntegerField(verbose_name='amount')),
                    ('balance', models.BigIntegerField(verbose_name='balance after')),
                    ('applicant', models.CharField(blank=True, max_length=128, verbose_name='requested by')),
                    ('remark', models.CharField(blank=True, max_length=256, verbose_name='remark')),
                    ('voucher', models.CharField(blank=True, db_index=True, max_length=64, verbose_name='our number')),
                    ('status', models.CharField(choices=[('matched', 'matched'), ('suspended', 'in suspense'), ('cleared', 'cleared')], max_length=10, verbose_name='status')),
                    ('attempt', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='statement_line', to='withdrawals.attempt', verbose_name='payment attempt')),
                    ('document', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='statement_line', to='closing.treasurydocument', verbose_name='document')),
                    ('cleared_at', models.DateTimeField(null=True, verbose_name='cleared at')),
                    ('cleared_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='cleared by')),
                    ('cleared_reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ],
                options={
                    'verbose_name': 'statement line',
                    'verbose_name_plural': 'statement lines',
                    'ordering': ['-id'],
                    'indexes': [
                        models.Index(condition=models.Q(('status', 'suspended')), fields=['statement'], name='statement_line_suspended_idx'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('number',), name='statement_line_number_unique'),
                        models.UniqueConstraint(fields=('statement', 'line'), name='statement_line_position_unique'),
                        models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='statement_line_amount_nonzero'),
                        models.CheckConstraint(condition=models.Q(('status__in', ['matched', 'suspended', 'cleared'])), name='statement_line_status_valid'),
                        models.CheckConstraint(condition=models.Q(models.Q(('status', 'cleared'), ('cleared_at__isnull', False), models.Q(('cleared_reason', ''), _negated=True)), models.Q(models.Q(('status', 'cleared'), _negated=True), ('cleared_at', None), ('cleared_by', None), ('cleared_reason', '')), _connector='OR'), name='statement_line_cleared_complete'),
                    ],
                },
            ),
        ),
    ]
