"""Strangers' documents, read in processes of their own: whatever is in them, the service goes on."""
