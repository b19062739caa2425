//! The keys file: what is kept of each key, as JSON.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Rate, Scope};
use crate::limits::{ID_CHARS_MAX, KEYS_MAX};

/// All keys of an installation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    /// In the order in which they were made.
    pub keys: Vec<KeyEntry>,
}

/// What is kept of a key. Times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyEntry {
    /// The part of the key that may be told.
    pub id: String,
    /// What it is for, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Whose requests it makes.
    pub tenant: String,
    /// What it allows.
    pub scopes: BTreeSet<Scope>,
    /// SHA-256 of its whole text, in hexadecimal digits.
    pub sha256: String,
    /// When it was made.
    pub created_at_ms: i64,
    /// From then on it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at_ms: Option<i64>,
    /// Since then it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at_ms: Option<i64>,
    /// Requests in a second, instead of the setting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_second: Option<u32>,
    /// Requests at once after a pause, instead of the setting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst: Option<u32>,
}

impl KeyEntry {
    /// Whether it is neither revoked nor expired.
    pub fn is_valid(&self, now_ms: i64) -> bool {
        self.revoked_at_ms.is_none() && self.expires_at_ms.is_none_or(|end| now_ms < end)
    }

    /// How fast its holder may ask.
    pub fn rate(&self, standard: Rate) -> Rate {
        let own = |own: Option<u32>, standard| own.unwrap_or(standard);
        Rate {
            requests_per_second: own(self.requests_per_second, standard.requests_per_second),
            burst: own(self.burst, standard.burst),
        }
    }

    fn fault(&self) -> Option<String> {
        let hex =
            |text: &str| text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if self.id.is_empty() || !hex(&self.id) {
            return Some("its id is not made of hexadecimal digits".into());
        }
        if let Some(fault) = tenant_fault(&self.tenant) {
            return Some(fault);
        }
        if self.scopes.is_empty() {
            return Some("it has no scope".into());
        }
        if self.sha256.len() != 64 || !hex(&self.sha256) {
            return Some("its sha256 is not made of 64 hexadecimal digits".into());
        }
        let zero = self.requests_per_second == Some(0) || self.burst == Some(0);
        zero.then(|| "its requests_per_second and burst have to be 1 or more".into())
    }
}

/// What keeps a text from being a tenant. The same rule as for the header of a record.
pub fn tenant_fault(tenant: &str) -> Option<String> {
    let count = tenant.chars().count();
    let separates = |c: char| c == '/' || c.is_control();
    (count == 0 || count > ID_CHARS_MAX || tenant.contains(separates)).then(|| {
        format!("its tenant has to be a name without slashes, 1 to {ID_CHARS_MAX} characters")
    })
}

impl KeyFile {
    /// Reads the text of a keys file.
    ///
    /// # Errors
    /// What is wrong, without a part of the file that could be secret.
    pub fn read(text: &str) -> Result<KeyFile, String> {
        let file: KeyFile = serde_json::from_str(text).map_err(|error| {
            // serde's own words can quote the file.
            format!("line {}, column {}: not as expected", error.line(), error.column())
        })?;
        if file.keys.len() > KEYS_MAX {
            return Err(format!("it has {} keys; the limit is {KEYS_MAX}", file.keys.len()));
        }
        let mut ids = BTreeSet::new();
        for (index, entry) in file.keys.iter().enumerate() {
            let place = index + 1;
            if let Some(fault) = entry.fault() {
                return Err(format!("key {place}: {fault}"));
            }
            if !ids.insert(&entry.id) {
                return Err(format!("key {place}: its id is there twice"));
            }
        }
        Ok(file)
    }

    /// Its text.
    pub fn written(&self) -> String {
        let text = serde_json::to_string_pretty(self);
        text.expect("entries have string keys only, so they are JSON") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str =
        r#"{"id":"0a","tenant":"acme","scopes":["read"],"sha256":"HASH","created_at_ms":1}"#;

    fn read(entry: &str) -> Result<KeyFile, String> {
        let entry = entry.replace("HASH", &"0".repeat(64));
        KeyFile::read(&format!("{{\"keys\":[{entry}]}}"))
    }

    #[test]
    fn a_file_is_read_as_it_was_written() {
        let file = read(ENTRY).unwrap();
        assert_eq!(KeyFile::read(&file.written()), Ok(file));
        assert_eq!(KeyFile::read("{\"keys\":[]}").unwrap(), KeyFile::default());
    }

    #[test]
    fn faults_name_the_place_and_quote_nothing() {
        for (from, to) in [
            ("\"id\":\"0a\"", "\"id\":\"my secret\""),
            ("acme", "a/b"),
            ("acme", ""),
            ("[\"read\"]", "[]"),
            ("\"read\"", "\"my secret\""),
            ("HASH", "my secret"),
            ("\"created_at_ms\"", "\"expire_at_ms\":5,\"created_at_ms\""),
            ("\"created_at_ms\":1", "\"created_at_ms\":1,\"burst\":0"),
            ("}", "},my secret"),
        ] {
            let wrong = ENTRY.replace(from, to);
            assert_ne!(wrong, ENTRY);
            let fault = read(&wrong).unwrap_err();
            assert!(fault.contains("key 1: ") || fault.contains("line 1, column "), "{fault}");
            assert!(!fault.contains("my secret"), "{fault}");
        }
        assert!(
            read(&format!("{ENTRY},{ENTRY}")).unwrap_err().contains("key 2: its id is there twice")
        );
    }

    #[test]
    fn a_key_ends_when_it_is_revoked_and_when_it_expires() {
        let entry = read(ENTRY).unwrap().keys.remove(0);
        let expiring = KeyEntry { expires_at_ms: Some(10), ..entry.clone() };
        let revoked = KeyEntry { revoked_at_ms: Some(10), ..entry.clone() };
        assert!(entry.is_valid(i64::MAX));
        assert!(expiring.is_valid(9) && !expiring.is_valid(10));
        assert!(!revoked.is_valid(9));
    }
}
