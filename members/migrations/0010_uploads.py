import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import common.base_models
from common import guards


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0009_embedded_sessions'),
    ]

    operations = [
        migrations.AddField(
            model_name='member',
            name='avatar',
            field=models.CharField(blank=True, db_default='', default='', editable=False, max_length=100, verbose_name='path of the approved avatar'),
        ),
        migrations.AddConstraint(
            model_name='member',
            constraint=models.CheckConstraint(condition=Q(('closed_at', None), ('avatar', ''), _connector='OR'), name='member_closed_without_avatar'),
        ),
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', common.base_models.PublicIdField()),
                ('purpose', models.CharField(choices=[('avatar', 'avatar'), ('application', 'application to become a distributor'), ('refund', 'refund'), ('claim', 'claim'), ('proof', 'proof')], max_length=12, verbose_name='purpose')),
                ('status', models.CharField(choices=[('writing', 'being written'), ('stored', 'not used yet'), ('used', 'used'), ('pending', 'being checked'), ('approved', 'approved'), ('blocked', 'blocked'), ('removed', 'to be erased'), ('erased', 'erased')], default='writing', max_length=8, verbose_name='status')),
                ('path', models.CharField(blank=True, max_length=100, verbose_name='path')),
                ('sha256', models.CharField(blank=True, max_length=64, verbose_name='SHA-256 of what was sent')),
                ('size', models.PositiveIntegerField(verbose_name='bytes stored')),
                ('width', models.PositiveIntegerField(verbose_name='width')),
                ('height', models.PositiveIntegerField(verbose_name='height')),
                ('trace_id', models.CharField(blank=True, max_length=64, verbose_name="WeChat's id of the check")),
                ('asked_at', models.DateTimeField(null=True, verbose_name='WeChat was asked at')),
                ('created_at', models.DateTimeField(verbose_name='uploaded at')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uploads', to='members.member', verbose_name='member')),
            ],
            options={
                'verbose_name': 'upload',
                'verbose_name_plural': 'uploads',
                'ordering': ['-id'],
                'indexes': [
                    models.Index(condition=Q(('status__in', ('writing', 'stored', 'pending', 'removed'))), fields=['status', 'created_at'], name='upload_work'),
                    models.Index(condition=Q(('trace_id', ''), _negated=True), fields=['trace_id'], name='upload_trace'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=Q(('purpose__in', ('avatar', 'application', 'refund', 'claim', 'proof'))), name='upload_purpose_is_known'),
                    models.CheckConstraint(condition=Q(('status__in', ('writing', 'stored', 'used', 'pending', 'approved', 'blocked', 'removed', 'erased'))), name='upload_status_is_known'),
                    models.CheckConstraint(condition=Q(Q(('purpose', 'avatar'), Q(('status', 'used'), _negated=True)), Q(Q(('purpose', 'avatar'), _negated=True), Q(('status__in', ('pending', 'approved', 'blocked')), _negated=True)), _connector='OR'), name='upload_checked_if_avatar'),
                    models.CheckConstraint(condition=Q(Q(('path', ''), ('sha256', ''), ('status', 'erased')), Q(Q(('status', 'erased'), _negated=True), Q(('path', ''), _negated=True), Q(('sha256', ''), _negated=True)), _connector='OR'), name='upload_erased_without_file'),
                    models.CheckConstraint(condition=Q(('height__gt', 0), ('size__gt', 0), ('width__gt', 0)), name='upload_not_empty'),
                    models.UniqueConstraint(condition=Q(('status', 'approved')), fields=('member',), name='upload_one_avatar'),
                    models.UniqueConstraint(condition=Q(('path', ''), _negated=True), fields=('path',), name='upload_path_unique'),
                    models.UniqueConstraint(condition=Q(('status', 'stored')), fields=('member', 'purpose', 'sha256'), name='upload_unused_once'),
                    models.UniqueConstraint(condition=Q(('status__in', ('pending', 'blocked'))), fields=('member',), name='upload_one_new_avatar'),
                ],
            },
        ),
        guards.install(
            guards.transitions(
                "members_upload",
                statuses=(
                    "writing", "stored", "used", "pending", "approved", "blocked", "removed",
                    "erased",
                ),
                comes_from={
                    "stored": ["writing"],
                    "used": ["stored"],
                    "pending": ["stored"],
                    "approved": ["stored", "pending"],
                    "blocked": ["pending"],
                    "removed": ["writing", "stored", "used", "pending", "approved", "blocked"],
                    "erased": ["removed"],
                },
                constraint="upload_status_moves",
            ),
            guards.immutable(
                "members_upload", "id", "public_id", "member_id", "purpose", "size", "width",
                "height", "created_at",
            ),
            guards.never_deleted("members_upload"),
        ),
    ]
