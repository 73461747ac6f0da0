"""Nights without a clock: recordings and simulated raids through the same engine, scored; callable from Python."""
