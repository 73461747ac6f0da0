"""Hospitals, schools, airports: places with people in them, and what they say of themselves."""
