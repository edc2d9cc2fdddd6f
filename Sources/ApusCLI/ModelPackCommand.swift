import Apus
import ApusReports
import ArgumentParser
import CorpusFormats
import Foundation
import LearnedEncoder

/// `apus model pack`
struct ModelPackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pack", abstract: "Store a model's weights as the kernels read them, so that it loads at once.",
        discussion: """
            Writes apus.PRECISION.panels (apus.int8-unsplit.panels for CPUs without VNNI) beside the model's weights. Loading the \
            folder with the same precision maps that file instead of packing the weights anew, and processes share its memory. \
            The file holds a checksum, which each load compares; a damaged one, and one of an older Apus without a checksum, is \
            refused. When the weights change it is no longer used; delete it or pack again. The model inside the binary needs none.

            With int8 the file also holds the screen of a max-pooling language head, a short product that tells which terms are \
            multiplied at all: queries take a fifth to a third less time from the first one on, with the same vectors. It is learned \
            from --texts; other texts get the same vectors a little more slowly.
            """)

    @Argument(help: "The model's folder.", completion: .directory)
    var folder: String

    @Option(help: "The arithmetic to pack for: f32, bf16 or int8.")
    var precision = Precision.int8

    @Option(
        help:
            "Documents to learn the head's screen from, in any form that 'apus index' reads; the starter collection unless given.",
        completion: .file())
    var texts: String?

    @Flag(help: "Store the head's screen alone: a fifth of the size, and the weights are packed at each load.")
    var screenOnly = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard precision != .automatic else { throw ValidationError("'--precision' must be f32, bf16 or int8.") }
        guard !screenOnly || precision == .int8 else {
            throw ValidationError("'--screen-only' needs '--precision int8': other heads have no screen.")
        }
    }

    func run() throws {
        guard case .folder(let path) = try ModelChoice.argument(folder) else {
            throw ValidationError("The model inside the binary needs no packing. Give a model's folder.")
        }
        // Panels that are there may be damaged or old: they are made from the weights.
        let encoder = try SparseEncoder(ModelFiles(folder: path), precision: precision, usesPanels: false)
        let files = try encoder.writePanels(
            into: path, texts: precision == .int8 ? try sample() : [], isScreenOnly: screenOnly,
            threads: ProcessInfo.processInfo.activeProcessorCount)
        for (file, hasScreen) in files {
            if screenOnly, !hasScreen {
                throw ValidationError("The head of \(folder) cannot be screened; pack it without '--screen-only'.")
            }
            let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
            try StandardOutput.print(
                json
                    ? try AnswerJSON.text(
                        ["file": file, "bytes": "\(size)", "screen": "\(hasScreen)"], pretty: false)
                    : "Wrote \(file) (\(Format.bytes(size))\(hasScreen ? ", with a screen" : "")).")
        }
    }

    /// Up to a megabyte of texts and their beginnings, which is more than a screen needs.
    private func sample() throws -> [String] {
        let starter = texts == nil ? try StarterCollection.unpack() : nil
        defer { starter?.remove() }
        let reader = try CorpusReader(path: texts ?? starter?.path ?? "")
        var (found, bytes): ([String], Int) = ([], 0)
        while bytes < 1 << 20, let document = try reader.next() {
            // The tokens of short texts differ, and queries are short.
            found += [document.content, document.content.split(separator: " ").prefix(8).joined(separator: " ")]
            bytes += document.content.utf8.count
        }
        return found
    }
}
