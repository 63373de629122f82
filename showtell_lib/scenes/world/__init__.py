"""A scene as data: what it can hold, what makes it valid, how it is drawn by lot and changed."""
