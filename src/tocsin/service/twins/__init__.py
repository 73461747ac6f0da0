"""The other machines of this sector, in the running service: heard, told, and agreed with before anything goes out."""
