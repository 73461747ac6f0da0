"""A siren in the street: what it is told, what it believes, what it sounds, and what it tells of itself."""
