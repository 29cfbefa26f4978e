"""Measure Twotier: ratios between ways to do the same work, alternating in one run."""
