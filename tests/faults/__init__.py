"""Real faults: processes killed, a full disk, a clock that is set back."""
