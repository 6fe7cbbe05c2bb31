"""Steps of a trading cycle, of recovery and of monitoring.

Telegram texts and command-line output do not belong here.
"""
