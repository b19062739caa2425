//! Tags, scripts and hidden elements.
//!
//! Invariant: only elements that HTML knows are tags, and only with attributes that look like attributes.
//! An element that is never closed hides nothing.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::draft::Draft;

static TAG: LazyLock<Regex> = LazyLock::new(|| {
    let names = "a|abbr|address|article|aside|audio|b|big|blockquote|body|br|button|caption|center|cite|code|col|\
        colgroup|dd|del|details|dfn|div|dl|dt|em|fieldset|figcaption|figure|font|footer|form|h1|h2|h3|h4|h5|h6|head|\
        header|hr|html|i|iframe|img|input|ins|kbd|label|legend|li|link|main|mark|meta|nav|noscript|ol|option|p|\
        picture|pre|q|s|samp|script|section|select|small|source|span|strike|strong|style|sub|summary|sup|svg|table|\
        tbody|td|template|textarea|tfoot|th|thead|time|title|tr|tt|u|ul|var|video|wbr";
    let attribute = r#"\s+[a-z_:@][-\w:.@]*(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?"#;
    Regex::new(&format!(r"(?i)<(/?)({names})((?:{attribute})*)\s*(/?)>|<!doctype[^<>]*>"))
        .expect("the pattern is valid")
});
static HREF: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)\shref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"#)
        .expect("the pattern is valid")
});
static HIDDEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)\shidden(?:\s|=|$)|display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0"#,
    )
    .expect("the pattern is valid")
});
/// Attributes that stand without a value.
const BARE: [&str; 8] =
    ["hidden", "async", "defer", "open", "checked", "disabled", "controls", "required"];

struct Tag<'t> {
    range: Range<usize>,
    name: String,
    attributes: &'t str,
    closes: bool,
}

/// Takes tags away, hides what browsers hide, and puts line ends in where blocks end.
pub(super) fn tags(draft: &mut Draft<'_>) {
    let tags = find(draft);
    let closing = pair(&tags);
    let mut index = 0;
    let mut code_until = 0;
    while let Some(tag) = tags.get(index) {
        let close = closing.get(&index).and_then(|close| tags.get(*close).map(|tag| (*close, tag)));
        if let Some((close, end)) = close
            && is_hidden(tag)
        {
            draft.hide(tag.range.start..end.range.end);
            index = close + 1;
            continue;
        }
        if is_invisible(&tag.name)
            && !tag.closes
            && close.is_none()
            && !matches!(&*tag.name, "link" | "meta")
        {
            // A lone `<script>` in prose is a word of that prose.
            index += 1;
            continue;
        }
        if tag.attributes.is_empty() {
            draft.remove(tag.range.clone());
        } else {
            draft.hide(tag.range.clone());
        }
        draft.insert(tag.range.start, break_for(tag));
        if let Some((_, end)) = close {
            // What stands in a `<pre>` inside another is code already.
            if tag.name == "pre" && tag.range.end > code_until {
                draft.mark_code(tag.range.end..end.range.start);
                code_until = end.range.start;
            }
            target(draft, tag, end);
        }
        index += 1;
    }
}

fn find<'t>(draft: &Draft<'t>) -> Vec<Tag<'t>> {
    let found = TAG.captures_iter(draft.text).filter_map(|found| {
        let range = found.get(0)?.range();
        let attributes = found.get(3).map_or("", |attributes| attributes.as_str());
        let plausible = attributes.contains('=')
            || attributes
                .split_whitespace()
                .all(|word| BARE.contains(&word.to_lowercase().as_str()));
        (plausible && draft.is_live(range.start) && draft.is_live(range.end - 1)).then(|| Tag {
            range,
            name: found.get(2).map_or_else(String::new, |name| name.as_str().to_lowercase()),
            attributes,
            closes: found.get(1).is_some_and(|slash| !slash.is_empty()),
        })
    });
    found.collect()
}

/// For each opening tag that is closed, the index of its closing tag.
fn pair(tags: &[Tag<'_>]) -> BTreeMap<usize, usize> {
    let mut open: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut closing = BTreeMap::new();
    for (index, tag) in tags.iter().enumerate() {
        if !tag.closes {
            open.entry(&tag.name).or_default().push(index);
        } else if let Some(start) = open.get_mut(tag.name.as_str()).and_then(Vec::pop) {
            closing.insert(start, index);
        }
    }
    closing
}

fn is_hidden(tag: &Tag<'_>) -> bool {
    !tag.closes && (is_invisible(&tag.name) || HIDDEN.is_match(tag.attributes))
}

fn is_invisible(name: &str) -> bool {
    matches!(
        name,
        "script" | "style" | "head" | "template" | "noscript" | "iframe" | "svg" | "title"
    )
}

/// What a reader sees where a tag stands.
fn break_for(tag: &Tag<'_>) -> &'static str {
    match (tag.name.as_str(), tag.closes) {
        (
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "pre" | "blockquote" | "table" | "ul"
            | "ol" | "section" | "article" | "figure" | "header" | "footer" | "nav" | "main"
            | "aside" | "hr",
            _,
        ) => "\n\n",
        ("li", false) => "\n- ",
        (
            "div" | "br" | "tr" | "dd" | "dt" | "dl" | "caption" | "figcaption" | "summary"
            | "details",
            _,
        ) => "\n",
        ("td" | "th", false) => " ",
        _ => "",
    }
}

/// The target of a link, after its text, unless the text is the target.
fn target(draft: &mut Draft<'_>, tag: &Tag<'_>, end: &Tag<'_>) {
    let Some(found) = HREF.captures(tag.attributes) else { return };
    let Some(href) = (1..=3).find_map(|group| found.get(group)) else { return };
    let href = href.as_str().trim().replace("&amp;", "&");
    let shown = draft.text[tag.range.end..end.range.start].trim();
    if tag.name == "a" && href.starts_with("http") && shown != href {
        draft.insert(end.range.start, &format!(" ({href})"));
    }
}
