//! Certificates for the tests, made anew for each run: committed ones would expire.

import Foundation
import NeedletailTLS
import Testing

/// A folder of certificates, made by the first test that asks and removed with the process.
final class Certificates: Sendable {
    private static let made = Result { try Certificates() }

    /// What all tests read. A test that changes files does so under names of its own.
    static func shared() throws -> Certificates { try made.get() }

    private let folder: URL

    /// Runs the script that makes them.
    private init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "nt-tls-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Certificates/make.sh")
        let process = Process()
        process.executableURL = script
        process.arguments = [folder.path]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "openssl makes certificates")
        atexit { try? Certificates.shared().remove() }
    }

    private func remove() { try? FileManager.default.removeItem(at: folder) }

    /// Where a file of the folder is.
    func path(_ name: String) -> String { folder.appending(path: name).path }

    var authority: String { path("ca.pem") }

    /// The certificate of this name, and its key.
    func identity(_ name: String) -> TLSIdentity {
        TLSIdentity(certificatePath: path("\(name).pem"), keyPath: path("\(name).key"))
    }

    /// Has the files of `name` hold the certificate `other` from now on.
    func replace(_ name: String, by other: String) throws {
        for ending in ["pem", "key"] {
            try Data(contentsOf: URL(filePath: path("\(other).\(ending)")))
                .write(to: URL(filePath: path("\(name).\(ending)")), options: .atomic)
        }
    }

    func write(_ text: String, to name: String) throws { try Data(text.utf8).write(to: URL(filePath: path(name))) }

    /// Whether OpenSSL's command is there.
    static let canBeMade = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .contains { FileManager.default.isExecutableFile(atPath: "\($0)/openssl") }
}

extension Trait where Self == ConditionTrait {
    /// Tests with certificates; without OpenSSL there are none.
    static var needsOpenSSL: Self { .enabled(if: Certificates.canBeMade, "needs the command openssl") }
}
