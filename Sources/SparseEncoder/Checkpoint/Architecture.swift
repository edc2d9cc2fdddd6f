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
