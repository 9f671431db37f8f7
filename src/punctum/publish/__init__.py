"""The essay's outer half: reads essays, cuts clips, writes the site, watches."""
