"""Warnings in the forms that others transmit: files for whoever is licensed to. We transmit nothing."""
