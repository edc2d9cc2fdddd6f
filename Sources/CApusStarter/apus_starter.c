#include "apus_starter.h"

// The starter collection, read in place from Corpora/starter.

#define STARTER(name) static const unsigned char name[] =

STARTER(corpus) {
#embed "../../Corpora/starter/corpus.jsonl"
};
STARTER(queries) {
#embed "../../Corpora/starter/queries.jsonl"
};
STARTER(qrels) {
#embed "../../Corpora/starter/qrels/test.tsv"
};

static const apus_starter_file files[] = {
    {"corpus.jsonl", corpus, sizeof corpus},
    {"queries.jsonl", queries, sizeof queries},
    {"qrels/test.tsv", qrels, sizeof qrels},
};

const apus_starter_file *apus_starter_files(size_t *count) {
    *count = sizeof files / sizeof files[0];
    return files;
}
