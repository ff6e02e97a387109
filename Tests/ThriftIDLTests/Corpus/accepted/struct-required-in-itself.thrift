struct S { 1: required S s }
