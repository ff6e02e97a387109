# expect: expected the included file's path, in quotes, found 'shared'
include shared
