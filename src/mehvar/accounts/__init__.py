"""Keep people, how they sign in, and the roles that positions carry."""
