"""How fast Twotier is: ratios between ways to do the same work, taken in turns in one run."""
