//! From the submitted text (plain, Markdown or HTML) to what a reader sees, and the way back.
//!
//! Invariant: every run of the rendition covers the same characters in both texts, and runs ascend in both.
//! Characters of the plain text without an identical counterpart (decoded entities, line ends put in for
//! tags, targets of links) lie between runs. Markup is only taken away where it is certainly markup: a text
//! that merely holds `<`, `*`, `_` or `#` comes out as it went in.

mod block;
mod draft;
mod entity;
mod html;
mod inline;
mod line;

use cns_schemas::{Rendition, Span};

use draft::Draft;

/// A text as a reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The text without markup, comments and front matter.
    pub plain: String,
    /// How it maps to the submitted text.
    pub rendition: Rendition,
    /// What a reader does not see: comments, front matter, scripts, hidden elements, attributes of tags.
    /// Characters of the submitted text, ascending.
    pub hidden: Vec<Span>,
}

/// Takes markup away.
pub fn render(submitted: &str) -> Rendered {
    let mut draft = Draft::new(submitted);
    // The order matters: what one pass takes or marks as code, the later ones leave alone.
    let body = block::front_matter(&mut draft);
    block::fences_and_comments(&mut draft, body);
    inline::code_spans(&mut draft);
    html::tags(&mut draft);
    inline::links(&mut draft);
    line::markers(&mut draft);
    inline::emphasis(&mut draft);
    entity::entities(&mut draft);
    draft.finish()
}

/// The characters of the submitted text that a span of the plain text stands for: the shortest range that
/// covers them all. A plain character between runs stands for the whole gap.
pub fn to_submitted(rendition: &Rendition, span_in_plain: Span) -> Span {
    let start = map(rendition, span_in_plain.start, Gap::Before);
    if span_in_plain.end <= span_in_plain.start {
        return Span { start, end: start };
    }
    let end = map(rendition, span_in_plain.end - 1, Gap::After);
    Span { start, end: end.max(start) }
}

enum Gap {
    Before,
    After,
}

/// Where one plain character starts (`Before`) or ends (`After`) in the submitted text.
fn map(rendition: &Rendition, plain: u32, side: Gap) -> u32 {
    let runs = &rendition.runs;
    let next = runs.partition_point(|run| run.plain <= plain);
    let previous = next.checked_sub(1).and_then(|index| runs.get(index));
    if let Some(run) = previous
        && plain - run.plain < run.length
    {
        let submitted = run.submitted + (plain - run.plain);
        return match side {
            Gap::Before => submitted,
            Gap::After => submitted + 1,
        };
    }
    match side {
        Gap::Before => previous.map_or(0, |run| run.submitted + run.length),
        Gap::After => runs.get(next).map_or(rendition.submitted_chars, |run| run.submitted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(submitted: &str, plain: &str) {
        assert_eq!(render(submitted).plain, plain, "from {submitted:?}");
    }

    #[test]
    fn prose_with_marks_stays_as_it_is() {
        for text in [
            "p < 0.05 and n > 30, so a <b and c> d.",
            "Use snake_case, C# and 2*3*4; cf. note* and table*.",
            "Vec<T> holds x[1](y) and a & b; AT&T.",
            "5 * 3 is 15 * 1. It costs #5.",
            "An unclosed <!-- comment, an unclosed `tick, a lone <script> tag.",
            "---\nA rule above, no front matter.",
        ] {
            assert_eq!(
                render(text).plain.trim(),
                text.trim_start_matches("---\n"),
                "from {text:?}"
            );
        }
    }

    #[test]
    fn markdown_is_taken_away() {
        check("A **bold** and *soft* and __strong__ word.", "A bold and soft and strong word.");
        check("See [the guide](/guide/ \"t\").", "See the guide.");
        check("See [it](https://x.org/a).", "See it (https://x.org/a).");
        check("<https://x.org/a_b_c>", "https://x.org/a_b_c");
        check("Use `a_b` and `<b>`.", "Use a_b and <b>.");
        check("![alt](a.png) Text.", " Text.");
        check("> quoted\n> text", "quoted\ntext");
        check("```python\nx = *y*\n```\nEnd.", "x = *y*\nEnd.");
        check("# Title\nText.", "Title\n\nText.");
        check("[a][b] c\n\n[b]: https://x.org", "a (https://x.org) c\n\n");
    }

    #[test]
    fn html_is_taken_away() {
        check("<p>One &amp; two.</p><p>Three&#8217;s.</p>", "\n\nOne & two.\n\n\n\nThree’s.\n\n");
        check("a<!-- b -->c", "ac");
        check("a<script>if (a < b) {}</script>b", "ab");
        check("x <span style=\"display:none\">y <span>z</span></span>w", "x w");
        check("<a href=\"https://x.org/?a=1&amp;b=2\">t</a>", "t (https://x.org/?a=1&b=2)");
    }

    #[test]
    fn front_matter_is_not_narrative() {
        check("---\ntitle: T\ntags:\n- a\n---\nText.", "Text.");
        check("+++\ntitle = 'T'\n+++\nText.", "Text.");
    }

    #[test]
    fn a_span_leads_back() {
        let submitted = "<p>One &amp; <b>two</b>.</p>";
        let rendered = render(submitted);
        let at = |text: &str| {
            let byte = rendered.plain.find(text).expect("the text is there");
            let start = rendered.plain[..byte].chars().count() as u32;
            let span = Span { start, end: start + text.chars().count() as u32 };
            to_submitted(&rendered.rendition, span).slice(submitted).expect("the span is inside")
        };
        assert_eq!(at("One & two"), "One &amp; <b>two");
        assert_eq!(at("two"), "two");
        assert_eq!(at("&"), "&amp;");
    }
}
