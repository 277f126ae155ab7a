"""Values as they are written: numbers, dates, currencies and ids, decided from all of them."""
