"""Rewards for completed orders: refer-a-friend, bonuses, contests, team pools and levels."""
