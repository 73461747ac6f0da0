"""The honest record: what fell where, and whether people were warned in time."""
