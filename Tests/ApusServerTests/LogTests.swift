import Foundation
import Logging
import Testing

@testable import ApusServer

/// The log's time is Foundation's, leap days and the last millisecond of a year included.
@Suite struct LogTests {
    @Test func timesAreThoseOfTheCalendar() {
        let formatter = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let exact = [0, 951_782_400, 951_868_799.5, 1_709_164_800, 4_102_444_799.5, 1_764_266_400.25, 68_169_600]
        for seconds in exact + (0..<2000).map({ Double($0) * 1_234_567.0 + 0.5 }) {
            #expect(JSONLogHandler.time(seconds) == Date(timeIntervalSince1970: seconds).formatted(formatter))
        }
    }

    @Test func aLineHasItsMembersInOrderAndOnce() {
        let line = JSONLogHandler.line(
            [("level", "info"), ("time", "now")], ["path": "/a\"b", "level": "of the event", "n": ["1", "2"]],
            ["path": "lasting", "hb.request.id": "7", "id": "x"])
        #expect(line == #"{"id":"x","level":"info","n":"[\"1\", \"2\"]","path":"/a\"b","time":"now"}"# + "\n")
    }
}
