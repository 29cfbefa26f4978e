import common.base_models
import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models

from common.create_models import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('events', '0001_initial'),
        ('members', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name='Wording',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('kind', models.CharField(choices=[('accrued', 'new commission'), ('credited', 'commission credited'), ('clawed_back', 'commission taken back'), ('withdrawal_approved', 'withdrawal approved'), ('withdrawal_rejected', 'withdrawal rejected'), ('withdrawal_ready', 'withdrawal waits to be collected'), ('withdrawal_paid', 'withdrawal paid'), ('withdrawal_failed', 'withdrawal failed'), ('application_approved', 'application approved'), ('application_rejected', 'application rejected'), ('claim_answered', 'claim answered'), ('upline_bound', 'bound to an upline'), ('direct_joined', 'new member in the team'), ('level_changed', 'level changed'), ('level_warning', 'level about to be lost'), ('award_granted', 'reward of an incentive'), ('award_held', 'reward on hold'), ('award_refused', 'reward no longer available'), ('award_taken_back', 'reward taken back'), ('friend_ordered', 'friend has ordered'), ('first_order_counts', 'first order counts'), ('gift_sent', 'gift sent'), ('gift_cancelled', 'gift cancelled'), ('proof_approved', 'picture approved'), ('proof_rejected', 'picture rejected')], max_length=24, verbose_name='kind')),
                    ('number', models.PositiveIntegerField(verbose_name='version')),
                    ('title_zh', models.CharField(blank=True, max_length=40, verbose_name='title')),
                    ('body_zh', models.CharField(blank=True, max_length=300, verbose_name='text')),
                    ('title_en', models.CharField(blank=True, max_length=40, verbose_name='English title')),
                    ('body_en', models.CharField(blank=True, max_length=300, verbose_name='English text')),
                    ('thing', models.CharField(blank=True, max_length=20, verbose_name='sentence for WeChat')),
                    ('phrase', models.CharField(blank=True, max_length=5, verbose_name='word for WeChat')),
                    ('channels', models.CharField(choices=[('none', 'not sent'), ('app', 'in the app'), ('wechat', 'in the app and by WeChat')], max_length=8, verbose_name='channels')),
                    ('status', models.CharField(choices=[('draft', 'saved'), ('in_force', 'in use'), ('replaced', 'replaced')], default='draft', max_length=8, verbose_name='status')),
                    ('created_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='saved by')),
                    ('created_at', models.DateTimeField(verbose_name='created at')),
                    ('in_force_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='put into force by')),
                    ('in_force_since', models.DateTimeField(null=True, verbose_name='put into force at')),
                ],
                options={
                    'verbose_name': 'message template',
                    'verbose_name_plural': 'message templates',
                    'ordering': ['-id'],
                    'constraints': [
                        models.UniqueConstraint(fields=('kind', 'number'), name='wording_number_once'),
                        models.UniqueConstraint(condition=models.Q(('status', 'in_force')), fields=('kind',), name='wording_one_in_force'),
                        models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'in_force', 'replaced'])), name='wording_status_valid'),
                        models.CheckConstraint(condition=models.Q(('channels__in', ['none', 'app', 'wechat'])), name='wording_channels_valid'),
                        models.CheckConstraint(condition=models.Q(models.Q(('in_force_by', None), ('in_force_since', None), ('status', 'draft')), models.Q(models.Q(('status', 'draft'), _negated=True), ('in_force_by__isnull', False), ('in_force_since__isnull', False)), _connector='OR'), name='wording_force_complete'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Notice',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='members.member', verbose_name='member')),
                    ('event', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='events.event', verbose_name='event')),
                    ('tester', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='tried by')),
                    ('wording', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='notices.wording', verbose_name='message template')),
                    ('kind', models.CharField(choices=[('accrued', 'new commission'), ('credited', 'commission credited'), ('clawed_back', 'commission taken back'), ('withdrawal_approved', 'withdrawal approved'), ('withdrawal_rejected', 'withdrawal rejected'), ('withdrawal_ready', 'withdrawal waits to be collected'), ('withdrawal_paid', 'withdrawal paid'), ('withdrawal_failed', 'withdrawal failed'), ('application_approved', 'application approved'), ('application_rejected', 'application rejected'), ('claim_answered', 'claim answered'), ('upline_bound', 'bound to an upline'), ('direct_joined', 'new member in the team'), ('level_changed', 'level changed'), ('level_warning', 'level about to be lost'), ('award_granted', 'reward of an incentive'), ('award_held', 'reward on hold'), ('award_refused', 'reward no longer available'), ('award_taken_back', 'reward taken back'), ('friend_ordered', 'friend has ordered'), ('first_order_counts', 'first order counts'), ('gift_sent', 'gift sent'), ('gift_cancelled', 'gift cancelled'), ('proof_approved', 'picture approved'), ('proof_rejected', 'picture rejected')], max_length=24, verbose_name='kind')),
                    ('data', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='data')),
                    ('target', models.CharField(choices=[('wallet', 'wallet'), ('commissions', 'commissions'), ('withdrawal', 'withdrawal'), ('application', 'application'), ('claim', 'claim'), ('referrer', 'upline'), ('team', 'team'), ('levels', 'levels'), ('incentive', 'incentive'), ('award', 'award')], max_length=12, verbose_name='target')),
                    ('target_id', models.CharField(blank=True, max_length=80, verbose_name='id of the target')),
                    ('at', models.DateTimeField(verbose_name='happened at')),
                    ('created_at', models.DateTimeField(verbose_name='created at')),
                    ('read_at', models.DateTimeField(null=True, verbose_name='read at')),
                ],
                options={
                    'verbose_name': 'notice',
                    'verbose_name_plural': 'notices to members',
                    'ordering': ['-id'],
                    'indexes': [
                        models.Index(fields=['member', '-id'], name='notice_of_member'),
                        models.Index(condition=models.Q(('read_at', None)), fields=['member', '-id'], name='notice_unread'),
                        models.Index(fields=['created_at'], name='notice_age'),
                        models.Index(fields=['kind', '-id'], name='notice_of_kind'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('member', 'event'), name='notice_once_per_event'),
                        models.CheckConstraint(condition=models.Q(models.Q(('event__isnull', False), ('tester', None)), models.Q(('event', None), ('tester__isnull', False)), _connector='OR'), name='notice_of_event_or_trial'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Consent',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member', verbose_name='member')),
                    ('template', models.CharField(max_length=64, verbose_name='template')),
                    ('reported', models.PositiveIntegerField(default=0, verbose_name='reported by the phone')),
                    ('confirmed', models.PositiveIntegerField(default=0, verbose_name='confirmed by WeChat')),
                    ('spent', models.PositiveIntegerField(default=0, verbose_name='spent')),
                ],
                options={
                    'verbose_name': 'consent to messages',
                    'verbose_name_plural': 'consents to messages',
                    'constraints': [
                        models.UniqueConstraint(fields=('member', 'template'), name='consent_unique'),
                        models.CheckConstraint(condition=models.Q(('spent__lte', django.db.models.functions.comparison.Greatest('reported', 'confirmed'))), name='consent_not_overspent'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Message',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('notice', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='message', to='notices.notice', verbose_name='notice')),
                    ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member', verbose_name='member')),
                    ('template', models.CharField(max_length=64, verbose_name='template')),
                    ('status', models.CharField(choices=[('waiting', 'waiting'), ('claimed', 'being sent'), ('sent', 'sent'), ('refused', 'refused by the member'), ('failed', 'not sent'), ('unknown', 'perhaps sent'), ('lapsed', 'without consent, or too late')], default='waiting', max_length=8, verbose_name='status')),
                    ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                    ('due_at', models.DateTimeField(verbose_name='due at')),
                    ('wechat_id', models.CharField(blank=True, max_length=40, verbose_name="WeChat's id")),
                    ('failure', models.CharField(blank=True, choices=[('no_consent', "The member's consents are used up."), ('too_late', 'It was older than a day before it could be sent.'), ('refused', 'The member does not want messages of this template.'), ('no_openid', 'The member has never signed in to the mini-program.'), ('40003', 'WeChat does not know the member in this mini-program.'), ('40037', 'WeChat does not know the template: its id in the settings is wrong.'), ('41030', 'The mini-program has no such page: correct it in the settings.'), ('43108', 'The member does not accept messages of this template for now.'), ('47003', 'A text or a field does not fit the template.'), ('not_reached', 'WeChat could not be reached in five attempts.'), ('unanswered', 'WeChat did not answer, so it may have been sent.'), ('not_delivered', 'WeChat accepted it and could not deliver it.')], db_default='', max_length=16, verbose_name='why not')),
                    ('ended_at', models.DateTimeField(null=True, verbose_name='ended at')),
                    ('resent_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='sent again by')),
                    ('resent_at', models.DateTimeField(null=True, verbose_name='sent again at')),
                ],
                options={
                    'verbose_name': 'subscribe message',
                    'verbose_name_plural': 'subscribe messages',
                    'ordering': ['-id'],
                    'indexes': [
                        models.Index(condition=models.Q(('status', 'waiting')), fields=['due_at'], name='message_due'),
                        models.Index(fields=['member'], name='message_of_member'),
                        models.Index(fields=['status', '-id'], name='message_by_status'),
                        models.Index(condition=models.Q(('failure', ''), _negated=True), fields=['failure', '-id'], name='message_by_failure'),
                        models.Index(fields=['ended_at'], name='message_ended'),
                        models.Index(condition=models.Q(('wechat_id', ''), _negated=True), fields=['wechat_id'], name='message_wechat_id'),
                    ],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('status__in', ['waiting', 'claimed', 'sent', 'refused', 'failed', 'unknown', 'lapsed'])), name='message_status_valid'),
                        models.CheckConstraint(condition=models.Q(models.Q(('resent_at', None), ('resent_by', None)), models.Q(('resent_at__isnull', False), ('resent_by__isnull', False)), _connector='OR'), name='message_resent_complete'),
                    ],
                },
            ),
        ),
    ]
