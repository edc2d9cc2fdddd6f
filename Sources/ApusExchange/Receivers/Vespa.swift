import InvertedIndex

/// Vespa: a feed of documents with a weighted set, which takes integers alone, a schema, and `wand` queries.
struct Vespa: Receiver {
    static let name = "vespa"
    let partName = (before: "feed-", after: ".jsonl")
    private let terms: QuotedTerms

    init(_ source: ExportSource) { terms = QuotedTerms(source.vocabulary.terms) }

    func append(_ document: ExportedDocument, to part: inout JSONBytes) {
        part.append("{\"put\":")
        part.append(quoted: "id:apus:document::" + document.id)
        part.append(",\"fields\":{\"id\":")
        part.append(quoted: document.id)
        part.append(",")
        DocumentMembers.append(document.text, to: &part)
        if let metadata = document.text.metadata {
            part.append("\"metadata\":")
            part.append(quoted: metadata)
            part.append(",")
        }
        part.append("\"vector\":")
        terms.append(document, to: &part)
        part.append("}}\n")
    }

    func companions(_ golden: GoldenQueries) -> [(name: String, text: String)] {
        let queries = golden.queries.map { query in
            "{\"id\":\(query.quotedID),\"body\":{\"yql\":"
                + "\"select id from document where ({targetHits:\(GoldenQueries.depth)}wand(vector, @q))\","
                + "\"q\":\(Self.quoted(query.object())),\"ranking\":\"learned\",\"hits\":\(GoldenQueries.depth)}}\n"
        }
        return [
            ("application/schemas/document.sd", Self.schema), ("application/services.xml", Self.services),
            ("queries.jsonl", queries.joined()),
        ]
    }

    /// The set is a parameter of the request, spelled as text.
    private static func quoted(_ object: String) -> String {
        var text = JSONBytes()
        text.append(quoted: object)
        return String(decoding: text.bytes, as: UTF8.self)
    }

    private static let schema = """
        schema document {
          document document {
            field id type string {
              indexing: summary | attribute
            }
            field title type string {
              indexing: summary | index
              index: enable-bm25
            }
            field text type string {
              indexing: summary | index
              index: enable-bm25
            }
            field metadata type string {
              indexing: summary
            }
            field vector type weightedset<string> {
              indexing: attribute
              attribute: fast-search
              rank: filter
              match: cased
            }
          }
          fieldset default {
            fields: title, text
          }
          rank-profile learned {
            first-phase {
              expression: rawScore(vector)
            }
          }
          rank-profile hybrid inherits learned {
            global-phase {
              expression: reciprocal_rank(bm25(title) + bm25(text), 60) + reciprocal_rank(rawScore(vector), 60)
            }
          }
        }

        """

    private static let services = """
        <?xml version="1.0" encoding="utf-8" ?>
        <services version="1.0">
          <container id="default" version="1.0">
            <search/>
            <document-api/>
          </container>
          <content id="apus" version="1.0">
            <redundancy>1</redundancy>
            <documents>
              <document type="document" mode="index"/>
            </documents>
            <nodes>
              <node distribution-key="0" hostalias="node1"/>
            </nodes>
          </content>
        </services>

        """
}
