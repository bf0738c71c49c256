"""The measured comparisons behind the README's figures: `python -m bench`."""
