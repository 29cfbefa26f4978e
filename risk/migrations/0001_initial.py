import common.base_models
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.create_models import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('members', '0001_initial'),
        ('orders', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name='Rule',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('stage', models.CharField(choices=[('withdrawal', 'withdrawal'), ('order', 'order'), ('referral', 'friend who was brought')], max_length=10, verbose_name='stage')),
                    ('name', models.CharField(choices=[('amount_spike', 'sudden high amount'), ('new_distributor', 'new distributor'), ('refund_rate', 'many refunds in 30 days'), ('self_purchase', 'own purchases'), ('shared_phone', 'phone shared with buyers'), ('shared_device', 'device shared with buyers'), ('shared_address', 'address shared with buyers'), ('shared_payee', 'payee shared with others'), ('shared_identity', 'ID number shared with others'), ('binding_burst', 'many bindings within an hour')], max_length=20, verbose_name='rule')),
                    ('enabled', models.BooleanField(default=False, verbose_name='enabled')),
                    ('threshold', models.PositiveIntegerField(verbose_name='threshold')),
                    ('min_sample', models.PositiveIntegerField(default=0, help_text='With fewer cases the rule is not assessed.', verbose_name='minimum sample')),
                    ('effect', models.CharField(choices=[('hold', 'on hold'), ('block', 'blocked')], default='hold', max_length=10, verbose_name='effect')),
                ],
                options={
                    'verbose_name': 'risk rule',
                    'verbose_name_plural': 'risk rules',
                    'ordering': ['-stage', 'id'],
                    'constraints': [
                        models.UniqueConstraint(fields=('stage', 'name'), name='risk_rule_unique_per_stage'),
                        models.CheckConstraint(condition=models.Q(('stage__in', ['withdrawal', 'order', 'referral'])), name='risk_rule_stage_valid'),
                        models.CheckConstraint(condition=models.Q(('effect', 'hold'), models.Q(('effect', 'block'), ('stage', 'withdrawal')), _connector='OR'), name='risk_rule_orders_hold_only'),
                        models.CheckConstraint(condition=models.Q(('threshold__gt', 0)), name='risk_rule_has_threshold', violation_error_message='The threshold must be above 0.'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Assessment',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('subject_kind', models.CharField(max_length=80, verbose_name='subject kind')),
                    ('subject_id', models.CharField(max_length=80, verbose_name='subject')),
                    ('stage', models.CharField(choices=[('withdrawal', 'withdrawal'), ('order', 'order'), ('referral', 'friend who was brought')], max_length=10, verbose_name='stage')),
                    ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member', verbose_name='member')),
                    ('rule', models.CharField(choices=[('amount_spike', 'sudden high amount'), ('new_distributor', 'new distributor'), ('refund_rate', 'many refunds in 30 days'), ('self_purchase', 'own purchases'), ('shared_phone', 'phone shared with buyers'), ('shared_device', 'device shared with buyers'), ('shared_address', 'address shared with buyers'), ('shared_payee', 'payee shared with others'), ('shared_identity', 'ID number shared with others'), ('binding_burst', 'many bindings within an hour')], max_length=20, verbose_name='rule')),
                    ('outcome', models.CharField(choices=[('pass', 'passed'), ('hold', 'on hold'), ('block', 'blocked'), ('not_assessed', 'not assessed')], max_length=12, verbose_name='outcome')),
                    ('evidence', models.JSONField(default=dict, verbose_name='evidence')),
                    ('at', models.DateTimeField(verbose_name='at')),
                ],
                options={
                    'verbose_name': 'assessment',
                    'verbose_name_plural': 'assessments',
                    'ordering': ['-id'],
                    'indexes': [
                        models.Index(fields=['subject_id', '-id'], name='assessment_of_subject'),
                        models.Index(fields=['member', '-id'], name='assessment_of_member'),
                        django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['at'], name='assessment_by_day'),
                    ],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('outcome__in', ['pass', 'hold', 'block', 'not_assessed'])), name='assessment_outcome_valid'),
                        models.CheckConstraint(condition=models.Q(('rule__in', ['amount_spike', 'new_distributor', 'refund_rate', 'self_purchase', 'shared_phone', 'shared_device', 'shared_address', 'shared_payee', 'shared_identity', 'binding_burst'])), name='assessment_rule_valid'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='ScreenedOrder',
                fields=[
                    ('order', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='screened', serialize=False, to='orders.order', verbose_name='order')),
                    ('at', models.DateTimeField(verbose_name='at')),
                ],
                options={
                    'verbose_name': 'screened order',
                    'verbose_name_plural': 'screened orders',
                },
            ),
            migrations.CreateModel(
                name='Case',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('subject_kind', models.CharField(max_length=80, verbose_name='subject kind')),
                    ('subject_id', models.CharField(max_length=80, verbose_name='subject')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='risk_cases', to='members.member', verbose_name='member')),
                    ('status', models.CharField(choices=[('open', 'open'), ('closed', 'closed')], default='open', max_length=10, verbose_name='status')),
                    ('opened_at', models.DateTimeField(verbose_name='opened at')),
                    ('assignee', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='assignee')),
                    ('closed_at', models.DateTimeField(null=True, verbose_name='closed at')),
                    ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='closed by')),
                    ('conclusion', models.CharField(blank=True, max_length=200, verbose_name='conclusion')),
                ],
                options={
                    'verbose_name': 'risk case',
                    'verbose_name_plural': 'risk cases',
                    'ordering': ['-id'],
                    'constraints': [
                        models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('subject_kind', 'subject_id'), name='risk_case_unique_open'),
                        models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closed_by', None), ('conclusion', ''), ('status', 'open')), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False), ('status', 'closed'), models.Q(('conclusion', ''), _negated=True)), _connector='OR'), name='risk_case_closed_has_closer'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Note',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='risk.case', verbose_name='risk case')),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='written by')),
                    ('text', models.CharField(max_length=1000, verbose_name='note')),
                    ('at', models.DateTimeField(verbose_name='at')),
                ],
                options={
                    'verbose_name': 'note',
                    'verbose_name_plural': 'notes',
                    'ordering': ['id'],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='risk_note_has_text'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Hold',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('subject_kind', models.CharField(max_length=80, verbose_name='subject kind')),
                    ('subject_id', models.CharField(max_length=80, verbose_name='subject')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='risk_holds', to='members.member', verbose_name='member')),
                    ('rule', models.CharField(choices=[('amount_spike', 'sudden high amount'), ('new_distributor', 'new distributor'), ('refund_rate', 'many refunds in 30 days'), ('self_purchase', 'own purchases'), ('shared_phone', 'phone shared with buyers'), ('shared_device', 'device shared with buyers'), ('shared_address', 'address shared with buyers'), ('shared_payee', 'payee shared with others'), ('shared_identity', 'ID number shared with others'), ('binding_burst', 'many bindings within an hour')], max_length=20, verbose_name='rule')),
                    ('outcome', models.CharField(choices=[('hold', 'on hold'), ('block', 'blocked')], max_length=10, verbose_name='effect')),
                    ('assessment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='hold', to='risk.assessment', verbose_name='assessment')),
                    ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='risk.case', verbose_name='risk case')),
                    ('since', models.DateTimeField(verbose_name='since')),
                    ('released_at', models.DateTimeField(null=True, verbose_name='released at')),
                    ('released_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='released by')),
                    ('release_reason', models.CharField(blank=True, max_length=200, verbose_name='release reason')),
                ],
                options={
                    'verbose_name': 'risk hold',
                    'verbose_name_plural': 'risk holds',
                    'ordering': ['-id'],
                    'indexes': [
                        models.Index(fields=['subject_id', 'rule'], name='risk_hold_of_subject'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(condition=models.Q(('released_at', None)), fields=('subject_kind', 'subject_id', 'member', 'rule'), name='risk_hold_unique_open'),
                        models.CheckConstraint(condition=models.Q(models.Q(('release_reason', ''), ('released_at', None), ('released_by', None)), models.Q(('released_at__isnull', False), ('released_by__isnull', False), models.Q(('release_reason', ''), _negated=True)), _connector='OR'), name='risk_hold_released_has_releaser'),
                        models.CheckConstraint(condition=models.Q(('outcome__in', ['hold', 'block'])), name='risk_hold_effect_valid'),
                        models.CheckConstraint(condition=models.Q(('rule__in', ['amount_spike', 'new_distributor', 'refund_rate', 'self_purchase', 'shared_phone', 'shared_device', 'shared_address', 'shared_payee', 'shared_identity', 'binding_burst'])), name='risk_hold_rule_valid'),
                    ],
                },
            ),
        ),
    ]
