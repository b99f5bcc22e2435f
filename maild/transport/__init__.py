"""The two wires: IMAP in, SMTP out. They carry bytes and know nothing of what is in them."""
