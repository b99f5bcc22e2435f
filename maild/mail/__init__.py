"""The mail format: bytes in, a `Message` out; a letter in, a parcel out. Knows no database and no network."""
