"""The record of what fell where, who says so, and whether people were warned."""
