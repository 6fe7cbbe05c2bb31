"""The basic values of trading: units, orders, positions, accounts, alerts.

Rules over several rooms do not belong here.
"""
