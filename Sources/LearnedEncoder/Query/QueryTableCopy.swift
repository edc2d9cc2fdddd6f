import FileStorage
import TextAnalysis

/// A copy of a model's folder with another inference-free table, in the form that the model has it: a tensor of its weights
/// file, or `idf.json`, which a model without a table gets too.
public struct QueryTableCopy {
    private enum Place {
        /// The bytes of a tensor inside a file.
        case tensor(file: String, offset: Int)
        /// A file of its own.
        case json(tokens: [String])
    }

    private let files: ModelFiles
    private let place: Place
    private let weights: [Float]

    /// Finds where the table belongs.
    /// - Parameters:
    ///   - files: The model.
    ///   - encoder: The same model, loaded.
    ///   - frequencies: What the new table's idf is computed from.
    ///   - share: The idf's share of the new table, the rest being the model's own: see ``table(_:idf:share:)``.
    /// - Throws: ``EncoderError/unsupported(path:kind:name:known:)`` for a model whose queries cannot have a table of tokens.
    public init(
        _ files: ModelFiles, _ encoder: SparseEncoder, idf frequencies: TokenFrequencies, share: Double = 1
    ) throws(EncoderError) {
        self.files = files
        let documents = encoder.documents
        let rows = documents.configuration.vocabularySize
        let tokenizer = documents.tokenizer
        weights = Self.table(encoder, idf: frequencies, share: share)
        func refusal(_ name: String) -> EncoderError {
            .unsupported(
                path: files.location, kind: "idf table with", name: name, known: ["queries of the vocabulary's tokens"])
        }
        if case .autoencoder = documents.transformer.head { throw refusal("latent dimensions") }
        let modules = try ModuleList(files)
        switch modules.query {
        case .encoder: throw refusal("a query encoder of its own")
        case .table(let folder):
            place = try Self.tensor("weight", in: WeightFile(files, folder: folder), folder, rows: rows)
        case .sameAsDocument:
            let file = documents.checkpoint.file
            place =
                file.tensors[InferenceFreeTable.tensorName] == nil
                ? .json(tokens: tokenizer.vocabulary)
                : try Self.tensor(
                    InferenceFreeTable.tensorName, in: file, modules.document.transformerFolder, rows: rows)
        }
    }

    /// The table of a model with a share of idf: `(1 − share) · own + share · idf · c`, where c gives both the same mean over the
    /// tokens that were counted; 1 is the idf as it is, and so is a model's first table.
    /// - Complexity: O(vocabulary).
    public static func table(_ encoder: SparseEncoder, idf frequencies: TokenFrequencies, share: Double) -> [Float] {
        let tokenizer = encoder.documents.tokenizer
        let rows = encoder.documents.configuration.vocabularySize
        let idf = frequencies.table(rows: rows, specialIDs: tokenizer.specialIDs).enumerated().map { id, weight in
            id < tokenizer.vocabulary.count ? weight : 0
        }
        guard share < 1, let own = encoder.queryTable else { return idf }
        let counted = idf.indices.filter { frequencies.count(of: Int32($0)) > 0 && idf[$0] > 0 }
        let (ours, theirs) = counted.reduce(into: (Float(0), Float(0))) { sums, id in
            sums.0 += own[id]
            sums.1 += idf[id]
        }
        let scale = Float(share) * (theirs > 0 && ours > 0 ? ours / theirs : 1)
        return zip(own, idf).map { Float(1 - share) * $0 + scale * $1 }
    }

    private static func tensor(_ name: String, in file: WeightFile, _ folder: String, rows: Int) throws(EncoderError)
        -> Place
    {
        guard let tensor = file.tensors[name] else { throw .storage(.missingTensor(path: file.path, name: name)) }
        // A PyTorch file holds a checksum of each tensor.
        guard file.container == "safetensors" else {
            throw .unsupported(path: file.path, kind: "container", name: file.container, known: ["safetensors"])
        }
        guard tensor.type == .f32, tensor.shape == [rows] else {
            throw .shape(path: file.path, name: name, found: tensor.label, expected: "F32 [\(rows)]")
        }
        let path = file.parts[tensor.part].path
        return .tensor(file: folder + (path.split(separator: "/").last.map(String.init) ?? path), offset: tensor.offset)
    }

    /// Writes the copy; files that Apus does not read are copied too.
    /// - Parameter folder: A folder that is there and empty.
    /// - Throws: ``EncoderError``.
    public func write(to folder: String) throws(EncoderError) {
        let names = try files.names()
        do throws(StorageError) {
            for name in names where !isReplaced(name) {
                guard let bytes = try source(name) else { continue }
                let path = folder + "/" + name
                try Directory.create(Directory.parent(of: path))
                let file = try AtomicFile(path: path)
                try write(bytes, named: name, to: file)
                try file.commit()
            }
            if case .json(let tokens) = place {
                let file = try AtomicFile(path: folder + "/idf.json")
                try file.write(json(tokens))
                try file.commit()
            }
        } catch { throw .storage(error) }
    }

    /// Packed panels are left out too: they name the weights file that they were made from. So is an embedded model's identity.
    private func isReplaced(_ name: String) -> Bool {
        if case .json = place, name == "idf.json" { return true }
        return name.hasSuffix(".panels") || name.hasSuffix(WeightFile.identityName)
    }

    private func source(_ name: String) throws(StorageError) -> MappedBytes? {
        do { return try files.bytes(name) } catch .storage(let error) { throw error } catch {
            throw .malformed(path: name, detail: error.description)
        }
    }

    private func write(_ bytes: MappedBytes, named name: String, to file: AtomicFile) throws(StorageError) {
        // Safe: the bytes are mapped for the whole call.
        defer { withExtendedLifetime(bytes) {} }
        let all = unsafe bytes.unsafeBytes
        guard case .tensor(name, let offset) = place else { return try unsafe file.write(all) }
        try unsafe file.write(UnsafeRawBufferPointer(rebasing: all[..<offset]))
        try file.write(weights)
        try unsafe file.write(
            UnsafeRawBufferPointer(rebasing: all[(offset + weights.count * MemoryLayout<Float>.size)...]))
    }

    /// `{"token": weight}`, a token on each line, those without weight left out.
    private func json(_ tokens: [String]) -> [UInt8] {
        let lines = zip(tokens, weights).filter { $0.1 > 0 }.map { "\(Self.quoted($0.0)): \($0.1)" }
        return Array(("{\n" + lines.joined(separator: ",\n") + "\n}\n").utf8)
    }

    private static func quoted(_ token: String) -> String {
        var text = "\""
        for scalar in token.unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
