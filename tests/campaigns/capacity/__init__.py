"""Capacity: cycles of many users through a real stack, and what each of them costs."""
