//! A value as it was given, where it came from, and how it becomes a setting.

use std::fmt;

use tracing_subscriber::EnvFilter;

use super::{LogFormat, Profile, Settings, key::Field};

/// A value before it is checked.
#[derive(Debug, Clone, PartialEq)]
pub enum Raw {
    /// Quoted text of a file.
    Text(String),
    /// Text of a variable or a flag, which may stand for a number.
    Unquoted(String),
    /// A number of a file, as written.
    Number(String),
    /// Anything that no setting is.
    Other(&'static str),
}

/// One value for one key.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// The key's path, known or not.
    pub path: String,
    /// The value.
    pub value: Raw,
    /// Where it stands.
    pub origin: Origin,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// A line of a file.
    File { path: String, line: usize },
    /// An environment variable.
    Variable(String),
    /// A flag of the command line.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File { path, line } => write!(f, "{path}:{line}"),
            Origin::Variable(name) => f.write_str(name),
            Origin::Flag(name) => f.write_str(name),
        }
    }
}

impl Raw {
    fn text(&self) -> Result<&str, String> {
        match self {
            Raw::Text(text) | Raw::Unquoted(text) if text.trim().is_empty() => {
                Err("is empty".into())
            }
            other => other.any_text(),
        }
    }

    fn any_text(&self) -> Result<&str, String> {
        match self {
            Raw::Text(text) | Raw::Unquoted(text) => Ok(text),
            Raw::Number(number) => {
                Err(format!("is the number {number}; a text in quotes is expected"))
            }
            Raw::Other(kind) => Err(format!("is {kind}; a text in quotes is expected")),
        }
    }

    fn number(&self, expected: &str) -> Result<&str, String> {
        match self {
            Raw::Number(number) | Raw::Unquoted(number) => Ok(number.trim()),
            Raw::Text(text) => {
                Err(format!("is the text \"{text}\"; {expected} without quotes is expected"))
            }
            Raw::Other(kind) => Err(format!("is {kind}; {expected} is expected")),
        }
    }
}

impl Field {
    /// Checks a value and keeps it; the error is the second half of a sentence that begins with the key.
    pub fn set(&self, settings: &mut Settings, raw: &Raw) -> Result<(), String> {
        match self {
            Field::Profile(place) => *place(settings) = profile_named(raw.text()?)?,
            Field::Path(place) => *place(settings) = raw.text()?.into(),
            Field::Name(place) => *place(settings) = raw.text()?.to_owned(),
            Field::Text(place) => *place(settings) = raw.any_text()?.trim().to_owned(),
            Field::Address(place) => {
                *place(settings) = parsed(raw.text()?, "an address such as 127.0.0.1:8000")?
            }
            Field::Format(place) => *place(settings) = format_named(raw.text()?)?,
            Field::Filter(place) => {
                let filter = raw.text()?;
                EnvFilter::try_new(filter)
                    .map_err(|error| format!("is `{filter}`, no filter: {error}"))?;
                *place(settings) = filter.to_owned();
            }
            Field::Weight(place) => *place(settings) = float(raw, 0.0, f64::MAX)?,
            Field::Share(place) => *place(settings) = float(raw, 0.0, 1.0)?,
            Field::OrNone(place) => {
                *place(settings) = parsed(raw.number(OR_NONE)?, OR_NONE)?;
            }
            Field::Count(place) => {
                *place(settings) =
                    u32::try_from(whole(raw)?).map_err(|_| format!("is over {}", u32::MAX))?;
            }
            Field::Records(place) => *place(settings) = whole(raw)?,
            Field::Bytes(place) => *place(settings) = bytes(raw)?,
        }
        Ok(())
    }

    /// The value that is kept, as it would stand in a file.
    pub fn written(&self, settings: &Settings) -> String {
        let mut settings = settings.clone();
        match self {
            Field::Profile(place) => quoted(place(&mut settings).name()),
            Field::Path(place) => quoted(&place(&mut settings).to_string_lossy()),
            Field::Address(place) => quoted(&place(&mut settings).to_string()),
            Field::Format(place) => quoted(name_of(*place(&mut settings))),
            Field::Filter(place) | Field::Name(place) | Field::Text(place) => {
                quoted(place(&mut settings))
            }
            Field::Weight(place) | Field::Share(place) => format!("{:?}", place(&mut settings)),
            Field::Count(place) | Field::OrNone(place) => place(&mut settings).to_string(),
            Field::Records(place) => place(&mut settings).to_string(),
            Field::Bytes(place) => bytes_written(*place(&mut settings)),
        }
    }
}

const OR_NONE: &str = "a whole number from 0 on";

fn profile_named(name: &str) -> Result<Profile, String> {
    let found = Profile::NAMES.iter().find(|(known, _)| *known == name);
    found
        .map(|(_, profile)| *profile)
        .ok_or_else(|| format!("is `{name}`; dev or prod is expected"))
}

const FORMATS: [(&str, LogFormat); 3] =
    [("auto", LogFormat::Auto), ("text", LogFormat::Text), ("json", LogFormat::Json)];

fn format_named(name: &str) -> Result<LogFormat, String> {
    let found = FORMATS.iter().find(|(known, _)| *known == name);
    found
        .map(|(_, format)| *format)
        .ok_or_else(|| format!("is `{name}`; auto, text or json is expected"))
}

fn name_of(format: LogFormat) -> &'static str {
    FORMATS.iter().find(|(_, known)| *known == format).map_or("auto", |(name, _)| name)
}

/// JSON's way of quoting is also TOML's for all that can stand in a path or a name.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn parsed<T: std::str::FromStr>(text: &str, expected: &str) -> Result<T, String> {
    text.trim().parse().map_err(|_| format!("is `{text}`; {expected} is expected"))
}

fn float(raw: &Raw, low: f64, high: f64) -> Result<f64, String> {
    let text = raw.number("a number")?;
    let value: f64 = parsed(&text.replace('_', ""), "a number")?;
    if (low..=high).contains(&value) {
        return Ok(value);
    }
    let allowed =
        if high == f64::MAX { format!("from {low} on") } else { format!("from {low} to {high}") };
    Err(format!("is {text}; a number {allowed} is expected"))
}

fn whole(raw: &Raw) -> Result<u64, String> {
    const EXPECTED: &str = "a whole number from 1 on";
    let text = raw.number(EXPECTED)?;
    match parsed(&text.replace('_', ""), EXPECTED)? {
        0 => Err(format!("is 0; {EXPECTED} is expected")),
        value => Ok(value),
    }
}

const UNITS: [(&str, u32); 3] = [("GiB", 30), ("MiB", 20), ("KiB", 10)];

fn bytes(raw: &Raw) -> Result<u64, String> {
    let (Raw::Text(text) | Raw::Unquoted(text)) = raw else { return whole(raw) };
    let Some((number, shift)) =
        UNITS.iter().find_map(|(unit, shift)| Some((text.trim().strip_suffix(unit)?, *shift)))
    else {
        return whole(&Raw::Unquoted(text.clone()));
    };
    let number = whole(&Raw::Unquoted(number.to_owned()))?;
    number
        .checked_shl(shift)
        .filter(|n| n >> shift == number)
        .ok_or_else(|| format!("is {text}; that is too much"))
}

fn bytes_written(bytes: u64) -> String {
    match UNITS.iter().find(|(_, shift)| bytes > 0 && bytes.is_multiple_of(1 << shift)) {
        Some((unit, shift)) => quoted(&format!("{}{unit}", bytes >> shift)),
        None => bytes.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_with_and_without_unit() {
        let read = |text: &str| bytes(&Raw::Unquoted(text.into()));
        assert_eq!(read("64MiB"), Ok(64 << 20));
        assert_eq!(read("1_000"), Ok(1000));
        assert!(read("0MiB").is_err());
        assert!(read("64MB").unwrap_err().contains("64MB"));
        assert!(read("99999999999GiB").unwrap_err().contains("too much"));
        assert_eq!(bytes_written(64 << 20), "\"64MiB\"");
        assert_eq!(bytes_written(1000), "1000");
    }

    #[test]
    fn a_share_is_from_0_to_1() {
        let read = |text: &str| float(&Raw::Unquoted(text.into()), 0.0, 1.0);
        assert_eq!(read("0.25"), Ok(0.25));
        for wrong in ["1.01", "-0.1", "NaN", "inf", "much"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
