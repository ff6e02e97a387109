struct /* a */ S /* b */ { # c
 1 /* d */ : // e
 i32 /** f */ a /* g */ }
