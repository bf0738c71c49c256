"""Who may see the app, and who may spend money: logins, their limits, and the one gate."""
