"""Web Push and UnifiedPush: warnings to phones and browsers that asked for them, wherever they sleep."""
