import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopScoreDocCollector;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.QueryBuilder;

/**
 * Lucene as a peer: BM25 over texts, or learned impacts over feature fields; run by lucene.py as `java -cp JAR Lucene.java`.
 *
 * <p>`text INDEX` indexes lines of name, tab, text from standard input; `vectors INDEX STORE` a folder of vector_store.py.
 * `search INDEX text|vectors K SECONDS` answers lines of name, tab, text or term:weight pairs: again and again for SECONDS of
 * this thread's CPU, so that the compiler has warmed up, then once more; of that it prints name, nanoseconds and documents.
 */
public final class Lucene {
    /** Feature queries allow no weight above 64; a quarter of an integer up to 255 stays exact in every sum. */
    private static final float FEATURE_SCALE = 0.25f;

    public static void main(String[] arguments) throws Exception {
        Path index = Path.of(arguments[1]);
        switch (arguments[0]) {
            case "text" -> indexTexts(index);
            case "vectors" -> indexVectors(index, Path.of(arguments[2]));
            case "search" -> search(
                index, arguments[2].equals("text"), Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]));
            default -> throw new IllegalArgumentException("'" + arguments[0] + "' is not text, vectors or search.");
        }
    }

    private static BufferedReader input() {
        return new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    }

    private static IndexWriter writer(Path index) throws IOException {
        var config = new IndexWriterConfig(new EnglishAnalyzer());
        config.setSimilarity(new BM25Similarity(0.9f, 0.4f));
        config.setOpenMode(IndexWriterConfig.OpenMode.CREATE);
        config.setRAMBufferSizeMB(1024);
        return new IndexWriter(FSDirectory.open(index), config);
    }

    private static void indexTexts(Path index) throws IOException {
        var type = new FieldType();
        type.setIndexOptions(IndexOptions.DOCS_AND_FREQS);
        type.setTokenized(true);
        type.freeze();
        try (var writer = writer(index); var lines = input()) {
            for (String line; (line = lines.readLine()) != null; ) {
                int tab = line.indexOf('\t');
                var document = new Document();
                document.add(new StoredField("id", line.substring(0, tab)));
                document.add(new Field("text", line.substring(tab + 1), type));
                writer.addDocument(document);
            }
            writer.forceMerge(1);
        }
    }

    /** The next `count` × `width` bytes of a file, in the byte order of the machines numpy wrote it on. */
    private static ByteBuffer read(FileChannel file, long count, int width) throws IOException {
        var bytes = ByteBuffer.allocate(Math.toIntExact(count * width)).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining() && file.read(bytes) >= 0) {}
        return bytes.flip();
    }

    private static void indexVectors(Path index, Path store) throws IOException {
        List<String> terms = Files.readAllLines(store.resolve("terms"));
        try (var writer = writer(index);
                var names = Files.newBufferedReader(store.resolve("documents.names"));
                var offsetFile = FileChannel.open(store.resolve("documents.offsets"));
                var termFile = FileChannel.open(store.resolve("documents.terms"));
                var weightFile = FileChannel.open(store.resolve("documents.weights"))) {
            ByteBuffer offsets = read(offsetFile, offsetFile.size() / 8, 8);
            long start = offsets.getLong();
            for (String name; (name = names.readLine()) != null; ) {
                long end = offsets.getLong();
                ByteBuffer numbers = read(termFile, end - start, 4);
                ByteBuffer weights = read(weightFile, end - start, 1);
                var document = new Document();
                document.add(new StoredField("id", name));
                while (weights.hasRemaining()) {
                    document.add(new FeatureField("vector", terms.get(numbers.getInt()), weights.get() & 255));
                }
                writer.addDocument(document);
                start = end;
            }
            writer.forceMerge(1);
        }
    }

    private static Query vector(String text) {
        var query = new BooleanQuery.Builder();
        for (String pair : text.split(" ")) {
            int colon = pair.lastIndexOf(':');
            float weight = Float.parseFloat(pair.substring(colon + 1)) * FEATURE_SCALE;
            query.add(FeatureField.newLinearQuery("vector", pair.substring(0, colon), weight), BooleanClause.Occur.SHOULD);
        }
        return query.build();
    }

    private static void search(Path index, boolean isText, int k, int seconds) throws IOException {
        ThreadMXBean clock = ManagementFactory.getThreadMXBean();
        var parser = new QueryBuilder(new EnglishAnalyzer());
        List<String> names = new ArrayList<>();
        List<Query> queries = new ArrayList<>();
        for (String line : input().lines().toList()) {
            int tab = line.indexOf('\t');
            String text = line.substring(tab + 1);
            Query query = isText ? parser.createBooleanQuery("text", text) : vector(text);
            if (query != null) {
                names.add(line.substring(0, tab));
                queries.add(query);
            }
        }
        try (var reader = DirectoryReader.open(FSDirectory.open(index));
                var out = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8))) {
            var searcher = new IndexSearcher(reader);
            searcher.setQueryCache(null);
            searcher.setSimilarity(new BM25Similarity(0.9f, 0.4f));
            long warm = clock.getCurrentThreadCpuTime() + seconds * 1_000_000_000L;
            for (boolean isLast = false, isDone = false; !isDone; ) {
                isDone = isLast;
                for (int number = 0; number < queries.size(); number++) {
                    long start = clock.getCurrentThreadCpuTime();
                    // Counting hits beyond the k best would forbid skipping.
                    var collector = TopScoreDocCollector.create(k, 1);
                    searcher.search(queries.get(number), collector);
                    ScoreDoc[] hits = collector.topDocs().scoreDocs;
                    long nanoseconds = clock.getCurrentThreadCpuTime() - start;
                    if (isLast) {
                        var line = new StringBuilder(names.get(number)).append('\t').append(nanoseconds);
                        for (ScoreDoc hit : hits) {
                            line.append('\t').append(searcher.storedFields().document(hit.doc).get("id"));
                        }
                        out.append(line).append('\n');
                    }
                }
                isLast = clock.getCurrentThreadCpuTime() >= warm;
            }
        }
    }
}
