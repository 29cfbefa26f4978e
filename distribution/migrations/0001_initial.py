import common.base_models
import datetime
import django.contrib.postgres.constraints
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
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
                name='ApplicationForm',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('title', models.CharField(max_length=80, verbose_name='title')),
                    ('version', models.PositiveIntegerField(editable=False, null=True, unique=True, verbose_name='version')),
                    ('published_at', models.DateTimeField(editable=False, null=True, verbose_name='published at')),
                ],
                options={
                    'verbose_name': 'application form',
                    'verbose_name_plural': 'application forms',
                    'ordering': ['-id'],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(models.Q(('published_at', None), ('version', None)), models.Q(('published_at__isnull', False), ('version__gt', 0)), _connector='OR'), name='application_form_published_complete'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Question',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('form', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='distribution.applicationform', verbose_name='application form')),
                    ('position', models.PositiveSmallIntegerField(verbose_name='position')),
                    ('key', models.CharField(help_text='Names the answer, such as “city”; in a-z, 0-9 and _.', max_length=32, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9_]{0,31}\\Z', 'Write a key in a-z, 0-9 and _.')], verbose_name='key')),
                    ('kind', models.CharField(choices=[('text', 'short text'), ('long_text', 'long text'), ('choice', 'one choice'), ('choices', 'several choices'), ('region', 'region'), ('picture', 'pictures')], max_length=9, verbose_name='kind')),
                    ('label', models.CharField(max_length=100, verbose_name='question')),
                    ('help_text', models.CharField(blank=True, max_length=200, verbose_name='help text')),
                    ('required', models.BooleanField(default=False, verbose_name='required')),
                    ('choices', models.TextField(blank=True, help_text='One a line, of choices only.', max_length=2000, verbose_name='choices')),
                ],
                options={
                    'verbose_name': 'question',
                    'verbose_name_plural': 'questions',
                    'ordering': ['position', 'id'],
                    'constraints': [
                        models.UniqueConstraint(fields=('form', 'key'), name='question_key_unique'),
                        models.CheckConstraint(condition=models.Q(('key__regex', '^[a-z][a-z0-9_]*$')), name='question_key_valid'),
                        models.CheckConstraint(condition=models.Q(('kind__in', ['text', 'long_text', 'choice', 'choices', 'region', 'picture'])), name='question_kind_valid'),
                        models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['choice', 'choices']), models.Q(('choices', ''), _negated=True)), models.Q(models.Q(('kind__in', ['choice', 'choices']), _negated=True), ('choices', '')), _connector='OR'), name='question_choices_if_chosen', violation_error_message='Choices need their lines, and other kinds have none.'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Level',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('rank', models.PositiveSmallIntegerField(unique=True, verbose_name='rank')),
                    ('name', models.CharField(max_length=40, unique=True, verbose_name='name')),
                    ('sees_team_data', models.BooleanField(default=False, verbose_name='sees team data')),
                    ('advanced_materials', models.BooleanField(default=False, verbose_name='advanced materials')),
                ],
                options={
                    'verbose_name': 'level',
                    'verbose_name_plural': 'levels',
                    'ordering': ['rank'],
                },
            ),
            migrations.CreateModel(
                name='Segment',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('code', models.SlugField(max_length=40, unique=True, verbose_name='code')),
                    ('name', models.CharField(max_length=40, unique=True, verbose_name='name')),
                ],
                options={
                    'verbose_name': 'segment',
                    'verbose_name_plural': 'segments',
                    'ordering': ['name'],
                },
            ),
            migrations.CreateModel(
                name='Distributor',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('member', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='distributor', to='members.member', verbose_name='member')),
                    ('code', models.CharField(max_length=12, unique=True, verbose_name='invite code')),
                    ('level', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='distribution.level', verbose_name='level')),
                    ('segment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='distribution.segment', verbose_name='segment')),
                    ('status', models.CharField(choices=[('active', 'active'), ('suspended', 'suspended'), ('frozen', 'frozen'), ('exited', 'exited')], default='active', max_length=10, verbose_name='status')),
                    ('since', models.DateTimeField(verbose_name='distributor since')),
                    ('has_bindings_to_end', models.BooleanField(default=False)),
                ],
                options={
                    'verbose_name': 'distributor',
                    'verbose_name_plural': 'distributors',
                    'ordering': ['-id'],
                    'indexes': [
                        models.Index(models.F('member'), condition=models.Q(('status', 'frozen')), name='distributor_frozen'),
                        models.Index(models.F('id'), condition=models.Q(('has_bindings_to_end', True)), name='distributor_bindings_to_end'),
                    ],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('status__in', ['active', 'suspended', 'frozen', 'exited'])), name='distributor_status_valid'),
                        models.CheckConstraint(condition=models.Q(('has_bindings_to_end', False), ('status', 'exited'), _connector='OR'), name='distributor_ends_bindings_after_exit'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='DistributorPeriod',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('distributor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='periods', to='distribution.distributor', verbose_name='distributor')),
                    ('status', models.CharField(choices=[('active', 'active'), ('suspended', 'suspended'), ('frozen', 'frozen'), ('exited', 'exited')], max_length=10, verbose_name='status')),
                    ('level', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.level', verbose_name='level')),
                    ('segment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.segment', verbose_name='segment')),
                    ('started_at', models.DateTimeField(verbose_name='started at')),
                    ('ended_at', models.DateTimeField(null=True, verbose_name='ended at')),
                ],
                options={
                    'verbose_name': 'distributor period',
                    'verbose_name_plural': 'periods',
                    'ordering': ['-started_at', '-id'],
                    'constraints': [
                        django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(models.Func(models.F('distributor_id'), models.F('distributor_id'), models.Value('[]'), function='int8range'), '&&'), (models.Func(models.F('started_at'), models.F('ended_at'), function='tstzrange'), '&&')], name='distributor_periods_never_overlap'),
                        models.CheckConstraint(condition=models.Q(('ended_at__gte', models.F('started_at'))), name='distributor_period_ends_after_start'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Application',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('member', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='application', to='members.member', verbose_name='member')),
                    ('status', models.CharField(choices=[('submitted', 'submitted'), ('approved', 'approved'), ('rejected', 'rejected')], default='submitted', max_length=10, verbose_name='status')),
                    ('route', models.CharField(choices=[('open', 'open to all'), ('review', 'reviewed'), ('fast_track', 'fast-tracked'), ('invite', 'invited'), ('staff', 'by staff')], default='review', max_length=10, verbose_name='route')),
                    ('invited_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invited', to='distribution.distributor', verbose_name='invited by')),
                    ('statement', models.CharField(blank=True, max_length=500, verbose_name='statement of the applicant')),
                    ('form', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.applicationform', verbose_name='application form')),
                    ('answers', models.JSONField(db_default={}, default=dict, editable=False, verbose_name='answers')),
                    ('submitted_at', models.DateTimeField(verbose_name='submitted at')),
                    ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided at')),
                    ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                    ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ],
                options={
                    'verbose_name': 'application',
                    'verbose_name_plural': 'applications',
                    'ordering': ['-id'],
                    'indexes': [
                        models.Index(fields=['status', 'id'], name='application_status_idx'),
                    ],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('status', 'submitted')), models.Q(('status__in', ['approved', 'rejected']), ('decided_at__isnull', False)), _connector='OR'), name='application_decided_has_time'),
                        models.CheckConstraint(condition=models.Q(models.Q(('status', 'rejected'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='application_rejected_with_reason'),
                        models.CheckConstraint(condition=models.Q(('answers', {}), ('form__isnull', False), _connector='OR'), name='application_answers_a_form'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Policy',
                fields=[
                    ('id', models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                    ('applications', models.CharField(choices=[('open', 'approved at once'), ('review', 'after a review')], default='review', max_length=10, verbose_name='who may become a distributor')),
                    ('fast_track_spend', models.BigIntegerField(blank=True, help_text='Members with this protected spend need no review. Empty: nobody.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='fast track by protected spend')),
                    ('fast_track_buyers', models.PositiveIntegerField(blank=True, help_text='Members who referred this many buyers with a protected order need no review. Empty: nobody.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='fast track by referred buyers')),
                    ('binding_trigger', models.CharField(choices=[('first_visit', 'at the first visit'), ('first_order', 'at the first order')], default='first_visit', max_length=12, verbose_name='when a referral binds')),
                    ('binding_audience', models.CharField(choices=[('unbound', 'anyone without an upline'), ('new', 'new members only')], default='unbound', max_length=8, verbose_name='members that a referral binds')),
                    ('binding_days', models.PositiveIntegerField(blank=True, help_text='Empty: forever.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(36500)], verbose_name='days a binding lasts')),
                    ('renewed_by_orders', models.BooleanField(default=False, verbose_name='each order renews the binding')),
                    ('poach_after_days', models.PositiveIntegerField(blank=True, help_text='Empty: never.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(36500)], verbose_name='days without an order after which another may bind')),
                ],
                options={
                    'verbose_name': 'distribution policy',
                    'verbose_name_plural': 'distribution policy',
                    'abstract': False,
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('id', 1)), name='distribution_policy_singleton'),
                        models.CheckConstraint(condition=models.Q(models.Q(('binding_days', 0), _negated=True), models.Q(('poach_after_days', 0), _negated=True), models.Q(('fast_track_buyers', 0), _negated=True)), name='policy_counts_positive'),
                        models.CheckConstraint(condition=models.Q(('fast_track_spend__gt', 0)), name='policy_spend_positive'),
                        models.CheckConstraint(condition=models.Q(models.Q(('binding_days', None), ('binding_days__lte', 36500), _connector='OR'), models.Q(('poach_after_days', None), ('poach_after_days__lte', 36500), _connector='OR')), name='policy_days_within_limit'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Referral',
                fields=[
                    ('member', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='referral', serialize=False, to='members.member', verbose_name='member')),
                    ('referrer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='referrals_made', to='members.member', verbose_name='referred by')),
                    ('source', models.CharField(choices=[('share', 'share'), ('invite_code', 'invite code'), ('order', 'attributed by an order'), ('staff', 'staff'), ('import', 'import')], max_length=12, verbose_name='source')),
                    ('evidence_kind', models.CharField(blank=True, max_length=40, verbose_name='evidence kind')),
                    ('evidence_id', models.CharField(blank=True, max_length=80, verbose_name='evidence')),
                    ('at', models.DateTimeField(verbose_name='at')),
                ],
                options={
                    'verbose_name': 'referral',
                    'verbose_name_plural': 'referrals',
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('member', models.F('referrer')), _negated=True), name='referral_not_self'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Binding',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='bindings', to='members.member', verbose_name='member')),
                    ('distributor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='bindings', to='distribution.distributor', verbose_name='upline')),
                    ('source', models.CharField(choices=[('share', 'share'), ('invite_code', 'invite code'), ('order', 'attributed by an order'), ('staff', 'staff'), ('import', 'import')], max_length=12, verbose_name='source')),
                    ('evidence_kind', models.CharField(blank=True, max_length=40, verbose_name='evidence kind')),
                    ('evidence_id', models.CharField(blank=True, max_length=80, verbose_name='evidence')),
                    ('started_at', models.DateTimeField(verbose_name='started at')),
                    ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='expires at')),
                    ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended at')),
                    ('end_reason', models.CharField(blank=True, choices=[('left', 'left by the member'), ('reassigned', 'reassigned by staff'), ('expired', 'expired'), ('poached', 'poached'), ('upline_exit', 'upline exited'), ('member_exit', 'member exited'), ('superseded', 'superseded by a later binding reported first'), ('imported', 'ended in the imported mall'), ('merged', 'one side was merged into another member')], max_length=12, verbose_name='end reason')),
                    ('end_note', models.CharField(blank=True, max_length=200, verbose_name='end note')),
                ],
                options={
                    'verbose_name': 'binding',
                    'verbose_name_plural': 'bindings',
                    'ordering': ['-id'],
                    'indexes': [
                        models.Index(fields=['member', '-started_at'], name='binding_of_member'),
                        models.Index(fields=['distributor', '-id'], name='binding_of_team'),
                        models.Index(condition=models.Q(('ended_at', None)), fields=['distributor', 'started_at', 'id'], name='binding_without_end'),
                        models.Index(condition=models.Q(('ended_at', None), ('expires_at__isnull', False)), fields=['expires_at'], name='binding_to_expire'),
                    ],
                    'constraints': [
                        django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(models.Func(models.F('member_id'), models.F('member_id'), models.Value('[]'), function='int8range'), '&&'), (models.Func(models.F('started_at'), models.F('ended_at'), function='tstzrange'), '&&')], name='bindings_never_overlap'),
                        models.CheckConstraint(condition=models.Q(models.Q(('end_reason', ''), ('ended_at', None)), models.Q(('ended_at__isnull', False), ('end_reason__in', ['left', 'reassigned', 'expired', 'poached', 'upline_exit', 'member_exit', 'superseded', 'imported', 'merged'])), _connector='OR'), name='binding_end_has_reason'),
                        models.CheckConstraint(condition=models.Q(models.Q(('end_reason', 'imported'), _negated=True), ('source', 'import'), _connector='OR'), name='binding_imported_end_of_import'),
                        models.CheckConstraint(condition=models.Q(models.Q(('end_reason__in', ['left', 'reassigned']), _negated=True), ('ended_at__lte', django.db.models.expressions.CombinedExpression(models.F('started_at'), '+', models.Value(datetime.timedelta(days=30)))), _connector='OR'), name='binding_left_within_thirty_days'),
                        models.CheckConstraint(condition=models.Q(models.Q(('end_reason__in', ['left', 'reassigned']), _negated=True), models.Q(('end_note', ''), _negated=True), _connector='OR'), name='binding_left_with_reason'),
                        models.CheckConstraint(condition=models.Q(('ended_at__gte', models.F('started_at'))), name='binding_ends_after_start'),
                        models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('started_at'))), name='binding_expires_after_start'),
                        models.CheckConstraint(condition=models.Q(('ended_at__lte', models.F('expires_at'))), name='binding_ends_by_expiry'),
                        models.CheckConstraint(condition=models.Q(models.Q(('end_reason', 'expired'), _negated=True), models.Q(('ended_at', models.F('expires_at')), ('expires_at__isnull', False)), _connector='OR'), name='binding_expired_at_expiry'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='BindingExtension',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('binding', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='extensions', to='distribution.binding', verbose_name='binding')),
                    ('expired_at', models.DateTimeField(verbose_name='expiry before')),
                    ('expires_at', models.DateTimeField(verbose_name='expiry after')),
                    ('reason', models.CharField(max_length=200, verbose_name='reason')),
                    ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                    ('by_member', models.BigIntegerField(editable=False)),
                    ('at', models.DateTimeField(verbose_name='at')),
                ],
                options={
                    'verbose_name': 'extension of a binding',
                    'verbose_name_plural': 'extensions of bindings',
                    'ordering': ['-id'],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('expired_at'))), name='binding_extension_is_later'),
                        models.CheckConstraint(condition=models.Q(('expired_at__gt', models.F('at'))), name='binding_extension_in_force'),
                        models.CheckConstraint(condition=models.Q(('expires_at__lte', django.db.models.expressions.CombinedExpression(models.F('at'), '+', models.Value(datetime.timedelta(days=3650))))), name='binding_extension_within_limit'),
                        models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='binding_extension_reason_not_empty'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='PurchaseTotals',
                fields=[
                    ('member', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='purchase_totals', serialize=False, to='members.member', verbose_name='member')),
                    ('protected_spend', models.BigIntegerField(default=0, help_text='In fen.', verbose_name='protected spend')),
                    ('protected_orders', models.IntegerField(default=0, verbose_name='protected orders')),
                    ('last_order_at', models.DateTimeField(null=True, verbose_name='last order at')),
                ],
                options={
                    'verbose_name': 'purchase totals',
                    'verbose_name_plural': 'purchase totals',
                },
            ),
        ),
    ]
