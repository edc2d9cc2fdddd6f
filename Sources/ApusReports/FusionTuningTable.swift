package import Apus

/// What `apus tune --fusion` found, as people read it.
package enum FusionTuningTable {
    /// The curve of each parameter, the folds, and what to expect.
    package static func text(_ report: FusionTuningReport) -> String {
        var curve = TextTable(["parameter", "value", report.measure, "95 %", "against now", "95 %", ""])
        var last = ""
        for point in report.curve {
            curve.add([
                point.parameter == last ? "" : point.parameter, point.value, decimals(point.estimate.mean),
                interval(point.estimate, decimals), signed(point.difference.mean), interval(point.difference, signed),
                point.isChosen ? "chosen" : "",
            ])
            last = point.parameter
        }
        var folds = TextTable(["fold", "held out", "inner", "outer", "chosen by the others"])
        for (number, fold) in report.folds.enumerated() {
            folds.add([
                "\(number + 1)", Format.count(fold.queries), decimals(fold.inner), decimals(fold.outer),
                fold.chosen.flags,
            ])
        }
        let lines = [
            "\(report.measure) over \(Format.count(report.queries)) judged queries, \(Format.count(report.combinations)) combinations",
            "now       \(decimals(report.current.mean))  \(report.now.flags)",
            "chosen    \(decimals(report.apparent))  \(report.chosen.flags)",
            "expected  \(decimals(report.estimate.mean))  on queries that had no part in the choice; against now "
                + "\(signed(report.gain.mean)) (\(interval(report.gain, signed)))",
        ]
        return [curve.text, folds.text, lines.joined(separator: "\n")].joined(separator: "\n\n")
    }

    private static func decimals(_ value: Double) -> String { Format.decimals(value, 4) }

    private static func signed(_ value: Double) -> String { (value < 0 ? "" : "+") + decimals(value) }

    private static func interval(_ estimate: FusionTuningReport.Estimate, _ text: (Double) -> String) -> String {
        text(estimate.low) + " to " + text(estimate.high)
    }
}
