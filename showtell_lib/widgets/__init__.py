"""Widgets to explore a captioner with, each with a static picture that tells the same story.

All but the microscope, which is a page of its own, need ipywidgets, which comes with the
`notebooks` extra; their logic and their pictures do not.
"""

from showtell_lib.widgets.be_the_beam import be_the_beam, be_the_beam_picture
from showtell_lib.widgets.composer import scene_composer, scene_composer_picture
from showtell_lib.widgets.length_penalty_slider import length_penalty, length_penalty_picture
from showtell_lib.widgets.lstm_stepper import stepper, stepper_picture
from showtell_lib.widgets.own_photo import own_photo, own_photo_picture
from showtell_lib.widgets.photo_picking import photo_picker, photo_picker_picture
from showtell_lib.widgets.search_microscope import microscope, microscope_picture

__all__ = [
    "be_the_beam",
    "be_the_beam_picture",
    "length_penalty",
    "length_penalty_picture",
    "microscope",
    "microscope_picture",
    "own_photo",
    "own_photo_picture",
    "photo_picker",
    "photo_picker_picture",
    "scene_composer",
    "scene_composer_picture",
    "stepper",
    "stepper_picture",
]
