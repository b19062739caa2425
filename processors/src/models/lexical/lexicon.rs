//! What the model knows of words: directions, opposites, synonyms, quantities, hedges.
//!
//! Invariant: all entries are stems or whole words in lower case, looked up without allocation of their own.

pub(super) use cns_narrative::direction::{DOWN, FORMS, UP};

/// Words of no change.
pub(super) const FLAT: &[&str] =
    &["constant", "intact", "stabl", "unaffect", "unalt", "unchang", "untouch"];
/// Verbs and nouns of any change.
pub(super) const CHANGE: &[&str] =
    &["affect", "alter", "chang", "differ", "effect", "impact", "influenc"];

/// Opposites: the concept's first and second word. `true` when one of the two always holds, so that denying one
/// asserts the other.
pub(super) const OPPOSITES: &[(&[&str], &[&str], bool)] = &[
    (
        &["posit", "benefici", "beneficial", "good", "safe", "healthi"],
        &["negat", "detriment", "bad", "danger", "unsaf", "unhealthi", "harmful"],
        false,
    ),
    (&["effect_", "success"], &["ineffect", "useless"], true),
    (&["true", "correct"], &["fals", "wrong", "incorrect"], true),
    (&["aliv"], &["dead"], true),
    (&["open"], &["close"], true),
    (&["present"], &["absent"], true),
    (&["win"], &["lose_"], false),
    (&["accept", "approv", "adopt"], &["reject", "refus"], false),
    (&["support", "favour", "favor", "back"], &["oppos"], false),
    (&["legal", "lawful"], &["illeg", "unlaw"], true),
    (&["possibl"], &["imposs"], true),
    (&["hot"], &["cold"], false),
    (&["strong"], &["weak"], false),
    (&["fast", "quick"], &["sluggish"], false),
    (&["begin", "start"], &["end", "stop"], false),
    (&["allow", "permit"], &["ban", "forbid", "prohibit"], true),
    (&["rich"], &["poor"], false),
    (&["common", "frequent"], &["rare", "uncommon"], false),
    (&["includ"], &["exclud"], true),
    (&["caus", "trigger"], &["prevent", "protect"], false),
    (&["easi"], &["difficult", "hard"], false),
    (&["cheap"], &["expens"], false),
    (&["full"], &["empti"], false),
    (&["guilti"], &["innoc"], true),
    (&["perman"], &["temporari"], true),
    (&["wet"], &["dri"], false),
    (&["confirm"], &["refut", "disprov"], false),
    (&["buy"], &["sell"], false),
    (&["suffici", "enough"], &["insuffici"], true),
    (&["necessari"], &["unnecessari"], true),
    (&["likeli"], &["unlik"], false),
    (&["visibl"], &["invis"], true),
];

/// Groups of stems that mean the same here; the first stands for all.
pub(super) const SYNONYMS: &[&[&str]] = &[
    &["worker", "employe", "staff", "labour", "clerk"],
    &["output", "product", "yield"],
    &["error", "mistak", "slip"],
    &["illness", "diseas", "sick"],
    &["doctor", "physician"],
    &["car", "vehicl", "automobil"],
    &["child", "kid", "pupil"],
    &["drug", "medicin", "medic", "treatment", "therapi"],
    &["trial", "studi", "experi"],
    &["people", "person", "person_"],
    &["profit", "earn"],
    &["price", "cost"],
    &["shop", "store", "retail"],
    &["town", "citi"],
    &["show", "demonstr", "prove"],
    &["sign", "ink"],
    &["big", "larg", "huge"],
    &["begin", "start", "commenc"],
    &["end", "stop", "ceas"],
    &["plan", "propos", "scheme"],
    &["metr", "meter"],
    &["contain", "hold"],
    &["year", "annual"],
];

/// Words that make a statement less certain.
pub(super) const HEDGES: &[&str] = &[
    "apparently",
    "appear",
    "appears",
    "can",
    "could",
    "likely",
    "may",
    "might",
    "perhaps",
    "possibly",
    "potentially",
    "presumably",
    "probably",
    "seem",
    "seems",
    "suggest",
    "suggests",
    "would",
];

/// Words around a statement that state nothing themselves.
pub(super) const FRAME: &[&str] = &[
    "also", "argu", "becom", "case", "conclud", "conclus", "disagre", "evid", "find", "finding",
    "get", "got", "hand", "howev", "leav", "left", "observ", "often", "overal", "rather", "remain",
    "report", "show", "signific", "source", "statist", "suggest", "true",
];

/// Stems that may be left out or added without another meaning.
pub(super) const LIGHT: &[&str] = &[
    "amount", "group", "level", "make", "new", "number", "overal", "rate", "stock", "total", "use",
];

/// Fractions in percent, by stem.
pub(super) const FRACTIONS: &[(&str, f64)] =
    &[("fifth", 20.0), ("half", 50.0), ("quarter", 25.0), ("tenth", 10.0), ("third", 100.0 / 3.0)];

/// Numbers in words.
pub(super) const NUMBERS: &[(&str, f64)] = &[
    ("eight", 8.0),
    ("eighty", 80.0),
    ("eleven", 11.0),
    ("fifty", 50.0),
    ("five", 5.0),
    ("forty", 40.0),
    ("four", 4.0),
    ("hundred", 100.0),
    ("nine", 9.0),
    ("ninety", 90.0),
    ("seven", 7.0),
    ("seventy", 70.0),
    ("six", 6.0),
    ("sixty", 60.0),
    ("ten", 10.0),
    ("thirty", 30.0),
    ("three", 3.0),
    ("twelve", 12.0),
    ("twenty", 20.0),
    ("two", 2.0),
];
/// What a number before them is multiplied by.
pub(super) const MULTIPLES: &[(&str, f64)] =
    &[("billion", 1e9), ("hundred", 1e2), ("million", 1e6), ("thousand", 1e3)];

/// Runs of words that are read as one sign. Longer ones first.
pub(super) const PHRASES: &[(&[&str], Sign)] = &[
    (&["is", "a", "myth", "that"], Sign::Not),
    (&["can", "not", "rule", "out"], Sign::Hedge),
    (&["there", "is", "no", "evidence"], Sign::Not),
    (&["is", "not", "true", "that"], Sign::Not),
    (&["is", "false", "that"], Sign::Not),
    (&["no", "evidence", "that"], Sign::Not),
    (&["no", "sign", "that"], Sign::Not),
    (&["had", "no", "effect"], Sign::Flat),
    (&["no", "significant", "effect"], Sign::Flat),
    (&["did", "not", "affect"], Sign::Flat),
    (&["no", "more", "than"], Sign::AtMost),
    (&["no", "less", "than"], Sign::AtLeast),
    (&["no", "fewer", "than"], Sign::AtLeast),
    (&["no", "evidence"], Sign::Not),
    (&["no", "effect"], Sign::Flat),
    (&["no", "impact"], Sign::Flat),
    (&["no", "influence"], Sign::Flat),
    (&["no", "change"], Sign::Flat),
    (&["no", "difference"], Sign::Flat),
    (&["no", "doubt"], Sign::Nothing),
    (&["not", "only"], Sign::Nothing),
    (&["not", "all"], Sign::NotAll),
    (&["not", "every"], Sign::NotAll),
    (&["no", "longer"], Sign::Not),
    (&["failed", "to"], Sign::Not),
    (&["fails", "to"], Sign::Not),
    (&["fail", "to"], Sign::Not),
    (&["failing", "to"], Sign::Not),
    (&["unable", "to"], Sign::Not),
    (&["more", "than"], Sign::Above),
    (&["greater", "than"], Sign::Above),
    (&["over", "than"], Sign::Above),
    (&["less", "than"], Sign::Below),
    (&["fewer", "than"], Sign::Below),
    (&["at", "least"], Sign::AtLeast),
    (&["at", "most"], Sign::AtMost),
    (&["up", "to"], Sign::AtMost),
    (&["for", "example"], Sign::Nothing),
    (&["build", "up"], Sign::Up),
    (&["builds", "up"], Sign::Up),
    (&["free", "of"], Sign::Not),
    (&["devoid", "of"], Sign::Not),
    (&["instead", "of"], Sign::Not),
    (&["rather", "than"], Sign::Not),
    (&["add", "to"], Sign::Up),
    (&["adds", "to"], Sign::Up),
    (&["added", "to"], Sign::Up),
    (&["push", "up"], Sign::Up),
    (&["pushes", "up"], Sign::Up),
    (&["pushed", "up"], Sign::Up),
    (&["drive", "up"], Sign::Up),
    (&["drives", "up"], Sign::Up),
    (&["drove", "up"], Sign::Up),
    (&["bring", "down"], Sign::Down),
    (&["brings", "down"], Sign::Down),
    (&["brought", "down"], Sign::Down),
    (&["drag", "down"], Sign::Down),
    (&["drags", "down"], Sign::Down),
    (&["dragged", "down"], Sign::Down),
    (&["wipe", "out"], Sign::Down),
    (&["wipes", "out"], Sign::Down),
    (&["wiped", "out"], Sign::Down),
    (&["does", "nothing"], Sign::Flat),
    (&["did", "nothing"], Sign::Flat),
];

/// What a run of words stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// A denial of what follows.
    Not,
    /// No change.
    Flat,
    /// A rise.
    Up,
    /// A fall.
    Down,
    /// Less certain.
    Hedge,
    /// The number that follows is a bound.
    Above,
    /// The number that follows is a bound.
    Below,
    /// The number that follows is a bound.
    AtLeast,
    /// The number that follows is a bound.
    AtMost,
    /// Some are not.
    NotAll,
    /// Words without a part in the meaning.
    Nothing,
}
