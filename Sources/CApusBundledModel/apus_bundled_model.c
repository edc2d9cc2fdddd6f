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
