// Owns the start of the console.
