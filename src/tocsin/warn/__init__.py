"""Threats into warnings: levels, policy, hysteresis, all clear."""
