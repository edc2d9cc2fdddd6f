#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Apus from C, and from whatever calls C.
//
//     apus_index *index;
//     char *error = NULL;
//     if (apus_index_open("Indexes/mine", NULL, &index, &error) != APUS_OK) { puts(error); apus_string_free(error); return 1; }
//     apus_hits *hits;
//     if (apus_search(index, "why do stars shine", 18, NULL, 10, NULL, &hits, &error) == APUS_OK) {
//         const char *id = hits->ids;
//         for (int64_t i = 0; i < hits->count; i++, id += strlen(id) + 1) printf("%s %f\n", id, hits->scores[i]);
//         apus_hits_free(hits);
//     }
//     apus_index_close(index);
//
// Every function that can fail returns one of the numbers below and, where `error` is not NULL, writes a sentence for people to it,
// which the caller gives back with apus_string_free, or NULL where nothing failed. Results are written only on APUS_OK.
//
// Handles never change after they were made and may be used on many threads at once. What is given back (apus_index_close, apus_…_free)
// must not be in use on another thread; NULL may be given back. All texts are UTF-8; those that the caller passes are read before the
// call returns and stay the caller's. Options are JSON objects, NULL for none; an unknown member is an error that names it.
//
// A call works on its own thread and on threads that the library starts; after a fork without exec the child must not call it.

#ifdef __cplusplus
extern "C" {
#endif

enum {
    APUS_OK = 0,
    APUS_FAILED = 1,    // input, files or settings: the sentence says which and what to do
    APUS_MISUSE = 2,    // an argument that no call takes: NULL for a handle, a negative count, an unknown option
    APUS_CANCELLED = 3, // apus_cancel was called, or the caller's own documents ended with an error
};

/// Texts one after another: text i is the bytes from ends[i - 1] (0 for the first) to ends[i].
typedef struct {
    const char *bytes;
    const int64_t *ends;
    int64_t count;
} apus_strings;

/// Rows of terms and weights: row i has the entries from ends[i - 1] (0 for the first) to ends[i]; terms ascend within a row.
typedef struct {
    int64_t rows;
    int64_t columns;
    const int64_t *ends;
    const uint32_t *terms;
    const float *weights;
} apus_matrix;

/// Lists of documents with a number each: of query i those from ends[i - 1] (0 for the first) to ends[i].
typedef struct {
    apus_strings queries;
    const int64_t *ends;
    apus_strings documents;
    const double *values;
} apus_rankings;

typedef struct apus_index apus_index;
typedef struct apus_options apus_options;
typedef struct apus_encoder apus_encoder;
typedef struct apus_cancellation apus_cancellation;

/// The version, like 0.2.0; it lives as long as the process.
const char *apus_version(void);

/// Gives back a text that the library made.
void apus_string_free(char *text);

// MARK: Stopping

/// Something that a long call can be told to stop by.
apus_cancellation *apus_cancellation_new(void);
/// Asks the calls that have it to stop; may be called on any thread and in a signal handler.
void apus_cancel(const apus_cancellation *cancellation);
void apus_cancellation_free(apus_cancellation *cancellation);

// MARK: Searching

/// Opens the newest commit of an index. Options: model (a folder, "bundled" or "tiny"), force, commit (a number).
int32_t apus_index_open(const char *directory, const char *options, apus_index **index, char **error);
/// The index at its newest commit as another handle, which shares what stayed the same; the old one goes on to answer from its own.
int32_t apus_index_refresh(const apus_index *index, apus_index **newest, char **error);
/// What the index is: directory, documents, commit, settings, notes, as JSON.
int32_t apus_index_info(const apus_index *index, char **json, char **error);
void apus_index_close(apus_index *index);

/// How to search. Options: mode, filter, boosts, depth, fusion, weight, k1, b, idf_power, query_side, feedback, query_terms, ranges,
/// deadline_ms, traversal, threads, verify.
int32_t apus_options_new(const char *json, apus_options **options, char **error);
void apus_options_free(apus_options *options);

/// A query that an encoder made elsewhere.
typedef struct {
    apus_strings terms;
    const float *weights; // one for each term
} apus_vector;

/// The answer to one query, best document first.
typedef struct {
    int64_t count;
    const double *scores; // [count]
    const char *ids;      // [count] texts that end with a NUL, one after another; no id has a NUL or white space
    int64_t ids_length;   // bytes, the NULs among them
    const char *tag;      // how it was ranked, for the last column of a run
    const char *notes;    // what a reader should know, one sentence a line; empty for nothing
    bool exact;           // whether these are proved to be the best of what was asked for
} apus_hits;

/// Answers one query.
/// - vector: the learned query; NULL encodes the text where the mode needs it.
int32_t apus_search(
    const apus_index *index, const char *text, int64_t length, const apus_vector *vector, int64_t k,
    const apus_options *options, apus_hits **hits, char **error);
void apus_hits_free(apus_hits *hits);

/// The answers to many queries, one after another.
typedef struct {
    const char *ids;    // as in apus_hits, of all queries
    int64_t ids_length;
    const char *tag;
    const char *notes;
    double seconds; // wall time of the searches
    int64_t inexact; // answers that are not proved to be the best
} apus_batch;

/// Answers many queries on some threads.
/// - topics: their ids in runs; NULL numbers them from 0.
/// - vectors, vocabulary: one row of learned terms a query, and the terms' names; NULL encodes the texts.
/// - scores: the caller's, [texts.count, k]; of query i the first counts[i] of row i are written, the others become -infinity.
/// - counts: the caller's, [texts.count].
int32_t apus_batch_search(
    const apus_index *index, const apus_strings *texts, const apus_strings *topics, const apus_matrix *vectors,
    const apus_strings *vocabulary, int64_t k, const apus_options *options, int32_t threads,
    const apus_cancellation *cancellation, double *scores, int64_t *counts, apus_batch **batch, char **error);
void apus_batch_free(apus_batch *batch);

/// Documents by id, as a JSON list of {id, title, text, metadata}; ids that no document has are left out.
int32_t apus_documents(const apus_index *index, const apus_strings *ids, char **json, char **error);

/// Why a document scores as it does, as JSON: mode, score, notes, fields with the terms' weights and products.
int32_t apus_explain(
    const apus_index *index, const char *text, int64_t length, const char *document, const apus_options *options,
    char **json, char **error);

// MARK: Building and changing

/// Gives the next piece of JSON lines; a piece may end in the middle of a line.
/// - bytes, count: where the piece is; it stays the caller's and is read before the next call.
/// - Returns: 1 for a piece, 2 at the end; anything else gives up, and the index stays as it was.
typedef int32_t (*apus_next)(void *context, const char **bytes, int64_t *count);

/// Builds an index, or adds to one, and returns what was done as JSON.
///
/// Options: existing (refuse, append, resume, update, replace), model (a folder, "bundled", "tiny" or "none"), vectors (the input is vectors),
/// analyzer, precision, max_length, threads, memory (bytes), passages, stride, aggregate, profile, store_vectors, filterable,
/// keep_order, idf_power, norm_power, learned_scale, k1, b, must_exist, and commit_every (seconds; without it a build from `next` is
/// committed once, at its end).
///
/// - paths: files and folders, as `apus index` reads them; or `next`, never both.
/// - vectors, vocabulary: row i is the vector of document i, and the terms' names; NULL for none.
/// - cancellation: once cancelled, what was read is committed, unless the build replaces an index.
int32_t apus_build(
    const char *directory, const char *options, const apus_strings *paths, apus_next next, void *context,
    const apus_matrix *vectors, const apus_strings *vocabulary, const apus_cancellation *cancellation, char **report,
    char **error);

/// Deletes documents in one commit. Options: strict (an unknown id is an error), filter.
int32_t apus_delete(
    const char *directory, const apus_strings *ids, const char *options, char **report, char **error);

// MARK: Encoding

/// Loads an encoder. Options: max_length, precision.
int32_t apus_encoder_open(const char *model, const char *options, apus_encoder **encoder, char **error);
void apus_encoder_close(apus_encoder *encoder);
/// What was understood of the model, as JSON.
int32_t apus_encoder_info(const apus_encoder *encoder, char **json, char **error);
/// The terms by number; they live as long as the encoder.
int32_t apus_encoder_vocabulary(const apus_encoder *encoder, apus_strings *vocabulary, char **error);
/// Encodes texts. Options: query (whether they are queries), query_side, passages, stride, aggregate, threads.
int32_t apus_encode(
    const apus_encoder *encoder, const apus_strings *texts, const char *options, const apus_cancellation *cancellation,
    apus_matrix **vectors, char **error);
void apus_matrix_free(apus_matrix *matrix);

// MARK: Evaluating

/// Measures a run against judgements; JSON with measures, means, and per_query where asked for.
///
/// Options: measures (names in one text), per_query, ignore_identical_ids, judged_only, answered_only, grade_threshold.
/// - qrels_path or qrels, run_path or run: a file, or the lists; one of each.
int32_t apus_evaluate(
    const char *qrels_path, const apus_rankings *qrels, const char *run_path, const apus_rankings *run,
    const char *options, char **json, char **error);

/// The topics of a file as a JSON list of [id, text].
int32_t apus_topics(const char *path, char **json, char **error);

/// Writes the starter collection that the library carries into a folder: corpus.jsonl, queries.jsonl, qrels/test.tsv.
int32_t apus_starter(const char *folder, char **error);

#ifdef __cplusplus
}
#endif
