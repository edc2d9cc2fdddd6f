import Apus
import ArgumentParser
import CorpusFormats
import Foundation
import SparseEncoder

/// `apus model pack`
struct ModelPackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pack", abstract: "Store a model's weights as the kernels read them, so that it loads at once.",
        discussion: """
            Writes apus.PRECISION.panels (apus.int8-pairs.panels for CPUs without VNNI) beside the model's weights. Loading the folder with the same precision maps that file \
            instead of packing the weights anew, and processes share its memory. When the weights change it is no longer \
            used; delete it or pack again. The model inside the binary needs none.
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
        guard case .folder(let path) = ModelChoice(folder) else {
            throw ValidationError("Give a model's folder.")
        }
        let files = try SparseEncoder(ModelFiles(folder: path), precision: precision).writePanels(into: path)
        for file in files {
            let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
            try StandardOutput.print(
                json
                    ? try Format.json(["file": file, "bytes": "\(size)"], pretty: false)
                    : "Wrote \(file) (\(Format.bytes(size))).")
        }
    }
}
