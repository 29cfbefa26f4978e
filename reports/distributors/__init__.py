"""Pages about distributors: teams, the ranking, and two persons compared."""
