"""The Telegram bot: reads input, renders answers, manages deployments. Never trades."""
