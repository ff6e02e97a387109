# Apache copies the bytes into its output.
# expect: this text is not UTF-8
const string A = "ÿþ"
