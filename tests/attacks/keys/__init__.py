"""Attacks on sealed exchange keys: records put back or mixed, and the rotation of master keys."""
