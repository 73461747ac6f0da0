"""People who report what they see and hear: enrolled once, known by a pseudonym, never by who or where they are."""
