"""What the desk tells whoever watches it: figures for Prometheus, and whether it lives and can work."""
