"""A scene in words: describing it, and checking what captions say about it."""
