"""What the duty officer's screen shows, made beside the engine and never in its way."""
