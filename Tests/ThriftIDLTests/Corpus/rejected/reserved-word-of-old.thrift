# expect: 'php_namespace' is a reserved word
struct S { 1: i32 php_namespace }
