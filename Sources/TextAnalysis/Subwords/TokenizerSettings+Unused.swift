import JSONScanning

extension TokenizerSettings {
    /// Keys that this library follows or that change nothing in how a text is cut: decoding, padding, chat, where files were.
    private static let known: Set<String> = [
        "add_bos_token", "add_eos_token", "add_prefix_space", "added_tokens_decoder", "additional_special_tokens",
        "auto_map",
        "backend", "chat_template", "clean_up_tokenization_spaces", "do_basic_tokenize", "do_lower_case", "errors",
        "extra_special_tokens", "from_slow", "full_tokenizer_file", "init_inputs", "is_local", "local_files_only",
        "max_len",
        "max_length", "model_input_names", "model_max_length", "name_or_path", "never_split", "pad_to_multiple_of",
        "pad_token_type_id", "padding", "padding_side", "processor_class", "sp_model_kwargs", "special_tokens_map_file",
        "split_special_tokens", "stride", "strip_accents", "tokenize_chinese_chars", "tokenizer_class",
        "tokenizer_file",
        "trim_offsets", "truncation", "truncation_side", "truncation_strategy", "use_default_system_prompt", "verbose",
        "vocab_file", "merges_file", "legacy", "use_fast",
    ]

    /// Names what says something about tokens and is not followed, because AutoTokenizer does not follow it either, or
    /// because nobody here knows it.
    func listUnused(_ file: TokenizerJSON?, _ applied: inout AppliedTokenizerSettings) {
        let name = className ?? "the model's tokenizer class"
        if config["do_basic_tokenize"]?.bool == false {
            applied.unused.append("do_basic_tokenize (AutoTokenizer does not)")
        }
        if config["never_split"]?.elements?.isEmpty == false {
            applied.unused.append("never_split (AutoTokenizer does not)")
        }
        if family != .bert, let normalizer = file?.value["normalizer"] {
            let pairs = [
                ("do_lower_case", "lowercase"), ("strip_accents", "strip_accents"),
                ("tokenize_chinese_chars", "handle_chinese_chars"),
            ]
            for (key, stored) in pairs {
                guard let wanted = config[key]?.bool, wanted != normalizer[stored]?.bool else { continue }
                applied.unused.append("\(key) (\(name) follows tokenizer.json)")
            }
        }
        if config["auto_map"] != nil { applied.unused.append("auto_map (code of the model is never run)") }
        for (key, value) in config.members ?? [] where !Self.known.contains(key) && !key.hasSuffix("_token") {
            if case .null = value { continue }
            applied.unused.append(key)
        }
        applied.unused.sort()
    }
}
