# expect: expected '{' after the exception's name, found the keyword 'xsd_all'
exception X xsd_all { 1: i32 a }
