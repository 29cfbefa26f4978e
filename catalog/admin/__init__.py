"""Categories, products with their SKUs, and their pictures."""

from catalog.admin import goods, pictures, search
