"""What a node tells those who show what was decided: front ends, and a database of views."""
