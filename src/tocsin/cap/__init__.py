"""CAP 1.2, the Common Alerting Protocol (OASIS CAP-v1.2): written, read, checked, signed and verified."""
