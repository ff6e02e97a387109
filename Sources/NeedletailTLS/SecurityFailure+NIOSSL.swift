//! What BoringSSL and SwiftNIO's handlers report, as a person would say it.

internal import NIOSSL
internal import NeedletailRPC

extension SecurityFailure {
    /// - Parameter error: as a handler of NIOSSL passed it on.
    init(_ error: any Error) {
        switch error {
        case NIOSSLError.uncleanShutdown: self = .unannouncedEnd
        case NIOSSLError.handshakeFailed(let error): self = .handshake(error.reason.text)
        case let error as NIOSSLExtraError: self = .handshake("\(error)")
        case let error as BoringSSLError:
            let reason = error.reason
            self = reason.refusesCertificate ? .handshake(reason.text) : .broken(reason.text)
        case let error as NIOSSLError: self = .broken("\(error)")
        default: self = .unrelated
        }
    }
}

/// What BoringSSL says in capitals.
private struct TLSReason {
    let codes: [String]

    /// The peer's alerts about our certificate. With TLS 1.3 they come after our side of the handshake, and before the peer
    /// has looked at anything else.
    var refusesCertificate: Bool { codes.contains { $0.contains("ALERT") && Self.isAboutCertificates($0) } }

    private static func isAboutCertificates(_ code: String) -> Bool {
        code.contains("CERTIFICATE") || code.contains("UNKNOWN_CA") || code.contains("ACCESS_DENIED")
    }

    /// The codes in words, and what they probably mean.
    var text: String {
        let words = codes.map { $0.replacing("_", with: " ").lowercased() }.joined(separator: ", ")
        guard let hint = codes.lazy.compactMap({ Self.hints[$0] }).first else { return words }
        return "\(words) (\(hint))"
    }

    private static let hints = [
        "CERTIFICATE_VERIFY_FAILED": "the peer's certificate does not lead to a trusted authority, or is not valid now",
        "PEER_DID_NOT_RETURN_A_CERTIFICATE": "the client showed no certificate",
        "TLSV1_ALERT_UNKNOWN_CA": "the peer does not trust the authority of our certificate",
        "TLSV1_ALERT_CERTIFICATE_REQUIRED": "the server asks for the client's certificate",
        "SSLV3_ALERT_BAD_CERTIFICATE": "the peer refuses our certificate",
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "the peer refuses our certificate",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED": "our certificate has expired",
        "UNSUPPORTED_PROTOCOL": "the peer has no TLS 1.2 or later",
        "WRONG_VERSION_NUMBER": "the peer speaks no TLS here",
    ]
}

extension BoringSSLError {
    fileprivate var reason: TLSReason {
        switch self {
        case .sslError(let stack), .unknownError(let stack), .invalidSNIName(let stack), .failedToSetALPN(let stack):
            TLSReason(codes: stack.map(\.code))
        default: TLSReason(codes: ["\(self)"])
        }
    }
}

extension BoringSSLInternalError {
    /// `CERTIFICATE_VERIFY_FAILED` of `Error: 268435581 error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED
    /// at ...`; of others the text.
    fileprivate var code: String {
        let text = "\(self)"
        guard let match = text.firstMatch(of: /OPENSSL_internal:(\S+)/) else {
            return text.replacing("Error:  ", with: "")
        }
        return String(match.1)
    }
}
