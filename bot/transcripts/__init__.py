"""Whole conversations as plain text (`chats/*.chat`): read, followed by the real app, compared, counted, saved."""
