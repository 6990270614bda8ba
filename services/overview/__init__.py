"""Read models built from everybody's events: the 360° document, the searchable directory with facets, and the timeline.

Owns no fact: every table can be built again from the owners' logs. Never changes anything for a person, and never asks
another service when it answers.
"""
