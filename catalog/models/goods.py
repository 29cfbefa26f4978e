# mypy: allow-subclassing-any
"""Categories, products and SKUs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from mptt.models import MPTTModel, TreeForeignKey

from common.base_models import PublicIdField
from common.locks import advisory_lock


class Industry(models.TextChoices):
    """What a category sells: it chooses the templates of posters and the words to avoid."""

    BEAUTY = "beauty", _("beauty")
    FOOD = "food", _("food")
    BABY = "baby", _("mother and baby")
    FASHION = "fashion", _("fashion")
    DIGITAL = "digital", _("digital")
    EDUCATION = "education", _("education")
    HOME = "home", _("home and living")
    HEALTH = "health", _("health")


class Category(MPTTModel):
    """A product category: a root, or the child of another category.

    A new one is the last below its parent; people order them (see ``catalog/category_tree.py``).
    """

    code = models.CharField(_("code"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=80)
    parent = TreeForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent"),
    )
    industry = models.CharField(
        _("industry"), max_length=12, choices=Industry, blank=True, default="", db_default="",
        help_text=_("Empty: that of the category above."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [
            models.CheckConstraint(
                condition=Q(industry__in=["", *Industry.values]), name="category_industry_valid"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        lock_tree()
        if self.parent:
            # The parent was read before the lock; another write may have renumbered it since.
            self.parent.refresh_from_db(fields=["lft", "rght", "tree_id", "level"])
        super().save(*args, **kwargs)

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> Any:
        lock_tree()
        return super().delete(*args, **kwargs)


def lock_tree() -> None:
    """Serialize writes to the tree until the transaction ends."""
    # Every write renumbers other rows based on numbers it has read: two concurrent writes corrupt
    # the tree without an error. Called in save and delete, so that every form and shell takes it.
    advisory_lock("catalog.category")


class ProductQuerySet(models.QuerySet["Product"]):
    def search(self, words: str) -> ProductQuerySet:
        """Filter by name (contains all words) or by SKU code (starts with ``words``)."""
        by_name = Q()
        for word in words.split():
            by_name &= Q(name__icontains=word)
        by_sku = Q(
            models.Exists(
                Sku.objects.filter(product=models.OuterRef("pk"), code__istartswith=words.strip())
            )
        )
        return self.filter(by_name | by_sku)


class Product(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        ON_SALE = "on_sale", _("on sale")
        OFF_SALE = "off_sale", _("off sale")

    COMES_FROM: ClassVar = {
        Status.ON_SALE: [Status.DRAFT, Status.OFF_SALE],
        Status.OFF_SALE: [Status.ON_SALE],
    }

    public_id = PublicIdField()
    name = models.CharField(_("name"), max_length=200)
    category = TreeForeignKey(
        Category, models.PROTECT, related_name="products", verbose_name=_("category")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    images = ArrayField(
        models.CharField(max_length=500), default=list, db_default=models.Value("{}"), blank=True,
        verbose_name=_("addresses of pictures"), help_text=_("The first is the main picture."),
    )  # fmt: skip
    url = models.CharField(
        _("address of its page"), max_length=500, blank=True, default="", db_default=""
    )
    mini_path = models.CharField(
        _("path in the mini-program"), max_length=500, blank=True, default="", db_default=""
    )

    objects: ClassVar[models.Manager[Product]] = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["-id"]
        permissions = [("import_product", "Can import products")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["draft", "on_sale", "off_sale"]),
                name="product_status_valid",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Sku(models.Model):
    """A variety of a product, with its price."""

    class Kind(models.TextChoices):
        PHYSICAL = "physical", _("physical")
        VIRTUAL = "virtual", _("virtual")

    product = models.ForeignKey(
        Product, models.PROTECT, related_name="skus", verbose_name=_("product")
    )
    code = models.CharField(_("SKU code"), max_length=80, unique=True)
    variety = models.CharField(_("variety"), max_length=80, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.PHYSICAL)
    price = models.BigIntegerField(_("price"), help_text=_("In fen."))
    cost = models.BigIntegerField(
        _("cost"), null=True, blank=True, help_text=_("In fen; empty when not known.")
    )
    original_price = models.BigIntegerField(
        _("price before a reduction"), null=True, blank=True,
        help_text=_("In fen, as the mall reports it."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("SKU")
        verbose_name_plural = _("SKUs")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="sku_price_not_negative"),
            models.CheckConstraint(condition=Q(cost__gte=0), name="sku_cost_not_negative"),
            models.CheckConstraint(
                condition=Q(original_price__gte=0), name="sku_original_price_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["physical", "virtual"]), name="sku_kind_valid"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.variety}".strip()
