#include "apus_bundled_model.h"

// The default model, made by Scripts/train/pack. To replace it, pack another one into Model/ and build again.

#define EMBEDDED(name) static const _Alignas(64) unsigned char name[] =

EMBEDDED(config) {
#embed "Model/config.json"
};
EMBEDDED(weights) {
#embed "Model/model.safetensors"
};
EMBEDDED(identity) {
#embed "Model/apus.identity"
};
EMBEDDED(screen) {
#embed "Model/apus.int8.panels"
};
EMBEDDED(screen_unsplit) {
#embed "Model/apus.int8-unsplit.panels"
};
EMBEDDED(vocabulary) {
#embed "Model/vocab.txt"
};
EMBEDDED(tokenizer_config) {
#embed "Model/tokenizer_config.json"
};
EMBEDDED(modules) {
#embed "Model/modules.json"
};
EMBEDDED(pooling) {
#embed "Model/1_SpladePooling/config.json"
};
EMBEDDED(sentence_config) {
#embed "Model/sentence_bert_config.json"
};
EMBEDDED(apus_settings) {
#embed "Model/apus.json"
};

static const apus_model_file files[] = {
    {"config.json", config, sizeof config},
    {"model.safetensors", weights, sizeof weights},
    {"apus.identity", identity, sizeof identity},
    {"apus.int8.panels", screen, sizeof screen},
    {"apus.int8-unsplit.panels", screen_unsplit, sizeof screen_unsplit},
    {"vocab.txt", vocabulary, sizeof vocabulary},
    {"tokenizer_config.json", tokenizer_config, sizeof tokenizer_config},
    {"modules.json", modules, sizeof modules},
    {"1_SpladePooling/config.json", pooling, sizeof pooling},
    {"sentence_bert_config.json", sentence_config, sizeof sentence_config},
    {"apus.json", apus_settings, sizeof apus_settings},
};

const apus_model_file *apus_bundled_model(size_t *count) {
    *count = sizeof files / sizeof files[0];
    return files;
}

// Its small sibling, from Tiny/.

EMBEDDED(tiny_config) {
#embed "Tiny/config.json"
};
EMBEDDED(tiny_weights) {
#embed "Tiny/model.safetensors"
};
EMBEDDED(tiny_identity) {
#embed "Tiny/apus.identity"
};
EMBEDDED(tiny_tokenizer_config) {
#embed "Tiny/tokenizer_config.json"
};
EMBEDDED(tiny_modules) {
#embed "Tiny/modules.json"
};
EMBEDDED(tiny_pooling) {
#embed "Tiny/1_SpladePooling/config.json"
};
EMBEDDED(tiny_sentence_config) {
#embed "Tiny/sentence_bert_config.json"
};
EMBEDDED(tiny_apus_settings) {
#embed "Tiny/apus.json"
};

static const apus_model_file tiny_files[] = {
    {"config.json", tiny_config, sizeof tiny_config},
    {"model.safetensors", tiny_weights, sizeof tiny_weights},
    {"apus.identity", tiny_identity, sizeof tiny_identity},
    {"vocab.txt", vocabulary, sizeof vocabulary}, // the same tokens
    {"tokenizer_config.json", tiny_tokenizer_config, sizeof tiny_tokenizer_config},
    {"modules.json", tiny_modules, sizeof tiny_modules},
    {"1_SpladePooling/config.json", tiny_pooling, sizeof tiny_pooling},
    {"sentence_bert_config.json", tiny_sentence_config, sizeof tiny_sentence_config},
    {"apus.json", tiny_apus_settings, sizeof tiny_apus_settings},
};

const apus_model_file *apus_tiny_model(size_t *count) {
    *count = sizeof tiny_files / sizeof tiny_files[0];
    return tiny_files;
}
