//! Character references of HTML, and backslash escapes of Markdown.
//!
//! Invariant: an unknown name stays as it is.

use std::sync::LazyLock;

use regex::Regex;

use super::draft::Draft;

static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"&(#[xX][0-9a-fA-F]{1,6}|#[0-9]{1,7}|[a-zA-Z]{2,8});|\\[*_#`~]")
        .expect("the pattern is valid")
});

/// Puts the character in that a reference stands for; takes the backslash of an escape away.
pub(super) fn entities(draft: &mut Draft<'_>) {
    let text = draft.text;
    for found in REFERENCE.captures_iter(text) {
        let whole = found.get(0).expect("group 0 always takes part").range();
        if !draft.is_live(whole.start) || !draft.is_live(whole.end - 1) {
            continue;
        }
        match found.get(1).map(|name| decode(name.as_str())) {
            Some(Some(c)) => {
                draft.insert(whole.start, c.encode_utf8(&mut [0; 4]));
                draft.remove(whole);
            }
            Some(None) => {}
            None => draft.remove(whole.start..whole.start + 1),
        }
    }
}

/// The character that a name or a number stands for.
pub(super) fn decode(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => number.parse(),
        };
        return char::from_u32(code.ok()?).filter(|c| !c.is_control());
    }
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" | "ensp" | "emsp" | "thinsp" => ' ',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "laquo" => '«',
        "raquo" => '»',
        "bull" => '•',
        "middot" => '·',
        "sect" => '§',
        "para" => '¶',
        "copy" => '©',
        "reg" => '®',
        "trade" => '™',
        "deg" => '°',
        "plusmn" => '±',
        "times" => '×',
        "divide" => '÷',
        "minus" => '−',
        "le" => '≤',
        "ge" => '≥',
        "ne" => '≠',
        "micro" => 'µ',
        "alpha" => 'α',
        "beta" => 'β',
        "gamma" => 'γ',
        "delta" => 'δ',
        "lambda" => 'λ',
        "mu" => 'μ',
        "sigma" => 'σ',
        "euro" => '€',
        "pound" => '£',
        "eacute" => 'é',
        "egrave" => 'è',
        "agrave" => 'à',
        "ccedil" => 'ç',
        "ntilde" => 'ñ',
        "auml" => 'ä',
        "ouml" => 'ö',
        "uuml" => 'ü',
        "Auml" => 'Ä',
        "Ouml" => 'Ö',
        "Uuml" => 'Ü',
        "szlig" => 'ß',
        _ => return None,
    };
    Some(c)
}
