"""Picture-book scenes: a scene as data, drawn, described, and checked against a caption."""
