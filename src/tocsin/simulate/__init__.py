"""A seeded world of raids, sensors and faults that drills the whole chain."""
