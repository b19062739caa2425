//! The text of a key: `cns_`, an id that may be told, and a secret that may not.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::job_id::hex;

const PREFIX: &str = "cns_";
const ID_BYTES: usize = 6;
/// Bytes of a secret. So many random bits need no slow hash.
pub const KEY_BYTES: usize = 32;
const TEXT_CHARS: usize = PREFIX.len() + 2 * ID_BYTES + 1 + 2 * KEY_BYTES;

/// A key as its holder has it. `Debug` does not show it.
#[derive(Debug, Clone)]
pub struct ApiKey {
    id: String,
    text: SecretString,
}

impl ApiKey {
    /// A new one.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub fn generate() -> Result<ApiKey, getrandom::Error> {
        let (mut id, mut secret) = ([0; ID_BYTES], [0; KEY_BYTES]);
        getrandom::fill(&mut id)?;
        getrandom::fill(&mut secret)?;
        let id = hex(&id);
        let text = format!("{PREFIX}{id}_{}", hex(&secret)).into();
        Ok(ApiKey { id, text })
    }

    /// Reads what a caller shows; `None` when it has not the form of a key.
    pub fn read(text: &str) -> Option<ApiKey> {
        if text.len() != TEXT_CHARS {
            return None;
        }
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let whole = id.len() == 2 * ID_BYTES && id.bytes().chain(secret.bytes()).all(lower);
        whole.then(|| ApiKey { id: id.to_owned(), text: text.into() })
    }

    /// The part that may be told.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The whole text, for its holder.
    pub fn reveal(&self) -> &str {
        self.text.expose_secret()
    }

    /// What is kept of it.
    pub fn hash(&self) -> String {
        hex(&Sha256::digest(self.reveal().as_bytes()))
    }

    /// Whether it is the key of this hash. Takes the same time for each one that is not.
    pub fn is_of(&self, hash: &str) -> bool {
        self.hash().as_bytes().ct_eq(hash.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_and_does_not_show_itself() {
        let key = ApiKey::generate().unwrap();
        let again = ApiKey::read(key.reveal()).unwrap();
        assert_eq!((again.id(), again.hash()), (key.id(), key.hash()));
        assert!(again.is_of(&key.hash()));
        let secret = &key.reveal()[key.reveal().len() - 2 * KEY_BYTES..];
        assert!(!format!("{key:?}").contains(secret));
        assert!(!ApiKey::generate().unwrap().is_of(&key.hash()));
    }

    #[test]
    fn what_is_no_key_is_not_read() {
        let key = ApiKey::generate().unwrap();
        let text = key.reveal();
        for wrong in [
            String::new(),
            text[..text.len() - 1].to_owned(),
            format!("{text}0"),
            text.to_uppercase(),
            text.replace("cns_", "abc_"),
            text.replacen('_', "-", 2),
            "é".repeat(TEXT_CHARS / 2),
        ] {
            assert!(ApiKey::read(&wrong).is_none(), "{wrong}");
        }
    }
}
