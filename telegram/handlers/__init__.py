"""What the bot does when somebody writes."""
