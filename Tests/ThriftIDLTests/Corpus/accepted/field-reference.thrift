struct S { 1: optional S & following }
