"""Receipts and scorecards as Markdown (Prefect artifacts) and as plain text (terminal)."""
