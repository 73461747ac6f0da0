"""The views: what the public may know, in PostgreSQL with PostGIS, for front ends and for other people's maps."""
