"""Where reports go that other tools keep: experiment trackers, a training loop, a model card. One file a tool."""
