/// A file that TLS needs and cannot use: which, why, and what was expected.
public struct TLSFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What a file is for.
    public enum Role: Sendable, Hashable {
        /// A certificate, and those of its issuers.
        case certificate
        /// The certificate's private key.
        case key
        /// The certificates that the peer's must lead to.
        case authority

        /// What an error says that it expected.
        public var expectation: String {
            switch self {
            case .certificate: "a PEM file with the certificate, and after it those of its issuers"
            case .key: "a PEM file with the certificate's private key, not encrypted"
            case .authority: "a PEM file with the certificates of the authorities that are trusted"
            }
        }
    }

    public let role: Role
    public let path: String
    /// What is wrong with it, in a few words.
    public let reason: String

    init(_ role: Role, _ path: String, _ reason: String) {
        self.role = role
        self.path = path
        self.reason = reason
    }

    /// One line: file, reason, what was expected.
    public var description: String { "'\(path)': \(reason); expected \(role.expectation)" }
}
