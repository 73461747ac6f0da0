"""The forms in which others write what happened, and ours: one form a module. Hostile until it was read."""
