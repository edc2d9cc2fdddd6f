import Apus
import ByteStrings
import Foundation
package import RetrievalEvaluation

/// `apus compare --html`: one page that needs nothing but itself, with plots, and tables that sort.
package struct ComparisonPage {
    private let report: ComparisonReport
    /// For each system, interpolated precision at recall 0, 0.1, … 1.
    private let curves: [[Double]]
    /// For each system and query, the rank of the first relevant document, 0 where none was found.
    private let firstRanks: [[Int]]

    /// A page on a report.
    ///
    /// - Parameter qrels: The judgements of the report.
    package init(_ report: ComparisonReport, qrels: Qrels) throws {
        self.report = report
        let points = try Measure.list(parsing: "iprec_at_recall")
        let reciprocal = try Measure.list(parsing: "RR")
        curves = report.systems.map { Evaluation(of: $0.run, against: qrels, measures: points).means }
        firstRanks = report.systems.map { system in
            Evaluation(of: system.run, against: qrels, measures: reciprocal).values(0)
                .map { $0 > 0 ? Int((1 / $0).rounded()) : 0 }
        }
    }

    /// The page.
    package func html() throws -> String {
        let names = report.systems.map(\.name)
        let title = names.count == 1 ? "Evaluation of \(names[0])" : "Comparison of \(names.count) runs"
        var body = "<h1>\(Self.escaped(title))</h1>\n<p>\(Self.escaped(report.summary))</p>\n"
        if !report.warnings.isEmpty {
            body += "<ul class=\"warn\">" + report.warnings.map { "<li>\(Self.escaped($0))</li>" }.joined() + "</ul>\n"
        }
        body += "<h2>Means with intervals</h2>\n" + bars() + table(report.means)
        if names.count > 1 { body += "<h2>Differences</h2>\n" + table(report.differences) }
        let what = names.count > 1 ? "Pair" : "Run"
        body += "<h2>Query by query</h2>\n<p><label>\(what) <select id=\"pair\"></select></label> "
        body += "<label>Measure <select id=\"measure\"></select></label></p>\n<div id=\"deltas\"></div>\n"
        body += "<h2>Precision at recall</h2>\n<div id=\"curves\"></div>\n"
        body += "<h2>Rank of the first relevant document</h2>\n<div id=\"ranks\"></div>\n"
        if names.count > 1 { body += "<h2>Overlap of rankings</h2>\n" + table(report.overlap) }
        if !report.costs.rows.isEmpty {
            body += "<h2>Effectiveness against cost</h2>\n<div id=\"costs\"></div>\n" + table(report.costs)
            body += "<h2>Latency</h2>\n<div id=\"latency\"></div>\n"
        }
        body += "<h2>Hardest queries</h2>\n" + table(report.hardest)
        let data = try json()
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
            <title>\(Self.escaped(title))</title><style>\(Self.style)</style></head><body><main>
            \(body)</main><script type="application/json" id="data">\(data)</script><script>\(Self.script)</script></body></html>

            """
    }

    /// One group of bars for each measure, one bar for each run, with its interval.
    private func bars() -> String {
        var out = ""
        let width = 640.0
        for (place, measure) in report.measures.enumerated()
        where !measure.isSummed && !measure.isText && !measure.isGeometric {
            let intervals = report.comparison.intervals.map { $0[place] }
            let top = max(1e-9, intervals.map(\.upperBound).max() ?? 1)
            let height = 22 * report.systems.count + 4
            var spoken: [String] = []
            var shapes = ""
            for (index, system) in report.systems.enumerated() {
                let mean = system.evaluation.means[place]
                let y = Double(22 * index + 2)
                let (low, high) = (intervals[index].lowerBound, intervals[index].upperBound)
                let text =
                    "\(system.name): \(Format.decimals(mean, 4)), \(Format.decimals(low, 4)) to \(Format.decimals(high, 4))"
                spoken.append(text)
                let scale = width / top
                shapes +=
                    "<g><title>\(Self.escaped(text))</title><rect class=\"s\(index % 8)\" x=\"0\" y=\"\(y)\" height=\"18\" width=\""
                shapes +=
                    "\(Format.decimals(max(0, mean) * scale, 1))\"/><path class=\"i\" d=\"M\(Format.decimals(max(0, low) * scale, 1)) "
                shapes += "\(y + 9)H\(Format.decimals(high * scale, 1))\"/><text x=\"6\" y=\"\(y + 13)\">"
                shapes += "\(Self.escaped(String(system.name.suffix(40)))) \(Format.decimals(mean, 4))</text></g>"
            }
            out +=
                "<figure><figcaption>\(Self.escaped(measure.name))</figcaption><svg viewBox=\"0 0 \(Int(width)) \(height)\" role=\"img\" "
            out +=
                "aria-label=\"\(Self.escaped(measure.name + ". " + spoken.joined(separator: "; ")))\">\(shapes)</svg></figure>\n"
        }
        return out
    }

    private func table(_ table: ReportTable) -> String {
        guard !table.rows.isEmpty else { return "<p>None.</p>\n" }
        let head = table.head.map { "<th scope=\"col\"><button>\(Self.escaped($0))</button></th>" }.joined()
        let rows = table.rows.map { row in
            "<tr>" + row.map { "<td\($0.count > 24 ? " class=\"l\"" : "")>\(Self.escaped($0))</td>" }.joined() + "</tr>"
        }.joined(separator: "\n")
        return
            "<div class=\"scroll\"><table><caption>\(Self.escaped(table.title))</caption><thead><tr>\(head)</tr></thead>"
            + "<tbody>\n\(rows)\n</tbody></table></div>\n"
    }

    /// What the plots are drawn from; `<` is written so that no text can end the script.
    private func json() throws -> String {
        let shown = report.measures.indices.filter { !report.measures[$0].isText }
        let queries: [JSONValue] = report.queries.map { query in
            .array([.string(query.string), .string(report.topics[query].map { String($0.prefix(120)) } ?? "")])
        }
        let values: [JSONValue] = report.systems.map { system in
            .array(shown.map { place in .array(system.evaluation.values(place).map { .number(Self.rounded($0)) }) })
        }
        let pairs: [JSONValue] = report.pairs.map { .array([.number(Double($0.first)), .number(Double($0.second))]) }
        let costs: [JSONValue] = report.systems.map { system in
            guard let cost = system.cost else { return .array([]) }
            let times = cost.milliseconds.map { JSONValue.number(Self.rounded($0)) }
            return .array([.number(Self.rounded(cost.flops)), .number(Double(cost.bytes)), .array(times)])
        }
        let members: [(key: String, value: JSONValue)] = [
            ("costs", .array(costs)), ("curves", .array(curves.map { .array($0.map { .number(Self.rounded($0)) }) })),
            ("measures", .array(shown.map { .string(report.measures[$0].name) })), ("pairs", .array(pairs)),
            ("queries", .array(queries)),
            ("ranks", .array(firstRanks.map { .array($0.map { .number(Double($0)) }) })),
            ("systems", .array(report.systems.map { .string($0.name) })), ("values", .array(values)),
        ]
        let text = try JSONValue.object(members).text().replacing(try Regex("\\n *"), with: "")
        return text.replacing("<", with: "\\u003c")
    }

    private static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }

    static func escaped(_ text: String) -> String {
        text.showingControls().replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }

    private static let style = """
        :root{color-scheme:light dark;--t:#1a1a1a;--b:#fff;--l:#ccc;--m:#666}
        @media(prefers-color-scheme:dark){:root{--t:#e6e6e6;--b:#161616;--l:#444;--m:#aaa}}
        body{font:16px/1.5 system-ui,sans-serif;color:var(--t);background:var(--b);margin:0}
        main{max-width:72rem;margin:auto;padding:1rem}h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}
        figure,#deltas,#curves,#ranks,#costs,#latency{margin:.5rem 0;overflow-x:auto}figcaption{font-weight:600}svg{width:100%;max-width:60rem;height:auto;overflow:visible}
        svg text{font-size:12px;fill:var(--t)}.i{stroke:var(--t);stroke-width:1.5;fill:none}.a{stroke:var(--l);fill:none}
        .scroll{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.875rem}
        caption{text-align:left;color:var(--m)}td,th{padding:.2rem .6rem;border-bottom:1px solid var(--l);text-align:right;white-space:nowrap}
        td:first-child,th:first-child,td.l{text-align:left}th button{all:unset;cursor:pointer;font-weight:600}
        th button:focus-visible{outline:2px solid}.warn{border-left:4px solid #c60;padding-left:2rem}
        .s0{fill:#4e9bd1;color:#4e9bd1}.s1{fill:#e0902f;color:#e0902f}.s2{fill:#4fae62;color:#4fae62}.s3{fill:#c9605f;color:#c9605f}
        .s4{fill:#9a78c9;color:#9a78c9}.s5{fill:#a1786a;color:#a1786a}.s6{fill:#d884c0;color:#d884c0}.s7{fill:#9a9a3a;color:#9a9a3a}
        #costs{display:grid;grid-template-columns:repeat(auto-fit,minmax(17rem,1fr));gap:1rem}.up{fill:#4fae62}.down{fill:#c9605f}polyline{fill:none;stroke:currentColor;stroke-width:2}
        @media(max-width:40rem){svg text{font-size:16px}}
        @media print{select,label{display:none}main{max-width:none}}
        """

    private static let script = #"""
        (()=>{const D=JSON.parse(document.getElementById('data').textContent),S='http://www.w3.org/2000/svg';
        const el=(n,a,t)=>{const e=document.createElementNS(S,n);for(const k in a)e.setAttribute(k,a[k]);
          if(t){const x=document.createElementNS(S,'title');x.textContent=t;e.append(x)}return e};
        const svg=(w,h,label)=>el('svg',{viewBox:`0 0 ${w} ${h}`,role:'img','aria-label':label});
        const text=(x,y,s)=>{const e=el('text',{x,y});e.textContent=s;return e};
        const pair=document.getElementById('pair'),measure=document.getElementById('measure');
        if(!D.pairs.length)D.systems.forEach((s,i)=>D.pairs.push([-1,i]));
        D.pairs.forEach(([a,b],i)=>pair.add(new Option(a<0?D.systems[b]:`${D.systems[b]} − ${D.systems[a]}`,i)));
        D.measures.forEach((m,i)=>measure.add(new Option(m,i)));
        function deltas(){const box=document.getElementById('deltas');box.replaceChildren();if(!D.pairs.length)return;
          const [a,b]=D.pairs[+pair.value],m=+measure.value,v=D.queries.map((q,i)=>[D.values[b][m][i]-(a<0?0:D.values[a][m][i]),i]);
          v.sort((x,y)=>y[0]-x[0]);const top=Math.max(1e-9,...v.map(x=>Math.abs(x[0]))),w=720,h=220,s=w/v.length;
          const up=v.filter(x=>x[0]>0).length,down=v.filter(x=>x[0]<0).length;
          const g=svg(w,h,a<0?`${D.measures[m]} of ${v.length} queries, highest first`:`${D.measures[m]}: ${D.systems[b]} is better in ${up}, worse in ${down} of ${v.length} queries`);
          g.append(el('path',{class:'a',d:`M0 ${h/2}H${w}`}));
          v.forEach(([d,i],k)=>{const x=Math.abs(d)/top*(h/2-4);g.append(el('rect',{class:d<0?'down':'up',x:k*s,width:Math.max(.5,s*.9),
            y:d<0?h/2:h/2-x,height:Math.max(x,.5)},`${D.queries[i][0]} ${D.queries[i][1]}: ${d>0?'+':''}${d.toFixed(4)}`))});
          g.append(text(w-40,14,`+${top.toFixed(2)}`),text(4,h-4,`−${top.toFixed(2)}`));box.append(g)}
        pair.onchange=measure.onchange=deltas;deltas();
        function lines(id,series,labels,label,spoken){const w=720,h=300,g=svg(w,h,spoken),n=labels.length;
          const top=Math.max(1e-9,...series.flat());
          for(let i=0;i<=4;i++){const y=20+i*(h-60)/4;g.append(el('path',{class:'a',d:`M40 ${y}H${w-10}`}),text(0,y+4,(top*(1-i/4)).toFixed(2)))}
          labels.forEach((t,i)=>{if(i%Math.ceil(n/11)==0)g.append(text(40+i*(w-60)/(n-1)-6,h-22,t))});g.append(text(w/2-40,h-4,label));
          series.forEach((v,k)=>{const p=v.map((y,i)=>`${40+i*(w-60)/(n-1)},${20+(1-y/top)*(h-60)}`).join(' ');
            g.append(el('polyline',{class:'s'+k%8,style:'fill:none',points:p},D.systems[k]));
            v.forEach((y,i)=>g.append(el('circle',{class:'s'+k%8,r:3,cx:40+i*(w-60)/(n-1),cy:20+(1-y/top)*(h-60)},`${D.systems[k]}, ${labels[i]}: ${y.toFixed(4)}`)))});
          const box=document.getElementById(id);box.append(g);const key=document.createElement('p');
          D.systems.forEach((s,k)=>{const e=document.createElement('span');e.className='s'+k%8;e.textContent='■ ';key.append(e,s+'  ')});box.append(key)}
        lines('curves',D.curves,[0,.1,.2,.3,.4,.5,.6,.7,.8,.9,1],'recall','Interpolated precision at eleven points of recall, one line for each run');
        const steps=[1,2,3,5,10,20,50,100,1000];
        lines('ranks',D.ranks.map(r=>steps.map(s=>r.filter(x=>x>0&&x<=s).length/Math.max(1,r.length))),steps,'rank','Share of queries whose first relevant document stands at a rank or above, one line for each run');
        const made=D.systems.map((s,k)=>k).filter(k=>D.costs[k].length),sorted=made.map(k=>[...D.costs[k][2]].sort((x,y)=>x-y));
        if(made.length){const mean=k=>D.values[k][0].reduce((x,y)=>x+y,0)/D.values[k][0].length,mid=v=>v[v.length>>1];
          const plot=(label,x)=>{const w=300,h=220,g=svg(w,h,`${D.measures[0]} against ${label}, one point for each run`),top=Math.max(1e-9,...x)*1.08;
            const y=made.map(mean),low=Math.min(...y),high=Math.max(...y),pad=Math.max(.01,(high-low)*.25),a=low-pad,b=high+pad;
            for(let i=0;i<=2;i++){const v=20+i*(h-60)/2;g.append(el('path',{class:'a',d:`M44 ${v}H${w-6}`}),text(0,v+4,(b-(b-a)*i/2).toFixed(3)))}
            for(let i=0;i<=2;i++)g.append(text(40+i*(w-80)/2,h-22,(top*i/2).toPrecision(2)));g.append(text(w/2-40,h-4,label));
            made.forEach((k,i)=>{const cx=44+x[i]/top*(w-54),cy=20+(b-y[i])/(b-a)*(h-60);
              g.append(el('circle',{class:'s'+k%8,r:6,cx,cy},`${D.systems[k]}: ${D.measures[0]} ${y[i].toFixed(4)}, ${label} ${x[i].toPrecision(3)}`));
              const t=text(cx>w*.6?cx-9:cx+9,cy+(i%2?18:-8),D.systems[k].slice(-24));if(cx>w*.6)t.setAttribute('text-anchor','end');g.append(t)});
            document.getElementById('costs').append(g)};
          plot('ms (median)',sorted.map(mid));plot('FLOPS per document',made.map(k=>D.costs[k][0]));plot('MB of postings',made.map(k=>D.costs[k][1]/1e6));
          const all=sorted.flat().filter(x=>x>0),lo=Math.floor(Math.log2(Math.min(...all))*2),hi=Math.ceil(Math.log2(Math.max(...all))*2),bins=[];
          for(let i=lo;i<=Math.max(hi,lo+1);i++)bins.push(i);
          lines('latency',D.systems.map((s,k)=>bins.map(b=>D.costs[k].length?D.costs[k][2].filter(x=>Math.floor(Math.log2(Math.max(x,1e-9))*2)===b).length/D.costs[k][2].length:0)),
            bins.map(b=>(2**(b/2)).toPrecision(2)),'ms, each bin √2 wide','Histogram of latency: share of queries, one line for each run')}
        document.querySelectorAll('th button').forEach(b=>b.onclick=()=>{const th=b.parentElement,i=th.cellIndex,t=th.closest('table').tBodies[0];
          const up=th.getAttribute('aria-sort')!=='ascending';th.parentElement.querySelectorAll('th').forEach(x=>x.removeAttribute('aria-sort'));
          th.setAttribute('aria-sort',up?'ascending':'descending');
          const key=r=>{const s=r.cells[i].textContent,n=parseFloat(s.replace(/^[<+]/,''));return isNaN(n)?s:n};
          [...t.rows].sort((x,y)=>{const a=key(x),c=key(y);return (a<c?-1:a>c?1:0)*(up?1:-1)}).forEach(r=>t.append(r))})})();
        """#
}
