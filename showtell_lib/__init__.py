"""Show and Tell, in notebooks: the helper library behind the lessons.

>>> import showtell_lib as st
>>> captioner = st.load()
>>> captioner.caption("photo.jpg")

Every name in `__init__.pyi` is imported when it is first used, so that `import showtell_lib` stays
quick.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
