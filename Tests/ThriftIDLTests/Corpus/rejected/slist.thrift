# expect: 'slist' is no longer supported: expected 'string'
struct S { 1: slist a }
