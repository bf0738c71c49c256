"""Panels: the cards that pages are made of, each from the selection to a drawn figure."""
