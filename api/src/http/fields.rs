//! Checks the fields of a JSON body, and collects every fault.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    Problem,
    faults::{Faults, Kind, pointer, too_large},
};
use crate::limits::{
    DOCUMENT_BYTES_MAX, METADATA_ENTRIES_MAX, METADATA_KEY_CHARS_MAX, METADATA_VALUE_CHARS_MAX,
};

/// What a text field may hold.
#[derive(Debug, Clone, Copy)]
pub enum Rule {
    /// A document's text.
    Document,
    /// A name for people: no control characters, so many characters.
    Line(usize),
    /// An id: as a line, without white space at its ends.
    Id(usize),
    /// A part of a key that ends at a slash: as an id, without slashes.
    KeyPart(usize),
}

/// The fields of a body on their way to a record.
pub struct Fields {
    object: Map<String, Value>,
    /// Where the object stands in the body.
    parent: String,
    /// Faults found so far.
    pub faults: Faults,
}

impl Fields {
    /// The fields of an object. Those that are not known are faults.
    ///
    /// # Errors
    /// It is no object.
    pub fn new(body: Value, known: &[&str]) -> Result<Fields, Problem> {
        let mut faults = Faults::default();
        let Value::Object(object) = body else {
            faults.add(
                Kind::Invalid,
                "",
                format!("The body has to be an object, it is {}", name_of(&body)),
            );
            faults.finish()?;
            return Err(Problem::internal());
        };
        for name in object.keys().filter(|name| !known.contains(&name.as_str())) {
            faults.unknown(name, "field", known);
        }
        Ok(Fields { object, parent: String::new(), faults })
    }

    /// A text that has to be there.
    pub fn required(&mut self, name: &str, rule: Rule) -> String {
        match self.object.remove(name) {
            None | Some(Value::Null) => {
                self.faults.add(Kind::Empty, pointer("", name), "is required");
                String::new()
            }
            Some(value) => self.text(&pointer("", name), value, rule),
        }
    }

    /// A text that may be absent or null.
    pub fn optional(&mut self, name: &str, rule: Rule) -> Option<String> {
        match self.object.remove(name) {
            None | Some(Value::Null) => None,
            Some(value) => Some(self.text(&pointer("", name), value, rule)),
        }
    }

    /// A whole number up to a limit; absent or null is the default.
    pub fn whole(&mut self, name: &str, default: usize, max: usize) -> usize {
        let value = match self.object.remove(name) {
            None | Some(Value::Null) => return default,
            Some(value) => value,
        };
        let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
        let number = number.filter(|number| (1..=max).contains(number));
        if number.is_none() {
            let message = format!("has to be a whole number from 1 to {max}");
            self.faults.add(Kind::Invalid, self.at(name), message);
        }
        number.unwrap_or(default)
    }

    /// A number in [0, 1]; absent or null is none.
    pub fn share(&mut self, name: &str) -> Option<f64> {
        let value = self.object.remove(name).filter(|value| !value.is_null())?;
        let number = value.as_f64().filter(|number| (0.0..=1.0).contains(number));
        if number.is_none() {
            self.faults.add(Kind::Invalid, self.at(name), "has to be a number from 0 to 1");
        }
        number
    }

    /// One of some words; absent or null is none.
    pub fn one_of(&mut self, name: &str, words: &[&str]) -> Option<String> {
        let value = self.object.remove(name).filter(|value| !value.is_null())?;
        let word = value.as_str().filter(|word| words.contains(word)).map(str::to_owned);
        if word.is_none() {
            let message = format!("has to be one of: {}", words.join(", "));
            self.faults.add(Kind::Invalid, self.at(name), message);
        }
        word
    }

    /// The fields of an object in a field; absent or null has none. Its faults are those of this body.
    pub fn within<T>(
        &mut self,
        name: &str,
        known: &[&str],
        read: impl FnOnce(&mut Fields) -> T,
    ) -> T {
        let at = self.at(name);
        let object = match self.object.remove(name) {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(object)) => object,
            Some(other) => {
                let message = format!("has to be an object, it is {}", name_of(&other));
                self.faults.add(Kind::Invalid, &at, message);
                Map::new()
            }
        };
        for other in object.keys().filter(|name| !known.contains(&name.as_str())) {
            let message = format!("is not a field of `{name}`; it takes: {}", known.join(", "));
            self.faults.add(Kind::Invalid, pointer(&at, other), message);
        }
        let faults = std::mem::take(&mut self.faults);
        let mut inner = Fields { object, faults, parent: at };
        let read = read(&mut inner);
        self.faults = inner.faults;
        read
    }

    fn at(&self, name: &str) -> String {
        pointer(&self.parent, name)
    }

    /// Texts by name; absent or null is none.
    pub fn metadata(&mut self, name: &str) -> BTreeMap<String, String> {
        let at = pointer("", name);
        let entries = match self.object.remove(name) {
            None | Some(Value::Null) => return BTreeMap::new(),
            Some(Value::Object(entries)) => entries,
            Some(other) => {
                self.faults.add(
                    Kind::Invalid,
                    at,
                    format!("has to be an object of strings, it is {}", name_of(&other)),
                );
                return BTreeMap::new();
            }
        };
        if entries.len() > METADATA_ENTRIES_MAX {
            let message =
                format!("has {} entries; the limit is {METADATA_ENTRIES_MAX}", entries.len());
            self.faults.add(Kind::Invalid, at, message);
            return BTreeMap::new();
        }
        let mut metadata = BTreeMap::new();
        for (key, value) in entries {
            let at = pointer(&at, &key);
            if let Some(message) = refused(&key, Rule::Line(METADATA_KEY_CHARS_MAX)) {
                self.faults.add(Kind::Invalid, &at, format!("has a name that {message}"));
            }
            match value {
                // An empty value says that something is known to be empty.
                Value::String(text) if text.chars().count() <= METADATA_VALUE_CHARS_MAX => {
                    metadata.insert(key, text);
                }
                Value::String(text) => {
                    let count = text.chars().count();
                    let message =
                        format!("has {count} characters; the limit is {METADATA_VALUE_CHARS_MAX}");
                    self.faults.add(Kind::Invalid, at, message);
                }
                other => {
                    self.faults.add(
                        Kind::Invalid,
                        at,
                        format!("has to be a string, it is {}", name_of(&other)),
                    );
                }
            }
        }
        metadata
    }

    fn text(&mut self, at: &str, value: Value, rule: Rule) -> String {
        let Value::String(text) = value else {
            self.faults.add(
                Kind::Invalid,
                at,
                format!("has to be a string, it is {}", name_of(&value)),
            );
            return String::new();
        };
        if text.trim().is_empty() {
            self.faults.add(Kind::Empty, at, "is empty or only white space");
        } else if matches!(rule, Rule::Document) && text.len() > DOCUMENT_BYTES_MAX {
            self.faults.add(Kind::TooLarge, at, too_large(text.len()));
        } else if let Some(message) = refused(&text, rule) {
            self.faults.add(Kind::Invalid, at, message);
        }
        text
    }
}

/// Why a text does not follow its rule.
fn refused(text: &str, rule: Rule) -> Option<String> {
    let max = match rule {
        Rule::Document => return None,
        Rule::Line(max) | Rule::Id(max) | Rule::KeyPart(max) => max,
    };
    let count = text.chars().count();
    if count > max {
        return Some(format!("has {count} characters; the limit is {max}"));
    }
    if let Some(index) = text.chars().position(char::is_control) {
        return Some(format!("has a control character at position {index}"));
    }
    if matches!(rule, Rule::Id(_) | Rule::KeyPart(_)) && text.trim() != text {
        return Some("begins or ends with white space".into());
    }
    if matches!(rule, Rule::KeyPart(_)) && text.contains('/') {
        return Some("holds a slash; use another character, such as `-`".into());
    }
    None
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
