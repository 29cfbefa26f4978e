import common.base_models
import django.core.serializers.json
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('events', '0002_guards'),
        ('members', '0007_phone_index'),
    ]

    operations = [
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                ('kind', models.CharField(choices=[('credited', 'commission credited'), ('clawed_back', 'commission taken back'), ('withdrawal_approved', 'withdrawal approved'), ('withdrawal_rejected', 'withdrawal rejected'), ('withdrawal_ready', 'withdrawal waits to be collected'), ('withdrawal_paid', 'withdrawal paid'), ('withdrawal_failed', 'withdrawal failed'), ('application_approved', 'application approved'), ('application_rejected', 'application rejected'), ('claim_answered', 'claim answered'), ('upline_bound', 'bound to an upline'), ('direct_joined', 'new member in the team'), ('level_changed', 'level changed')], max_length=24, verbose_name='kind')),
                ('data', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='data')),
                ('target', models.CharField(choices=[('wallet', 'wallet'), ('commissions', 'commissions'), ('withdrawal', 'withdrawal'), ('application', 'application'), ('claim', 'claim'), ('referrer', 'upline'), ('team', 'team'), ('levels', 'levels')], max_length=12, verbose_name='target')),
                ('target_id', models.CharField(blank=True, max_length=80, verbose_name='id of the target')),
                ('at', models.DateTimeField(verbose_name='happened at')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('read_at', models.DateTimeField(null=True, verbose_name='read at')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='events.event', verbose_name='event')),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='members.member', verbose_name='member')),
            ],
            options={
                'verbose_name': 'notice',
                'verbose_name_plural': 'notices',
                'ordering': ['-id'],
                'indexes': [
                    models.Index(fields=['member', '-id'], name='notice_of_member'),
                    models.Index(fields=['member', '-id'], condition=models.Q(('read_at', None)), name='notice_unread'),
                    models.Index(fields=['created_at'], name='notice_age'),
                ],
                'constraints': [models.UniqueConstraint(fields=('member', 'event'), name='notice_once_per_event')],
            },
        ),
    ]
