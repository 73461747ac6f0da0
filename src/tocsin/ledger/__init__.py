"""The ledger: what fell where, who says so, and how many were hurt; nothing averaged, nothing forgotten."""
