"""Small charts of our own: drawn once as shapes, written as SVG for pages and as EMF for Word."""
