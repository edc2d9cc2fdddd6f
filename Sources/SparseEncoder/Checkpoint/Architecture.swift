/// The model classes of Hugging Face that Apus runs, by the name in `config.json`.
enum Architecture: String, Sendable, CaseIterable {
    case bert = "BertForMaskedLM"
    case distilBERT = "DistilBertForMaskedLM"
    case roberta = "RobertaForMaskedLM"
    case xlmRoberta = "XLMRobertaForMaskedLM"
    case modernBERT = "ModernBertForMaskedLM"
    case gteNew = "NewForMaskedLM"
    case gte = "GteForMaskedLM"
    case llama = "LlamaForCausalLM"
    case mistral = "MistralForCausalLM"
    case qwen2 = "Qwen2ForCausalLM"
    case qwen3 = "Qwen3ForCausalLM"
    case bertModel = "BertModel"
    case distilBERTModel = "DistilBertModel"
    case robertaModel = "RobertaModel"
    case xlmRobertaModel = "XLMRobertaModel"
    case modernBERTModel = "ModernBertModel"
    case gteNewModel = "NewModel"
    case gteModel = "GteModel"

    /// The layers that a class is made of.
    enum Family: Sendable { case bert, distilBERT, roberta, modernBERT, gte, decoder }

    var family: Family {
        switch self {
        case .bert, .bertModel: .bert
        case .distilBERT, .distilBERTModel: .distilBERT
        case .roberta, .xlmRoberta, .robertaModel, .xlmRobertaModel: .roberta
        case .modernBERT, .modernBERTModel: .modernBERT
        case .gteNew, .gte, .gteNewModel, .gteModel: .gte
        case .llama, .mistral, .qwen2, .qwen3: .decoder
        }
    }

    /// Whether the class has scores for every term of the vocabulary.
    var hasLanguageHead: Bool { !rawValue.hasSuffix("Model") }
}

extension Architecture {
    /// The class that `config.json` means: `architectures` names it, and where it names none, or another class of the same
    /// model, `model_type` decides, as in AutoModelForMaskedLM.
    /// - Parameters:
    ///   - head: Gets the head of classes outside transformers that are known.
    ///   - hasTensor: Whether the weights have a tensor of a name.
    /// - Throws: ``EncoderError``, naming the class, or the keys that are missing.
    init(_ json: JSONFile, _ head: inout HeadSettings, hasTensor: (String) -> Bool) throws(EncoderError) {
        let stated = try json.firstText("architectures")
        if head.architecture == nil, let stated, head.set(className: stated) { /* head.architecture is set now */  }
        let byType = json.string("model_type").flatMap { Self.modelTypes[$0] }
        let name = head.architecture ?? stated
        var found: Architecture
        switch (name.flatMap(Architecture.init(rawValue:)), byType) {
        case (let known?, let typed?):
            guard known.family == typed.family else {
                throw .malformed(
                    path: json.path,
                    detail:
                        "its model_type is '\(json.string("model_type") ?? "")', but the architecture is \(known.rawValue)"
                )
            }
            found = known
        case (let known?, nil): found = known
        case (nil, let typed?) where name == nil || typed.isKin(name ?? ""): found = typed
        case (nil, _):
            if let name { throw json.unsupported("architecture", name, known: Self.allCases.map(\.rawValue)) }
            guard let type = json.string("model_type") else {
                throw .malformed(
                    path: json.path, detail: "it has no 'architectures', and the 'model_type' is missing too")
            }
            throw json.unsupported("model_type", type, known: Self.modelTypes.keys.sorted())
        }
        guard head.kind == .language || head.kind == .classLanguage, !found.hasLanguageHead else {
            self = found
            return
        }
        // The weights of a class without a head may have one all the same.
        let masked = byType ?? Self.allCases.first { $0.family == found.family && $0.hasLanguageHead } ?? found
        guard Self.hasHead(masked.family, hasTensor) else {
            throw .malformed(
                path: json.path,
                detail: "\(found.rawValue) has no masked-language-model head, and neither sparse_linear.pt, "
                    + "a SparseAutoEncoder nor \(HeadSettings.fileName) says what to use")
        }
        self = masked
    }

    private static let modelTypes: [String: Architecture] = [
        "bert": .bert, "distilbert": .distilBERT, "roberta": .roberta, "xlm-roberta": .xlmRoberta,
        "modernbert": .modernBERT, "new": .gteNew, "gte": .gte, "llama": .llama, "mistral": .mistral, "qwen2": .qwen2,
        "qwen3": .qwen3,
    ]

    /// Whether a class is of the same model: `BertForPreTraining` is, `RobertaForMaskedLM` is not.
    private func isKin(_ name: String) -> Bool {
        let stem =
            rawValue.hasSuffix("ForMaskedLM")
            ? rawValue.dropLast("ForMaskedLM".count) : rawValue.dropLast("ForCausalLM".count)
        guard name.hasPrefix(stem) else { return false }
        let rest = name.dropFirst(stem.count)
        return rest.hasPrefix("For") || rest == "Model" || rest == "LMHeadModel"
    }

    private static func hasHead(_ family: Family, _ hasTensor: (String) -> Bool) -> Bool {
        let names = HeadNames(family)
        return hasTensor(names.transform.map { $0 + ".weight" } ?? names.decoderWeight)
    }
}
