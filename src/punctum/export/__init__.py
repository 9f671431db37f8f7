"""Bundle <-> the formats of other tools."""
