import common.base_models
import datetime
import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.utils.timezone
import members.models.people
from django.conf import settings
from django.db import migrations, models

from common import guards
from common.create_models import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        # An index of nicknames calls the function.
        guards.install(guards.read(__file__, 'nickname_grams')),
        CreateModels(
            migrations.CreateModel(
                name='MemberGrade',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('rank', models.PositiveSmallIntegerField(unique=True, verbose_name='rank')),
                    ('name', models.CharField(max_length=40, unique=True, verbose_name='name')),
                ],
                options={
                    'verbose_name': 'grade',
                    'verbose_name_plural': 'grades',
                    'ordering': ['rank'],
                },
            ),
            migrations.CreateModel(
                name='Tag',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=40, unique=True, verbose_name='name')),
                ],
                options={
                    'verbose_name': 'tag',
                    'verbose_name_plural': 'tags',
                    'ordering': ['name'],
                },
            ),
            migrations.CreateModel(
                name='Member',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('nickname', models.CharField(blank=True, max_length=80, verbose_name='nickname')),
                    ('province', models.CharField(blank=True, max_length=40, verbose_name='province')),
                    ('city', models.CharField(blank=True, max_length=60, verbose_name='city')),
                    ('grade', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='members.membergrade', verbose_name='grade')),
                    ('joined_at', models.DateTimeField(verbose_name='joined at')),
                    ('merged_into', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='members.member', verbose_name='merged into')),
                    ('merged_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='merged at')),
                    ('phone_encrypted', models.TextField(blank=True, db_default='', default='', editable=False, verbose_name='phone number')),
                    ('phone_fingerprint', models.CharField(blank=True, db_default='', default='', editable=False, max_length=64, verbose_name='fingerprint of the phone number')),
                    ('locked_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='locked out at')),
                    ('avatar', models.CharField(blank=True, db_default='', default='', editable=False, max_length=100, verbose_name='path of the approved avatar')),
                    ('lock_reason', models.CharField(blank=True, db_default='', default='', editable=False, max_length=200, verbose_name='reason of the lock-out')),
                    ('closed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='account closed at')),
                    ('tags', models.ManyToManyField(blank=True, to='members.tag', verbose_name='tags')),
                ],
                options={
                    'verbose_name': 'member',
                    'verbose_name_plural': 'members',
                    'ordering': ['-id'],
                    'permissions': [('lock_member', 'Can lock members out of their accounts'), ('unmask_contact', 'Can see phone numbers of members')],
                    'indexes': [
                        django.contrib.postgres.indexes.GinIndex(members.models.people.NicknameGrams('nickname'), name='member_nickname_grams'),
                        models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='member_merged'),
                        models.Index(condition=models.Q(('phone_fingerprint', ''), _negated=True), fields=['phone_fingerprint'], name='member_phone'),
                    ],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(models.Q(('merged_at', None), ('merged_into', None)), models.Q(('merged_at__isnull', False), ('merged_into__isnull', False), models.Q(('merged_into', models.F('id')), _negated=True)), _connector='OR'), name='member_merged_complete'),
                        models.CheckConstraint(condition=models.Q(models.Q(('phone_encrypted', ''), ('phone_fingerprint', '')), models.Q(models.Q(('phone_encrypted', ''), _negated=True), models.Q(('phone_fingerprint', ''), _negated=True)), _connector='OR'), name='member_phone_complete'),
                        models.CheckConstraint(condition=models.Q(models.Q(('lock_reason', ''), ('locked_at', None)), models.Q(('locked_at__isnull', False), models.Q(('lock_reason', ''), _negated=True)), _connector='OR'), name='member_lock_complete'),
                        models.CheckConstraint(condition=models.Q(('closed_at', None), models.Q(('city', ''), ('nickname', ''), ('phone_encrypted', ''), ('province', '')), _connector='OR'), name='member_closed_without_profile'),
                        models.CheckConstraint(condition=models.Q(('closed_at', None), ('avatar', ''), _connector='OR'), name='member_closed_without_avatar'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Identity',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='identities', to='members.member', verbose_name='member')),
                    ('provider', models.CharField(choices=[('wechat_mini', 'WeChat mini-program (openid)'), ('wechat_official', 'WeChat official account (openid)'), ('wechat_union', 'WeChat (unionid)'), ('mall', "the merchant's mall")], max_length=20, verbose_name='provider')),
                    ('external_id', models.CharField(max_length=128, verbose_name='external id')),
                    ('moved_from', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member', verbose_name='moved from')),
                ],
                options={
                    'verbose_name': 'identity',
                    'verbose_name_plural': 'identities',
                    'constraints': [
                        models.UniqueConstraint(models.F('provider'), models.F('external_id'), name='identity_external_id_unique'),
                        models.CheckConstraint(condition=models.Q(('external_id', ''), _negated=True), name='identity_external_id_not_empty'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Agreement',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('user', 'user agreement'), ('privacy', 'privacy policy'), ('distributor', 'distributor agreement')], max_length=12, verbose_name='kind')),
                    ('version', models.PositiveIntegerField(editable=False, null=True, verbose_name='version')),
                    ('title', models.CharField(max_length=80, verbose_name='title')),
                    ('text', models.TextField(verbose_name='text')),
                    ('published_at', models.DateTimeField(editable=False, null=True, verbose_name='published at')),
                ],
                options={
                    'verbose_name': 'agreement',
                    'verbose_name_plural': 'agreements',
                    'ordering': ['-id'],
                    'constraints': [
                        models.UniqueConstraint(fields=('kind', 'version'), name='agreement_version_unique'),
                        models.CheckConstraint(condition=models.Q(models.Q(('published_at', None), ('version', None)), models.Q(('published_at__isnull', False), ('version__isnull', False)), _connector='OR'), name='agreement_published_complete'),
                        models.CheckConstraint(condition=models.Q(models.Q(('title', ''), _negated=True), models.Q(('text', ''), _negated=True)), name='agreement_not_empty'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='AgreementAcceptance',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acceptances', to='members.member', verbose_name='member')),
                    ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.agreement', verbose_name='agreement')),
                    ('accepted_at', models.DateTimeField(verbose_name='accepted at')),
                ],
                options={
                    'verbose_name': 'acceptance of an agreement',
                    'verbose_name_plural': 'acceptances of agreements',
                    'ordering': ['-id'],
                    'constraints': [
                        models.UniqueConstraint(fields=('member', 'agreement'), name='acceptance_unique'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='WeChatMessage',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('key', models.CharField(max_length=64, unique=True, verbose_name='message key')),
                    ('event', models.CharField(max_length=80, verbose_name='event')),
                    ('member', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member', verbose_name='member')),
                    ('content_encrypted', models.TextField(verbose_name='encrypted content')),
                    ('received_at', models.DateTimeField(verbose_name='arrived at')),
                ],
                options={
                    'verbose_name': 'message of WeChat',
                    'verbose_name_plural': 'messages of WeChat',
                    'ordering': ['-id'],
                },
            ),
            migrations.CreateModel(
                name='MemberSession',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('kind', models.CharField(choices=[('signed_in', 'signed in'), ('embedded', 'opened by the mall')], db_default='signed_in', default='signed_in', max_length=10, verbose_name='kind')),
                    ('redeemed_at', models.DateTimeField(null=True, verbose_name='link used at')),
                    ('return_to', models.CharField(blank=True, db_default='', default='', max_length=500, verbose_name='returns to')),
                    ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='members.member', verbose_name='member')),
                    ('app_id', models.CharField(blank=True, max_length=64, verbose_name='app id')),
                    ('device', models.CharField(blank=True, max_length=120, verbose_name='device')),
                    ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None, verbose_name='scopes')),
                    ('generation', models.PositiveIntegerField(default=0, verbose_name='number of the refresh token')),
                    ('successor_at', models.DateTimeField(null=True, verbose_name='successor given out at')),
                    ('grace_until', models.DateTimeField(null=True, verbose_name='grace of the token before until')),
                    ('started_at', models.DateTimeField(verbose_name='started at')),
                    ('last_used_at', models.DateTimeField(verbose_name='last used at')),
                    ('expires_at', models.DateTimeField(verbose_name='expires at')),
                    ('share', models.CharField(blank=True, db_default='', default='', max_length=64, verbose_name='share')),
                    ('anonymous_id', models.CharField(blank=True, db_default='', default='', max_length=64, verbose_name='anonymous id')),
                    ('ended_at', models.DateTimeField(null=True, verbose_name='ended at')),
                    ('end_reason', models.CharField(blank=True, choices=[('signed_out', 'signed out'), ('revoked', 'revoked by the member'), ('reused', 'an old refresh token was used'), ('locked', 'locked by the staff'), ('closed', 'the member closed the account')], max_length=12, verbose_name='reason of the end')),
                ],
                options={
                    'verbose_name': 'session of a member',
                    'verbose_name_plural': 'sessions of members',
                    'ordering': ['-id'],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(models.Q(('end_reason', ''), ('ended_at', None)), models.Q(('ended_at__isnull', False), models.Q(('end_reason', ''), _negated=True)), _connector='OR'), name='member_session_end_complete'),
                        models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('started_at'))), name='member_session_expires_later'),
                        models.CheckConstraint(condition=models.Q(models.Q(('kind', 'signed_in'), ('redeemed_at', None), ('return_to', '')), models.Q(('kind', 'embedded'), ('scopes__contained_by', ['me:read', 'share']), models.Q(('return_to', ''), _negated=True)), _connector='OR'), name='member_session_embedded_reads'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='User',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('password', models.CharField(max_length=128, verbose_name='password')),
                    ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                    ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                    ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                    ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                    ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                    ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                    ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                    ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                    ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                    ('member', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='members.member', verbose_name='member')),
                    ('may_review_from', models.DateTimeField(db_default=django.db.models.expressions.CombinedExpression(django.db.models.functions.datetime.Now(), '+', models.Value(datetime.timedelta(days=1))), editable=False, verbose_name='may review from')),
                    ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                    ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                ],
                options={
                    'verbose_name': 'staff user',
                    'verbose_name_plural': 'staff users',
                    'abstract': False,
                },
                managers=[
                    ('objects', django.contrib.auth.models.UserManager()),
                ],
            ),
            migrations.CreateModel(
                name='StaffLinkProposal',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('reason', models.CharField(max_length=200, verbose_name='reason')),
                    ('proposer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
                    ('proposer_member', models.BigIntegerField(editable=False)),
                    ('proposed_at', models.DateTimeField(verbose_name='proposed at')),
                    ('decider', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                    ('decider_member', models.BigIntegerField(editable=False, null=True)),
                    ('decided_at', models.DateTimeField(null=True, verbose_name='decided at')),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='staff user')),
                    ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member', verbose_name='member')),
                    ('status', models.CharField(choices=[('proposed', 'proposed'), ('agreed', 'agreed'), ('refused', 'refused')], default='proposed', max_length=8, verbose_name='status')),
                ],
                options={
                    'verbose_name': 'proposed link of staff',
                    'verbose_name_plural': 'proposed links of staff',
                    'ordering': ['-id'],
                    'constraints': [
                        models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('user',), name='staff_link_open_unique'),
                        models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='staff_link_reason_not_empty'),
                        models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decider', None), ('decider_member', None), ('status', 'proposed')), models.Q(('decided_at__isnull', False), ('decider__isnull', False), ('decider_member__isnull', False), ('status__in', ['agreed', 'refused'])), _connector='OR'), name='staff_link_decision_complete'),
                        models.CheckConstraint(condition=models.Q(models.Q(('status', 'agreed'), _negated=True), models.Q(models.Q(('proposer', models.F('decider')), _negated=True), models.Q(('proposer_member', 0), models.Q(('proposer_member', models.F('decider_member')), _negated=True), _connector='OR')), _connector='OR'), name='staff_link_four_eyes'),
                        models.CheckConstraint(condition=models.Q(models.Q(('status', 'agreed'), _negated=True), models.Q(('decider', models.F('user')), _negated=True), _connector='OR'), name='staff_link_not_own_account'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='MemberMerge',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('reason', models.CharField(max_length=200, verbose_name='reason')),
                    ('proposer_member', models.BigIntegerField(editable=False)),
                    ('proposed_at', models.DateTimeField(verbose_name='proposed at')),
                    ('decider', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                    ('decider_member', models.BigIntegerField(editable=False, null=True)),
                    ('decided_at', models.DateTimeField(null=True, verbose_name='decided at')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('proposer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
                    ('source', models.CharField(blank=True, db_default='', default='', editable=False, max_length=64, verbose_name='told by')),
                    ('merged', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member', verbose_name='member to be merged')),
                    ('survivor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member', verbose_name='surviving member')),
                    ('status', models.CharField(choices=[('proposed', 'proposed'), ('agreed', 'agreed'), ('refused', 'refused')], default='proposed', max_length=8, verbose_name='status')),
                ],
                options={
                    'verbose_name': 'merge of members',
                    'verbose_name_plural': 'merges of members',
                    'ordering': ['-id'],
                    'permissions': [('propose_merge', 'Can propose to merge members'), ('decide_merge', 'Can decide on merges of members')],
                    'constraints': [
                        models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('merged',), name='merge_open_unique'),
                        models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='merge_reason_not_empty'),
                        models.CheckConstraint(condition=models.Q(('merged', models.F('survivor')), _negated=True), name='merge_two_members'),
                        models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decider', None), ('decider_member', None), ('status', 'proposed')), models.Q(('decided_at__isnull', False), ('decider__isnull', False), ('decider_member__isnull', False), ('status__in', ['agreed', 'refused'])), models.Q(('decided_at__isnull', False), ('decider', None), ('decider_member', None), ('proposer', None), ('status', 'agreed')), _connector='OR'), name='merge_decision_complete'),
                        models.CheckConstraint(condition=models.Q(models.Q(('proposer__isnull', False), ('source', '')), models.Q(('proposer', None), models.Q(('source', ''), _negated=True)), _connector='OR'), name='merge_proposed_or_told'),
                        models.CheckConstraint(condition=models.Q(models.Q(('status', 'agreed'), _negated=True), models.Q(('decider', None), ('proposer', None)), models.Q(('decider__isnull', False), ('proposer__isnull', False)), _connector='OR'), name='merge_agreed_by_two_or_none'),
                        models.CheckConstraint(condition=models.Q(models.Q(('status', 'agreed'), _negated=True), models.Q(models.Q(('proposer', models.F('decider')), _negated=True), models.Q(('proposer_member', 0), models.Q(('proposer_member', models.F('decider_member')), _negated=True), _connector='OR')), _connector='OR'), name='merge_four_eyes'),
                        models.CheckConstraint(condition=models.Q(models.Q(('proposer_member', models.F('merged')), _negated=True), models.Q(('proposer_member', models.F('survivor')), _negated=True), models.Q(('decider_member', models.F('merged')), _negated=True), models.Q(('decider_member', models.F('survivor')), _negated=True)), name='merge_not_own_member'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='PasswordLinkRequest',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField(db_index=True, verbose_name='at')),
                    ('email_hash', models.CharField(max_length=64, verbose_name='hash of the email address')),
                    ('client_hash', models.CharField(max_length=64, verbose_name="hash of the client's address")),
                ],
                options={
                    'verbose_name': 'request for a password link',
                    'verbose_name_plural': 'requests for password links',
                },
            ),
            migrations.CreateModel(
                name='Upload',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uploads', to='members.member', verbose_name='member')),
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
                ],
                options={
                    'verbose_name': 'upload',
                    'verbose_name_plural': 'uploads',
                    'ordering': ['-id'],
                    'indexes': [
                        models.Index(condition=models.Q(('status__in', ('writing', 'stored', 'pending', 'removed'))), fields=['status', 'created_at'], name='upload_work'),
                        models.Index(condition=models.Q(('trace_id', ''), _negated=True), fields=['trace_id'], name='upload_trace'),
                    ],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('purpose__in', ('avatar', 'application', 'refund', 'claim', 'proof'))), name='upload_purpose_is_known'),
                        models.CheckConstraint(condition=models.Q(('status__in', ('writing', 'stored', 'used', 'pending', 'approved', 'blocked', 'removed', 'erased'))), name='upload_status_is_known'),
                        models.CheckConstraint(condition=models.Q(models.Q(('purpose', 'avatar'), models.Q(('status', 'used'), _negated=True)), models.Q(models.Q(('purpose', 'avatar'), _negated=True), models.Q(('status__in', ('pending', 'approved', 'blocked')), _negated=True)), _connector='OR'), name='upload_checked_if_avatar'),
                        models.CheckConstraint(condition=models.Q(models.Q(('path', ''), ('sha256', ''), ('status', 'erased')), models.Q(models.Q(('status', 'erased'), _negated=True), models.Q(('path', ''), _negated=True), models.Q(('sha256', ''), _negated=True)), _connector='OR'), name='upload_erased_without_file'),
                        models.CheckConstraint(condition=models.Q(('height__gt', 0), ('size__gt', 0), ('width__gt', 0)), name='upload_not_empty'),
                        models.UniqueConstraint(condition=models.Q(('path', ''), _negated=True), fields=('path',), name='upload_path_unique'),
                        models.UniqueConstraint(condition=models.Q(('status', 'stored')), fields=('member', 'purpose', 'sha256'), name='upload_unused_once'),
                        models.UniqueConstraint(condition=models.Q(('status', 'approved')), fields=('member',), name='upload_one_avatar'),
                        models.UniqueConstraint(condition=models.Q(('status__in', ('pending', 'blocked'))), fields=('member',), name='upload_one_new_avatar'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='WeChatAvatar',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('member', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='wechat_avatar', to='members.member', verbose_name='member')),
                    ('url', models.CharField(blank=True, max_length=500, verbose_name='address at WeChat')),
                    ('url_sha256', models.CharField(max_length=64, verbose_name='SHA-256 of the address')),
                    ('due_at', models.DateTimeField(null=True, verbose_name='to be fetched at')),
                    ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                    ('reason', models.CharField(blank=True, max_length=40, verbose_name='reason')),
                ],
                options={
                    'verbose_name': 'picture at WeChat',
                    'verbose_name_plural': 'pictures at WeChat',
                    'indexes': [
                        models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='wechat_avatar_due'),
                    ],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(models.Q(('due_at', None), ('url', '')), models.Q(models.Q(('url', ''), _negated=True), ('due_at__isnull', False)), _connector='OR'), name='wechat_avatar_due_has_address'),
                    ],
                },
            ),
        ),
    ]
