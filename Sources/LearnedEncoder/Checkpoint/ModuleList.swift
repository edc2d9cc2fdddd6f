/// The chain of modules in a sentence-transformers folder; a folder without `modules.json` is a plain SPLADE checkpoint:
/// max pooling, log1p(relu), one logarithm, as in naver's code.
///
/// A folder may hold one chain for both sides, or a Router with a chain for documents and another for queries: a second
/// encoder (Efficient SPLADE, [arXiv:2207.03834](https://arxiv.org/abs/2207.03834)) or a table of token weights.
import FileStorage

struct ModuleList: Sendable, Equatable {
    /// A masked language model with SPLADE pooling.
    struct Route: Sendable, Equatable {
        /// Where the transformer's own files are: "" or "0_MLMTransformer/".
        var transformerFolder = ""
        var head = HeadSettings()
    }

    /// How queries are encoded.
    enum Query: Sendable, Equatable {
        case sameAsDocument
        case encoder(Route)
        /// The folder of a SparseStaticEmbedding, with a final slash.
        case table(folder: String)
    }

    var document = Route()
    var query = Query.sameAsDocument

    private struct Module: Equatable {
        let kind: String
        let type: String
        let folder: String

        init(type: String, path: String) {
            kind = type.split(separator: ".").last.map(String.init) ?? type
            self.type = type
            folder = path.isEmpty ? "" : path + "/"
        }
    }

    /// - Throws: ``EncoderError``; unknown modules, poolings and activations are refused by name.
    init(_ files: ModelFiles) throws(EncoderError) {
        guard let bytes = try files.bytes("modules.json") else {
            try document.head.read(files, folder: "")
            return
        }
        guard let list = JSONFile.parse(bytes) as? [[String: Any]] else {
            throw .malformed(path: bytes.path, detail: "it is not a list of modules")
        }
        var modules: [Module] = []
        for module in list {
            guard let type = module["type"] as? String, let path = module["path"] as? String else {
                throw .malformed(path: bytes.path, detail: "a module has no type or path")
            }
            modules.append(Module(type: type, path: path))
        }
        guard modules.count == 1, let router = modules.first, ["Router", "Asym"].contains(router.kind) else {
            document = try Self.route(modules, files, path: bytes.path)
            return
        }
        let json = try JSONFile(files.required(router.folder + "router_config.json"))
        let documentChain = try Self.chain("document", json, router.folder)
        let queryChain = try Self.chain("query", json, router.folder)
        document = try Self.route(documentChain, files, path: json.path)
        if queryChain == documentChain { return }
        if let only = queryChain.first, queryChain.count == 1, ["SparseStaticEmbedding", "IDF"].contains(only.kind) {
            query = .table(folder: only.folder)
        } else {
            query = .encoder(try Self.route(queryChain, files, path: json.path))
        }
    }

    /// The modules of one side of a Router.
    private static func chain(_ side: String, _ json: JSONFile, _ folder: String) throws(EncoderError) -> [Module] {
        guard let names = json.object("structure")?[side] as? [String], let types = json.object("types") else {
            throw .malformed(path: json.path, detail: "it has no route '\(side)'")
        }
        return try names.map { name throws(EncoderError) in
            guard let type = types[name] as? String else {
                throw .malformed(path: json.path, detail: "the type of '\(name)' is missing")
            }
            return Module(type: type, path: folder + name)
        }
    }

    private static func route(_ modules: [Module], _ files: ModelFiles, path: String) throws(EncoderError) -> Route {
        var route = Route()
        var kinds: [String] = []
        var autoencoder = AutoencoderSettings()
        for module in modules {
            switch module.kind {
            // From sentence-transformers 6 on, a Transformer with the task fill-mask; config.json names the architecture.
            case "MLMTransformer", "Transformer":
                kinds.append("transformer")
                route.transformerFolder = module.folder
            case "SpladePooling":
                kinds.append("pooling")
                try readPooling(JSONFile(files.required(module.folder + "config.json")), &route)
            case "Pooling":
                kinds.append("dense")
                autoencoder.pooling = try densePooling(JSONFile(files.required(module.folder + "config.json")))
            case "Normalize":
                kinds.append("normalize")
                autoencoder.normalizes = true
            case "SparseAutoEncoder", "CSRSparsity":
                kinds.append("autoencoder")
                autoencoder.folder = module.folder
            default:
                throw .unsupported(
                    path: path, kind: "module", name: module.type,
                    known: [
                        "MLMTransformer", "Normalize", "Pooling", "Router", "SparseAutoEncoder", "SpladePooling",
                        "SparseStaticEmbedding", "Transformer",
                    ])
            }
        }
        switch kinds {
        case ["transformer", "pooling"]: try route.head.read(files, folder: route.transformerFolder)
        case ["transformer", "dense", "autoencoder"], ["transformer", "dense", "normalize", "autoencoder"]:
            route.head.kind = .autoencoder(autoencoder)
            route.head.logarithms = 0
        // BGE-M3's chain is that of its dense vector; the sparse head lies beside it.
        case ["transformer", "dense"], ["transformer", "dense", "normalize"]:
            try route.head.read(files, folder: route.transformerFolder)
            guard route.head != HeadSettings() else { fallthrough }
        default:
            throw .malformed(
                path: path,
                detail: "a side needs one MLMTransformer and one SpladePooling, or a Transformer, a Pooling and a "
                    + "SparseAutoEncoder, not \(modules.map(\.kind).joined(separator: ", "))")
        }
        return route
    }

    private static func readPooling(_ json: JSONFile, _ route: inout Route) throws(EncoderError) {
        let name = json.string("pooling_strategy") ?? "max"
        guard let pooling = Pooling(rawValue: name) else {
            throw json.unsupported("pooling", name, known: Pooling.allCases.map(\.rawValue))
        }
        route.head.pooling = pooling
        // sentence-transformers means log1p(relu(x)) by "relu" and log1p(log1p(relu(x))) by "log1p_relu".
        switch json.string("activation_function") ?? "relu" {
        case "relu": route.head.logarithms = 1
        case "log1p_relu": route.head.logarithms = 2
        case let name: throw json.unsupported("activation function", name, known: ["relu", "log1p_relu"])
        }
    }

    /// `pooling_mode` names it, or in older files one of several switches.
    private static func densePooling(_ json: JSONFile) throws(EncoderError) -> AutoencoderSettings.DensePooling {
        let switches = ["cls": "cls_token", "mean": "mean_tokens", "lasttoken": "lasttoken", "max": "max_tokens"]
        let set = switches.filter { json.bool("pooling_mode_" + $0.value) == true }.keys.sorted()
        let name = json.string("pooling_mode") ?? (set.isEmpty ? "mean" : set.joined(separator: "+"))
        guard let pooling = AutoencoderSettings.DensePooling(rawValue: name) else {
            throw json.unsupported("dense pooling", name, known: ["cls", "lasttoken", "mean"])
        }
        return pooling
    }
}
