"""Text and tables in, findings and pages out; pure."""
