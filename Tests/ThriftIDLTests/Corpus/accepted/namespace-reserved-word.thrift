namespace cpp a.delete.b
