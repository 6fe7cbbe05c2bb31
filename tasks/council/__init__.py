"""Asks the models of the council, within their budget.

Counting the votes is in `trading.council`.
"""
