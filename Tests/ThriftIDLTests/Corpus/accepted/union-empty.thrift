union U {}
