"""What archives of alerts and attacks tell when they are laid beside each other."""
