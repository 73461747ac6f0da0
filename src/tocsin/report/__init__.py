"""Reports for people: one HTML file each, that needs nothing else and reads on a phone, by day and by night."""
