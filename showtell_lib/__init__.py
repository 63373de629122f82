"""Show and Tell, in notebooks: the helper library behind the lessons."""
