import common.base_models
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common import guards

KINDS = [('accrued', 'new commission'), ('credited', 'commission credited'), ('clawed_back', 'commission taken back'), ('withdrawal_approved', 'withdrawal approved'), ('withdrawal_rejected', 'withdrawal rejected'), ('withdrawal_ready', 'withdrawal waits to be collected'), ('withdrawal_paid', 'withdrawal paid'), ('withdrawal_failed', 'withdrawal failed'), ('application_approved', 'application approved'), ('application_rejected', 'application rejected'), ('claim_answered', 'claim answered'), ('upline_bound', 'bound to an upline'), ('direct_joined', 'new member in the team'), ('level_changed', 'level changed')]

GUARDS = [
    guards.immutable(
        "notices_wording",
        "id", "public_id", "kind", "number", "title_zh", "body_zh", "title_en", "body_en",
        "thing", "phrase", "channels", "created_by_id", "created_at",
    ),
    guards.never_deleted("notices_wording"),
    guards.transitions(
        "notices_wording",
        statuses=["draft", "in_force", "replaced"],
        comes_from={"in_force": ["draft", "replaced"], "replaced": ["in_force"]},
        constraint="wording_status_transitions",
    ),
    guards.immutable(
        "notices_notice", "wording_id", "tester_id", name="immutable_wording",
    ),
    guards.transitions(
        "notices_message",
        statuses=["waiting", "claimed", "sent", "refused", "failed", "unknown", "lapsed"],
        comes_from={
            "waiting": ["claimed", "failed", "lapsed"],
            "claimed": ["waiting"],
            "sent": ["claimed"],
            "refused": ["claimed", "sent"],
            "failed": ["claimed", "sent"],
            "unknown": ["claimed"],
            "lapsed": ["waiting"],
        },
        constraint="message_status_transitions",
    ),
]


class Migration(migrations.Migration):

    dependencies = [
        ('notices', '0004_new_commissions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Wording',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                ('kind', models.CharField(choices=KINDS, max_length=24, verbose_name='kind')),
                ('number', models.PositiveIntegerField(verbose_name='version')),
                ('title_zh', models.CharField(blank=True, max_length=40, verbose_name='title')),
                ('body_zh', models.CharField(blank=True, max_length=300, verbose_name='text')),
                ('title_en', models.CharField(blank=True, max_length=40, verbose_name='English title')),
                ('body_en', models.CharField(blank=True, max_length=300, verbose_name='English text')),
                ('thing', models.CharField(blank=True, max_length=20, verbose_name='sentence for WeChat')),
                ('phrase', models.CharField(blank=True, max_length=5, verbose_name='word for WeChat')),
                ('channels', models.CharField(choices=[('none', 'not sent'), ('app', 'in the app'), ('wechat', 'in the app and by WeChat')], max_length=8, verbose_name='channels')),
                ('status', models.CharField(choices=[('draft', 'saved'), ('in_force', 'in use'), ('replaced', 'replaced')], default='draft', max_length=8, verbose_name='status')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('in_force_since', models.DateTimeField(null=True, verbose_name='put into force at')),
                ('created_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='saved by')),
                ('in_force_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='put into force by')),
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
        migrations.AlterModelOptions(
            name='message',
            options={'ordering': ['-id'], 'verbose_name': 'subscribe message', 'verbose_name_plural': 'subscribe messages'},
        ),
        migrations.AlterModelOptions(
            name='notice',
            options={'ordering': ['-id'], 'verbose_name': 'notice', 'verbose_name_plural': 'notices to members'},
        ),
        migrations.AlterField(
            model_name='notice',
            name='event',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='events.event', verbose_name='event'),
        ),
        migrations.AddField(
            model_name='notice',
            name='tester',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='tried by'),
        ),
        migrations.AddField(
            model_name='notice',
            name='wording',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='notices.wording', verbose_name='message template'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(fields=['kind', '-id'], name='notice_of_kind'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('event__isnull', False), ('tester', None)), models.Q(('event', None), ('tester__isnull', False)), _connector='OR'), name='notice_of_event_or_trial'),
        ),
        migrations.AddField(
            model_name='message',
            name='failure',
            field=models.CharField(blank=True, choices=[('no_consent', "The member's consents are used up."), ('too_late', 'It was older than a day before it could be sent.'), ('refused', 'The member does not want messages of this template.'), ('no_openid', 'The member has never signed in to the mini-program.'), ('40003', 'WeChat does not know the member in this mini-program.'), ('40037', 'WeChat does not know the template: its id in the settings is wrong.'), ('41030', 'The mini-program has no such page: correct it in the settings.'), ('43108', 'The member does not accept messages of this template for now.'), ('47003', 'A text or a field does not fit the template.'), ('not_reached', 'WeChat could not be reached in five attempts.'), ('unanswered', 'WeChat did not answer, so it may have been sent.'), ('not_delivered', 'WeChat accepted it and could not deliver it.')], db_default="", max_length=16, verbose_name="why not"),
        ),
        migrations.AddField(
            model_name='message',
            name='ended_at',
            field=models.DateTimeField(null=True, verbose_name='ended at'),
        ),
        migrations.AddField(
            model_name='message',
            name='resent_at',
            field=models.DateTimeField(null=True, verbose_name='sent again at'),
        ),
        migrations.AddField(
            model_name='message',
            name='resent_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='sent again by'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['status', '-id'], name='message_by_status'),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(condition=models.Q(("failure", ""), _negated=True), fields=["failure", "-id"], name="message_by_failure"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["ended_at"], name="message_ended"),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('resent_at', None), ('resent_by', None)), models.Q(('resent_at__isnull', False), ('resent_by__isnull', False)), _connector='OR'), name='message_resent_complete'),
        ),
        guards.install(*GUARDS),
    ]
