"""What is known, and learned, of the sensors: where they stand, how well they measure, what clutter they see."""
