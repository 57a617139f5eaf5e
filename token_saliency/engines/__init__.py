"""Who answers: this process, or several."""
