"""Events: threads with a time and a place. Owns event, event_before, event_guest, held_event."""
