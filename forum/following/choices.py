"""What members choose from when they say how they hear of things, with the words of each choice."""

LEVELS = ("each", "digest", "web", "muted")
CHOICES = {
    "each": "Every message",
    "daily": "Daily digest",
    "weekly": "Weekly digest",
    "days": "Digest every few days",
    "web": "On the web",
    "muted": "Muted",
}
DEFAULTS = {
    "each": "Every message",
    "digest": "In my digest",
    "web": "On the web",
    "none": "Nothing",
}
EVENTS = {
    "asking": "When I start a thread",
    "replying": "When I reply in a thread, or say I will come to an event",
    "mentioned": "When somebody mentions me",
}
BLOCKS = {
    "renewals": "My district's renewals and deadlines",
    "reviews": "New reviews of products we run or I follow",
    "followed": "What I follow",
    "mentions": "Mentions of me that I have not read",
    "unanswered": "Unanswered questions I could answer",
    "events": "Upcoming events",
}
WEEKDAYS = {1: "Monday", 2: "Tuesday", 3: "Wednesday", 4: "Thursday", 5: "Friday", 6: "Saturday", 7: "Sunday"}
