import common.base_models
import django.contrib.postgres.fields
import django.db.models.deletion
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
                name='Coupon',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('name', models.CharField(max_length=40, verbose_name='name')),
                    ('status', models.CharField(choices=[('draft', 'draft'), ('published', 'published'), ('ended', 'ended')], default='draft', max_length=10, verbose_name='status')),
                    ('kind', models.CharField(choices=[('amount', 'amount off'), ('percent', 'percent off'), ('product', 'one product free')], default='amount', max_length=8, verbose_name='kind')),
                    ('amount', models.PositiveBigIntegerField(blank=True, null=True, verbose_name='amount off')),
                    ('rate', models.PositiveIntegerField(blank=True, null=True, verbose_name='percent off')),
                    ('most', models.PositiveBigIntegerField(blank=True, null=True, verbose_name='at most')),
                    ('threshold', models.PositiveBigIntegerField(default=0, verbose_name='from an amount of')),
                    ('scope', models.CharField(choices=[('all', 'all goods'), ('categories', 'categories'), ('products', 'products')], default='all', max_length=10, verbose_name='valid for')),
                    ('targets', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None, verbose_name='goods')),
                    ('valid_from', models.DateTimeField(blank=True, null=True, verbose_name='valid from')),
                    ('valid_until', models.DateTimeField(blank=True, null=True, verbose_name='valid until')),
                    ('valid_days', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='valid days')),
                    ('stock', models.PositiveIntegerField(blank=True, null=True, verbose_name='stock')),
                    ('granted', models.PositiveIntegerField(default=0, editable=False, verbose_name='granted')),
                    ('per_member', models.PositiveSmallIntegerField(default=1, verbose_name='per member')),
                    ('is_claimable', models.BooleanField(default=False, verbose_name='members may claim it')),
                    ('created_at', models.DateTimeField(verbose_name='created at')),
                    ('created_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                    ('editors', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, editable=False, size=None, verbose_name='edited by')),
                    ('published_at', models.DateTimeField(blank=True, null=True, verbose_name='published at')),
                    ('published_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='published by')),
                    ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended at')),
                ],
                options={
                    'verbose_name': 'coupon',
                    'verbose_name_plural': 'coupons',
                    'ordering': ['-id'],
                    'permissions': [('publish_coupon', 'Can publish and end coupons'), ('give_coupon', 'Can give coupons to members, and revoke them')],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(models.Q(('kind', 'amount'), ('most', None), ('rate', None), ('amount__gt', 0), ('amount__lte', 10000000000)), models.Q(('amount', None), ('kind', 'percent'), ('rate__gt', 0), ('rate__lte', 10000), models.Q(('most', None), models.Q(('most__gt', 0), ('most__lte', 10000000000)), _connector='OR')), models.Q(('amount', None), ('kind', 'product'), ('most', None), ('rate', None), ('scope', 'products')), _connector='OR'), name='coupon_value_matches_kind'),
                        models.CheckConstraint(condition=models.Q(models.Q(('scope', 'all'), ('targets', [])), models.Q(('scope__in', ['categories', 'products']), models.Q(('targets', []), _negated=True)), _connector='OR'), name='coupon_targets_match_scope'),
                        models.CheckConstraint(condition=models.Q(models.Q(('valid_from', None), ('valid_until', None), ('valid_days__gt', 0), ('valid_days__lte', 3650)), models.Q(('valid_days', None), ('valid_from__isnull', False), ('valid_until__gt', models.F('valid_from'))), _connector='OR'), name='coupon_has_dates_or_days'),
                        models.CheckConstraint(condition=models.Q(('stock', None), ('granted__lte', models.F('stock')), _connector='OR'), name='coupon_within_stock'),
                        models.CheckConstraint(condition=models.Q(('per_member__gt', 0)), name='coupon_per_member_positive'),
                        models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('published_at', None), ('status', 'draft')), models.Q(('ended_at', None), ('published_at__isnull', False), ('status', 'published')), models.Q(('ended_at__isnull', False), ('published_at__isnull', False), ('status', 'ended')), _connector='OR'), name='coupon_status_has_times'),
                        models.CheckConstraint(condition=models.Q(models.Q(('published_by', None), ('status', 'draft')), models.Q(('published_by__isnull', False), ('status__in', ['published', 'ended'])), _connector='OR'), name='coupon_published_by_somebody'),
                        models.CheckConstraint(condition=models.Q(models.Q(('amount', None), ('kind', 'amount'), _negated=True), models.Q(('kind', 'percent'), ('rate', None), _negated=True)), name='coupon_value_given'),
                        models.CheckConstraint(condition=models.Q(('valid_days__isnull', False), models.Q(('valid_from__isnull', False), ('valid_until__isnull', False)), _connector='OR'), name='coupon_validity_given'),
                        models.CheckConstraint(condition=models.Q(('stock', 0), _negated=True), name='coupon_stock_positive'),
                        models.CheckConstraint(condition=models.Q(models.Q(('kind', 'product'), _negated=True), ('targets__len', 1), _connector='OR'), name='coupon_one_product_free'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='CouponGrant',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('coupon', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='promotions.coupon', verbose_name='coupon')),
                    ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='coupons', to='members.member', verbose_name='member')),
                    ('key', models.CharField(max_length=80, unique=True, verbose_name='key')),
                    ('granted_at', models.DateTimeField(verbose_name='granted at')),
                    ('valid_from', models.DateTimeField(verbose_name='valid from')),
                    ('valid_until', models.DateTimeField(verbose_name='valid until')),
                    ('order_number', models.CharField(blank=True, max_length=64, verbose_name='order number')),
                    ('used_at', models.DateTimeField(null=True, verbose_name='used at')),
                    ('revoked_at', models.DateTimeField(null=True, verbose_name='revoked at')),
                    ('revoke_reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                    ('revoke_when_returned', models.CharField(blank=True, db_default='', default='', editable=False, max_length=200, verbose_name='to be revoked when it is returned')),
                ],
                options={
                    'verbose_name': 'coupon of a member',
                    'verbose_name_plural': 'coupons of members',
                    'ordering': ['-id'],
                    'indexes': [
                        models.Index(fields=['granted_at'], name='coupon_grant_by_day'),
                        models.Index(condition=models.Q(('used_at__isnull', False)), fields=['used_at'], name='coupon_grant_by_day_of_use'),
                        models.Index(condition=models.Q(('used_at__isnull', False)), fields=['coupon'], name='coupon_grant_used'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(condition=models.Q(('order_number', ''), _negated=True), fields=('order_number',), name='coupon_grant_one_per_order'),
                        models.CheckConstraint(condition=models.Q(('valid_until__gt', models.F('valid_from'))), name='coupon_grant_ends_after_start'),
                        models.CheckConstraint(condition=models.Q(models.Q(('order_number', ''), ('used_at', None)), models.Q(('used_at__isnull', False), models.Q(('order_number', ''), _negated=True)), _connector='OR'), name='coupon_grant_used_by_order'),
                        models.CheckConstraint(condition=models.Q(models.Q(('revoke_reason', ''), ('revoked_at', None)), models.Q(('revoked_at__isnull', False), ('used_at', None), models.Q(('revoke_reason', ''), _negated=True)), _connector='OR'), name='coupon_grant_revoked_unused'),
                        models.CheckConstraint(condition=models.Q(('revoke_when_returned', ''), ('used_at__isnull', False), _connector='OR'), name='coupon_grant_to_be_revoked_is_used'),
                    ],
                },
            ),
        ),
    ]
