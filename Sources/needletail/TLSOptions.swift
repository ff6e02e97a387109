//! TLS, as all client commands are told of it.

internal import ArgumentParser
internal import NeedletailTLS

struct TLSOptions: ParsableArguments {
    @Flag(name: .customLong("tls"), help: "Speak TLS, and check the server's certificate.")
    var isOn = false

    @Option(
        name: .customLong("tls-ca"),
        help: ArgumentHelp(
            "A PEM file with the authorities that may vouch for the server; absent: those of the system.",
            valueName: "file"))
    var authority: String?

    @Option(
        name: .customLong("tls-certificate"),
        help: ArgumentHelp("A PEM file with the certificate to show to the server.", valueName: "file"))
    var certificate: String?

    @Option(
        name: .customLong("tls-key"),
        help: ArgumentHelp("A PEM file with that certificate's private key.", valueName: "file"))
    var key: String?

    @Option(
        name: .customLong("tls-server-name"),
        help: ArgumentHelp("The name that the server's certificate has to prove, if not its host.", valueName: "name"))
    var serverName: String?

    func validate() throws {
        let given = [
            ("--tls-ca", authority), ("--tls-certificate", certificate), ("--tls-key", key),
            ("--tls-server-name", serverName),
        ]
        if !isOn, let option = given.first(where: { $0.1 != nil }) {
            throw ValidationError("\(option.0) is of no use without --tls")
        }
        if (certificate == nil) != (key == nil) {
            throw ValidationError("--tls-certificate and --tls-key are of use only together")
        }
    }

    /// What secures the connection; nil for plaintext.
    /// - Throws: `ExitCode` after printing which file cannot be used.
    func security() throws -> TLSClientSecurity? {
        guard isOn else { return nil }
        var identity: TLSIdentity?
        if let certificate, let key { identity = TLSIdentity(certificatePath: certificate, keyPath: key) }
        do throws(TLSFileError) {
            return try TLSClientSecurity(authorityPath: authority, identity: identity, serverName: serverName)
        } catch {
            throw ExitStatus.usage("\(Self.option(error.role)): \(error)")
        }
    }

    private static func option(_ role: TLSFileError.Role) -> String {
        switch role {
        case .authority: "--tls-ca"
        case .certificate: "--tls-certificate"
        case .key: "--tls-key"
        }
    }
}
