"""Sending, looking up, closing and protecting orders at a venue.

The wording of alerts does not belong here.
"""
