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
            """)

    @Argument(help: "The model's folder.", completion: .directory)
    var folder: String

    @Option(help: "The arithmetic to pack for: f32, bf16 or int8.")
    var precision = Precision.int8

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard precision != .automatic else { throw ValidationError("'--precision' must be f32, bf16 or int8.") }
    }

    func run() throws {
        guard case .folder(let path) = try ModelChoice.argument(folder) else {
            throw ValidationError("The model inside the binary needs no packing. Give a model's folder.")
        }
        // Panels that are there may be damaged or old: they are made from the weights.
        let encoder = try SparseEncoder(ModelFiles(folder: path), precision: precision, usesPanels: false)
        let files = try encoder.writePanels(into: path)
        for file in files {
            let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
            try StandardOutput.print(
                json
                    ? try AnswerJSON.text(["file": file, "bytes": "\(size)"], pretty: false)
                    : "Wrote \(file) (\(Format.bytes(size))).")
        }
    }
}
