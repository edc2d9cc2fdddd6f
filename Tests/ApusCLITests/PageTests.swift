import ApusTestSupport
import Foundation
import Testing

enum PageBrowser {
    /// A Python that has playwright and axe, where there is Chromium too.
    static let python: String? = {
        let named = ProcessInfo.processInfo.environment["APUS_PAGE_PYTHON"]
        let found = named ?? "python3"
        let check = try? CommandLineTool.shell(
            "command -v chromium && \"$1\" -c 'import playwright, axe_playwright_python'", found)
        return check?.code == 0 ? found : nil
    }()
}

/// `Scripts/page/check`: the page of `apus serve` in a browser.
@Suite(
    .enabled(
        if: PageBrowser.python != nil,
        "no Python with playwright and axe-playwright-python here (APUS_PAGE_PYTHON names one), or no Chromium"))
struct PageTests {
    @Test func whatThePageDoesInABrowserHolds() throws {
        let checked = try CommandLineTool.shell(
            "\"$1\" \"$2\" --apus \"$0\"", PageBrowser.python ?? "python3", TestPaths.root + "/Scripts/page/check")
        let failed = checked.output.split(separator: "\n").filter { !$0.hasPrefix("ok ") }.joined(separator: "\n")
        #expect(checked.code == 0, "\(failed) \(checked.error)")
        #expect(checked.output.hasSuffix("all hold\n"))
    }
}
