import common.base_models
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('members', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PayoutLease',
            fields=[
                ('token', models.UUIDField(primary_key=True, serialize=False)),
                ('expires_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('member', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='person', serialize=False, to='members.member', verbose_name='member')),
                ('name_encrypted', models.TextField(verbose_name='encrypted name')),
                ('name_mask', models.CharField(max_length=40, verbose_name='real name')),
                ('name_fingerprint', models.CharField(max_length=64, verbose_name='fingerprint of the name')),
                ('id_number_encrypted', models.TextField(blank=True, verbose_name='encrypted ID number')),
                ('id_number_mask', models.CharField(blank=True, max_length=20, verbose_name='ID number')),
                ('id_number_fingerprint', models.CharField(blank=True, db_index=True, max_length=64, verbose_name='fingerprint of the ID number')),
                ('changed_at', models.DateTimeField(verbose_name='changed at')),
            ],
            options={
                'verbose_name': 'real identity',
                'verbose_name_plural': 'real identities',
                'permissions': [('unmask_person', 'Can unmask real names, ID numbers and accounts')],
            },
        ),
        migrations.CreateModel(
            name='RejectionReason',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True, verbose_name='code')),
                ('label', models.CharField(max_length=80, verbose_name='reason')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
            ],
            options={
                'verbose_name': 'reason for a rejection',
                'verbose_name_plural': 'reasons for rejections',
                'ordering': ['label'],
            },
        ),
        migrations.CreateModel(
            name='Channel',
            fields=[
                ('name', models.CharField(max_length=10, primary_key=True, serialize=False, verbose_name='channel')),
                ('paused_at', models.DateTimeField(blank=True, null=True, verbose_name='paused at')),
                ('pause_reason', models.CharField(blank=True, max_length=200, verbose_name='reason for the pause')),
            ],
            options={
                'verbose_name': 'payout channel',
                'verbose_name_plural': 'payout channels',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('pause_reason', ''), ('paused_at', None)), models.Q(('paused_at__isnull', False), models.Q(('pause_reason', ''), _negated=True)), _connector='OR'), name='channel_pause_has_reason')],
            },
        ),
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('reply', 'signed reply'), ('notification', 'notification'), ('voucher', 'voucher')], max_length=12, verbose_name='kind')),
                ('external_id', models.CharField(max_length=80, null=True, verbose_name="the provider's id")),
                ('content_encrypted', models.TextField(verbose_name='encrypted content')),
                ('sha256', models.CharField(max_length=64, verbose_name='hash')),
                ('at', models.DateTimeField(verbose_name='saved at')),
            ],
            options={
                'verbose_name': 'evidence',
                'verbose_name_plural': 'evidence',
                'constraints': [models.UniqueConstraint(fields=('external_id',), name='evidence_external_id_unique'), models.CheckConstraint(condition=models.Q(('kind__in', ['reply', 'notification', 'voucher'])), name='evidence_kind_valid')],
            },
        ),
        migrations.CreateModel(
            name='Payee',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                ('channel', models.CharField(choices=[('wechat', 'WeChat wallet'), ('alipay', 'Alipay'), ('bank', 'bank account')], max_length=8, verbose_name='channel')),
                ('account_encrypted', models.TextField(verbose_name='encrypted account')),
                ('account_mask', models.CharField(max_length=20, verbose_name='account')),
                ('account_fingerprint', models.CharField(db_index=True, max_length=64, verbose_name='fingerprint of the account')),
                ('bank', models.CharField(blank=True, max_length=60, verbose_name='bank')),
                ('authorization_encrypted', models.TextField(blank=True, verbose_name='encrypted authorization')),
                ('since', models.DateTimeField(verbose_name='since')),
                ('retired_at', models.DateTimeField(blank=True, null=True, verbose_name='replaced at')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payees', to='members.member', verbose_name='member')),
            ],
            options={
                'verbose_name': 'payee',
                'verbose_name_plural': 'payees',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Policy',
            fields=[
                ('id', models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('min_amount', models.BigIntegerField(default=100, validators=[django.core.validators.MinValueValidator(1)], verbose_name='minimum amount')),
                ('max_amount', models.BigIntegerField(default=2000000, validators=[django.core.validators.MinValueValidator(1)], verbose_name='maximum amount')),
                ('max_per_day', models.BigIntegerField(default=2000000, help_text='Of one member, in fen.', validators=[django.core.validators.MinValueValidator(1)], verbose_name='maximum a day')),
                ('max_per_month', models.BigIntegerField(default=10000000, help_text='Of one member, in fen.', validators=[django.core.validators.MinValueValidator(1)], verbose_name='maximum a month')),
                ('fee', models.PositiveIntegerField(default=0, help_text='In basis points of the amount; rounded down.', verbose_name='fee')),
                ('second_finance_threshold', models.BigIntegerField(blank=True, help_text='In fen. Empty: one is always enough.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='two finance reviewers from')),
                ('id_number_threshold', models.BigIntegerField(default=80000, help_text="Of a member's income in a month, in fen.", validators=[django.core.validators.MinValueValidator(1)], verbose_name='ID number needed from')),
                ('review_hours', models.PositiveIntegerField(default=24, validators=[django.core.validators.MinValueValidator(1)], verbose_name='hours for both reviews')),
                ('ready_days', models.PositiveIntegerField(default=30, validators=[django.core.validators.MinValueValidator(1)], verbose_name='days to collect')),
                ('regime', models.CharField(choices=[('none', 'none (never in production)'), ('labor_per_payment', 'labour remuneration, by month (2018 No. 61)'), ('platform_cumulative', 'platform, cumulative (2025 No. 16)')], default='none', help_text="The company's tax adviser decides which one applies.", max_length=20, verbose_name='tax regime')),
                ('regime_version', models.PositiveIntegerField(default=1, verbose_name='version of the regime')),
            ],
            options={
                'verbose_name': 'payout policy',
                'verbose_name_plural': 'payout policy',
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='withdrawals_policy_singleton'), models.CheckConstraint(condition=models.Q(('max_amount__gte', models.F('min_amount')), ('max_per_day__gt', 0), ('max_per_month__gt', 0), ('min_amount__gt', 0), models.Q(('second_finance_threshold', None), ('second_finance_threshold__gt', 0), _connector='OR')), name='payout_limits_consistent', violation_error_message='The limits contradict each other.'), models.CheckConstraint(condition=models.Q(('fee__lt', 10000)), name='payout_fee_below_whole', violation_error_message='The fee must be below the whole amount.'), models.CheckConstraint(condition=models.Q(('regime__in', ['none', 'labor_per_payment', 'platform_cumulative'])), name='payout_regime_valid')],
            },
        ),
        migrations.CreateModel(
            name='TaxYear',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(verbose_name='year')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member', verbose_name='member')),
            ],
            options={
                'verbose_name': 'tax year',
                'verbose_name_plural': 'tax years',
            },
        ),
        migrations.CreateModel(
            name='Withdrawal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                ('key', models.CharField(max_length=64, verbose_name='key')),
                ('gross', models.BigIntegerField(verbose_name='amount')),
                ('fee', models.BigIntegerField(verbose_name='fee')),
                ('tax', models.BigIntegerField(verbose_name='tax')),
                ('net', models.BigIntegerField(verbose_name='net')),
                ('content_hash', models.CharField(max_length=64, verbose_name='hash of the approved content')),
                ('needs_second_finance', models.BooleanField(default=False, verbose_name='needs two finance reviewers')),
                ('status', models.CharField(choices=[('requested', 'requested'), ('ops_approved', 'approved by operations'), ('finance_approved', 'approved by finance'), ('ready_to_collect', 'ready to collect'), ('paying', 'paying'), ('paid', 'paid'), ('rejected', 'rejected'), ('cancelled', 'cancelled'), ('failed', 'failed'), ('returned', 'returned')], default='requested', max_length=16, verbose_name='status')),
                ('requested_at', models.DateTimeField(verbose_name='requested at')),
                ('ops_reviewer_member', models.BigIntegerField(editable=False, null=True)),
                ('ops_reviewed_at', models.DateTimeField(null=True, verbose_name='reviewed by operations at')),
                ('ops_content_hash', models.CharField(blank=True, editable=False, max_length=64)),
                ('finance_reviewer_member', models.BigIntegerField(editable=False, null=True)),
                ('finance_reviewed_at', models.DateTimeField(null=True, verbose_name='reviewed by finance at')),
                ('finance_content_hash', models.CharField(blank=True, editable=False, max_length=64)),
                ('second_reviewer_member', models.BigIntegerField(editable=False, null=True)),
                ('second_reviewed_at', models.DateTimeField(null=True, verbose_name='reviewed a second time at')),
                ('second_content_hash', models.CharField(blank=True, editable=False, max_length=64)),
                ('ready_at', models.DateTimeField(null=True, verbose_name='ready at')),
                ('start_failed_at', models.DateTimeField(null=True, verbose_name='payment could not start at')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended at')),
                ('end_reason', models.CharField(blank=True, choices=[('member', 'by the member'), ('debt', 'the member owes money after a refund'), ('uncollected', 'not collected in time'), ('payout', 'the provider could not pay')], max_length=12, verbose_name='end reason')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note to the member')),
                ('finance_reviewer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewer of finance')),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='withdrawals', to='members.member', verbose_name='member')),
                ('ops_reviewer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewer of operations')),
                ('payee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='withdrawals', to='withdrawals.payee', verbose_name='payee')),
                ('rejection_reason', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='withdrawals.rejectionreason', verbose_name='reason for the rejection')),
                ('second_reviewer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='second reviewer of finance')),
            ],
            options={
                'verbose_name': 'withdrawal',
                'verbose_name_plural': 'withdrawals',
                'ordering': ['-id'],
                'permissions': [('review_as_operations', 'Can review withdrawals for operations'), ('review_as_finance', 'Can review withdrawals for finance')],
            },
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('out_bill_no', models.CharField(max_length=32, verbose_name='number at the provider')),
                ('gateway', models.CharField(max_length=10, verbose_name='gateway')),
                ('amount', models.BigIntegerField(verbose_name='amount')),
                ('instruction_encrypted', models.TextField(verbose_name='encrypted instruction')),
                ('instruction_sha256', models.CharField(max_length=64, verbose_name='hash of the instruction')),
                ('state', models.CharField(choices=[('created', 'not sent yet'), ('unknown', 'unknown'), ('accepted', 'accepted'), ('processing', 'being processed'), ('wait_user_confirm', "awaiting the member's confirmation"), ('transfering', 'being transferred'), ('canceling', 'being cancelled'), ('success', 'succeeded'), ('fail', 'failed'), ('cancelled', 'cancelled')], default='created', max_length=18, verbose_name='state')),
                ('fail_reason', models.CharField(blank=True, max_length=64, verbose_name='failure reason')),
                ('last_error', models.CharField(blank=True, max_length=64, verbose_name='last error')),
                ('package_info', models.TextField(blank=True, verbose_name="for the member's phone")),
                ('provider_no', models.CharField(blank=True, max_length=64, verbose_name="the provider's number")),
                ('send_count', models.PositiveSmallIntegerField(default=0, verbose_name='times sent')),
                ('poll_count', models.PositiveSmallIntegerField(default=0, verbose_name='times polled')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('lease', models.UUIDField(editable=False, null=True)),
                ('next_run_at', models.DateTimeField(null=True, verbose_name='next run at')),
                ('stopped_at', models.DateTimeField(null=True, verbose_name='sending stopped at')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended at')),
                ('outcome_mismatch_at', models.DateTimeField(null=True, verbose_name='reported paid by the provider at')),
                ('alerted_overdue_at', models.DateTimeField(editable=False, null=True)),
                ('alerted_expiring_at', models.DateTimeField(editable=False, null=True)),
                ('claimed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='paid manually by')),
                ('marked_paid_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='marked paid by')),
                ('evidence', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='withdrawals.evidence', verbose_name='evidence')),
                ('withdrawal', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='withdrawals.withdrawal', verbose_name='withdrawal')),
            ],
            options={
                'verbose_name': 'payout attempt',
                'verbose_name_plural': 'payout attempts',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='TaxEntry',
            fields=[
                ('attempt', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='tax_entry', serialize=False, to='withdrawals.attempt', verbose_name='attempt')),
                ('year', models.PositiveSmallIntegerField(verbose_name='year')),
                ('month', models.PositiveSmallIntegerField(verbose_name='month')),
                ('income', models.BigIntegerField(verbose_name='income')),
                ('withheld', models.BigIntegerField(verbose_name='withheld')),
                ('regime', models.CharField(max_length=20, verbose_name='tax regime')),
                ('regime_version', models.PositiveIntegerField(verbose_name='version of the regime')),
                ('inputs', models.JSONField(verbose_name='computed from')),
                ('released_at', models.DateTimeField(null=True, verbose_name='tax released at')),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='tax_entries', to='members.member', verbose_name='member')),
            ],
            options={
                'verbose_name': 'tax entry',
                'verbose_name_plural': 'tax entries',
            },
        ),
        migrations.CreateModel(
            name='ManualResolution',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=200, verbose_name='reason')),
                ('proposer_member', models.BigIntegerField(editable=False)),
                ('proposed_at', models.DateTimeField(verbose_name='proposed at')),
                ('decider_member', models.BigIntegerField(editable=False, null=True)),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided at')),
                ('paid', models.BooleanField(verbose_name='was paid')),
                ('status', models.CharField(choices=[('proposed', 'proposed'), ('agreed', 'agreed to'), ('refused', 'refused')], default='proposed', max_length=8, verbose_name='status')),
                ('attempt', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='manual_resolutions', to='withdrawals.attempt', verbose_name='attempt')),
                ('decider', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('evidence', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='withdrawals.evidence', verbose_name='evidence')),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member', verbose_name='member')),
                ('proposer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
            ],
            options={
                'verbose_name': 'manual resolution',
                'verbose_name_plural': 'manual resolutions',
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(models.F('attempt'), condition=models.Q(('status', 'proposed')), name='manual_resolution_open_unique'), models.UniqueConstraint(models.F('attempt'), condition=models.Q(('status', 'agreed')), name='manual_resolution_agreed_unique'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='manual_resolution_reason_not_empty'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decider', None), ('decider_member', None), ('status', 'proposed')), models.Q(('decided_at__isnull', False), ('decider__isnull', False), ('decider_member__isnull', False), ('status__in', ['agreed', 'refused'])), _connector='OR'), name='manual_resolution_decision_complete'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'agreed'), _negated=True), models.Q(models.Q(('proposer', models.F('decider')), _negated=True), models.Q(('proposer_member', 0), models.Q(('proposer_member', models.F('decider_member')), _negated=True), _connector='OR')), _connector='OR'), name='manual_resolution_four_eyes'), models.CheckConstraint(condition=models.Q(models.Q(('proposer_member', models.F('member')), _negated=True), models.Q(('decider_member', models.F('member')), _negated=True)), name='manual_resolution_not_own_money')],
            },
        ),
        migrations.AddConstraint(
            model_name='payee',
            constraint=models.UniqueConstraint(models.F('member'), condition=models.Q(('retired_at', None)), name='payee_member_unique'),
        ),
        migrations.AddConstraint(
            model_name='payee',
            constraint=models.CheckConstraint(condition=models.Q(('channel__in', ['wechat', 'alipay', 'bank'])), name='payee_channel_valid'),
        ),
        migrations.AddConstraint(
            model_name='payee',
            constraint=models.CheckConstraint(condition=models.Q(('channel', 'bank'), ('bank', ''), _connector='OR'), name='payee_bank_only_for_bank_accounts'),
        ),
        migrations.AddConstraint(
            model_name='taxyear',
            constraint=models.UniqueConstraint(models.F('member'), models.F('year'), name='tax_year_member_unique'),
        ),
        migrations.AddIndex(
            model_name='withdrawal',
            index=models.Index(fields=['member', '-id'], name='withdrawal_member_idx'),
        ),
        migrations.AddIndex(
            model_name='withdrawal',
            index=models.Index(fields=['status', 'id'], name='withdrawal_status_idx'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.UniqueConstraint(fields=('member', 'key'), name='withdrawal_key_unique'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['requested', 'ops_approved', 'finance_approved', 'ready_to_collect', 'paying'])), fields=('member',), name='withdrawal_open_unique'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(('gross', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('net'), '+', models.F('tax')), '+', models.F('fee'))), ('fee__gte', 0), ('net__gt', 0), ('tax__gte', 0)), name='withdrawal_amounts_balance'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['requested', 'ops_approved', 'finance_approved', 'ready_to_collect', 'paying', 'paid', 'rejected', 'cancelled', 'failed', 'returned'])), name='withdrawal_status_valid'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ops_content_hash', ''), ('ops_reviewed_at', None), ('ops_reviewer', None), ('ops_reviewer_member', None)), models.Q(('ops_content_hash', models.F('content_hash')), ('ops_reviewed_at__isnull', False), ('ops_reviewer__isnull', False), ('ops_reviewer_member__isnull', False)), _connector='OR'), name='withdrawal_ops_review_complete'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finance_content_hash', ''), ('finance_reviewed_at', None), ('finance_reviewer', None), ('finance_reviewer_member', None)), models.Q(('finance_content_hash', models.F('content_hash')), ('finance_reviewed_at__isnull', False), ('finance_reviewer__isnull', False), ('finance_reviewer_member__isnull', False)), _connector='OR'), name='withdrawal_finance_review_complete'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('second_content_hash', ''), ('second_reviewed_at', None), ('second_reviewer', None), ('second_reviewer_member', None)), models.Q(('second_content_hash', models.F('content_hash')), ('second_reviewed_at__isnull', False), ('second_reviewer__isnull', False), ('second_reviewer_member__isnull', False)), _connector='OR'), name='withdrawal_second_review_complete'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ops_reviewer_member', models.F('member')), _negated=True), models.Q(('finance_reviewer_member', models.F('member')), _negated=True), models.Q(('second_reviewer_member', models.F('member')), _negated=True)), name='withdrawal_not_self_reviewed'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ops_reviewer', models.F('finance_reviewer')), _negated=True), models.Q(('ops_reviewer', models.F('second_reviewer')), _negated=True), models.Q(('finance_reviewer', models.F('second_reviewer')), _negated=True)), name='withdrawal_reviewers_differ'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ops_reviewer_member', 0), models.Q(('ops_reviewer_member', models.F('finance_reviewer_member')), _negated=True), _connector='OR'), models.Q(('ops_reviewer_member', 0), models.Q(('ops_reviewer_member', models.F('second_reviewer_member')), _negated=True), _connector='OR'), models.Q(('finance_reviewer_member', 0), models.Q(('finance_reviewer_member', models.F('second_reviewer_member')), _negated=True), _connector='OR')), name='withdrawal_four_eyes'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['requested', 'rejected', 'cancelled']), ('ops_reviewer__isnull', False), _connector='OR'), name='withdrawal_ops_review_required'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['requested', 'ops_approved', 'rejected', 'cancelled']), models.Q(('finance_reviewer__isnull', False), ('needs_second_finance', False)), models.Q(('finance_reviewer__isnull', False), ('second_reviewer__isnull', False)), _connector='OR'), name='withdrawal_finance_review_required'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finance_reviewer', None), ('ops_reviewer', None), ('status', 'requested')), models.Q(('status', 'requested'), _negated=True), _connector='OR'), name='withdrawal_requested_unreviewed'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('rejection_reason__isnull', False), ('status', 'rejected')), models.Q(models.Q(('status', 'rejected'), _negated=True), ('rejection_reason', None)), _connector='OR'), name='withdrawal_rejection_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['paid', 'rejected', 'cancelled', 'failed', 'returned']), ('ended_at__isnull', False)), models.Q(('status__in', ['requested', 'ops_approved', 'finance_approved', 'ready_to_collect', 'paying']), ('ended_at', None)), _connector='OR'), name='withdrawal_ended_at_matches_status'),
        ),
        migrations.AddIndex(
            model_name='attempt',
            index=models.Index(fields=['withdrawal', '-id'], name='attempt_withdrawal_idx'),
        ),
        migrations.AddIndex(
            model_name='attempt',
            index=models.Index(condition=models.Q(('next_run_at__isnull', False)), fields=['next_run_at'], name='attempt_due_idx'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.UniqueConstraint(fields=('out_bill_no',), name='attempt_number_unique'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['fail', 'cancelled']), _negated=True), fields=('withdrawal',), name='attempt_live_unique'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.CheckConstraint(condition=models.Q(('out_bill_no__regex', '^[0-9A-Za-z]{1,32}$')), name='attempt_number_format'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='attempt_amount_positive'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.CheckConstraint(condition=models.Q(('outcome_mismatch_at', None), ('state__in', ['fail', 'cancelled']), _connector='OR'), name='attempt_mismatch_only_unpaid'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.CheckConstraint(condition=models.Q(('marked_paid_by', None), ('gateway', 'manual'), _connector='OR'), name='attempt_marked_paid_only_manual'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['created', 'unknown', 'accepted', 'processing', 'wait_user_confirm', 'transfering', 'canceling', 'success', 'fail', 'cancelled'])), name='attempt_state_valid'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['success', 'fail', 'cancelled']), ('ended_at__isnull', False), ('evidence__isnull', False), ('next_run_at', None)), models.Q(models.Q(('state__in', ['success', 'fail', 'cancelled']), _negated=True), ('ended_at', None)), _connector='OR'), name='attempt_final_has_evidence'),
        ),
        migrations.AddIndex(
            model_name='taxentry',
            index=models.Index(fields=['member', 'year', 'month'], name='tax_entry_member_month_idx'),
        ),
        migrations.AddConstraint(
            model_name='taxentry',
            constraint=models.CheckConstraint(condition=models.Q(('income__gt', 0), ('withheld__gte', 0), ('withheld__lte', models.F('income'))), name='tax_entry_within_income'),
        ),
        migrations.AddConstraint(
            model_name='taxentry',
            constraint=models.CheckConstraint(condition=models.Q(('month__gte', 1), ('month__lte', 12)), name='tax_entry_month_valid'),
        ),
    ]
