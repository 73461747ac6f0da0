"""The nouns of Tocsin: frozen values with the contracts' fields. No I/O, no clock."""
