/// A model class of Hugging Face, by its name in `config.json`.
struct ModelClass: Sendable, Equatable {
    let name: String
    /// The `model_type` that means it.
    var type: String?
    let architecture: any Architecture.Type

    static func == (a: ModelClass, b: ModelClass) -> Bool { a.name == b.name }

    /// Whether the class has scores for every term of the vocabulary.
    var hasLanguageHead: Bool { !name.hasSuffix("Model") }
}

extension ModelClass {
    /// The class that `config.json` means: `architectures` names it, and where it names none, or another class of the same
    /// model, `model_type` decides, as in AutoModelForMaskedLM.
    /// - Parameters:
    ///   - head: Gets the head of classes outside transformers that are known.
    ///   - hasTensor: Whether the weights have a tensor of a name.
    /// - Throws: ``EncoderError``, naming the class, or the keys that are missing.
    init(_ json: JSONFile, _ head: inout HeadSettings, hasTensor: (String) -> Bool) throws(EncoderError) {
        let stated = try json.firstText("architectures")
        if head.architecture == nil, let stated, head.set(className: stated) { /* head.architecture is set now */  }
        let classes = Architectures.classes
        let byType = json.string("model_type").flatMap { type in classes.first { $0.type == type } }
        let name = head.architecture ?? stated
        let found: ModelClass
        switch (classes.first { $0.name == name }, byType) {
        case (let known?, let typed?):
            guard known.architecture == typed.architecture else {
                throw .malformed(
                    path: json.path,
                    detail:
                        "its model_type is '\(json.string("model_type") ?? "")', but the architecture is \(known.name)")
            }
            found = known
        case (let known?, nil): found = known
        case (nil, let typed?) where name == nil || typed.isKin(name ?? ""): found = typed
        case (nil, _):
            if let name { throw json.unsupported("architecture", name, known: classes.map(\.name)) }
            guard let type = json.string("model_type") else {
                throw .malformed(
                    path: json.path, detail: "it has no 'architectures', and the 'model_type' is missing too")
            }
            throw json.unsupported("model_type", type, known: classes.compactMap(\.type).sorted())
        }
        guard head.kind == .language || head.kind == .classLanguage, !found.hasLanguageHead else {
            self = found
            return
        }
        // The weights of a class without a head may have one all the same.
        let masked = byType ?? found.architecture.classes.first(where: \.hasLanguageHead) ?? found
        let names = masked.architecture.head
        guard hasTensor(names.transform.map { $0 + ".weight" } ?? names.decoderWeight) else {
            throw .malformed(
                path: json.path,
                detail: "\(found.name) has no masked-language-model head, and neither sparse_linear.pt, "
                    + "a SparseAutoEncoder nor \(HeadSettings.fileName) says what to use")
        }
        self = masked
    }

    /// Whether a class is of the same model: `BertForPreTraining` is, `RobertaForMaskedLM` is not.
    private func isKin(_ other: String) -> Bool {
        let stem =
            name.hasSuffix("ForMaskedLM")
            ? name.dropLast("ForMaskedLM".count) : name.dropLast("ForCausalLM".count)
        guard other.hasPrefix(stem) else { return false }
        let rest = other.dropFirst(stem.count)
        return rest.hasPrefix("For") || rest == "Model" || rest == "LMHeadModel"
    }
}
