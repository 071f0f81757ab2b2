"""Mail: archives of mailing lists become threads. Tables: mail_* (each named by its file in forum/mail/archive)."""
