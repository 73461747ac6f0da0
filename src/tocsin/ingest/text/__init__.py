"""Lines of monitoring channels, read by rules into reports of what flies where."""
