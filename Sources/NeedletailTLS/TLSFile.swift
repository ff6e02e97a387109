//! Reads PEM files, bounded, so that a path to something endless fails instead of filling memory. Called at start and at
//! a reload, never on an event loop.

internal import NIOSSL
internal import SystemPackage

enum TLSFile {
    /// Larger than any bundle of authorities in use.
    static let bytesMax = 4 << 20

    /// The certificates of a file, at least one, in their order.
    static func certificates(_ path: String, _ role: TLSFileError.Role) throws(TLSFileError) -> [NIOSSLCertificate] {
        let bytes = try read(path, role)
        do {
            return try NIOSSLCertificate.fromPEMBytes(bytes)
        } catch {
            throw TLSFileError(role, path, "it holds no certificate that can be read")
        }
    }

    static func privateKey(_ path: String) throws(TLSFileError) -> NIOSSLPrivateKey {
        let bytes = try read(path, .key)
        do {
            return try NIOSSLPrivateKey(bytes: bytes, format: .pem)
        } catch {
            throw TLSFileError(.key, path, "it holds no private key that can be read")
        }
    }

    private static func read(_ path: String, _ role: TLSFileError.Role) throws(TLSFileError) -> [UInt8] {
        var content: [UInt8] = []
        do {
            let file = try FileDescriptor.open(FilePath(path), .readOnly)
            defer { try? file.close() }
            var chunk = [UInt8](repeating: 0, count: 16 << 10)
            while content.count <= bytesMax {
                let count = try unsafe chunk.withUnsafeMutableBytes { unsafe try file.read(into: $0) }
                if count == 0 { return content }
                content += chunk.prefix(count)
            }
        } catch let error as Errno {
            throw TLSFileError(role, path, error.description)
        } catch {
            throw TLSFileError(role, path, "\(error)")
        }
        throw TLSFileError(role, path, "it is larger than \(bytesMax >> 20) MiB")
    }
}
