"""Everything that people are told, in their language: one catalogue for every way out."""
