"""The ledger as the running service shows it: to officers, and what they release to everybody."""
