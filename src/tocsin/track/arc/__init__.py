"""What falls: rockets and ballistic missiles followed in space."""
