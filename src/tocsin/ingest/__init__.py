"""One source format is one file: bytes from outside into observations."""
