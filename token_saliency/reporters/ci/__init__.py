"""The formats that machines read: JUnit, SARIF, GitHub, GitLab."""
