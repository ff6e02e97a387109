//! Where a result goes, and where it comes from again.

internal import Foundation

extension CaseStudyReport {
    /// - Throws: `ServerError` if the file is not there, or holds something else.
    init(file: String) throws {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(filePath: file)))
        } catch {
            throw ServerError("\(file) cannot be read as a result of the case study: \(error)")
        }
    }

    func writePage(to path: String) throws { try Data(page.html.utf8).write(to: URL(filePath: path)) }

    /// Writes each plot as a file of its own; makes the folder if there is none.
    func writePlots(to folder: String) throws {
        let folder = URL(filePath: folder, directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for plot in plots {
            try Data(plot.plot.svgFile.utf8).write(to: folder.appending(path: "\(plot.name).svg"))
        }
    }
}
