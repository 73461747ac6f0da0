"""Laws of motion: each a module with a mathematics of its own, so that nothing can be tuned to all of them at once."""
