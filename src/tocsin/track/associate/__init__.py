"""Which report belongs to which track: gates, candidates, joint association, and what a track takes of it."""
