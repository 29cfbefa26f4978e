"""Categories, products with their SKUs, and their pictures."""

from catalog.admin import goods, goods_import, pictures, search, tree
