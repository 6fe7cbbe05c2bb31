"""Steps that belong to one trading cycle: execution, progress, portfolio update, the receipt."""
