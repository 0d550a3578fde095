"""What the project is looked after with; none of it is installed with the package."""
