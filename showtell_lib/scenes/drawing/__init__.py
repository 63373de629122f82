"""A scene as a picture: places, people, animals and things, drawn with a pencil for shapes."""
