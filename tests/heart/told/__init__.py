"""What is told of heart models whose record says something else."""
