const string A = "it's"
const string B = 'say "x"'
const string C = "\r\n\t\"\'\\"
const binary D = "bytes"
const string E = "größe"
