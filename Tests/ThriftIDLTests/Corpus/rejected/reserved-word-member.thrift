# expect: is a reserved word: expected another name
enum E { default }
