"""People who sign in: who they are, what they may do, how they show that they are it, and what they did."""
