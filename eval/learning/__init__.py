"""The loop: verdicts are reviewed, learnt from, what that changed is told and can be undone."""
