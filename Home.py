"""The entry file: draws the frame and runs the page asked for."""

from lib import frame

frame.run()
