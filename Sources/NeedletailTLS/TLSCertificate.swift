//! What can be said about a certificate: in a log line, and for whom it speaks.

internal import FoundationEssentials
internal import NIOSSL

/// A certificate as a log line shows it.
public struct TLSCertificate: Sendable, Hashable {
    /// Whom it names: its DNS names and URIs, or its common name where it has none.
    public let names: [String]
    /// In hexadecimal, as its issuer numbered it.
    public let serialNumber: String
    /// When it ceases to be valid, in seconds since 1970.
    public let expiry: Int64

    init(_ certificate: NIOSSLCertificate) {
        names = certificate.provenNames
        serialNumber = certificate.serialNumber.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        expiry = Int64(certificate.notValidAfter)
    }

    /// `expiry` as text, in UTC: `2030-01-31T12:00:00Z`.
    public var expiryText: String { Date(timeIntervalSince1970: Double(expiry)).ISO8601Format() }
}

extension NIOSSLCertificate {
    /// The names that its owner has proven to be his: DNS names and URIs of the subject's alternative names; the common
    /// name where there are no alternative names of any kind. As they stand, wildcards are no patterns here.
    var provenNames: [String] {
        let alternatives = _subjectAlternativeNames()
        if alternatives.isEmpty {
            // Of several the last is the most specific.
            return subjectName.last { $0.type == .commonName && !$0.value.isEmpty }.map { [$0.value] } ?? []
        }
        return alternatives.compactMap { name in
            guard name.nameType == .dnsName || name.nameType == .uri, !name.contents.isEmpty else { return nil }
            return String(validating: name.contents, as: UTF8.self)
        }
    }
}
