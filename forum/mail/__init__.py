"""Mail: archives of lists become threads, and members are mailed. Owns mail and mail_*, each named by its file."""
