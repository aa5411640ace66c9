"""One module per technology; its coefficients stand in configs/technologies/."""
