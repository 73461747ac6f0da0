"""Which sensors where: how far they see over the land, and how many minutes of warning each town has from it."""
