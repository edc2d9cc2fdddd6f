import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.SmallFloat;

/**
 * An index of Anserini's (one segment, field "contents") as the Common Index File Format, as `java -cp JAR LuceneToCIFF.java INDEX FILE`.
 *
 * <p>Document lengths are those that Lucene keeps, one byte each; the average and the total are Lucene's exact ones. Written by hand, so
 * that nothing of Apus or of its protocol buffers has a part in it.
 */
public final class LuceneToCIFF {
    private static final class Message {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Message varint(long value) {
            while ((value & ~0x7FL) != 0) {
                bytes.write((int) (value & 0x7F | 0x80));
                value >>>= 7;
            }
            bytes.write((int) value);
            return this;
        }

        Message number(int field, long value) {
            return value == 0 ? this : varint(field << 3).varint(value);
        }

        Message bytes(int field, byte[] value) throws IOException {
            varint(field << 3 | 2).varint(value.length);
            bytes.write(value);
            return this;
        }

        Message real(int field, double value) {
            varint(field << 3 | 1);
            long bits = Double.doubleToLongBits(value);
            for (int shift = 0; shift < 64; shift += 8) bytes.write((int) (bits >>> shift));
            return this;
        }

        void write(OutputStream out) throws IOException {
            new Message().varint(bytes.size()).bytes.writeTo(out);
            bytes.writeTo(out);
        }
    }

    public static void main(String[] arguments) throws Exception {
        try (var reader = DirectoryReader.open(FSDirectory.open(Path.of(arguments[0])));
                var file = Files.newOutputStream(Path.of(arguments[1]));
                var out = new BufferedOutputStream(arguments[1].endsWith(".gz") ? new GZIPOutputStream(file) : file)) {
            LeafReader leaf = reader.leaves().get(0).reader();
            if (reader.leaves().size() != 1 || leaf.numDeletedDocs() > 0) {
                throw new IllegalArgumentException("The index must have one segment and no deleted documents: -optimize.");
            }
            Terms terms = leaf.terms("contents");
            long tokens = terms.getSumTotalTermFreq();
            new Message().number(1, 1).number(2, terms.size()).number(3, leaf.maxDoc()).number(4, terms.size())
                .number(5, leaf.maxDoc()).number(6, tokens).real(7, (double) tokens / terms.getDocCount())
                .bytes(8, "Anserini".getBytes(StandardCharsets.UTF_8)).write(out);
            TermsEnum each = terms.iterator();
            for (var term = each.next(); term != null; term = each.next()) {
                byte[] name = new byte[term.length];
                System.arraycopy(term.bytes, term.offset, name, 0, term.length);
                var list = new Message().bytes(1, name).number(2, each.docFreq()).number(3, each.totalTermFreq());
                PostingsEnum postings = each.postings(null, PostingsEnum.FREQS);
                int last = 0;
                for (int doc = postings.nextDoc(); doc != PostingsEnum.NO_MORE_DOCS; doc = postings.nextDoc()) {
                    var posting = new Message().number(1, doc - last).number(2, postings.freq());
                    list.bytes(4, posting.bytes.toByteArray());
                    last = doc;
                }
                list.write(out);
            }
            NumericDocValues norms = leaf.getNormValues("contents");
            var stored = leaf.storedFields();
            for (int doc = 0; doc < leaf.maxDoc(); doc++) {
                long length = norms != null && norms.advanceExact(doc) ? SmallFloat.byte4ToInt((byte) norms.longValue()) : 0;
                new Message().number(1, doc).bytes(2, stored.document(doc).get("id").getBytes(StandardCharsets.UTF_8))
                    .number(3, length).write(out);
            }
        }
    }
}
