"""The second opinion: a small check of every all clear against the raw sightings."""
