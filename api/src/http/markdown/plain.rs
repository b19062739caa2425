//! Words of documents on a Markdown page.
//!
//! Invariant: whatever the text, it stands on one line and shows as itself, in CommonMark and in GitHub's
//! dialect: no markup, no link, and no character that a terminal obeys or that turns the direction of reading.

/// Text that means only itself.
///
/// A word that could become a link is a code span: GitHub, and what follows it, look for addresses once more
/// after escapes are resolved, so that a backslash does not stop them.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, word) in text.split_whitespace().enumerate() {
        let word: String = word.chars().map(harmless).collect();
        if index > 0 {
            out.push(' ');
        }
        if addresses(&word) {
            code(&mut out, &word);
        } else if index == 0 {
            first(&mut out, &word);
        } else {
            escaped(&mut out, &word);
        }
    }
    out
}

/// Controls (C0, C1) move the cursor of a terminal and worse; overrides and isolates show text in another
/// order than it has.
fn harmless(char: char) -> char {
    match char {
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => char::REPLACEMENT_CHARACTER,
        control if control.is_control() => char::REPLACEMENT_CHARACTER,
        other => other,
    }
}

/// Whether a renderer may take the word for the address of a page, of a mailbox or of a person.
fn addresses(word: &str) -> bool {
    word.contains("://") || word.contains('@') || word.to_ascii_lowercase().contains("www.")
}

/// Nothing inside a code span has a meaning, and only a run of as many backticks ends it.
fn code(out: &mut String, word: &str) {
    let runs = word.split(|char| char != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or(0) + 1);
    let pad = if word.starts_with('`') || word.ends_with('`') { " " } else { "" };
    out.extend([&fence, pad, word, pad, &fence]);
}

/// The first word may stand where a block begins: a bullet, a rule or a number would make a list of it.
fn first(out: &mut String, word: &str) {
    let digits = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(number) = word.strip_suffix(['.', ')']).filter(digits) {
        out.extend([number, "\\", &word[number.len()..]]);
        return;
    }
    if word.starts_with(['-', '+', '=']) {
        out.push('\\');
    }
    escaped(out, word);
}

fn escaped(out: &mut String, word: &str) {
    let mut before = None;
    let mut chars = word.chars().peekable();
    while let Some(char) = chars.next() {
        let meant = match char {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '#' | '|' | '!' | '~' | '&' => true,
            // Inside a word it means nothing, and ids stay as they are.
            '_' => {
                let inside =
                    |beside: Option<char>| beside.is_some_and(|char| char.is_alphanumeric());
                !(inside(before) && inside(chars.peek().copied()))
            }
            _ => false,
        };
        if meant {
            out.push('\\');
        }
        out.push(char);
        before = Some(char);
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    fn check(cases: &[(&str, &str)]) {
        for (text, expected) in cases {
            assert_eq!(plain(text), *expected, "{text:?}");
        }
    }

    #[test]
    fn words_of_documents_stay_words() {
        check(&[
            ("a <b>[x](/y)\n# z", "a \\<b\\>\\[x\\](/y) \\# z"),
            (
                "`a` *b* __c__ ~d~ &amp; ![e] f|g",
                "\\`a\\` \\*b\\* \\_\\_c\\_\\_ \\~d\\~ \\&amp; \\!\\[e\\] f\\|g",
            ),
            ("sno_1a by_ _it a__b", "sno_1a by\\_ \\_it a\\_\\_b"),
            ("ends in \\", "ends in \\\\"),
            ("  two\r\n\tlines\u{2028}and more ", "two lines and more"),
            ("", ""),
        ]);
    }

    #[test]
    fn no_address_becomes_a_link() {
        check(&[
            ("[x](http://y)", "`[x](http://y)`"),
            ("see HTTPS://Y.org.", "see `HTTPS://Y.org.`"),
            ("WWW.y.org, www.y.org", "`WWW.y.org,` `www.y.org`"),
            ("mailto:a@b.org @somebody", "`mailto:a@b.org` `@somebody`"),
            ("url:https://y.org/a_b_", "`url:https://y.org/a_b_`"),
            ("http://a`b``c", "```http://a`b``c```"),
            ("`http://a`", "`` `http://a` ``"),
            ("3 http:// y", "3 `http://` y"),
            ("10:00 // no address", "10:00 // no address"),
        ]);
    }

    #[test]
    fn no_text_begins_a_block() {
        check(&[
            ("- a", "\\- a"),
            ("+ a", "\\+ a"),
            ("* a", "\\* a"),
            ("--- ---", "\\--- ---"),
            ("===", "\\==="),
            ("1. a", "1\\. a"),
            ("12) a", "12\\) a"),
            ("1.", "1\\."),
            ("1.5 mg in 2. place", "1.5 mg in 2. place"),
            ("# a", "\\# a"),
            ("> a", "\\> a"),
            ("| a |", "\\| a \\|"),
            ("~~~ a", "\\~\\~\\~ a"),
            ("``` a", "\\`\\`\\` a"),
            ("[ ] a", "\\[ \\] a"),
        ]);
    }

    #[test]
    fn no_character_is_obeyed() {
        check(&[
            ("\x1b[31mred\x07", "\u{fffd}\\[31mred\u{fffd}"),
            ("a\u{9b}2J\u{7f}\0b", "a\u{fffd}2J\u{fffd}\u{fffd}b"),
            ("\u{202e}evil\u{202c} \u{2066}x\u{2069}", "\u{fffd}evil\u{fffd} \u{fffd}x\u{fffd}"),
            ("http://\x1b]8;;y\x07", "`http://\u{fffd}]8;;y\u{fffd}`"),
            ("größer ≥ 5 µg — “so”", "größer ≥ 5 µg — “so”"),
        ]);
    }
}
