"""The state's vaccine registry (IIS): who is the one person asked for, and which doses she had."""
