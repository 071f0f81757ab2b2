"""The kit: what knows no forum word. Owns the tables form_receipt, limit_count, screen_mail and the job library's."""
