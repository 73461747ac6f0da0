"""The deterministic core: events in, effects out; snapshot and replay. No clock, no I/O, no randomness."""
