import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.StopFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.de.GermanAnalyzer;
import org.apache.lucene.analysis.de.GermanNormalizationFilter;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.fr.FrenchAnalyzer;
import org.apache.lucene.analysis.snowball.SnowballFilter;
import org.apache.lucene.analysis.standard.StandardTokenizer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.OffsetAttribute;
import org.apache.lucene.analysis.util.ElisionFilter;

/** Prints what Lucene makes of texts; see the script lucene-tokens, which runs it. */
public class LuceneTokens {
  /** Each code point is put where the "_" stands; the words found tell its class. */
  private static final String[] PROBES = {
    "_", "a_a", "1_1", "a_1", "__", "\u05D0_\u05D0", "\u05D0\"_", "\u30AB_", "\uD83D\uDE00\u200D_", "_\uD83C\uDFFB", "_\u20E3", "\u0E01_",
  };

  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    if (arguments[0].equals("classes")) {
      printClasses(out);
    } else {
      printTerms(out, analyzer(arguments[0]));
    }
    out.flush();
  }

  private static Analyzer analyzer(String name) {
    if (name.equals("terms")) return new EnglishAnalyzer();
    return new Analyzer() {
      @Override
      protected TokenStreamComponents createComponents(String field) {
        StandardTokenizer source = new StandardTokenizer();
        TokenStream words = source;
        if (name.equals("german")) {
          words = new StopFilter(new LowerCaseFilter(words), GermanAnalyzer.getDefaultStopSet());
          words = new SnowballFilter(new GermanNormalizationFilter(words), "German");
        } else {
          words = new LowerCaseFilter(new ElisionFilter(words, FrenchAnalyzer.DEFAULT_ARTICLES));
          words = new SnowballFilter(new StopFilter(words, FrenchAnalyzer.getDefaultStopSet()), "French");
        }
        return new TokenStreamComponents(source, words);
      }
    };
  }

  /** Adds the terms to each JSON object of standard input. */
  private static void printTerms(PrintStream out, Analyzer analyzer) throws Exception {
    ObjectMapper mapper = new ObjectMapper();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      ObjectNode object = (ObjectNode) mapper.readTree(line);
      List<String> terms = new ArrayList<>();
      try (TokenStream stream = analyzer.tokenStream("", new StringReader(object.get("text").asText()))) {
        CharTermAttribute term = stream.getAttribute(CharTermAttribute.class);
        stream.reset();
        while (stream.incrementToken()) terms.add(term.toString());
        stream.end();
      }
      ObjectNode result = mapper.createObjectNode();
      result.set("text", object.get("text"));
      result.set("terms", mapper.valueToTree(terms));
      out.println(mapper.writeValueAsString(result));
    }
  }

  /** Prints the runs of code points that the tokenizer treats alike: first, last, words in each probe. */
  private static void printClasses(PrintStream out) throws Exception {
    StandardTokenizer tokenizer = new StandardTokenizer();
    OffsetAttribute offset = tokenizer.getAttribute(OffsetAttribute.class);
    out.println(String.join("|", PROBES));
    String running = null;
    int first = 0;
    for (int c = 0; c <= 0x110000; c++) {
      if (c >= 0xD800 && c < 0xE000) continue;
      String signature = c == 0x110000 ? "" : signature(tokenizer, offset, c);
      if (signature.equals(running)) continue;
      if (running != null) out.printf("%X %X %s%n", first, c - 1, running);
      running = signature;
      first = c;
    }
  }

  private static String signature(StandardTokenizer tokenizer, OffsetAttribute offset, int c) throws Exception {
    StringBuilder signature = new StringBuilder();
    for (String probe : PROBES) {
      String text = probe.replace("_", new String(Character.toChars(c)));
      tokenizer.setReader(new StringReader(text));
      tokenizer.reset();
      while (tokenizer.incrementToken()) {
        signature.append((char) ('0' + text.codePointCount(0, offset.startOffset())));
        signature.append((char) ('0' + text.codePointCount(0, offset.endOffset())));
      }
      tokenizer.end();
      tokenizer.close();
      signature.append('|');
    }
    return signature.substring(0, signature.length() - 1);
  }
}
