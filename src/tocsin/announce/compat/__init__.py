"""Seats for existing clients: the JSON that they poll elsewhere, written from our warnings."""
