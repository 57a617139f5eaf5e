"""The words of the command line and of the configuration file, turned into checked values."""
