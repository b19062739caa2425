//! Checks the query parameters of a request, and collects every fault.

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    Problem,
    faults::{Faults, Kind, pointer},
};
use crate::{
    limits::{CURSOR_CHARS_MAX, PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX, WAIT_DEFAULT, WAIT_MAX},
    views::Cursor,
};

/// Query parameters on their way to a question.
pub struct Params {
    given: BTreeMap<String, String>,
    /// Faults found so far.
    pub faults: Faults,
}

/// A cursor of a sorted list, as text.
pub fn cursor_text(sort: &str, cursor: &Cursor) -> String {
    cursor_prefix(sort) + &cursor.show()
}

/// `.` stands in no cursor. The newest first is the order that needs no name.
fn cursor_prefix(sort: &str) -> String {
    match sort {
        "-recorded" => String::new(),
        other => format!("{}.", other.trim_start_matches('-')),
    }
}

/// The cursor behind a name.
pub fn name_cursor(name: &str) -> String {
    URL_SAFE_NO_PAD.encode(name)
}

/// What a request waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// The document's fate.
    Terminal,
    /// The end of all that the document caused.
    Settled,
}

impl Params {
    /// Those that are not known, or given twice, are faults.
    pub fn new(given: Vec<(String, String)>, known: &[&str]) -> Params {
        let mut params = Params { given: BTreeMap::new(), faults: Faults::default() };
        for (name, value) in given {
            if !known.contains(&name.as_str()) {
                params.faults.unknown(&name, "parameter", known);
            } else if params.given.insert(name.clone(), value).is_some() {
                params.faults.add(Kind::Invalid, pointer("", &name), "is given more than once");
            }
        }
        params
    }

    /// A text; a blank one is a fault.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let value = self.given.remove(name)?;
        if value.trim().is_empty() {
            self.faults.add(Kind::Invalid, pointer("", name), "is empty; leave it out to see all");
        }
        Some(value)
    }

    /// One of some words.
    pub fn one_of(&mut self, name: &str, words: &[&str]) -> Option<String> {
        let value = self.given.remove(name)?;
        if !words.contains(&value.as_str()) {
            self.faults.add(
                Kind::Invalid,
                pointer("", name),
                format!("has to be one of: {}", words.join(", ")),
            );
        }
        Some(value)
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &str) -> bool {
        self.one_of(name, &["true", "false"]).is_some_and(|value| value == "true")
    }

    /// A number in [0, 1].
    pub fn share(&mut self, name: &str) -> Option<f64> {
        let value = self.given.remove(name)?;
        let number = value.parse::<f64>().ok().filter(|number| (0.0..=1.0).contains(number));
        if number.is_none() {
            self.faults.add(Kind::Invalid, pointer("", name), "has to be a number from 0 to 1");
        }
        number
    }

    /// How many items a page has.
    pub fn limit(&mut self) -> usize {
        let Some(value) = self.given.remove("limit") else { return PAGE_ITEMS_DEFAULT };
        let limit = value.parse().ok().filter(|limit| (1..=PAGE_ITEMS_MAX).contains(limit));
        if limit.is_none() {
            self.faults.add(
                Kind::Invalid,
                "/limit",
                format!("has to be a whole number from 1 to {PAGE_ITEMS_MAX}"),
            );
        }
        limit.unwrap_or(PAGE_ITEMS_DEFAULT)
    }

    /// By what a list is sorted: its first word when the caller does not say.
    pub fn sort(&mut self, words: &[&'static str]) -> &'static str {
        let given = self.one_of("sort", words);
        let found = words.iter().find(|word| given.as_deref() == Some(**word));
        found.unwrap_or(&words[0])
    }

    /// A time: milliseconds since 1970, or as RFC 3339 writes it, seconds and time of day if you like.
    pub fn since(&mut self) -> Option<i64> {
        let value = self.given.remove("since")?;
        let time = value.parse().ok().filter(|ms: &i64| *ms >= 0).or_else(|| {
            let time: Option<jiff::Timestamp> = value.parse().ok();
            let day = || value.parse::<jiff::civil::Date>().ok();
            let midnight = || day()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
            Some(time.or_else(|| Some(midnight()?.timestamp()))?.as_millisecond())
        });
        if time.is_none() {
            let message = "has to be milliseconds since 1970, or a time such as 2026-11-20 or 2026-11-20T08:00:00Z";
            self.faults.add(Kind::Invalid, "/since", message);
        }
        time
    }

    /// Where a page of a sorted list begins; a cursor is good for the sort that gave it.
    pub fn cursor_of(&mut self, sort: &str) -> Option<Cursor> {
        let prefix = cursor_prefix(sort);
        if let Some(value) = self.given.get_mut("cursor")
            && !prefix.is_empty()
        {
            *value = match value.strip_prefix(&prefix) {
                Some(rest) => rest.to_owned(),
                None => "another sort's".into(),
            };
        }
        self.cursor()
    }

    /// Where a page begins.
    pub fn cursor(&mut self) -> Option<Cursor> {
        let value = self.given.remove("cursor")?;
        let cursor = Cursor::read(&value);
        if cursor.is_none() {
            self.faults.add(Kind::Invalid, "/cursor", "is not a cursor that a list has given");
        }
        cursor
    }

    /// Where a page of names begins: behind this name.
    pub fn name_cursor(&mut self) -> Option<String> {
        let value = self.given.remove("cursor")?;
        let read = || {
            let bytes = URL_SAFE_NO_PAD.decode(&value).ok()?;
            String::from_utf8(bytes).ok().filter(|name| !name.is_empty())
        };
        let name = if value.len() > CURSOR_CHARS_MAX { None } else { read() };
        if name.is_none() {
            self.faults.add(Kind::Invalid, "/cursor", "is not a cursor that a list has given");
        }
        name
    }

    /// What to wait for, and how long.
    pub fn wait(&mut self) -> Option<(Wait, Duration)> {
        let wait = self.one_of("wait", &["terminal", "settled"]);
        let limit = WAIT_MAX.as_millis() as u64;
        let timeout = match self.given.remove("timeout_ms") {
            None => WAIT_DEFAULT,
            Some(value) => match value.parse::<u64>() {
                Ok(timeout) if timeout <= limit => Duration::from_millis(timeout),
                _ => {
                    let message =
                        format!("has to be a whole number of milliseconds from 0 to {limit}");
                    self.faults.add(Kind::Invalid, "/timeout_ms", message);
                    WAIT_DEFAULT
                }
            },
        };
        let wait = match wait?.as_str() {
            "settled" => Wait::Settled,
            _ => Wait::Terminal,
        };
        Some((wait, timeout))
    }
}

impl Params {
    /// Says what is wrong, when something is.
    ///
    /// # Errors
    /// There is a fault.
    pub fn finish(self) -> Result<(), Problem> {
        self.faults.finish()
    }
}
