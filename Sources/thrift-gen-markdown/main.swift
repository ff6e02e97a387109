//! A plugin of `thrift-gen-swift` that documents an IDL as Markdown. To come.
