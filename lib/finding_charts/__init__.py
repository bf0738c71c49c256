"""Figures of findings that no other page has: DataFrames in, Plotly figures out."""
