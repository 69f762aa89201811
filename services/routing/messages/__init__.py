"""What is told of a lead, and how it stands for whoever is told. Pure."""
