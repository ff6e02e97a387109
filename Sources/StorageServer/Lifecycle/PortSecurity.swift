package import NeedletailRPC

/// What secures the server's ports; whoever has a TLS library makes it from the configuration.
package struct PortSecurity: Sendable {
    package var rpc: (any ServerSecurity)?
    package var admin: (any ServerSecurity)?

    package init(rpc: (any ServerSecurity)? = nil, admin: (any ServerSecurity)? = nil) {
        self.rpc = rpc
        self.admin = admin
    }
}
