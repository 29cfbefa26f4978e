"""Fold what has changed into the figures that pages read; prove and rebuild each of them."""
