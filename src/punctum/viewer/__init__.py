"""Shows films and libraries in a browser; takes a person's notes."""
