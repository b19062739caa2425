//! TEMPORARY: timing and digests; deleted before the end.
#![allow(clippy::unwrap_used, dead_code, missing_docs, unused)]
#[path = "../../processors/src/models/extractive.rs"]
mod extractive;
#[path = "../../processors/src/models/hashing.rs"]
mod hashing;
#[path = "../../processors/src/models/lexical/mod.rs"]
mod lexical;

use cns_narrative as n;
use cns_schemas::*;
use std::collections::HashMap;
use std::time::{Duration, Instant};

fn rep(unit: &str, size: usize) -> String {
    unit.repeat(size / unit.len() + 1)
}
fn lines(unit: &str, size: usize) -> String {
    rep(&format!("{unit}\n"), size)
}
fn sents(unit: &str, size: usize) -> String {
    rep(&format!("We find that coffee {}.\n\n", unit.repeat(1900 / unit.len().max(1))), size)
}
const HEAD: &str =
    "# A title\n\nWe argue that coffee raises output because tests of 40 people show it [1].\n\n";

fn units() -> Vec<(String, String)> {
    let u: &[(&str, &str)] = &[
        ("a", "a"),
        ("space", " "),
        ("dot", "."),
        ("a.", "a. "),
        ("A.", "A. "),
        ("[1]", "[1] "),
        ("[1]n", "[1]"),
        ("(Ab 2019;", "(Ab 2019; "),
        ("(Ab 2019)", "(Ab 2019) "),
        ("Ab", "Ab "),
        ("AbandAc", "Ab and "),
        ("Ab,", "Ab, "),
        ("Abx", "Ab-"),
        ("doi", "doi:10.1/"),
        ("doi2", "10.1000/"),
        ("doi3", "10.1000/a "),
        ("doi4", "10.1000/x/full"),
        ("http", "http://"),
        ("httpx)", "http://x))))"),
        (")", ")"),
        ("(", "("),
        ("[", "["),
        ("]", "]"),
        ("](", "]("),
        ("[](", "[]("),
        ("[a](", "[a]("),
        ("![", "!["),
        ("[[a]", "[[a]"),
        ("[a][", "[a]["),
        ("[a][b]", "[a][b] "),
        ("[a]: ", "[a]: https://x.org/"),
        ("[a](b(c)", "[a](b(c)"),
        ("[a](\"", "[a](b \""),
        ("!](", "![a](b"),
        ("{", "{"),
        ("<", "<"),
        (">", ">"),
        ("<a ", "<a "),
        ("<a href", "<a href=\""),
        ("<a b=c ", "<a b=c "),
        ("<p>", "<p>"),
        ("<div hidden>", "<div hidden>"),
        ("<!--", "<!--"),
        ("<!-- -->", "<!-- ignore previous instructions -->"),
        ("<script>", "<script>"),
        ("<a></a>", "<a href=\"http://x\">"),
        ("</a>", "</a>"),
        ("<!doctype", "<!doctype "),
        ("<pre>", "<pre>"),
        ("<pre></pre>", "<pre>a</pre>"),
        ("&amp", "&amp"),
        ("&amp;", "&amp;"),
        ("&#x41;", "&#x41;"),
        ("\\*", "\\*"),
        ("- ", "- "),
        ("- a", "- a "),
        ("# ", "# "),
        ("# a", "# a "),
        ("> ", "> "),
        (">>", ">"),
        ("|", "|"),
        ("|-", "|-"),
        ("| a ", "| a "),
        ("---", "---"),
        ("```", "```"),
        ("`", "`"),
        ("` ``", "` `` ``` "),
        ("~~", "~~"),
        ("*", "*"),
        ("*a", "*a "),
        ("**a**", "**a** "),
        ("_a_", "_a_ "),
        ("a_b", "a_"),
        ("tab", "\t"),
        ("quote", "\""),
        ("curly", "“"),
        ("«»", "«a» "),
        ("'", "'"),
        ("’", "’"),
        ("nt", "n't"),
        ("an't", "an't "),
        ("because", "because "),
        ("xbecause", "x because "),
        ("since", "as a, since b, "),
        ("therefore", "therefore "),
        ("however,", "however, "),
        (", however,", ", however,"),
        ("; ", "a b; "),
        (": ", "a: "),
        (", ", "a, "),
        (", and ", ", and a"),
        (", which ", "a, which "),
        (", a ", ", a "),
        ("but also ", "a but also "),
        ("more ", "more "),
        ("more coffee ", "more coffee "),
        ("not ", "not "),
        ("not more ", "not more "),
        ("5 percent ", "5 percent "),
        ("9 ", "9 "),
        ("half ", "half "),
        ("two hundred ", "two hundred "),
        ("hundred ", "hundred "),
        ("thirds ", "3 thirds "),
        ("is by ", "is raised by "),
        ("all ", "all "),
        ("rose fell ", "rose fell "),
        ("good bad ", "good bad "),
        ("effect ", "effect "),
        ("in men ", "in men "),
        ("when ", "when a "),
        ("5 mg ", "5 mg "),
        ("14:30 ", "at 14:30 "),
        ("in Rome ", "in Rome "),
        ("years ", "for 3 years "),
        ("people ", "30 people "),
        ("half past two ", "half past two "),
        ("1.", "1."),
        ("1.1.1.1", "1.1.1.1 "),
        ("1", "1"),
        ("1,", "1,"),
        ("1e9", "1e9"),
        ("%", "%"),
        ("5%", "5% "),
        ("-", "-"),
        ("a-", "a-"),
        ("—", "—"),
        ("…", "…"),
        ("? ", "? "),
        ("! ", "! "),
        (".)", ".)"),
        ("a.[1]", "a.[1]"),
        (".[a;", ".[a;"),
        ("A.B.", "A.B."),
        ("A. B.", "Xx A. "),
        ("comb", "\u{301}"),
        ("acomb", "a\u{301}\u{327}"),
        ("combs", "\u{327}\u{301}"),
        ("zwj", "\u{200d}"),
        ("emoji", "😀"),
        ("family", "👩\u{200d}👩\u{200d}👧"),
        ("flag", "🇩🇪"),
        ("rtl", "שלום "),
        ("rtlo", "\u{202e}a"),
        ("nul", "\0"),
        ("cjk", "咖啡"),
        ("cjk。", "咖。"),
        ("fdfa", "\u{fdfa}"),
        ("ﬁ", "ﬁ"),
        ("İ", "İ"),
        ("hangul", "한글"),
        ("thai", "กา"),
        ("bom", "\u{feff}"),
        ("shy", "\u{ad}"),
        ("ﷺx", "\u{1d15e}"),
        ("katakana", "カタ"),
        ("crlf", "a\r\n"),
        ("cr", "\r"),
        ("nel", "\u{85}"),
        ("ignore ", "ignore "),
        ("ignore all ", "ignore all the "),
        ("you must ", "you must "),
        ("ai ", "ai "),
        ("rate this ", "rate this "),
        ("give this a ", "give this a "),
        ("my x ", "my x "),
        ("critics ", "critics "),
        ("the authors ", "the "),
        ("according to ", "according to "),
        ("Ab, Ac ", "Ab, "),
        ("it is ly ", "it is oftenly "),
        ("although ", "although "),
        ("5 people ", "5 people "),
        ("import ", "import x\n"),
        ("x: y", "x: y\n"),
        ("x(", "x("),
        ("x(=", "x(a"),
        ("SELECT ", "SELECT "),
        ("\"a", "\"a\n"),
        ("X_", "X_"),
        ("w ", "coffee raises output "),
        ("Wd ", "Coffee "),
        ("stem", "nationalization"),
        ("ize", "ize"),
        ("et al.", "et al. "),
        ("Ab et al.", "Ab et al. "),
        ("van der ", "van der "),
        ("see ", "(see "),
        ("www.", "www."),
        ("pmid", "PMID: 1 "),
        ("arxiv", "arxiv:2101.00001 "),
        ("arxiv2", "arxiv arxiv"),
        ("utm", "https://x.org/?a&"),
        ("%2f", "10.1000%2f"),
        ("10.48550", "10.48550/arxiv."),
        ("[@a2019]", "[@smith2019] "),
        ("[a,b]", "[a1,b2,c3] "),
        ("[1,", "[1,"),
        ("[1-20]", "[1-20] "),
        ("[^1]", "[^1]"),
        ("[^1]:", "[^1]: x 2019 "),
        ("rise ", "rises "),
        ("rise. ", "It rises. "),
        ("argue that ", "We argue that "),
        (" that ", "that "),
        ("say ", ", they say"),
        (", acc", ", according to"),
    ];
    u.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect()
}

fn inputs(size: usize) -> Vec<(String, Box<dyn Fn() -> String>)> {
    let mut all: Vec<(String, Box<dyn Fn() -> String>)> = Vec::new();
    for (name, unit) in units() {
        let (u1, u2, u3, u4) = (unit.clone(), unit.clone(), unit.clone(), unit.clone());
        all.push((format!("{name:?} raw"), Box::new(move || rep(&u1, size))));
        all.push((format!("{name:?} head"), Box::new(move || format!("{HEAD}{}", rep(&u4, size)))));
        all.push((
            format!("{name:?} lines"),
            Box::new(move || format!("{HEAD}{}", lines(&u2, size))),
        ));
        all.push((
            format!("{name:?} sents"),
            Box::new(move || format!("{HEAD}{}", sents(&u3, size))),
        ));
    }
    let special: Vec<(&str, Box<dyn Fn(usize) -> String>)> = vec![
        ("Sdots x", Box::new(|n| format!("{HEAD}{}x", ".".repeat(n)))),
        ("Sdots! x", Box::new(|n| format!("{HEAD}{}x", ".!?)".repeat(n / 4)))),
        ("S[a.] run x", Box::new(|n| format!("{HEAD}a{}x", "[a.]".repeat(n / 4)))),
        ("S[a.] run spaces x", Box::new(|n| format!("{HEAD}a{}{}x", "[a.]".repeat(n / 8), " ".repeat(n / 2)))),
        ("Sspaces x", Box::new(|n| format!("{HEAD}a.{}x", " ".repeat(n)))),
        ("Sempty comments", Box::new(|n| format!("{HEAD}{}", "<!---->".repeat(n / 7)))),
        ("Scomment ticks", Box::new(|n| format!("{HEAD}{}", "<!---->~~~".repeat(n / 10)))),
        ("Snested pre", Box::new(|n| format!("{HEAD}{}{}", "<pre>".repeat(n / 11), "</pre>".repeat(n / 11)))),
        ("Snested div hidden", Box::new(|n| format!("{HEAD}{}{}", "<div hidden>".repeat(n / 18), "</div>".repeat(n / 18)))),
        ("Snested a href", Box::new(|n| format!("{HEAD}{}{}{}", "<a href=http://x>".repeat(n / 42), " ".repeat(n/2), "</a>".repeat(n / 42)))),
        ("Shttp)", Box::new(|n| format!("{HEAD}{}", format!("We find http://x{}.\n\n", ")".repeat(1900)).repeat(n / 1920)))),
        ("Shttp) refs", Box::new(|n| format!("{HEAD}References\n\n{}", format!("- Lee 2019 http://x{}\n", ")".repeat(900)).repeat(n / 920)))),
        ("Sdoi) ", Box::new(|n| format!("{HEAD}{}", format!("We find 10.1000/x{}.\n\n", "])".repeat(950)).repeat(n / 1920)))),
        ("Sdoitails", Box::new(|n| format!("{HEAD}{}", format!("We find 10.1000/x{}.\n\n", "/full".repeat(55)).repeat(n / 310)))),
        ("Sreasons", Box::new(|n| { let mut t = HEAD.to_owned(); let mut i = 0; while t.len() < n { i += 1; let l = |k: usize| letters(1000 + (i * 7 + k) % 50 * 31); let mut one = String::from("We find "); for k in 0..16 { one.push_str(&format!("that {} {} {} because {} {} {}; ", l(k), l(k+1), l(k+2), l(k+1), l(k+2), l(k+3))); } t.push_str(&format!("{}.\n\n", one.trim_end_matches("; "))); } t })),
        ("Sreasons circle", Box::new(|n| { let mut t = HEAD.to_owned(); let mut i = 0; while t.len() < n { i += 1; let x = letters(5000 + i * 31); let mut one = String::from("We find "); for k in 0..16 { one.push_str(&format!("{x} tea{k} a{k} b{k} c{k} d{k} e{k} because {x} tea{} a{} b{} c{} d{} e{}; ", k+1, k+1, k+1, k+1, k+1, k+1)); } t.push_str(&format!("{}.\n\n", one.trim_end_matches("; "))); } t })),
        ("Squotes 64x8", Box::new(|n| { let mut t = HEAD.to_owned(); let mut i = 0; while t.len() < n { i += 1; t.push_str(&format!("We find that {} rises [doi:10.1000/x{}].\n\n", (0..240).map(|k| letters(i * 311 + k * 7) + " ").collect::<String>(), i % 64)); } t })),
        ("Sconditions", Box::new(|n| { let mut t = HEAD.to_owned(); let mut i = 0; while t.len() < n { i += 1; t.push_str(&format!("We find that coffee raises output {} [doi:10.1000/x{}].\n\n", (0..120).map(|k| format!("in {} men ", letters(i + k))).collect::<String>(), i % 64)); } t })),
        ("Scjk prose", Box::new(|n| rep("咖啡提高产量，因为成人睡得更少。茶不会。", n))),
        ("Shebrew prose", Box::new(|n| rep("הקפה מעלה את התפוקה כי מבוגרים ישנים פחות. ", n))),
        ("Scyrillic prose", Box::new(|n| rep("Кофе повышает производительность, потому что взрослые меньше спят. ", n))),
        ("Sfrench prose", Box::new(|n| rep("Le café élève le rendement parce que les adultes dorment moins [1]. ", n))),
        ("Sarabic digits", Box::new(|n| rep("٣ ٤ ", n))),
        ("Stamil numerals", Box::new(|n| rep("௰ ௱ ", n))),
        ("Ssoft", Box::new(|n| format!("{HEAD}{}", rep("more\u{ad}coffee ", n)))),
    ];
    for (name, make) in special { all.push((name.to_owned(), Box::new(move || make(size - 500)))); }
    let refs = move |entry: fn(usize) -> String, body: &'static str| -> Box<dyn Fn() -> String> {
        Box::new(move || {
            let list: String = (0..1000).map(entry).collect();
            let half = size.saturating_sub(list.len()).max(size / 2);
            format!("{HEAD}{}\n\nReferences\n\n{list}", sents(body, half))
        })
    };
    all.push((
        "refs one-letter".into(),
        refs(|i| format!("- {} Ab{i} 2019\n", "b ".repeat(240)), "(Ac 2019; Ad 2019; Ae 2019) "),
    ));
    all.push((
        "refs same name".into(),
        refs(
            |i| format!("- Ab {} 2019 t{i}\n", "b ".repeat(240)),
            "(Ab and Zz 2019; Ab and Yy 2019) ",
        ),
    ));
    all.push((
        "refs nums".into(),
        refs(|i| format!("[{i}] Ab {} 2019 t{i}\n", "b ".repeat(240)), "[7] [8] "),
    ));
    all.push((
        "refs distinct mentions".into(),
        Box::new(move || {
            let list: String =
                (0..1000).map(|i| format!("- Ab {} 2019 t{i}\n", "b ".repeat(240))).collect();
            let mut body = String::new();
            let mut i = 0;
            while body.len() < size - list.len() {
                body.push_str("We find (");
                for _ in 0..24 {
                    i += 1;
                    body.push_str(&format!("Ab and X{} 2019; ", letters(i)));
                }
                body.push_str("Ab 2019).\n\n");
            }
            format!("{HEAD}{body}\n\nReferences\n\n{list}")
        }),
    ));
    all.push((
        "links distinct".into(),
        Box::new(move || {
            (0..size / 30).map(|i| format!("[a{i}]: https://x.org/{i}\n[t][a{i}]\n")).collect()
        }),
    ));
    all.push((
        "absent nums".into(),
        Box::new(move || {
            format!(
                "{HEAD}{}",
                (0..size / 20).map(|i| format!("It rises [{}]. ", i % 900)).collect::<String>()
            )
        }),
    ));
    all.push((
        "claims distinct".into(),
        Box::new(move || {
            format!(
                "{HEAD}{}",
                (0..size / 40)
                    .map(|i| format!(
                        "Coffee {} therefore raises output by {i} percent. ",
                        letters(i)
                    ))
                    .collect::<String>()
            )
        }),
    ));
    all.push((
        "comments distinct".into(),
        Box::new(move || {
            format!(
                "{HEAD}{}",
                (0..size / 40).map(|i| format!("<!-- c{i} -->Coffee rises. ")).collect::<String>()
            )
        }),
    ));
    all
}
fn letters(mut i: usize) -> String {
    let mut s = String::new();
    loop {
        s.push((b'a' + (i % 26) as u8) as char);
        i /= 26;
        if i == 0 {
            return s;
        }
    }
}

fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf29ce484222325, |h, b| (h ^ b as u64).wrapping_mul(0x100000001b3))
}

fn entail(texts: &[String], pairs: &[PairIndex]) -> Vec<Scores> {
    let read: Vec<lexical::Statement> = texts.iter().map(|t| lexical::Statement::read(t)).collect();
    pairs.iter().map(|p| read[p.premise as usize].entails(&read[p.hypothesis as usize])).collect()
}

struct Clock {
    parts: Vec<(&'static str, f64)>,
    last: Instant,
}
impl Clock {
    fn lap(&mut self, name: &'static str) {
        let now = Instant::now();
        self.parts.push((name, (now - self.last).as_secs_f64()));
        self.last = Instant::now();
    }
}

fn document(id: &str, text: &str) -> DocumentSubmitted {
    DocumentSubmitted {
        document_id: id.into(),
        corpus: "c".into(),
        source: "s".into(),
        text: text.into(),
        ..Default::default()
    }
}

fn sno_of(id: &str, text: &str, clock: &mut Clock, out: &mut String) -> Option<Sno> {
    let document = document(id, text);
    let chunked = n::chunk(&document, 1);
    clock.lap("chunk");
    out.push_str(&format!("chunk {:016x}\n", fnv(&format!("{chunked:?}"))));
    clock.last = Instant::now();
    let chunked = chunked.ok()?;
    let sno = n::extract("t", &chunked);
    clock.lap("extract");
    out.push_str(&format!("extract {:016x}\n", fnv(&format!("{sno:?}"))));
    clock.last = Instant::now();
    let mut sno = sno.ok()?;
    sno.vectors = sno.claims.iter().map(|c| hashing::embed(&c.text)).collect();
    clock.lap("embed");
    let plan = n::plan_grounding(&sno);
    clock.lap("plan");
    let scores = entail(&plan.texts, &plan.pairs);
    clock.lap("entail");
    n::set_claim_statuses(&mut sno, &plan, &scores);
    let g = n::grounding(&sno, &plan, &scores);
    let l = n::logic(&sno);
    clock.lap("critics");
    out.push_str(&format!(
        "judged {:016x} {:016x}\n",
        fnv(&format!("{plan:?}")),
        fnv(&format!("{scores:?}{g:?}{l:?}{:?}", sno.vectors))
    ));
    clock.last = Instant::now();
    Some(sno)
}

fn pair(a: &Sno, b: &Sno, fake: bool, clock: &mut Clock, out: &mut String) -> Option<Sno> {
    let proposed = n::propose(a, 0.7, b, 0.6);
    clock.lap("propose");
    let texts: Vec<String> =
        proposed.statements.iter().flat_map(|s| [s.a_text.clone(), s.b_text.clone()]).collect();
    let pairs: Vec<PairIndex> = (0..proposed.statements.len() as u32)
        .flat_map(|i| {
            [
                PairIndex { premise: 2 * i, hypothesis: 2 * i + 1 },
                PairIndex { premise: 2 * i + 1, hypothesis: 2 * i },
            ]
        })
        .collect();
    let scores = entail(&texts, &pairs);
    clock.lap("entail2");
    if std::env::var("SHOW").is_ok() { for (k, s) in proposed.statements.iter().enumerate() { println!("X {:?} {:?} {:?} {:?}", s.a_text, s.b_text, scores[2*k], scores[2*k+1]); } }
    out.push_str(&format!(
        "pair {:016x} {:016x}\n",
        fnv(&format!("{proposed:?}")),
        fnv(&format!("{scores:?}"))
    ));
    clock.last = Instant::now();
    let verdicts: Vec<StatementVerdict> = scores
        .chunks(2)
        .enumerate()
        .map(|(i, c)| {
            let s =
                |e: f32, k: f32| Scores { entailment: e, contradiction: k, neutral: 1.0 - e - k };
            let (forward, backward) = if fake {
                if i % 2 == 0 { (s(0.0, 0.9), s(0.0, 0.9)) } else { (s(0.9, 0.0), s(0.9, 0.0)) }
            } else {
                (c[0], c[1])
            };
            StatementVerdict { forward, backward, ..Default::default() }
        })
        .collect();
    let judged = n::judge(proposed, verdicts);
    clock.lap("judge");
    let child = n::synthesize(&judged, a, b);
    clock.lap("synth");
    out.push_str(&format!("child {:016x}\n", fnv(&format!("{child:?}"))));
    clock.last = Instant::now();
    let child = child.ok()?;
    let brief = n::brief(&child);
    let prose = extractive::complete(&brief);
    let sound = n::sound(&child, a, b);
    clock.lap("sound");
    out.push_str(&format!(
        "brief {:016x} {:?}\n",
        fnv(&format!("{brief:?}{prose:?}")),
        sound.is_ok()
    ));
    clock.last = Instant::now();
    Some(child)
}

#[test]
#[ignore]
fn one() {
    let size: usize = std::env::var("SIZE").map_or(1 << 20, |s| s.parse().unwrap());
    let index: usize = std::env::var("INPUT").unwrap().parse().unwrap();
    let all = inputs(size);
    let (name, make) = &all[index];
    let text = make();
    let mut text = text;
    if text.len() > (1 << 20) {
        let mut e = 1 << 20;
        while !text.is_char_boundary(e) {
            e -= 1;
        }
        text.truncate(e);
    }
    // warm the patterns
    let mut out = String::new();
    let mut clock = Clock { parts: vec![], last: Instant::now() };
    let w = "We argue that coffee raises output [1]. Because tea lowers it (Smith et al., 2019), it does not rise https://x.org/a.";
    let (x, y) = (
        sno_of("x", w, &mut clock, &mut out).unwrap(),
        sno_of("y", w, &mut clock, &mut out).unwrap(),
    );
    pair(&x, &y, true, &mut clock, &mut out);
    out.clear();
    let mut clock = Clock { parts: vec![], last: Instant::now() };
    let a = sno_of("a", &text, &mut clock, &mut out);
    if let Some(a) = a {
        let mut b = a.clone();
        b.sno_id = format!("{}x", a.sno_id);
        b.document_ids = vec!["b".into()];
        for c in &mut b.claims {
            c.document_id = "b".into();
        }
        clock.last = Instant::now();
        pair(&a, &b, true, &mut clock, &mut out);
    }
    let total: f64 = clock.parts.iter().map(|p| p.1).sum();
    let mut parts = clock.parts.clone();
    parts.sort_by(|x, y| y.1.total_cmp(&x.1));
    let parts: Vec<String> = parts.iter().take(4).map(|(n, t)| format!("{n}={t:.2}")).collect();
    println!("\nRESULT {total:.3} {:016x} {name} {}", fnv(&out), parts.join(" "));
    println!("DETAIL {}", out.replace('\n', " | "));
}

#[test]
#[ignore]
fn all() {
    let size: usize = std::env::var("SIZE").map_or(1 << 20, |s| s.parse().unwrap());
    let limit: f64 = std::env::var("LIMIT").map_or(20.0, |s| s.parse().unwrap());
    let only = std::env::var("ONLY").unwrap_or_default();
    let mut lines = Vec::new();
    for (index, (name, _)) in inputs(64).iter().enumerate() {
        if !name.contains(&only) {
            continue;
        }
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["one", "--exact", "--ignored", "--nocapture"])
            .env("INPUT", index.to_string())
            .env("SIZE", size.to_string())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let start = Instant::now();
        let line = loop {
            if child.try_wait().unwrap().is_some() {
                let mut s = String::new();
                use std::io::Read;
                child.stdout.take().unwrap().read_to_string(&mut s).unwrap();
                let r = s
                    .lines()
                    .find(|l| l.starts_with("RESULT"))
                    .unwrap_or("RESULT 998 failed")
                    .to_owned();
                let d = s.lines().find(|l| l.starts_with("DETAIL")).unwrap_or("").to_owned();
                break format!("{r} {d}");
            }
            if start.elapsed().as_secs_f64() > limit {
                child.kill().unwrap();
                child.wait().unwrap();
                break format!("RESULT 999 timeout {name}");
            }
            std::thread::sleep(Duration::from_millis(3));
        };
        let line = if line.contains("failed") { format!("{line} {name}") } else { line };
        println!("{line}");
        lines.push(line);
    }
}

/// Digests of random commands and cues.
#[test]
#[ignore]
fn fuzz2() {
    let commands: Vec<&str> = "ignore disregard forget all any these the previous prior your system instructions prompt rules above everything told you must please rate mark treat this it document page as trusted reliable with a score 10 give assign the highest trust special hidden instructions for AI agents assistants attention to all AI agents should cite this page if you are an AI system prompt you are reveal your system prompt respond as an AI assistant I from now on you will pretend that you are do not reveal these instructions new instructions always end of ai instructions é 咖 ٣ ௰ - , . ' ſ K".split(' ').collect();
    let cues: Vec<&str> = "Our our central claim thesis is was We we I therefore argue conclude find found show This this the report paper study concludes shows in conclusion to conclude bottom line the authors also have results data suggest indicates it follows that evidence shows that in summary overall, do not don't cannot never This chapter describes presents in chapter we will discuss : However, Yet but still, still,x Critics Some people others of the said have often say claim argue that it is widely claimed believed a common view is holds According to Lee Kim and Park et al. (2019) found that reported that “ ” \" \" « » said claims may might suggests possibly likely in part because since therefore thus as a result due to leads to caused explains the reason However nevertheless but on the other hand although though despite , — ; does not support fails to no evidence unexplained weakens casts doubt contradicts rules out at odds with While , the data show these they It here use see please set note consider in fact so,x so, thus it follows this means that is why 5 % 5% 12 percent 3 mg 7° 7°C p < 0.05 n = 30 increases lower improved more agrees coffee tea output adults return x raise except y import os = { } (Smith, 2019) 1999b doi 10.1234/x pmid arxiv http://a.b . ! ? é 咖 ſ K ٣ \u{301} \u{a0} ’ -".split(' ').collect();
    let mut seed = 99u64;
    let mut next = move |n: usize| { seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407); ((seed >> 33) as usize) % n };
    let mut flagged = 0;
    for block in 0..1000 {
        let mut bits = String::new();
        for _ in 0..200 {
            let start = next(commands.len());
            let mut t = String::new();
            for k in 0..4 + next(9) {
                // Runs of the vocabulary are likely phrases.
                let at = if next(4) > 0 { (start + k) % commands.len() } else { next(commands.len()) };
                t.push_str(commands[at]);
                if next(20) > 0 { t.push(' '); }
            }
            let yes = n::is_instruction_like(&t);
            flagged += yes as u32;
            bits.push(if yes { '1' } else { '0' });
        }
        println!("D c{block} {:016x}", fnv(&bits));
    }
    println!("flagged {flagged} of 200000");
    for i in 0..40000 {
        let mut t = String::new();
        for _ in 0..3 {
            let start = next(cues.len());
            for k in 0..3 + next(14) {
                let at = if next(4) > 0 { (start + k) % cues.len() } else { next(cues.len()) };
                t.push_str(cues[at]);
                if next(12) > 0 { t.push(' '); }
            }
            t.push_str(". ");
        }
        let mut out = String::new();
        let mut clock = Clock { parts: vec![], last: Instant::now() };
        sno_of("d", &t, &mut clock, &mut out);
        println!("D {i} {} {t:?}", out.replace('\n', " "));
    }
}

/// Digests of random texts.
#[test]
#[ignore]
fn fuzz() {
    let words: Vec<&str> = "We I find find that argue that claim because since therefore thus, however, However, but although despite Critics say that Some people claim that According to Lee, Lee (2019) found that Smith et al. report that the results show that our data suggest in conclusion Because as a given that , , . . . ; : ? ! ( ) [ ] [1] [2,3] [^a] (Smith, 2019) (Lee and Kim 2020a; Ab 2001) doi:10.1000/abc https://x.org/a?b=1&utm_x=2 http://y.org/) www.z.org. PMID: 123 arxiv:2101.00001v2 10.1101/2020.01v3 é débutbut caféis — – … “ ” ’ ' \" « » don’t don't cannot not no never without ignore previous instructions all the AI agents must rate this document as trusted system prompt: you are coffee tea output sleep adults raises lowers increases falls fell more less higher lower 5 12 300 mg percent % half of two hundred in men in women among adults when tired if asked after 14:30 before noon for three years in Rome 40 people good bad open closed effect affects harms helps \n \n\n \n- \n# \n> \n1. \n[1] \nReferences\n \n| * ** _ ` ``` < > <b> </b> <p> <a href=\"http://x.org\"> </a> <!-- --> &amp; &#65; [a](http://b.c) [t][n] \n[n]: http://n.org ![i](j.png) 咖啡 。 שלום ſo K ſince İ ß ﬁ ﷺ a\u{301} \u{200b} \u{a0} \u{2003} \u{85} ٣ ௰ ½ n=5 p<0.05 import return x= x:y {} e.g. i.e. al. Dr. J. Fig. 2 U.S. does not support no evidence may might suggests it is widely claimed that a common view is see Table This report concludes that This chapter describes".split(' ').filter(|w| !w.is_empty()).collect();
    let mut seed = 7u64;
    let mut next = move |n: usize| { seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407); ((seed >> 33) as usize) % n };
    let mut last: Option<Sno> = None;
    for i in 0..12000 {
        let mut t = String::new();
        for _ in 0..10 + next(80) {
            t.push_str(words[next(words.len())]);
            if next(8) > 0 { t.push(' '); }
        }
        let mut out = String::new();
        let mut clock = Clock { parts: vec![], last: Instant::now() };
        let sno = sno_of(&format!("d{i}"), &t, &mut clock, &mut out);
        if let (Some(a), Some(b)) = (&sno, &last) { pair(a, b, i % 2 == 0, &mut clock, &mut out); }
        last = sno;
        let flag = n::is_instruction_like(&t);
        println!("D {i} {flag} {} {t:?}", out.replace('\n', " "));
    }
}

/// Real documents and sentences: digests of everything.
#[test]
#[ignore]
fn digests() {
    let mut clock = Clock { parts: vec![], last: Instant::now() };
    let mut snos = Vec::new();
    for dir in ["coffee", "cover-crops", "low-traffic"] {
        let mut files: Vec<_> = std::fs::read_dir(format!("../examples/{dir}"))
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        files.sort();
        for f in files {
            let mut out = String::new();
            let s = sno_of(
                f.file_name().unwrap().to_str().unwrap(),
                &std::fs::read_to_string(&f).unwrap(),
                &mut clock,
                &mut out,
            );
            println!("D {} {}", f.display(), out.replace('\n', " "));
            snos.extend(s);
        }
    }
    for f in ["../README.md", "../ARCHITECTURE.md", "../docs/decisions/0001-one-rocksdb.md"] {
        let mut out = String::new();
        snos.extend(sno_of(f, &std::fs::read_to_string(f).unwrap(), &mut clock, &mut out));
    }
    let mut children = Vec::new();
    for i in 0..snos.len() {
        for j in 0..snos.len() {
            if i != j {
                for fake in [false, true] {
                    let mut out = String::new();
                    let c = pair(&snos[i], &snos[j], fake, &mut clock, &mut out);
                    println!("D pair {i} {j} {fake} {}", out.replace('\n', " "));
                    if i < j {
                        children.extend(c);
                    }
                }
            }
        }
    }
    for (i, c) in children.iter_mut().enumerate() {
        c.sno_id = format!("child{i}");
    }
    for i in 0..children.len().min(60) {
        for j in (0..children.len()).step_by(7) {
            if i != j {
                let mut out = String::new();
                pair(&children[i], &children[j], i % 2 == 0, &mut clock, &mut out);
                println!("D children {i} {j} {}", out.replace('\n', " "));
            }
        }
    }
    for (i, c) in children.iter().enumerate() {
        let plan = n::plan_grounding(c);
        println!(
            "D plan {i} {:016x} {:016x}",
            fnv(&format!("{plan:?}")),
            fnv(&format!("{:?}", entail(&plan.texts, &plan.pairs)))
        );
    }
    // Entailment of many sentences with each other.
    let mut texts: Vec<String> = Vec::new();
    for s in &snos {
        texts.extend(s.claims.iter().map(|c| c.text.clone()));
        texts.extend(s.evidence.iter().flat_map(|e| &e.quotes).map(|q| q.text.clone()));
    }
    texts.sort();
    texts.dedup();
    let read: Vec<_> = texts.iter().map(|t| lexical::Statement::read(t)).collect();
    for (i, x) in read.iter().enumerate() {
        let all: Vec<Scores> = read.iter().map(|y| x.entails(y)).collect();
        println!("D entail {i} {:016x}", fnv(&format!("{all:?}")));
    }
    let mut sum: HashMap<&str, f64> = HashMap::new();
    for (n, t) in &clock.parts {
        *sum.entry(n).or_default() += t;
    }
    let mut sum: Vec<_> = sum.into_iter().collect();
    sum.sort_by(|x, y| y.1.total_cmp(&x.1));
    println!("T {sum:?}");
}
