"""Take a directive from document to promulgation and cascade."""
