"""The basic values of trading: units, orders, positions, accounts, alerts.

No rules that combine several rooms.
"""
