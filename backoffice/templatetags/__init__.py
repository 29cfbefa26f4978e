"""Tags and filters of the templates of the back office."""
