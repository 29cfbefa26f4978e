from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

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
    """A product category: a root, or the child of another category."""

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

    class MPTTMeta:
        order_insertion_by = ["name"]

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


class AskedPrice(models.Model):
    """A price at which an SKU was on sale, and from when until when.

    Triggers write the rows (see ``guards/prices.sql``): a reduction is compared with what was
    really asked, not with what somebody says.
    """

    sku = models.ForeignKey(
        Sku, models.PROTECT, related_name="asked_prices", db_index=False, verbose_name=_("SKU")
    )
    price = models.BigIntegerField(_("price"), help_text=_("In fen."))
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True)

    class Meta:
        verbose_name = _("asked price")
        verbose_name_plural = _("asked prices")
        ordering = ["sku", "since"]
        indexes = [models.Index(fields=["sku", "until"], name="askedprice_sku_idx")]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=models.F("since")),
                name="askedprice_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["sku"], condition=Q(until=None), name="askedprice_one_now"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku_id} {self.price}"


PICTURE_FOLDER = "products"
FROM_MALL = 100
"""The first position of the mall's pictures; uploaded ones come before."""


class ProductPictureQuerySet(models.QuerySet["ProductPicture"]):
    def shown(self) -> Self:
        """Return the stored pictures in the order in which they are shown."""
        return self.filter(status=ProductPicture.Status.STORED).order_by(
            "product_id", "position", "pk"
        )

    def due(self, at: datetime) -> Self:
        """Return the pictures that are to be fetched now."""
        waiting = self.filter(status=ProductPicture.Status.WAITING, due_at__lte=at)
        return waiting.exclude(source_url="")


class ProductPicture(models.Model):
    """A picture of a product: fetched from an address of the mall, or uploaded by the staff.

    The files are named after their content, so that an address always shows the same.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("to be fetched")
        STORED = "stored", _("stored")
        FAILED = "failed", _("not fetched")
        REMOVED = "removed", _("removed")
        ERASING = "erasing", _("being erased")

    COMES_FROM: ClassVar = {
        Status.WAITING: [Status.FAILED],
        Status.STORED: [Status.WAITING],
        Status.FAILED: [Status.WAITING],
        Status.REMOVED: [Status.WAITING, Status.STORED, Status.FAILED],
        Status.ERASING: [Status.REMOVED],
    }
    LISTED: ClassVar = (Status.WAITING, Status.STORED, Status.FAILED)

    public_id = PublicIdField()
    product = models.ForeignKey(
        Product, models.CASCADE, related_name="pictures", verbose_name=_("product")
    )
    position = models.PositiveSmallIntegerField(
        _("position"), help_text=_("The lowest is the main picture.")
    )
    source_url = models.CharField(_("address at the mall"), max_length=500, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.WAITING)
    due_at = models.DateTimeField(_("to be fetched at"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    failed_at = models.DateTimeField(_("failed at"), null=True)
    reason = models.CharField(_("reason"), max_length=20, blank=True)
    stored_at = models.DateTimeField(_("stored at"), null=True)
    removed_at = models.DateTimeField(_("removed at"), null=True)
    sha256 = models.CharField(_("SHA-256 of the stored picture"), max_length=64, blank=True)
    width = models.PositiveIntegerField(_("width"), default=0)
    height = models.PositiveIntegerField(_("height"), default=0)

    objects: ClassVar[ProductPictureQuerySet] = ProductPictureQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("picture of a product")
        verbose_name_plural = _("pictures of products")
        ordering = ["product", "position", "id"]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status="waiting"), name="picture_due_idx"),
            models.Index(
                fields=["removed_at"],
                condition=Q(status__in=["removed", "erasing"]),
                name="picture_removed_idx",
            ),
            models.Index(fields=["sha256"], condition=~Q(sha256=""), name="picture_sha256_idx"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "stored", "failed", "removed", "erasing"]),
                name="picture_status_valid",
            ),
            models.CheckConstraint(
                condition=~Q(status="waiting")
                | Q(due_at__isnull=False) & (~Q(source_url="") | ~Q(sha256="")),
                name="picture_waiting_has_source",
            ),
            models.CheckConstraint(
                condition=~Q(status="stored")
                | ~Q(sha256="") & Q(width__gt=0, height__gt=0, stored_at__isnull=False),
                name="picture_stored_has_file",
            ),
            models.CheckConstraint(
                condition=~Q(status="failed") | Q(failed_at__isnull=False) & ~Q(reason=""),
                name="picture_failed_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["removed", "erasing"], removed_at__isnull=False)
                | ~Q(status__in=["removed", "erasing"]) & Q(removed_at=None),
                name="picture_removed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(source_url="", position__lt=FROM_MALL)
                | ~Q(source_url="") & Q(position__gte=FROM_MALL),
                name="picture_uploads_come_first",
            ),
            models.UniqueConstraint(
                fields=["product", "source_url"],
                condition=~Q(source_url="") & Q(status__in=["waiting", "stored", "failed"]),
                name="picture_address_once",
            ),
            models.UniqueConstraint(
                fields=["product", "sha256"],
                condition=Q(source_url="", status__in=["waiting", "stored"]),
                name="picture_upload_once",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.product} {self.position}"

    @property
    def path(self) -> str:
        """The path of the picture, at most 1080 pixels wide and high; empty without a file."""
        return self._path("")

    @property
    def chat_path(self) -> str:
        """The path of its cut for a card in a chat, 750 × 600."""
        return self._path("-chat")

    @property
    def square_path(self) -> str:
        """The path of its cut for Moments, 600 × 600."""
        return self._path("-square")

    def _path(self, cut: str) -> str:
        return f"{PICTURE_FOLDER}/{self.sha256}{cut}.jpg" if self.sha256 else ""


class CatalogHistory(models.Model):
    """A former value and the end of its validity, for orders that arrive late.

    Triggers insert the rows (see ``guards/history.sql``).
    """

    class Kind(models.TextChoices):
        PRODUCT = "product", _("category of a product")
        CATEGORY = "category", _("parent of a category")
        SKU = "sku", _("cost of an SKU")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    row_id = models.BigIntegerField(_("row"))
    value = models.BigIntegerField(_("value"), null=True)
    valid_until = models.DateTimeField(_("valid until"))

    class Meta:
        verbose_name = _("former value")
        verbose_name_plural = _("former values")
        indexes = [
            models.Index(fields=["kind", "row_id", "valid_until"], name="catalog_history_row_idx"),
            models.Index(fields=["valid_until"], name="catalog_history_until_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.row_id} {self.valid_until}"
